import { name, type Stationery } from './letter.ts';

/** When and from where something was done; `system` is absent where the browser does not say. */
export type SightingData = { at: string; address: string; system?: string | undefined };

/** The same, as facts of a mail. */
export function sightingFacts(
  { at, address, system }: SightingData,
  { locale, moment }: Stationery,
): (readonly [string, string])[] {
  const words = locale.words.mail;
  return [
    [words.facts.when, moment(at)],
    [words.facts.where, `${address}, ${system === undefined ? words.unknownSystem : name(system)}`],
  ];
}
