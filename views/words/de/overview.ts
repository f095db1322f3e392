import type { overview as english } from '../en/overview.ts';

/** The first page of an account. */
export const overview: typeof english = {
  title: 'Ihr Konto',
  lead: 'Sehen und steuern Sie, was in Ihrem Namen handelt.',
  connect: 'Gerät verbinden',
  tokens: (number, count) =>
    count === 0 ? 'Noch keine Tokens' : count === 1 ? '1\u00a0Token' : `${number}\u00a0Tokens`,
  ending: (number, count) =>
    count === 1 ? '1 endet in den nächsten 30\u00a0Tagen' : `${number} enden in den nächsten 30\u00a0Tagen`,
  devices: (number, count) =>
    count === 0
      ? 'Kein Gerät und keine App ist angemeldet'
      : count === 1
        ? '1\u00a0Gerät oder App ist angemeldet'
        : `${number}\u00a0Geräte und Apps sind angemeldet`,
  signIn: {
    two_factors: 'Ein zweiter Faktor schützt Ihr Konto',
    password: 'Nur Ihr Passwort schützt Ihr Konto',
    elsewhere: 'Sie melden sich ohne ein Passwort von uns an',
  },
  addSecondFactor:
    'Fügen Sie einen Passkey oder zweiten Faktor hinzu: Dann kommt mit einem gestohlenen Passwort niemand hinein.',
};
