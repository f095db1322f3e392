import { html, type Renderable } from '../../html.ts';

/** The last page of a device login: how the request of the device ended. */
export const outcome = {
  someDevice: html`the device`,
  enterNewCode: 'Enter a new code',
  undo: 'Undo',
  undoHint:
    'Changed your mind? Undo signs the device out at once. You can do so later as well, among your devices and apps.',
  allowed: {
    heading: 'Your device is connected',
    sentence: (client: Renderable) =>
      html`You allowed ${client}. Go back to your device; it goes on by itself within a few seconds.`,
  },
  denied: {
    heading: 'You denied it',
    sentence: (client: Renderable) =>
      html`You did not let ${client} in. Nothing was shared. If it was your device after all, go back to it and start again.`,
  },
  undone: {
    heading: 'You took it back',
    sentence: (client: Renderable) =>
      html`You signed out ${client}; nothing that it got works any more. If you want it after all, go back to your device and start again.`,
  },
  reported: {
    heading: 'Nobody gets in',
    sentence:
      'The request has ended, and so has every other one from the same network that still waited. The administrators can see that it was not you. You need to do nothing more.',
  },
  numbers_spent: {
    heading: 'That was not the number',
    sentence:
      'Three numbers were wrong, so this code has ended. Nothing was shared. If it is your own device, ask it for a new code.',
  },
  expired: {
    heading: 'This code has ended',
    sentence: 'Nothing was shared. Go back to your device and ask it for a new code.',
  },
  already_used: {
    heading: 'This code was already used',
    sentence: 'It was answered before. Go back to your device; if it still waits, ask it for a new code.',
  },
  refused: {
    heading: 'Another account opened this code',
    sentence: 'Only the account that opened it may answer. Go back to your device and ask it for a new code.',
  },
  powerless: {
    heading: 'You cannot allow this',
    sentence:
      'Nothing was shared. What you may do has changed since the page was loaded. Enter the code again to see what is left.',
  },
};
