import { breakable } from './breakable.ts';
import { type Html, html, type Renderable } from './html.ts';
import type { Locale } from './locale.ts';

/**
 * Where and when somebody was seen, as far as it can be told: the owner and the country (ISO 3166-1) of their network, their
 * system, and the version of their program, whose name is there only where it is one that we know.
 */
export type Sighting = {
  address: string;
  network?: { owner?: string | undefined; country?: string | undefined } | undefined;
  system?: string | undefined;
  program?: { name?: string | undefined; version: string } | undefined;
  at: Date;
};

// People type a code within minutes; an older one was perhaps asked for by somebody else.
const staleSeconds = 5 * 60;

type Row = { name: string; device: Renderable; you: Renderable; difference: Renderable | false };

/** The asking device beside the person who looks at it: their differences in words, then both in a table. */
export function comparison(locale: Locale, device: Sighting, you: Sighting): Html {
  const words = locale.words.confirm.comparison;
  const rows = listRows(locale, device, you);
  const differences = rows.filter(({ difference }) => difference !== false);
  return html`${
    differences.length > 0 &&
    html`<ul class="differences">
${differences.map(({ difference }) => html`<li>${difference}</li>\n`)}</ul>`
  }
<table role="table" class="comparison">
<thead role="rowgroup">
<tr role="row"><td role="cell"></td><th role="columnheader" scope="col">${words.device}</th><th role="columnheader" scope="col">${words.you}</th></tr>
</thead>
<tbody role="rowgroup">
${rows.map(drawRow)}</tbody>
</table>`;
}

function listRows({ words, moment, duration, country }: Locale, device: Sighting, you: Sighting): Row[] {
  const say = words.confirm.comparison;
  const row = (
    name: string,
    theirs: Renderable | undefined,
    yours: Renderable | undefined,
    difference: Renderable | false,
  ): Row => ({ name, device: theirs ?? say.notKnown, you: yours ?? say.notKnown, difference });
  const ownRow = (name: string, theirs: string | undefined, yours: string | undefined, say: Differ) =>
    theirs === undefined && yours === undefined
      ? []
      : [
          row(
            name,
            theirs,
            yours,
            theirs !== undefined && yours !== undefined && theirs !== yours && say(theirs, yours),
          ),
        ];
  const countryOf = ({ network }: Sighting) => network?.country && country(network.country);
  const programOf = ({ program }: Sighting) =>
    program && (program.name ? `${program.name} ${program.version}` : program.version);
  const seconds = (you.at.getTime() - device.at.getTime()) / 1000;
  const silent = device.system === undefined && say.unknownSystem;
  const otherSystem = silent || (you.system !== undefined && say.otherSystem);
  return [
    row(
      say.address,
      breakable(device.address),
      breakable(you.address),
      device.address !== you.address && say.otherAddress,
    ),
    ...ownRow(say.network, device.network?.owner, you.network?.owner, say.otherNetwork),
    ...ownRow(say.country, countryOf(device), countryOf(you), say.otherCountry),
    row(say.system, device.system, you.system, device.system !== you.system && otherSystem),
    ...ownRow(say.program, programOf(device), programOf(you), () => false),
    row(
      say.time,
      moment(device.at),
      moment(you.at),
      seconds >= staleSeconds && say.askedAgo(duration(seconds - (seconds % 60))),
    ),
  ];
}

type Differ = (theirs: string, yours: string) => Renderable | false;

// The roles keep it a table for screen readers where the stylesheet lays the rows out as a grid.
function drawRow({ name, device, you, difference }: Row): Html {
  return html`<tr role="row"${difference !== false && html` class="different"`}><th role="rowheader" scope="row">${name}</th><td role="cell"><bdi>${device}</bdi></td><td role="cell"><bdi>${you}</bdi></td></tr>
`;
}
