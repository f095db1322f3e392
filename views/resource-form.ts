import { checkbox, field, pageError, postForm, select, textArea } from './form.ts';
import { type Html, html } from './html.ts';
import { type Frame, layout } from './layout.ts';
import { resourcePlace } from './resources.ts';

/** What is typed about an API; a scope is a line `name what it means`, a lifetime seconds or '' for the usual one. */
export type ResourceDraft = {
  uri: string;
  name: string;
  scopes: string;
  format: string;
  algorithm: string;
  lifetime: string;
  isListed: boolean;
};

/** The form of an API, of a new one where `isNew`; `condition` names the state that is changed. */
export type ResourceFormModel = Frame & {
  isNew: boolean;
  draft: ResourceDraft;
  problems: Readonly<Record<string, string>>;
  condition: string;
};

const path = '/admin/resources';
const algorithms = ['ES256', 'EdDSA', 'RS256'];
const lifetimes = [300, 900, 3600, 28_800, 86_400];

/** The page that asks for everything that is chosen about an API. */
export function resourceFormPage(model: ResourceFormModel): Html {
  const { base, locale, isNew, draft, problems, condition } = model;
  const { resources: words, tokens, frame } = locale.words;
  const title = isNew ? words.register : draft.name;
  const hasProblems = Object.keys(problems).length > 0;
  const place = isNew ? path : resourcePlace(draft.uri);
  const seconds = [...new Set([...lifetimes.map(String), draft.lifetime])].filter(Boolean);
  return layout(model, {
    title: hasProblems ? frame.errorTitle(title) : title,
    main: html`<h1><bdi>${title}</bdi></h1>
${hasProblems && pageError('resource-error', html`${tokens.refused} ${problems.form ?? tokens.form.someWrong}`, frame.error)}
${postForm(
  model,
  isNew ? path : `${place}/edit`,
  html`<input type="hidden" name="condition" value="${condition}">
${
  isNew &&
  field({
    name: 'uri',
    label: words.form.uri,
    hint: words.form.uriHint,
    value: draft.uri,
    problem: problems.resource,
    attributes: html`type="url" maxlength="500" autocomplete="off"`,
  })
}
${field({
  name: 'name',
  label: words.form.name,
  hint: words.form.nameHint,
  value: draft.name,
  problem: problems.resource_name,
  attributes: html`type="text" maxlength="200" autocomplete="off"`,
})}
${textArea({
  name: 'scopes',
  label: words.form.scopes,
  hint: isNew ? words.form.scopesHint : html`${words.form.scopesHint} <strong>${words.form.gone}</strong>`,
  value: draft.scopes,
  rows: 6,
  most: 30_000,
  problem: problems.scopes,
})}
${select({
  name: 'format',
  label: words.form.format,
  value: draft.format,
  options: Object.entries(words.formats).map(([value, label]) => ({ value, label })),
})}
${select({
  name: 'algorithm',
  label: words.form.algorithm,
  value: draft.algorithm,
  options: algorithms.map((value) => ({ value, label: html`${value}` })),
})}
${select({
  name: 'lifetime',
  label: words.form.lifetime,
  value: draft.lifetime,
  options: [
    { value: '', label: words.usual },
    ...seconds.map((value) => ({ value, label: locale.duration(Number(value)) })),
  ],
  problem: problems.access_token_lifetime,
})}
<div class="checks">
${checkbox({ name: 'listed', value: 'yes', label: words.form.listed, isChecked: draft.isListed })}
</div>
<div class="acts">
<button>${isNew ? words.form.create : words.form.save}</button>
<a class="button quiet" href="${base}${place}">${words.form.cancel}</a>
</div>`,
)}`,
  });
}
