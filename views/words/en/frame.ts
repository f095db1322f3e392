import type { Renderable } from '../../html.ts';
import { html } from '../../html.ts';

/** What stands around every page. */
export const frame = {
  skip: 'Skip to the content',
  signedInAs: (email: Renderable) => html`Signed in as <strong><bdi>${email}</bdi></strong>`,
  notYou: 'Not you?',
  signOut: 'Sign out',
  requestId: 'Request id:',
  error: 'Error:',
  errorTitle: (title: string) => `Error: ${title}`,
  menu: 'Menu',
  yourAccount: 'Your account',
  actingIn: 'Acting in',
  changeOrganization: 'Act in another organization',
  getToken: 'Get token',
  language: 'Language',
  yours: 'Yours',
  organization: 'Organization',
  places: {
    '/account': 'Overview',
    '/account/tokens': 'Tokens',
    '/account/shared-tokens': 'Shared tokens',
    '/account/devices': 'Devices and apps',
    '/account/security': 'Security',
    '/api/docs': 'API reference',
    '/device': 'Connect a device',
    '/admin': 'Activity',
    '/admin/members': 'Members',
    '/admin/tokens': 'All tokens',
    '/admin/clients': 'Clients',
    '/admin/resources': 'Resources',
    '/admin/keys': 'Keys',
    '/admin/audit': 'Audit',
    '/admin/policies': 'Policies',
  },
};
