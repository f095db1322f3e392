import { comparison, type Sighting } from './comparison.ts';
import { field, fieldError, postForm } from './form.ts';
import { type Html, html } from './html.ts';
import { type Frame, layout } from './layout.ts';

/** A permission that is asked for; without a description its name has to do. */
export type ScopeModel = { name: string; description?: string | undefined };

/**
 * Why the person can only deny: they are disabled in their organization, or it is itself; they must sign in at its
 * identity provider; the program belongs to an organization that they are not in; they may themselves do nothing of what
 * is asked for; or its policy wants them in the network of the device, or to prove a second factor.
 */
export type Hindrance =
  | 'disabled'
  | 'signed_in_otherwise'
  | 'stranger'
  | 'powerless'
  | 'other_network'
  | 'second_factor';

/** The number that the device shows and the person types; after a mistake, what was wrong and how many tries are left. */
export type NumberModel = { mistake?: 'missing' | 'wrong' | undefined; triesLeft: number };

/**
 * Everything a person needs to decide. `organization` is where they act, absent for who belongs to none; `lacking` is what
 * was asked for and they do not have to give. `ticket` says which request is decided; `publisher` is absent when nobody
 * verified one, and where the client `registeredItself`, nobody verified its name either; `stayingSignedInSeconds` is
 * there when the device may renew its access by itself for that long; `number` where the person must type one.
 */
export type ConfirmModel = Frame & {
  ticket: string;
  userCode: string;
  client: {
    name: string;
    publisher?: string | undefined;
    registeredItself?: boolean;
    isFirstTime?: boolean;
  };
  organization?: { name: string; isOneOfSeveral: boolean } | undefined;
  scopes: readonly ScopeModel[];
  lacking?: readonly ScopeModel[];
  hindrance?: Hindrance | undefined;
  number?: NumberModel | undefined;
  api?: { name: string; uri: string } | undefined;
  accessSeconds: number;
  stayingSignedInSeconds?: number | undefined;
  device: Sighting;
  you: Sighting;
};

/** The approval page; posts `ticket`, `decision=allow|deny|report|step_up` and perhaps `number` to `/device/confirm`. */
export function confirmPage(model: ConfirmModel): Html {
  const { client, hindrance, locale, number } = model;
  const words = locale.words.confirm;
  const title = words.title(client.name);
  return layout(model, {
    title: number?.mistake ? locale.words.frame.errorTitle(title) : title,
    main: html`<h1>${words.heading(client.name)}</h1>
<p class="publisher">${origin(model)}</p>
${client.isFirstTime && html`<p class="first">${words.firstTime}</p>`}

<section>
<h2>${words.compareCode}</h2>
<p class="code"><bdi>${model.userCode}</bdi></p>
<p class="hint">${words.sameCode}</p>
</section>

<section>
<h2>${words.whoAsks}</h2>
${comparison(locale, model.device, model.you)}
</section>

${hindrance ? obstacle(model, hindrance) : request(model)}

<p class="warning">${words.warning(words.deny)}</p>
${hindrance === undefined && number ? numberedDecision(model, number) : plainDecision(model)}`,
  });
}

function origin({ client, locale }: ConfirmModel): Html {
  const words = locale.words.confirm;
  if (client.publisher) return words.publishedBy(client.publisher);
  return html`<span class="unverified">${client.registeredItself ? words.registeredItself : words.notVerified}</span>`;
}

/** What the device gets, what not, and for how long. */
function request(model: ConfirmModel): Html {
  const { api, base, organization, scopes, lacking = [] } = model;
  const words = model.locale.words.confirm;
  return html`<section>
<h2>${words.whatItMayDo}</h2>
<ul class="scopes">
${scopes.length > 0 ? scopes.map((scope) => scopeItem(model, scope)) : html`<li>${words.nothing}</li>`}
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
${organization?.isOneOfSeveral && html`<div><dt>${words.forWhichOrganization}</dt><dd><bdi>${organization.name}</bdi> <a href="${base}/organization">${words.actInAnotherOne}</a></dd></div>`}
<div><dt>${words.howLong}</dt><dd>${lasting(model)}</dd></div>
</dl>
</section>`;
}

