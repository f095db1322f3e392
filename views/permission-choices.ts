import { checkbox } from './form.ts';
import { type Html, html, type Renderable } from './html.ts';

/** What can be chosen at one API; `remark` is what is special about a scope. */
export type PermissionChoice = {
  resource: string;
  name: string;
  scopes: readonly { scope: string; description?: string | undefined; remark?: string | undefined }[];
};

/** A scope of an API in one word, as a form sends it. */
export function spellPermission(resource: string, scope: string): string {
  return `${resource} ${scope}`;
}

/** Scopes to choose from, by their APIs; `chosen` are spelled as `spellPermission` does. */
export function permissionChoices(model: {
  legend: string;
  hint: Renderable;
  choices: readonly PermissionChoice[];
  chosen: readonly string[];
  problem?: string | undefined;
}): Html {
  const { legend, hint, choices, chosen, problem } = model;
  return html`<fieldset>
<legend>${legend}</legend>
<p class="hint">${hint}</p>
${problem && html`<p class="problem">${problem}</p>`}
${choices.map(
  ({ resource, name, scopes }) => html`<div class="checks">
<p class="of"><strong><bdi>${name}</bdi></strong> <code><bdi>${resource}</bdi></code></p>
${scopes.map(({ scope, description, remark }) =>
  checkbox({
    name: 'permission',
    value: spellPermission(resource, scope),
    label: described(scope, description),
    hint: remark,
    isChecked: chosen.includes(spellPermission(resource, scope)),
  }),
)}</div>
`,
)}</fieldset>`;
}

function described(scope: string, description: string | undefined): Renderable {
  return description
    ? html`<bdi>${description}</bdi> <code><bdi>${scope}</bdi></code>`
    : html`<code><bdi>${scope}</bdi></code>`;
}
