import { durationInWords } from './duration.ts';
import { type Html, html, type Renderable } from './html.ts';
import { moment } from './moment.ts';

/** Where and when somebody was seen. `system` is absent when it cannot be told. */
export type Sighting = {
  address: string;
  system?: string | undefined;
  at: Date;
};

// People type a code within minutes; an older one was perhaps asked for by somebody else.
const staleSeconds = 5 * 60;

/** The asking device beside the person who looks at it: their differences in words, then both in a table. */
export function comparison(device: Sighting, you: Sighting): Html {
  const address = device.address !== you.address && 'The device asks from another address than yours.';
  const system = systemDifference(device.system, you.system);
  const time = timeDifference(device.at, you.at);
  const differences = [address, system, time].filter((sentence) => sentence !== false);
  return html`${
    differences.length > 0 &&
    html`<ul class="differences">
${differences.map((sentence) => html`<li>${sentence}</li>\n`)}</ul>`
  }
<table role="table" class="comparison">
<thead role="rowgroup">
<tr role="row"><td role="cell"></td><th role="columnheader" scope="col">The device</th><th role="columnheader" scope="col">You, now</th></tr>
</thead>
<tbody role="rowgroup">
${row('Address', device.address, you.address, address !== false)}
${row('System', device.system ?? 'Not known', you.system ?? 'Not known', system !== false)}
${row('Time', moment(device.at), moment(you.at), time !== false)}
</tbody>
</table>`;
}

function systemDifference(device: string | undefined, you: string | undefined): string | false {
  if (device === you) return false;
  if (device === undefined) return 'The device does not say which system it runs.';
  return you !== undefined && 'The device runs another system than yours.';
}

function timeDifference(device: Date, you: Date): string | false {
  const seconds = (you.getTime() - device.getTime()) / 1000;
  return seconds >= staleSeconds && `The device asked ${durationInWords(seconds - (seconds % 60))} ago.`;
}

// The roles keep it a table for screen readers where the stylesheet lays the rows out as a grid.
function row(name: string, device: Renderable, you: Renderable, isDifferent: boolean): Html {
  return html`<tr role="row"${isDifferent && html` class="different"`}><th role="rowheader" scope="row">${name}</th><td role="cell"><bdi>${device}</bdi></td><td role="cell"><bdi>${you}</bdi></td></tr>`;
}
