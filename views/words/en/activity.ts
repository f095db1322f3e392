import type { Renderable } from '../../html.ts';
import { html } from '../../html.ts';

/** The page that draws what has happened lately. */
export const activity = {
  title: 'Activity',
  lead: 'What has happened in the organization in the last 30 days, counted in UTC.',
  tokens: { title: 'Tokens', good: 'Issued', bad: 'Refused' },
  signIns: { title: 'Sign-ins', good: 'Successful', bad: 'Failed' },
  devices: { title: 'Devices', good: 'Let in', bad: 'Denied' },
  quiet: 'Nothing in these 30 days.',
  most: (count: string) => `At most ${count} on one day`,
  asTable: 'As a table',
  day: 'Day',
  log: 'See each of them in the audit log',
  waiting: {
    title: 'Waiting for you',
    tokens: (count: Renderable) => html`Tokens to approve: <strong>${count}</strong>`,
    invitations: (count: Renderable) => html`Open invitations: <strong>${count}</strong>`,
    nothing: 'Nothing is waiting for you.',
  },
};
