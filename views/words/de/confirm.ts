import { html } from '../../html.ts';
import type { confirm as english } from '../en/confirm.ts';

/** The page on which somebody lets a device in, or does not. */
export const confirm: typeof english = {
  title: (client) => `${client} zulassen?`,
  heading: (client) => html`Darf <bdi>${client}</bdi> Ihr Konto nutzen?`,
  publishedBy: (publisher) => html`Herausgegeben von <bdi>${publisher}</bdi>`,
  notVerified: 'Herausgeber nicht geprüft',
  registeredItself: 'Dieses Programm hat sich seinen Namen selbst gegeben. Niemand hat ihn geprüft.',
  firstTime: 'Dieses Programm haben Sie noch nie zugelassen.',
  compareCode: 'Vergleichen Sie den Code',
  sameCode: 'Ihr Gerät muss genau diesen Code anzeigen.',
  whoAsks: 'Wer anfragt',
  whatItMayDo: 'Was es tun darf',
  nothing: 'Zeigen, dass Sie es zugelassen haben, und sonst nichts.',
  staySignedIn: 'Angemeldet bleiben, ohne Sie noch einmal zu fragen',
  undescribed: 'Die API sagt nicht, was damit erlaubt ist',
  lacking: 'Was es verlangt und nicht bekommt',
  notYours: 'Das dürfen Sie selbst nicht.',
  notYoursIn: (organization) => html`Das dürfen Sie in <bdi>${organization}</bdi> selbst nicht.`,
  where: 'Wo',
  forWhichOrganization: 'Für welche Organisation',
  actInAnotherOne: 'Für eine andere handeln',
  howLong: 'Wie lange',
  untilSignedOut: (duration) => `Bis Sie es abmelden, höchstens ${duration}`,
  warning: (deny) =>
    html`Wenn Sie das nicht eben selbst auf Ihrem eigenen Gerät begonnen haben, wählen Sie <strong>${deny}</strong>.`,
  deny: 'Ablehnen',
  allow: 'Zulassen',
  report: 'Das war ich nicht',
  reportHint:
    'Vielleicht versucht jemand, mit Ihrer Hilfe hineinzukommen. Damit endet diese Anfrage und jede andere, die aus demselben Netz noch wartet, und die Administration erfährt davon.',
  number: 'Zahl auf Ihrem Gerät',
  numberHint:
    'Einige Sekunden nach dem Öffnen dieser Seite zeigt Ihr Gerät eine zweistellige Zahl. Lesen Sie sie von Ihrem eigenen Gerät ab: Niemand muss sie Ihnen nennen.',
  numberMissing: 'Geben Sie die zweistellige Zahl ein, die Ihr Gerät zeigt.',
  numberWrong: (left) =>
    `Ihr Gerät zeigt eine andere Zahl. ${left === 1 ? 'Ein Versuch bleibt' : `${left} Versuche bleiben`} Ihnen noch.`,
  cannotAllow: 'Das können Sie nicht zulassen',
  disabled:
    'Sie sind in Ihrer Organisation gesperrt, oder sie ist es selbst. Wenden Sie sich dort an die Administration.',
  signed_in_otherwise:
    'Ihre Organisation verlangt, dass Sie sich bei ihrem Identitätsanbieter anmelden. Melden Sie sich ab, dort wieder an, und geben Sie den Code noch einmal ein.',
  stranger: 'Dieses Programm gehört zu einer Organisation, in der Sie nicht Mitglied sind.',
  powerless:
    'Sie können nichts weitergeben, was Sie nicht haben: Keine der verlangten Berechtigungen gehört Ihnen. Wenden Sie sich an die Administration.',
  powerlessIn: (organization) =>
    html`Sie können nichts weitergeben, was Sie nicht haben: Keine der verlangten Berechtigungen gehört Ihnen in <bdi>${organization}</bdi>. Wenden Sie sich an die Administration.`,
  other_network:
    'Dieses Programm lässt sich nur aus dem Netz zulassen, in dem sein Gerät ist, und das Gerät fragt aus einem anderen an als Ihrem. Öffnen Sie diese Seite in einem Browser neben dem Gerät, auf beiden ohne VPN.',
  second_factor:
    'Was dieses Programm verlangt, lässt sich nur zulassen, wenn Sie in den letzten Minuten einen zweiten Faktor nachgewiesen haben.',
  useSecondFactor: 'Zweiten Faktor nachweisen',
  actInAnotherOrganization: 'Für eine andere Organisation handeln',
  comparison: {
    device: 'Das Gerät',
    you: 'Sie, jetzt',
    address: 'Adresse',
    network: 'Netz',
    country: 'Land',
    system: 'System',
    program: 'Programm',
    time: 'Zeit',
    notKnown: 'Unbekannt',
    otherAddress: 'Das Gerät fragt von einer anderen Adresse an als Sie.',
    otherNetwork: (device, you) =>
      html`Das Gerät ist in einem Netz von <bdi>${device}</bdi>, Sie in einem von <bdi>${you}</bdi>.`,
    otherCountry: (device, you) =>
      html`Das Gerät ist anscheinend hier: <bdi>${device}</bdi>. Sie sind hier: <bdi>${you}</bdi>.`,
    otherSystem: 'Auf dem Gerät läuft ein anderes System als bei Ihnen.',
    unknownSystem: 'Das Gerät verrät nicht, welches System darauf läuft.',
    askedAgo: (duration) => `Die Anfrage des Geräts liegt ${duration} zurück.`,
  },
};
