import { type Draft, name, type Stationery } from './letter.ts';

/** Somebody did not start what a device asked for; `address` is where that asked from, as far as it is known. */
export type DeviceReportedData = {
  program: string;
  person: string;
  organization: string;
  address?: string | undefined;
  codes: number;
  link: string;
};

/** To the administrators of their organization. */
export function deviceReported(
  { program, person, organization, address, codes, link }: DeviceReportedData,
  { locale }: Stationery,
): Draft {
  const words = locale.words.mail.deviceReported;
  const { facts } = locale.words.mail;
  return {
    subject: words.subject(name(program)),
    lead: words.lead(name(person), name(organization)),
    facts: [
      [facts.program, name(program)],
      ...(address === undefined ? [] : [[facts.where, address] as const]),
      [words.ended, locale.number(codes)],
    ],
    action: { words: words.action, link },
  };
}
