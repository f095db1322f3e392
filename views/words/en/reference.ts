import { html, type Renderable } from '../../html.ts';

/** Around the reference of the management API, which is itself in English. */
export const reference = {
  title: 'API reference',
  tryAs: (email: Renderable) => html`You try it out as <strong><bdi>${email}</bdi></strong>.`,
  signIn: (address: Renderable) => html`<a href="${address}">Sign in</a> to try it out, or give it a token.`,
  needsScript: (address: Renderable) =>
    html`It is drawn by a script, and this browser runs none. The same is in <a href="${address}">the OpenAPI document</a>.`,
};
