/** The first page of an account. */
export const overview = {
  title: 'Your account',
  lead: 'See and steer what acts in your name.',
  connect: 'Connect a device',
  tokens: (number: string, count: number) =>
    count === 0 ? 'No tokens yet' : count === 1 ? '1 token' : `${number} tokens`,
  ending: (number: string, count: number) =>
    count === 1 ? '1 ends within 30 days' : `${number} end within 30 days`,
  devices: (number: string, count: number) =>
    count === 0
      ? 'No device or app is signed in'
      : count === 1
        ? '1 device or app is signed in'
        : `${number} devices and apps are signed in`,
  signIn: {
    two_factors: 'A second factor protects your account',
    password: 'Your password alone protects your account',
    elsewhere: 'You sign in without a password of ours',
  },
  addSecondFactor: 'Add a passkey or a second factor: nobody gets in with a stolen password then.',
};
