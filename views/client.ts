import type { DeviceDemand } from './client-form.ts';
import { clientState, clientUse, type ListedClient } from './clients.ts';
import { ending } from './ending.ts';
import { fact } from './facts.ts';
import { pageError, postForm } from './form.ts';
import { type Html, html } from './html.ts';
import { type Frame, layout } from './layout.ts';
import { once } from './once.ts';
import { table } from './table.ts';

/** A program. Permissions are scopes by API, lifetimes seconds; `hasSecrets` is whether it authenticates by one. */
export type ClientModel = ListedClient & {
  method: string;
  permissions: Readonly<Record<string, readonly string[]>>;
  accessSeconds: number | undefined;
  refreshSeconds: number | undefined;
  hasSecrets: boolean;
  secrets: readonly { id: string; madeAt: Date; endsAt: Date | undefined }[];
  signIns: number;
  demands: readonly DeviceDemand[];
  stepUp: readonly string[];
  registeredAt: Date;
};

/** One program, and whether its reader may change it. */
export type ClientPageModel = Frame & {
  client: ClientModel;
  mayChange: boolean;
  refusal?: string | undefined;
  now: Date;
};

const path = '/admin/clients';
const placeOf = ({ id }: ListedClient) => `${path}/${encodeURIComponent(id)}`;

/** The page of one program: what is known of it, its secrets, and what can be done with it. */
export function clientPage(model: ClientPageModel): Html {
  const { locale, client, mayChange, refusal } = model;
  const { tokens, frame } = locale.words;
  return layout(model, {
    title: refusal === undefined ? client.name : frame.errorTitle(client.name),
    main: html`<h1><bdi>${client.name}</bdi></h1>
<p class="lead">${clientState(client, locale)}</p>
${refusal !== undefined && pageError('client-error', html`${tokens.refused} ${refusal}`, frame.error)}
${facts(model)}
${client.hasSecrets && secrets(model)}
${mayChange && acts(model)}`,
  });
}

function facts({ locale, client, now }: ClientPageModel): Html {
  const words = locale.words.clients;
  const { facts: names, form } = words;
  const lasting = (seconds: number | undefined) =>
    seconds === undefined ? form.usual : locale.duration(seconds);
  const permissions = Object.entries(client.permissions);
  return html`<dl class="facts columns">
${fact(names.id, html`<code><bdi>${client.id}</bdi></code>`)}
${fact(names.kind, words.shortKinds[client.kind])}
${fact(names.method, html`<code><bdi>${client.method}</bdi></code>`)}
${fact(
  names.may,
  permissions.length > 0
    ? permissions.map(
        ([resource, scopes]) => html`<bdi>${scopes.join(', ')}</bdi> <code><bdi>${resource}</bdi></code>
`,
      )
    : names.mayNothing,
)}
${fact(names.access, lasting(client.accessSeconds))}
${client.kind !== 'machine' && fact(names.refresh, lasting(client.refreshSeconds))}
${
  client.demands.length > 0 &&
  fact(
    names.demands,
    client.demands.map((demand) => html`<span class="line">${words.demands[demand]}</span>`),
  )
}
${client.stepUp.length > 0 && fact(names.stepUp, html`<code><bdi>${client.stepUp.join(' ')}</bdi></code>`)}
${client.kind !== 'machine' && fact(names.signedIn, words.signIns(locale.number(client.signIns)))}
${fact(names.created, locale.ago(client.registeredAt, now))}
${fact(names.used, clientUse(client, locale, now))}
</dl>`;
}

function secrets(model: ClientPageModel): Html {
  const { base, locale, client, mayChange, now } = model;
  const words = locale.words.clients.secrets;
  const { made, ends, acts } = words.columns;
  const end = (id: string) =>
    html`<a class="button quiet small" href="${base}${placeOf(client)}/secrets/${id}/end">${words.end}</a>`;
  return html`<section>
<h2>${words.title}</h2>
<p class="hint">${words.hint}</p>
${
  client.secrets.length > 0 &&
  table({
    caption: words.title,
    columns: [made, ends, ...(mayChange ? [acts] : [])],
    rows: client.secrets.map(({ id, madeAt, endsAt }) => [
      locale.ago(madeAt, now),
      endsAt ? locale.ago(endsAt, now) : words.never,
      ...(mayChange ? [end(id)] : []),
    ]),
  })
}
${
  mayChange &&
  client.secrets.length < 2 &&
  postForm(model, `${placeOf(client)}/secrets`, html`<button class="quiet">${words.add}</button>`)
}
</section>`;
}

function acts(model: ClientPageModel): Html {
  const { base, locale, client, now } = model;
  const words = locale.words.clients.acts;
  const losses = words.disableLosses(locale.number(client.signIns), clientUse(client, locale, now));
  const place = placeOf(client);
  const press = client.isDisabled ? 'enable' : 'disable';
  return html`<section class="acts">
<a class="button quiet" href="${base}${place}/edit">${words.edit}</a>
${postForm(model, `${place}/${press}`, html`<button class="quiet">${words[press]}</button>`)}
<a class="button danger" href="${base}${place}/remove">${words.remove}</a>
</section>
${!client.isDisabled && html`<p class="hint">${words.disable}: ${words.disableHint} ${losses}</p>`}`;
}

/** The page that shows a secret, the only time. */
export function clientSecretPage(model: Frame & { id: string; secret: string }): Html {
  const words = model.locale.words.clients.secret;
  return once(model, {
    title: words.title,
    lead: words.lead,
    value: model.secret,
    notes: html`<p class="note">${words.id(model.id)}</p>`,
    path: `${path}/${encodeURIComponent(model.id)}`,
    done: words.done,
  });
}

/** The page that says what ends with a program. */
export function clientRemovalPage(model: Frame & { client: ClientModel; now: Date }): Html {
  const { locale, client, now } = model;
  const { removal } = locale.words.clients;
  return ending(model, {
    ...removal,
    title: removal.title(client.name),
    losses: removal.losses(locale.number(client.signIns), clientUse(client, locale, now)),
    path: `${placeOf(client)}/remove`,
    back: placeOf(client),
  });
}

/** The page that says what ends with a secret of a program. */
export function secretEndPage(model: Frame & { client: ClientModel; secretId: string; now: Date }): Html {
  const { locale, client, secretId, now } = model;
  const { ending: words } = locale.words.clients;
  const others = client.secrets.filter(({ id }) => id !== secretId).length;
  return ending(model, {
    ...words,
    title: words.title(client.name),
    losses: words.losses(locale.number(others), clientUse(client, locale, now)),
    path: `${placeOf(client)}/secrets/${secretId}/end`,
    back: placeOf(client),
  });
}
