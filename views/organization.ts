import { postForm } from './form.ts';
import { type Html, html } from './html.ts';
import { type Frame, layout } from './layout.ts';

/** The organizations of the person; `current` is the id of the one that this browser acts in. */
export type OrganizationModel = Frame & {
  organizations: readonly { id: string; name: string }[];
  current: string | undefined;
};

/** The page that asks where to act; posts `organization_id` to `/organization`. */
export function organizationPage(model: OrganizationModel): Html {
  const { organizations, current } = model;
  const words = model.locale.words.organization;
  return layout(model, {
    title: words.title,
    main: html`<h1>${words.heading}</h1>
<p class="lead">${words.lead}</p>
${postForm(
  model,
  '/organization',
  html`<div class="choices">
${organizations.map(
  ({ id, name }) =>
    html`<button class="choice" name="organization_id" value="${id}"${id === current && html` aria-current="true"`}><bdi>${name}</bdi>${id === current && ` ${words.current}`}</button>
`,
)}</div>`,
)}`,
  });
}
