import { checkbox, field, pageError, postForm, select } from './form.ts';
import { type Html, html } from './html.ts';
import { type Frame, layout } from './layout.ts';
import { type PermissionChoice, permissionChoices } from './permission-choices.ts';

/** What is typed about a program; a permission is spelled `resource scope`, a lifetime in seconds, '' for the usual one. */
export type ClientDraft = {
  name: string;
  kind: string;
  permissions: readonly string[];
  access: string;
  refresh: string;
  /** What is demanded of who approves its devices, and the scopes that need a second factor, with spaces between. */
  demands: readonly DeviceDemand[];
  stepUp: string;
};

/** What can be demanded of who lets a device in. */
export const deviceDemands = ['typed', 'matching', 'near'] as const;

/** A demand on who lets a device in. */
export type DeviceDemand = (typeof deviceDemands)[number];

/**
 * The form of a new program, or of the one called `id`. `problems` are sentences by field; `condition` names the state that
 * is changed; `key` makes a form that is sent twice register one program.
 */
export type ClientFormModel = Frame & {
  id?: string | undefined;
  draft: ClientDraft;
  choices: readonly PermissionChoice[];
  problems: Readonly<Record<string, string>>;
  condition: string;
  key: string;
};

const path = '/admin/clients';
const accessSeconds = [300, 900, 3600, 28_800, 86_400];
const refreshSeconds = [86_400, 604_800, 2_592_000, 7_776_000, 31_536_000];

/** The page that asks for everything that is chosen about a program. */
export function clientFormPage(model: ClientFormModel): Html {
  const { base, locale, id, draft, choices, problems, condition, key } = model;
  const { clients: words, tokens, frame } = locale.words;
  const title = id ? draft.name : words.register;
  const hasProblems = Object.keys(problems).length > 0;
  const place = id && `${path}/${encodeURIComponent(id)}`;
  const lifetime = (name: 'access' | 'refresh', presets: readonly number[], problem: string | undefined) => {
    const known = [...presets.map(String), draft[name]].filter(Boolean);
    const options = [...new Set(known)].map((value) => ({ value, label: locale.duration(Number(value)) }));
    return select({
      name,
      label: words.form[name],
      value: draft[name],
      options: [{ value: '', label: words.form.usual }, ...options],
      problem,
    });
  };
  return layout(model, {
    title: hasProblems ? frame.errorTitle(title) : title,
    main: html`<h1><bdi>${title}</bdi></h1>
${hasProblems && pageError('client-error', html`${tokens.refused} ${problems.form ?? tokens.form.someWrong}`, frame.error)}
${postForm(
  model,
  place ? `${place}/edit` : path,
  html`<input type="hidden" name="condition" value="${condition}"><input type="hidden" name="key" value="${key}">
${field({
  name: 'name',
  label: words.form.name,
  hint: words.form.nameHint,
  value: draft.name,
  problem: problems.client_name,
  attributes: html`type="text" maxlength="100" autocomplete="off"`,
})}
${
  !id &&
  select({
    name: 'kind',
    label: words.form.kind,
    hint: words.form.kindHint,
    value: draft.kind,
    options: Object.entries(words.kinds).map(([value, label]) => ({ value, label })),
  })
}
${permissionChoices({
  legend: words.form.permissions,
  hint: choices.length > 0 ? words.form.permissionsHint : words.form.noPermissions,
  choices,
  chosen: draft.permissions,
  problem: problems.resources,
})}
${lifetime('access', accessSeconds, problems.access_token_lifetime)}
${
  (!id || draft.kind !== 'machine') &&
  html`${lifetime('refresh', refreshSeconds, problems.refresh_token_lifetime)}
${demands(model)}`
}
<div class="acts">
<button>${id ? words.form.save : words.form.create}</button>
<a class="button quiet" href="${base}${place || path}">${words.form.cancel}</a>
</div>`,
)}`,
  });
}

function demands({ locale, draft, problems }: ClientFormModel): Html {
  const words = locale.words.clients.form;
  return html`<fieldset>
<legend>${words.demands}</legend>
<p class="hint">${words.demandsHint}</p>
<div class="checks">
${deviceDemands.map((demand) =>
  checkbox({
    name: 'demand',
    value: demand,
    label: locale.words.clients.demands[demand],
    isChecked: draft.demands.includes(demand),
  }),
)}</div>
</fieldset>
${field({
  name: 'stepUp',
  label: words.stepUp,
  hint: words.stepUpHint,
  value: draft.stepUp,
  problem: problems.step_up_scopes && words.stepUpProblem,
  isOptional: true,
  attributes: html`type="text" maxlength="2000" autocomplete="off" autocapitalize="none" spellcheck="false"`,
})}`;
}
