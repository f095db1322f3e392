import { table } from './table.ts';

/** An event as programs see it, at the database and over the management API alike; what people are shown of it. */
export type ShownEvent = {
  sequence: number;
  at: string;
  words: string;
  reason?: string;
  actor: { kind: string; id?: string; name?: string };
  target?: { kind: string; id: string | null; name?: string };
  address?: string;
};

/** Events for people, a line each. */
export function eventTable(events: readonly ShownEvent[]): string {
  return table([['SEQUENCE', 'TIME', 'WHO', 'WHAT', 'ON', 'FROM'], ...events.map(row)]);
}

function row({ sequence, at, actor, words, reason, target, address }: ShownEvent): string[] {
  return [
    String(sequence),
    at.replace(/\d{3}Z$/, 'Z'),
    actor.name ?? actor.id ?? actor.kind,
    reason === undefined ? words : `${words} (${reason})`,
    target ? [target.kind, target.name ?? target.id].filter(Boolean).join(' ') : '-',
    address ?? '-',
  ];
}
