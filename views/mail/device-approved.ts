import { type Draft, name, type Stationery } from './letter.ts';
import { type SightingData, sightingFacts } from './sighting.ts';

/** A device was let in; from where is where the person was who did it. */
export type DeviceApprovedData = SightingData & { program: string; link: string };

/** To whose account it was let in. */
export function deviceApproved(data: DeviceApprovedData, stationery: Stationery): Draft {
  const words = stationery.locale.words.mail.deviceApproved;
  const program = name(data.program);
  return {
    subject: words.subject(program),
    lead: words.lead,
    facts: [[stationery.locale.words.mail.facts.program, program], ...sightingFacts(data, stationery)],
    before: words.otherwise,
    action: { words: words.action, link: data.link },
  };
}
