import { comparison, type Sighting } from './comparison.ts';
import { postForm } from './form.ts';
import { type Html, html } from './html.ts';
import { type Frame, layout } from './layout.ts';

/** A permission that is asked for; without a description its name has to do. */
export type ScopeModel = { name: string; description?: string | undefined };

/**
 * Why the person can only deny: they are disabled in their organization or it is itself, they must sign in at its identity
 * provider, the program belongs to an organization that they are not in, or they may themselves do nothing of what is
 * asked for.
 */
export type Hindrance = 'disabled' | 'signed_in_otherwise' | 'stranger' | 'powerless';

/**
 * Everything a person needs to decide. `organization` is where they act, absent for who belongs to none; `lacking` is what
 * was asked for and they do not have to give. `ticket` says which request is decided; `publisher` is absent when nobody
 * verified one, and where the client `registeredItself`, nobody verified its name either; `stayingSignedInSeconds` is
 * there when the device may renew its access by itself for that long.
 */
export type ConfirmModel = Frame & {
  ticket: string;
  userCode: string;
  client: { name: string; publisher?: string | undefined; registeredItself?: boolean };
  organization?: { name: string; isOneOfSeveral: boolean } | undefined;
  scopes: readonly ScopeModel[];
  lacking?: readonly ScopeModel[];
  hindrance?: Hindrance | undefined;
  api?: { name: string; uri: string } | undefined;
  accessSeconds: number;
  stayingSignedInSeconds?: number | undefined;
  device: Sighting;
  you: Sighting;
};

/** The approval page; posts `ticket` and `decision=allow|deny` to `/device/confirm`. */
export function confirmPage(model: ConfirmModel): Html {
  const { client, api, organization, lacking = [], hindrance, locale } = model;
  const words = locale.words.confirm;
  return layout(model, {
    title: words.title(client.name),
    main: html`<h1>${words.heading(client.name)}</h1>
<p class="publisher">${origin(model)}</p>

<section>
<h2>${words.compareCode}</h2>
<p class="code"><bdi>${model.userCode}</bdi></p>
<p class="hint">${words.sameCode}</p>
</section>

<section>
<h2>${words.whoAsks}</h2>
${comparison(locale, model.device, model.you)}
</section>

${
  hindrance
    ? obstacle(model, hindrance)
    : html`<section>
<h2>${words.whatItMayDo}</h2>
<ul class="scopes">
${model.scopes.length > 0 ? model.scopes.map((scope) => scopeItem(model, scope)) : html`<li>${words.nothing}</li>`}
</ul>
${
  lacking.length > 0 &&
  html`<h3>${words.lacking}</h3>
<p class="hint">${organization ? words.notYoursIn(organization.name) : words.notYours}</p>
<ul class="scopes lacking">
${lacking.map((scope) => scopeItem(model, scope))}</ul>`
}
<dl class="facts">
${api && html`<div><dt>${words.where}</dt><dd><bdi>${api.name}</bdi> <code><bdi>${api.uri}</bdi></code></dd></div>`}
${organization?.isOneOfSeveral && html`<div><dt>${words.forWhichOrganization}</dt><dd><bdi>${organization.name}</bdi> <a href="${model.base}/organization">${words.actInAnotherOne}</a></dd></div>`}
<div><dt>${words.howLong}</dt><dd>${lasting(model)}</dd></div>
</dl>
</section>`
}

<p class="warning">${words.warning(words.deny)}</p>
${postForm(model, '/device/confirm', decision(model, hindrance === undefined))}`,
  });
}

function origin({ client: { publisher, registeredItself }, locale }: ConfirmModel): Html {
  const words = locale.words.confirm;
  if (publisher) return words.publishedBy(publisher);
  return html`<span class="unverified">${
    registeredItself ? words.registeredItself : words.notVerified
  }</span>`;
}

// Enter presses the first button of a form, so the first one is the one that does no harm.
function decision({ ticket, locale }: ConfirmModel, isPossible: boolean): Html {
  const words = locale.words.confirm;
  return html`<input type="hidden" name="ticket" value="${ticket}">
<div class="decision">
<button name="decision" value="deny" class="deny">${words.deny}</button>
${isPossible && html`<button name="decision" value="allow">${words.allow}</button>`}
</div>`;
}

/** What stands in the way, and what to do about it. */
function obstacle(model: ConfirmModel, hindrance: Hindrance): Html {
  const { base, organization, lacking = [], locale } = model;
  const words = locale.words.confirm;
  const isPowerlessThere = hindrance === 'powerless' && organization !== undefined;
  return html`<section>
<h2>${words.cannotAllow}</h2>
<p>${isPowerlessThere ? words.powerlessIn(organization.name) : words[hindrance]}</p>
${
  lacking.length > 0 &&
  html`<ul class="scopes lacking">
${lacking.map((scope) => scopeItem(model, scope))}</ul>`
}
${organization?.isOneOfSeveral && html`<p class="note"><a href="${base}/organization">${words.actInAnotherOrganization}</a></p>`}
</section>`;
}

function scopeItem({ locale }: Frame, { name, description }: ScopeModel): Html {
  const words = locale.words.confirm;
  const meaning = description || (name === 'offline_access' ? words.staySignedIn : words.undescribed);
  return html`<li><bdi>${meaning}</bdi> <code><bdi>${name}</bdi></code></li>
`;
}

function lasting({ accessSeconds, stayingSignedInSeconds, locale }: ConfirmModel): string {
  const { words, duration } = locale;
  return stayingSignedInSeconds === undefined
    ? duration(accessSeconds)
    : words.confirm.untilSignedOut(duration(stayingSignedInSeconds));
}
