import { html, type Renderable } from '../../html.ts';

/** The page on which somebody lets a device in, or does not. */
export const confirm = {
  title: (client: string) => `Allow ${client}?`,
  heading: (client: Renderable) => html`Allow <bdi>${client}</bdi> to use your account?`,
  publishedBy: (publisher: Renderable) => html`Published by <bdi>${publisher}</bdi>`,
  notVerified: 'Publisher not verified',
  registeredItself: 'This program gave itself its name. Nobody has verified it.',
  firstTime: 'You have never allowed this program before.',
  compareCode: 'Compare the code',
  sameCode: 'Your device must show this same code.',
  whoAsks: 'Who asks',
  whatItMayDo: 'What it may do',
  nothing: 'Show that you allowed it, and nothing else.',
  staySignedIn: 'Stay signed in without asking you again',
  undescribed: 'Its API does not say what this allows',
  lacking: 'What it asks for and does not get',
  notYours: 'You may not do this yourself.',
  notYoursIn: (organization: Renderable) => html`You may not do this yourself in <bdi>${organization}</bdi>.`,
  where: 'Where',
  forWhichOrganization: 'For which organization',
  actInAnotherOne: 'Act in another one',
  howLong: 'How long',
  untilSignedOut: (duration: string) => `Until you sign it out, at most ${duration}`,
  warning: (deny: Renderable) =>
    html`If you did not start this on your own device just now, press <strong>${deny}</strong>.`,
  deny: 'Deny',
  allow: 'Allow',
  report: 'I did not start this',
  reportHint:
    'Somebody may be trying to get in with your help. This ends the request, and every other one from the same network that still waits, and lets the administrators know.',
  number: 'Number on your device',
  numberHint:
    'Some seconds after you opened this page, your device shows a number of two digits. Read it off your own device: nobody needs to tell you.',
  numberMissing: 'Type the number of two digits that your device shows.',
  numberWrong: (left: number) =>
    `Your device shows another number. ${left === 1 ? 'One try is' : `${left} tries are`} left.`,
  cannotAllow: 'You cannot allow this',
  disabled: 'You are disabled in your organization, or it is itself. Ask an administrator there.',
  signed_in_otherwise:
    'Your organization wants you to sign in at its identity provider. Sign out, sign in there, and enter the code again.',
  stranger: 'This program belongs to an organization that you are not in.',
  powerless: 'You cannot give what you do not have: none of what it asks for is yours. Ask an administrator.',
  powerlessIn: (organization: Renderable) =>
    html`You cannot give what you do not have: none of what it asks for is yours in <bdi>${organization}</bdi>. Ask an administrator.`,
  other_network:
    'This program may be allowed only from the network that its device is in, and the device asks from another one than yours. Open this page in a browser beside the device, without a VPN on either.',
  second_factor:
    'What this program asks for may be allowed only by who has proven a second factor within the last minutes.',
  useSecondFactor: 'Prove a second factor',
  actInAnotherOrganization: 'Act in another organization',
  comparison: {
    device: 'The device',
    you: 'You, now',
    address: 'Address',
    network: 'Network',
    country: 'Country',
    system: 'System',
    program: 'Program',
    time: 'Time',
    notKnown: 'Not known',
    otherAddress: 'The device asks from another address than yours.',
    otherNetwork: (device: Renderable, you: Renderable) =>
      html`The device is in a network of <bdi>${device}</bdi>, and you are in one of <bdi>${you}</bdi>.`,
    otherCountry: (device: Renderable, you: Renderable) =>
      html`The device seems to be in <bdi>${device}</bdi>, and you in <bdi>${you}</bdi>.`,
    otherSystem: 'The device runs another system than yours.',
    unknownSystem: 'The device does not say which system it runs.',
    askedAgo: (duration: string) => `The device asked ${duration} ago.`,
  },
};
