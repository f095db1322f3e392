import type { resources as english } from '../en/resources.ts';

/** The pages of APIs. */
export const resources: typeof english = {
  title: 'Ressourcen',
  lead: 'Die APIs, für die Tokens gelten, und was man an jeder tun kann. Alle Organisationen hier teilen sie.',
  empty: 'Es gibt noch keine. Registrieren Sie die API, für die Ihre Tokens gelten sollen.',
  register: 'API registrieren',
  columns: { name: 'Name', uri: 'Adresse', scopes: 'Berechtigungen', format: 'Zugriffstokens' },
  formats: {
    opaque: 'Undurchsichtig: geprüft durch Anfrage beim Server',
    jwt: 'JWT: von der API selbst geprüft',
  },
  shortFormats: { opaque: 'Undurchsichtig', jwt: 'JWT' },
  scopes: {
    title: 'Was man dort tun kann',
    name: 'Berechtigung',
    means: 'Bedeutet',
    who: 'Durch die Rolle',
  },
  noScopes: 'Noch nichts.',
  roles: {
    member: 'Alle Mitglieder',
    administrator: 'Administration',
    operator: 'Niemand, außer es wird gegeben',
  },
  facts: {
    uri: 'Adresse',
    format: 'Zugriffstokens',
    algorithm: 'Signiert mit',
    lifetime: 'Sie gelten',
    listed: 'In den öffentlichen Metadaten',
  },
  yes: 'Ja',
  no: 'Nein',
  usual: 'So lange wie üblich',
  edit: 'Bearbeiten',
  form: {
    uri: 'Adresse (URI)',
    uriHint: 'Etwa https://api.example.com. Sie lässt sich später nicht ändern.',
    name: 'Name',
    nameHint: 'Man liest ihn, bevor man ein Gerät zulässt.',
    scopes: 'Was man dort tun kann',
    scopesHint: 'Eine Berechtigung je Zeile: ihr Name, ein Leerzeichen und was sie bedeutet.',
    gone: 'Was Sie weglassen, verschwindet: auch aus Programmen, bei Menschen und aus Tokens.',
    format: 'Zugriffstokens',
    algorithm: 'JWTs werden signiert mit',
    lifetime: 'Wie lange Zugriffstokens gelten, wenn das Programm nichts sagt',
    listed: 'In den öffentlichen Metadaten nennen',
    create: 'Registrieren',
    save: 'Speichern',
    cancel: 'Abbrechen',
  },
};
