import { html, type Renderable } from '../../html.ts';

/** The last page of a device login: how the request of the device ended. */
export const outcome = {
  someDevice: html`the device`,
  enterNewCode: 'Enter a new code',
  allowed: {
    heading: 'Your device is connected',
    sentence: (client: Renderable) =>
      html`You allowed ${client}. Go back to your device; it goes on by itself in a moment.`,
  },
  denied: {
    heading: 'You denied it',
    sentence: (client: Renderable) =>
      html`You did not let ${client} in. Nothing was shared. If it was your device after all, go back to it and start again.`,
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
