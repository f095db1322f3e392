import { breakable } from './breakable.ts';
import { postForm } from './form.ts';
import { type Html, html } from './html.ts';
import { type Frame, layout } from './layout.ts';
import { isSearched, type ListModel, paging, searchForm, wayToAll } from './list.ts';

/** A device or app that a person has let in; what is absent was not written down. `system` is what its device claimed. */
export type DeviceModel = {
  id: string;
  name?: string | undefined;
  since: Date;
  until: Date;
  approvedFrom?: string | undefined;
  asked?: { address: string; system?: string | undefined } | undefined;
  lastUsed?: { at: Date; address: string } | undefined;
  scopes: readonly { api: string; names: readonly string[] }[];
};

/** Devices of a person, the newest first, of `total` that they have. */
export type SomeDevices = { devices: readonly DeviceModel[]; total: number; now: Date };

/** A page of the list of them. */
export type DevicesModel = Frame & SomeDevices & { list: ListModel };

/** The page that lists them; it posts `grant` and `decision=undo|report` to `/account/devices`. */
export function devicesPage(model: DevicesModel): Html {
  const { base, devices, total, list, locale } = model;
  const words = locale.words.devices;
  const isWhole = !isSearched(list);
  return layout(model, {
    title: words.title,
    main: html`<h1>${words.title}</h1>
<p class="lead">${words.lead}</p>
${isWhole && list.isFirst && approvalNotices(model)}
${
  total === 0
    ? html`<p class="empty">${words.none}</p>
<p><a class="button" href="${base}/device">${words.connect}</a></p>`
    : html`${searchForm(model, list)}
${
  devices.length > 0
    ? html`<ul class="devices">
${devices.map((device) => card(model, device))}</ul>
<p class="note">${words.signOutHint}</p>`
    : !isWhole && html`<p class="empty">${locale.words.list.nothingFound}</p>`
}
${wayToAll(model, list)}
${paging(model, list)}
${isWhole && html`<p><a class="button quiet" href="${base}/account/devices/all">${words.signOutAll}</a></p>`}`
}`,
  });
}

/** The page that says what ends before all of them are signed out; posts to `/account/devices/all`. */
export function signOutAllPage(model: Frame & { count: number }): Html {
  const { base, count, locale } = model;
  const words = locale.words.devices;
  return layout(model, {
    title: words.allTitle(count),
    main: html`<h1>${words.allTitle(count)}</h1>
<p class="lead">${words.allLead}</p>
${postForm(
  model,
  '/account/devices/all',
  html`<div class="decision">
<a class="button quiet" href="${base}/account/devices">${words.back}</a>
<button class="danger">${words.signOutAll}</button>
</div>`,
)}`,
  });
}

// Long enough to come across it on the next day, when one looks what a strange mail was about.
const recentSeconds = 86_400;
// Whoever has allowed more in a day finds the rest in the list.
const mostNotices = 10;

/** What was allowed lately, each with a way to take it back, at most ten; nothing where nothing was. */
export function approvalNotices(model: Frame & SomeDevices): Html | false {
  const { now, ...frame } = model;
  const { words, ago } = frame.locale;
  const recent = recentOf(model);
  if (recent.length === 0) return false;
  return html`<section class="notices" aria-label="${words.devices.recent}">
${recent.slice(0, mostNotices).map(
  ({ id, name, since, approvedFrom }) => html`<div class="notice">
<p>${words.devices.notice(name ?? words.devices.unnamed, ago(since, now), approvedFrom && breakable(approvedFrom))}</p>
${postForm(
  frame,
  '/account/devices',
  html`<input type="hidden" name="grant" value="${id}">
<div class="after">
<button name="decision" value="undo" class="quiet">${words.outcome.undo}</button>
<button name="decision" value="report" class="link">${words.confirm.report}</button>
</div>`,
)}
</div>
`,
)}</section>`;
}

/** The way to what else was allowed lately, where the notices do not have all of it. */
export function furtherNotices(model: Frame & SomeDevices): Html | false {
  const { base, locale } = model;
  return (
    recentOf(model).length > mostNotices &&
    html`<p class="note"><a href="${base}/account/devices">${locale.words.devices.furtherRecent}</a></p>`
  );
}

function recentOf({ devices, now }: SomeDevices): DeviceModel[] {
  return devices.filter(({ since }) => now.getTime() - since.getTime() < recentSeconds * 1000);
}

function card({ now, ...frame }: DevicesModel, device: DeviceModel): Html {
  const { words, ago, moment } = frame.locale;
  const say = words.devices;
  const { lastUsed, approvedFrom, asked } = device;
  return html`<li class="device">
<h2><bdi>${device.name ?? say.unnamed}</bdi></h2>
<dl class="facts">
<div><dt>${say.since}</dt><dd>${ago(device.since, now)}${approvedFrom !== undefined && html`, ${say.allowedFrom(breakable(approvedFrom))}`}</dd></div>
${asked && html`<div><dt>${say.device}</dt><dd><bdi>${breakable(asked.address)}</bdi>${asked.system !== undefined && html`, ${asked.system}`}</dd></div>`}
<div><dt>${say.lastUsed}</dt><dd>${lastUsed ? html`${ago(lastUsed.at, now)}, ${say.from(breakable(lastUsed.address))}` : say.notYet}</dd></div>
<div><dt>${say.until}</dt><dd>${moment(device.until)}</dd></div>
<div><dt>${say.mayDo}</dt><dd>${device.scopes.map(
    ({ api, names }) => html`<bdi>${names.join(', ')}</bdi> <code><bdi>${api}</bdi></code>`,
  )}</dd></div>
</dl>
${postForm(
  frame,
  '/account/devices',
  html`<input type="hidden" name="grant" value="${device.id}">
<div class="after">
<button name="decision" value="undo" class="quiet">${say.signOut}</button>
<button name="decision" value="report" class="link">${words.confirm.report}</button>
</div>`,
)}
</li>
`;
}
