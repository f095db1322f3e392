import type { policies as english } from '../en/policies.ts';

/** The page of what the organization demands of its tokens. */
export const policies: typeof english = {
  title: 'Richtlinien',
  lead: 'Was die Organisation von API-Tokens und beim Anmelden verlangt.',
  saved: 'Es ist gespeichert und gilt ab jetzt.',
  days: 'Längste Gültigkeit eines neuen Tokens in Tagen',
  daysHint: 'Leer: beliebig lange. Es gilt für neue Tokens und Änderungen.',
  expiry: 'Jedes Token hat ein Ende',
  approval: 'Jedes neue Token wird von der Administration genehmigt',
  limited: 'Tokens dürfen nur, was unten angekreuzt ist',
  limitedHint: 'Was nicht angekreuzt ist, fällt sofort aus jedem Token heraus, auch aus denen in Gebrauch.',
  permissions: 'Was Tokens dürfen',
  permissionsHint: 'Das zählt nur, wenn das Feld darüber angekreuzt ist.',
  narrowing: {
    title: 'Tokens Berechtigungen nehmen?',
    lead: 'Was sie nutzt, darf sofort weniger. Wird eine Berechtigung wieder erlaubt, haben sie sie wieder.',
    losses: (tokens) => `Gültige Tokens, die eine Berechtigung verlieren: ${tokens}.`,
    confirm: 'Speichern',
    cancel: 'Abbrechen',
  },
  signIn: {
    title: 'Anmeldung',
    provider: 'Mitglieder melden sich bei einem Identitätsanbieter an',
    providerHint:
      'Wer sich anders angemeldet hat, kann hier ab dann nichts mehr tun, und Zugänge aus dem früheren System gelten nicht mehr. API-Tokens gelten weiter.',
    demand: {
      title: 'Einen Identitätsanbieter verlangen?',
      lead: 'Wer sich anders angemeldet hat, kann hier nichts mehr tun, bis zur Anmeldung dort. API-Tokens gelten weiter, und wird es nicht mehr verlangt, ist alles wie vorher.',
      losses: {
        members: (count) => `Mitglieder, die sich jetzt anders anmelden: ${count}.`,
        devices: (count) => `Geräte und Apps, die nicht mehr funktionieren: ${count}.`,
        legacyTokens: (count) => `Zugänge aus dem früheren System, die nicht mehr gelten: ${count}.`,
      },
      confirm: 'Verlangen',
      cancel: 'Abbrechen',
    },
  },
  save: 'Speichern',
  changed:
    'Jemand hat es inzwischen geändert. Sie sehen jetzt den neuen Stand; nehmen Sie Ihre Änderung noch einmal vor.',
};
