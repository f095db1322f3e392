import type { ownApi as english } from '../en/own-api.ts';

export const ownApi: typeof english = {
  name: 'Ihr Konto',
  scopes: {
    'tokens:read': 'Ihre Tokens und die gemeinsamen sehen',
    'tokens:write': 'Ihre Tokens erstellen, ändern und entfernen',
    'tokens:manage': 'Alle Tokens der Organisation sehen, ändern und entfernen',
    'members:read': 'Sehen, wer zur Organisation gehört',
    'members:write': 'Mitglieder einladen, ändern und entfernen',
    'organization:read': 'Die Organisation sehen',
    'organization:write': 'Die Organisation umbenennen',
    'clients:read': 'Die Programme der Organisation sehen',
    'clients:write': 'Programme der Organisation registrieren, ändern und entfernen',
    'grants:read': 'Die Geräte und Apps sehen, die Sie angemeldet haben',
    'grants:write': 'Ihre Geräte und Apps abmelden',
    'sessions:read': 'Sehen, in welchen Browsern Sie angemeldet sind',
    'sessions:write': 'Ihre Anmeldungen in Browsern beenden',
    'resources:read': 'Die APIs und ihre Berechtigungen sehen',
    'policies:read': 'Sehen, was die Organisation von ihren Tokens verlangt',
    'policies:write': 'Ändern, was die Organisation von ihren Tokens verlangt',
    'audit:read': 'Das Protokoll der Organisation lesen',
    'keys:read': 'Die öffentlichen Signaturschlüssel und ihr Leben sehen',
    'keys:write': 'Signaturschlüssel wechseln und widerrufen',
    'resources:write': 'APIs registrieren',
  },
};
