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
  return layout(model, {
    title: 'Choose an organization',
    main: html`<h1>Where do you want to act?</h1>
<p class="lead">You belong to several organizations. What you allow a device counts in the one that you choose.</p>
${postForm(
  model,
  '/organization',
  html`<div class="choices">
${organizations.map(
  ({ id, name }) =>
    html`<button name="organization_id" value="${id}"${id === current && html` aria-current="true"`}><bdi>${name}</bdi></button>
`,
)}</div>`,
)}`,
  });
}