// Enter presses the first button of a form, so the first one is the one that does no harm.
function plainDecision(model: ConfirmModel): Html {
  const words = model.locale.words.confirm;
  return postForm(
    model,
    '/device/confirm',
    html`<input type="hidden" name="ticket" value="${model.ticket}">
<div class="decision">
<button name="decision" value="deny" class="deny">${words.deny}</button>
${model.hindrance === undefined && html`<button name="decision" value="allow">${words.allow}</button>`}
</div>
${report(model)}`,
  );
}

/** Who has typed the number means Allow with Enter: the field and Allow have a form of their own, beside which Deny stands all the same. */
function numberedDecision(model: ConfirmModel, { mistake, triesLeft }: NumberModel): Html {
  const words = model.locale.words.confirm;
  const sentence = mistake === 'wrong' ? words.numberWrong(triesLeft) : words.numberMissing;
  const ticket = html`<input type="hidden" name="ticket" value="${model.ticket}">`;
  return html`${postForm(
    model,
    '/device/confirm',
    html`${ticket}
${mistake && fieldError('number-error', sentence, model.locale.words.frame.error)}
${field({
  name: 'number',
  label: words.number,
  hint: words.numberHint,
  errorId: mistake && 'number-error',
  isInvalid: mistake !== undefined,
  attributes: html`class="code" type="text" inputmode="numeric" maxlength="2" autocomplete="off"${mistake && html` autofocus`}`,
})}
<div class="decision">
<button name="decision" value="deny" class="deny" form="decline">${words.deny}</button>
<button name="decision" value="allow">${words.allow}</button>
</div>`,
  )}
${postForm(model, '/device/confirm', html`${ticket}${report(model)}`, 'decline')}`;
}

function report({ locale }: ConfirmModel): Html {
  const words = locale.words.confirm;
  return html`<div class="report">
<button name="decision" value="report" class="link" aria-describedby="report-hint">${words.report}</button>
<p class="hint" id="report-hint">${words.reportHint}</p>
</div>`;
}

/** What stands in the way, and what to do about it. */
function obstacle(model: ConfirmModel, hindrance: Hindrance): Html {
  const { base, organization, lacking = [] } = model;
  const words = model.locale.words.confirm;
  const isPowerlessThere = hindrance === 'powerless' && organization !== undefined;
  return html`<section>
<h2>${words.cannotAllow}</h2>
<p>${isPowerlessThere ? words.powerlessIn(organization.name) : words[hindrance]}</p>
${
  lacking.length > 0 &&
  html`<ul class="scopes lacking">
${lacking.map((scope) => scopeItem(model, scope))}</ul>`
}
${
  hindrance === 'second_factor' &&
  postForm(
    model,
    '/device/confirm',
    html`<button name="decision" value="step_up">${words.useSecondFactor}</button>`,
  )
}
${organization?.isOneOfSeveral && html`<p class="note"><a href="${base}/organization">${words.actInAnotherOrganization}</a></p>`}
</section>`;
}

function scopeItem({ locale }: ConfirmModel, { name, description }: ScopeModel): Html {
  const { staySignedIn, undescribed } = locale.words.confirm;
  const words = description || (name === 'offline_access' ? staySignedIn : undescribed);
  return html`<li><bdi>${words}</bdi> <code><bdi>${name}</bdi></code></li>
`;
}

function lasting({ accessSeconds, stayingSignedInSeconds, locale }: ConfirmModel): string {
  return stayingSignedInSeconds === undefined
    ? locale.duration(accessSeconds)
    : locale.words.confirm.untilSignedOut(locale.duration(stayingSignedInSeconds));
}
