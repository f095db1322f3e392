import { type Html, html, type Renderable } from './html.ts';
import type { Locale } from './locale.ts';

/** Where and when somebody was seen. `system` is absent when it cannot be told. */
export type Sighting = {
  address: string;
  system?: string | undefined;
  at: Date;
};

// People type a code within minutes; an older one was perhaps asked for by somebody else.
const staleSeconds = 5 * 60;

/** The asking device beside the person who looks at it: their differences in words, then both in a table. */
export function comparison(locale: Locale, device: Sighting, you: Sighting): Html {
  const { moment } = locale;
  const words = locale.words.confirm.comparison;
  const address = device.address !== you.address && words.otherAddress;
  const system = systemDifference(locale, device.system, you.system);
  const time = timeDifference(locale, device.at, you.at);
  const differences = [address, system, time].filter((sentence) => sentence !== false);
  return html`${
    differences.length > 0 &&
    html`<ul class="differences">
${differences.map((sentence) => html`<li>${sentence}</li>\n`)}</ul>`
  }
<table role="table" class="comparison">
<thead role="rowgroup">
<tr role="row"><td role="cell"></td><th role="columnheader" scope="col">${words.device}</th><th role="columnheader" scope="col">${words.you}</th></tr>
</thead>
<tbody role="rowgroup">
${row(words.address, device.address, you.address, address !== false)}
${row(words.system, device.system ?? words.notKnown, you.system ?? words.notKnown, system !== false)}
${row(words.time, moment(device.at), moment(you.at), time !== false)}
</tbody>
</table>`;
}

function systemDifference(
  { words }: Locale,
  device: string | undefined,
  you: string | undefined,
): string | false {
  if (device === you) return false;
  if (device === undefined) return words.confirm.comparison.unknownSystem;
  return you !== undefined && words.confirm.comparison.otherSystem;
}

function timeDifference({ words, duration }: Locale, device: Date, you: Date): string | false {
  const seconds = (you.getTime() - device.getTime()) / 1000;
  if (seconds < staleSeconds) return false;
  return words.confirm.comparison.askedAgo(duration(seconds - (seconds % 60)));
}

// The roles keep it a table for screen readers where the stylesheet lays the rows out as a grid.
function row(name: string, device: Renderable, you: Renderable, isDifferent: boolean): Html {
  return html`<tr role="row"${isDifferent && html` class="different"`}><th role="rowheader" scope="row">${name}</th><td role="cell"><bdi>${device}</bdi></td><td role="cell"><bdi>${you}</bdi></td></tr>`;
}
