import { html } from '../../html.ts';
import type { keys as english } from '../en/keys.ts';

/** The pages of the signing keys. */
export const keys: typeof english = {
  title: 'Schlüssel',
  lead: 'Die Schlüssel, die JWTs signieren, und ihr Leben. Sie wechseln von selbst; Sie müssen nichts tun.',
  empty: 'Es gibt noch keine Schlüssel. Der Server erstellt einen, sobald eine API JWTs nimmt.',
  columns: {
    kid: 'Schlüssel',
    state: 'Zustand',
    life: 'Sein Leben',
    needed: 'Nötig bis',
    acts: 'Möglichkeiten',
  },
  unused: 'Er hat noch kein Token signiert',
  states: {
    pending: 'Veröffentlicht, signiert noch nicht',
    active: 'Signiert',
    retiring: 'Signiert nicht mehr, prüft noch',
    retired: 'Außer Dienst',
    revoked: 'Widerrufen',
  },
  life: {
    published: (at) => html`veröffentlicht ${at}`,
    signsFrom: (at) => html`in Dienst gestellt ${at}`,
    replaced: (at) => html`abgelöst ${at}`,
    retired: (at) => html`signierte bis ${at}`,
    revoked: (at) => html`widerrufen ${at}`,
  },
  rotate: {
    title: 'Wechsel beginnen',
    lead: 'Der nächste Schlüssel wird jetzt veröffentlicht und signiert, sobald alle davon erfahren konnten.',
    losses: 'Es fällt nichts aus, außer wenn er sofort signiert.',
    immediate: 'Sofort signieren lassen',
    immediateHint:
      'Wer die Liste der Schlüssel aufbewahrt, lehnt dann seine Tokens womöglich fünf Minuten lang ab.',
    confirm: 'Jetzt beginnen',
    cancel: 'Abbrechen',
  },
  revoke: {
    act: 'Widerrufen',
    plainTitle: 'Schlüssel widerrufen',
    title: (kid) => html`<bdi>${kid}</bdi> widerrufen?`,
    lead: 'Für den Notfall: wenn jemand anderes den Schlüssel hat. Das lässt sich nicht rückgängig machen.',
    losses: (until) =>
      html`Jedes JWT, das er signiert hat, endet sofort, in jeder Organisation; das letzte hätte bis ${until} gegolten. Wo er signiert, tut das ab jetzt sein Nachfolger.`,
    noLosses: 'Er hat noch kein Token signiert. Wo er signiert, tut das ab jetzt sein Nachfolger.',
    confirm: 'Endgültig widerrufen',
    cancel: 'Abbrechen',
  },
};
