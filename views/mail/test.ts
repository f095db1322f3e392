import type { Draft, Stationery } from './letter.ts';

/** What an operator sends to see whether mail arrives. */
export type TestData = Record<never, never>;

/** To whom the operator says. */
export function test(_data: TestData, { locale }: Stationery): Draft {
  const words = locale.words.mail.test;
  return { subject: words.subject, lead: words.lead };
}
