import { html } from '../../html.ts';
import type { clients as english } from '../en/clients.ts';

/** The pages of the organization's programs. */
export const clients: typeof english = {
  title: 'Clients',
  lead: 'Programme Ihrer Organisation, die selbst Tokens bekommen oder Menschen auf Geräten anmelden.',
  empty: 'Es gibt noch keine. Registrieren Sie jedes Programm für sich, nur mit dem, was es braucht.',
  register: 'Programm registrieren',
  columns: { name: 'Name', kind: 'Art', state: 'Zustand', used: 'Zuletzt genutzt' },
  kinds: {
    machine: 'Maschine',
    device: 'Gerät oder Kommandozeile',
    both: 'Beides',
  },
  shortKinds: { machine: 'Maschine', device: 'Gerät', both: 'Beides', other: 'Besonders' },
  states: { active: 'Aktiv', disabled: 'Deaktiviert' },
  demands: {
    typed: 'Der Code wird eingetippt; kein Link enthält ihn',
    matching: 'Die Zahl vom Gerät wird eingetippt',
    near: 'Alles geschieht im selben Netz wie das des Geräts',
  },
  neverUsed: 'Noch nicht',
  form: {
    name: 'Name',
    nameHint: 'Man liest ihn, bevor man das Programm zulässt.',
    kind: 'Art',
    kindHint:
      'Eine Maschine handelt selbst, mit einem Geheimnis; auf einem Gerät oder einer Kommandozeile melden sich Menschen an. Die Art bleibt, wie Sie sie jetzt wählen.',
    permissions: 'Worum es bitten darf',
    permissionsHint: 'Sie können nur geben, was Sie selbst dürfen.',
    noPermissions: 'Sie dürfen an keiner API etwas, deshalb gibt es nichts zu geben.',
    access: 'Wie lange seine Zugriffstokens gelten',
    refresh: 'Wie lange ein Gerät angemeldet bleibt',
    demands: 'Beim Zulassen eines Geräts',
    demandsHint:
      'Jeder dieser Punkte macht es schwerer, jemanden zum Zulassen eines fremden Geräts zu überreden.',
    stepUp: 'Nur mit zweitem Faktor',
    stepUpHint: 'Namen von Berechtigungen von oben, mit Leerzeichen dazwischen.',
    stepUpProblem: 'geben Sie Namen von Berechtigungen ein, um die es bitten darf',
    usual: 'So lange wie üblich',
    create: 'Registrieren',
    save: 'Speichern',
    cancel: 'Abbrechen',
  },
  secret: {
    title: 'Das Geheimnis',
    lead: 'Es wird nur dieses eine Mal gezeigt. Legen Sie es dort ab, wo das Programm es findet, und sonst nirgends.',
    id: (id) => html`Es gehört zur Client-ID <code><bdi>${id}</bdi></code>.`,
    done: 'Zum Programm',
  },
  facts: {
    id: 'Client-ID',
    kind: 'Art',
    state: 'Zustand',
    method: 'Weist sich aus mit',
    may: 'Darf bitten um',
    mayNothing: 'Nichts',
    access: 'Zugriffstokens gelten',
    refresh: 'Geräte bleiben angemeldet',
    signedIn: 'Damit angemeldet',
    demands: 'Beim Zulassen eines Geräts',
    stepUp: 'Nur mit zweitem Faktor',
    created: 'Registriert',
    used: 'Zuletzt genutzt',
  },
  signIns: (count) => `Geräte und Apps: ${count}`,
  secrets: {
    title: 'Geheimnisse',
    hint: 'Zwei können zugleich gelten: Fügen Sie das zweite hinzu, stellen Sie das Programm um und beenden Sie dann das erste.',
    columns: { made: 'Erstellt', ends: 'Endet', acts: 'Möglichkeiten' },
    never: 'Nie',
    add: 'Zweites Geheimnis hinzufügen',
    end: 'Dieses Geheimnis beenden',
  },
  acts: {
    edit: 'Bearbeiten',
    disable: 'Deaktivieren',
    disableHint: 'Es bekommt keine Tokens mehr, und die vorhandenen gelten sofort nicht mehr.',
    disableLosses: (count, used) =>
      html`Geräte und Apps, die damit nicht mehr funktionieren: ${count}. Zuletzt genutzt: ${used}.`,
    enable: 'Aktivieren',
    remove: 'Entfernen',
  },
  removal: {
    plainTitle: 'Programm entfernen',
    title: (name) => html`<bdi>${name}</bdi> entfernen?`,
    lead: 'Es bekommt keine Tokens mehr. Das lässt sich nicht rückgängig machen, Deaktivieren schon.',
    losses: (count, used) =>
      html`Damit enden seine Geheimnisse, alle seine Tokens und die Anmeldungen von Geräten und Apps: ${count}. Zuletzt genutzt: ${used}.`,
    confirm: 'Endgültig entfernen',
    cancel: 'Abbrechen',
  },
  ending: {
    plainTitle: 'Geheimnis beenden',
    title: (name) => html`Ein Geheimnis von <bdi>${name}</bdi> beenden?`,
    lead: 'Was es noch benutzt, bekommt keine Tokens mehr. Das lässt sich nicht rückgängig machen.',
    losses: (live, used) =>
      html`Geltende Geheimnisse, die es dann noch hat: ${live}. Das Programm wurde zuletzt genutzt: ${used}.`,
    confirm: 'Dieses Geheimnis beenden',
    cancel: 'Abbrechen',
  },
};
