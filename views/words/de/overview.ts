import type { overview as english } from '../en/overview.ts';

/** The first page of an account. */
export const overview: typeof english = {
  title: 'Ihr Konto',
  lead: 'Sehen und steuern Sie, was in Ihrem Namen handelt.',
  connect: 'Gerät verbinden',
};
