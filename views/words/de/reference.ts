import { html } from '../../html.ts';
import type { reference as english } from '../en/reference.ts';

/** Around the reference of the management API, which is itself in English. */
export const reference: typeof english = {
  title: 'API-Referenz',
  tryAs: (email) => html`Sie probieren die API als <strong><bdi>${email}</bdi></strong> aus.`,
  signIn: (address) =>
    html`<a href="${address}">Melden Sie sich an</a>, um die API auszuprobieren, oder geben Sie hier ein Token ein.`,
  needsScript: (address) =>
    html`Die Referenz wird von einem Skript gezeichnet, und dieser Browser führt keines aus. Dasselbe steht im <a href="${address}">OpenAPI-Dokument</a>.`,
};
