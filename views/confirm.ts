import { comparison, type Sighting } from './comparison.ts';
import { durationInWords } from './duration.ts';
import { postForm } from './form.ts';
import { type Html, html } from './html.ts';
import { type Frame, layout } from './layout.ts';

/** A permission that is asked for; without a description its name has to do. */
export type ScopeModel = { name: string; description?: string | undefined };

/**
 * Why the person can only deny: they are disabled in their organization, the program belongs to an organization that they
 * are not in, or they may themselves do nothing of what is asked for.
 */
export type Hindrance = 'disabled' | 'stranger' | 'powerless';

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
  const { client, api, organization, lacking = [], hindrance } = model;
  return layout(model, {
    title: `Allow ${client.name}?`,
    main: html`<h1>Allow <bdi>${client.name}</bdi> to use your account?</h1>
<p class="publisher">${origin(client)}</p>

<section>
<h2>Compare the code</h2>
<p class="code"><bdi>${model.userCode}</bdi></p>
<p class="hint">Your device must show this same code.</p>
</section>

<section>
<h2>Who asks</h2>
${comparison(model.device, model.you)}
</section>

${
  hindrance
    ? obstacle(model, hindrance)
    : html`<section>
<h2>What it may do</h2>
<ul class="scopes">
${model.scopes.length > 0 ? model.scopes.map(scopeItem) : html`<li>Show that you allowed it, and nothing else.</li>`}
</ul>
${
  lacking.length > 0 &&
  html`<h3>What it asks for and does not get</h3>
<p class="hint">You may not do this yourself${organization && html` in <bdi>${organization.name}</bdi>`}.</p>
<ul class="scopes lacking">
${lacking.map(scopeItem)}</ul>`
}
<dl class="facts">
${api && html`<div><dt>Where</dt><dd><bdi>${api.name}</bdi> <code><bdi>${api.uri}</bdi></code></dd></div>`}
${organization?.isOneOfSeveral && html`<div><dt>For which organization</dt><dd><bdi>${organization.name}</bdi> <a href="${model.base}/organization">Act in another one</a></dd></div>`}
<div><dt>How long</dt><dd>${lasting(model)}</dd></div>
</dl>
</section>`
}

<p class="warning">If you did not start this on your own device just now, press <strong>Deny</strong>.</p>
${postForm(model, '/device/confirm', decision(model.ticket, hindrance === undefined))}`,
  });
}

function origin({ publisher, registeredItself }: ConfirmModel['client']): Html {
  if (publisher) return html`Published by <bdi>${publisher}</bdi>`;
  return html`<span class="unverified">${
    registeredItself ? 'This program gave itself its name. Nobody has verified it.' : 'Publisher not verified'
  }</span>`;
}

// Enter presses the first button of a form, so the first one is the one that does no harm.
function decision(ticket: string, isPossible: boolean): Html {
  return html`<input type="hidden" name="ticket" value="${ticket}">
<div class="decision">
<button name="decision" value="deny" class="deny">Deny</button>
${isPossible && html`<button name="decision" value="allow">Allow</button>`}
</div>`;
}

/** What stands in the way, and what to do about it. */
function obstacle({ base, organization, lacking = [] }: ConfirmModel, hindrance: Hindrance): Html {
  const where = organization && html` in <bdi>${organization.name}</bdi>`;
  const sentences: Record<Hindrance, Html> = {
    disabled: html`You are disabled in your organization. Ask an administrator there.`,
    stranger: html`This program belongs to an organization that you are not in.`,
    powerless: html`You cannot give what you do not have: none of what it asks for is yours${where}. Ask an administrator.`,
  };
  return html`<section>
<h2>You cannot allow this</h2>
<p>${sentences[hindrance]}</p>
${
  lacking.length > 0 &&
  html`<ul class="scopes lacking">
${lacking.map(scopeItem)}</ul>`
}
${organization?.isOneOfSeveral && html`<p class="note"><a href="${base}/organization">Act in another organization</a></p>`}
</section>`;
}

function scopeItem({ name, description }: ScopeModel): Html {
  const words =
    description ||
    (name === 'offline_access'
      ? 'Stay signed in without asking you again'
      : 'Its API does not say what this allows');
  return html`<li><bdi>${words}</bdi> <code><bdi>${name}</bdi></code></li>
`;
}

function lasting({ accessSeconds, stayingSignedInSeconds }: ConfirmModel): string {
  return stayingSignedInSeconds === undefined
    ? durationInWords(accessSeconds)
    : `Until you sign it out, at most ${durationInWords(stayingSignedInSeconds)}`;
}
