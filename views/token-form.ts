import { field, pageError, postForm, textArea } from './form.ts';
import { type Html, html } from './html.ts';
import { type Frame, layout } from './layout.ts';
import { type PermissionChoice, permissionChoices } from './permission-choices.ts';
import type { TokenSection } from './tokens.ts';

/** What is typed about a token; a permission is spelled `resource scope`. */
export type TokenDraft = {
  name: string;
  note: string;
  permissions: readonly string[];
  /** A day, `2030-01-31`, or nothing. */
  ends: string;
  ranges: string;
  reason: string;
};

/**
 * The form of a new token, or of the one called `id`. `problems` are sentences by the name of their field, `form` for what
 * belongs to none. `key` makes a form that is sent twice make one token.
 */
export type TokenFormModel = Frame & {
  section: TokenSection;
  path: string;
  id?: string | undefined;
  isLegacy: boolean;
  needsReason: boolean;
  key: string;
  draft: TokenDraft;
  choices: readonly PermissionChoice[];
  problems: Readonly<Record<string, string>>;
};

/** The page that asks for everything that is chosen about a token. */
export function tokenFormPage(model: TokenFormModel): Html {
  const { base, locale, section, path, id, draft, problems, needsReason, key } = model;
  const { tokens: words, frame } = locale.words;
  const title = id ? draft.name : section === 'shared' ? words.createShared : words.create;
  const hasProblems = Object.keys(problems).length > 0;
  return layout(model, {
    title: hasProblems ? frame.errorTitle(title) : title,
    main: html`<h1>${title}</h1>
${hasProblems && pageError('token-error', html`${words.refused} ${problems.form ?? words.form.someWrong}`, frame.error)}
${postForm(
  model,
  id ? `${path}/${id}/edit` : path,
  html`<input type="hidden" name="key" value="${key}">
${field({
  name: 'name',
  label: words.form.name,
  hint: words.form.nameHint,
  value: draft.name,
  problem: problems.name,
  attributes: html`type="text" maxlength="100" autocomplete="off"`,
})}
${textArea({ name: 'note', label: words.form.note, value: draft.note, rows: 2, most: 1000, problem: problems.note })}
${permissions(model)}
${field({
  name: 'ends',
  label: words.form.ends,
  hint: words.form.endsHint,
  value: draft.ends,
  problem: problems.expires_at,
  isOptional: true,
  attributes: html`type="date"`,
})}
${textArea({
  name: 'ranges',
  label: words.form.ranges,
  hint: words.form.rangesHint,
  value: draft.ranges,
  rows: 2,
  most: 5000,
  problem: problems.address_ranges,
})}
${
  needsReason &&
  textArea({
    name: 'reason',
    label: words.form.reason,
    hint: words.form.reasonHint,
    value: draft.reason,
    rows: 2,
    most: 1000,
    problem: problems.reason,
  })
}
<div class="acts">
<button>${id ? words.form.save : words.form.create}</button>
<a class="button quiet" href="${base}${path}${id && `/${id}`}">${words.form.cancel}</a>
</div>`,
)}`,
  });
}

function permissions({ locale, choices, draft, problems, isLegacy }: TokenFormModel): Html {
  const words = locale.words.tokens.form;
  if (isLegacy) return html`<p class="hint">${words.legacy}</p>`;
  return permissionChoices({
    legend: words.permissions,
    hint: choices.length > 0 ? words.permissionsHint : words.noPermissions,
    choices,
    chosen: draft.permissions,
    problem: problems.permissions,
  });
}
