import type { mail as english } from '../en/mail.ts';

/** Jede Art von Mail. */
export const mail: typeof english = {
  footer: (name, host) =>
    `${name} (${host}) hat diese Nachricht selbsttätig verschickt. Antworten liest niemand.`,
  facts: { when: 'Wann', where: 'Von', program: 'Programm', token: 'Token', organization: 'Organisation' },
  unknownSystem: 'unbekanntes System',
  invitation: {
    subject: (organization) => `Einladung zu ${organization}`,
    lead: (inviter, organization) => `${inviter} lädt Sie ein, ${organization} beizutreten.`,
    action: 'Einladung ansehen',
    until: (end) =>
      `Der Link gilt einmal, nur für Ihre Adresse, bis ${end}. Geben Sie ihn nicht weiter: Wer ihn hat, kann Ihr Passwort wählen.`,
    otherwise: 'Wenn Sie damit nichts anfangen können, lassen Sie es: Ohne Sie geschieht nichts.',
  },
  deviceApproved: {
    subject: (program) => `Ein Gerät wurde zugelassen: ${program}`,
    lead: 'Jemand, der als Sie angemeldet ist, hat ein Gerät zugelassen.',
    otherwise: 'Wenn Sie das nicht waren, melden Sie das Gerät jetzt ab und ändern Sie Ihr Passwort:',
    action: 'Ihre Geräte und Apps',
  },
  deviceReported: {
    subject: (program) => `Das war jemand anderes: ${program}`,
    lead: (person, organization) =>
      `${person} in ${organization} sollte ein Gerät zulassen und hat das nicht selbst begonnen. Vielleicht verschickt jemand Codes an Ihre Leute. Die Anfrage ist beendet und jede andere aus demselben Netz.`,
    ended: 'Beendete Anfragen',
    action: 'Das Protokoll',
  },
  tokenExpiry: {
    subject: (token, days) =>
      days === 1
        ? `Ihr Token ${token} endet binnen eines Tages`
        : `Ihr Token ${token} endet in ${days} Tagen`,
    lead: (token, end) => `Ihr API-Token ${token} endet am ${end}.`,
    after:
      'Programme, die es verwenden, werden danach abgewiesen. Legen Sie ein neues an oder verschieben Sie das Ende:',
    action: 'Ihre Tokens',
  },
  tokenWaiting: {
    subject: (token) => `Ein Token wartet auf Freigabe: ${token}`,
    lead: (owner, organization) =>
      `${owner} hat in ${organization} ein API-Token angelegt. Es gilt, sobald die Administration es freigibt.`,
    reason: 'Begründung',
    action: 'Wartende Tokens',
  },
  signIn: {
    subject: 'Neue Anmeldung in Ihrem Konto',
    lead: 'Jemand hat sich als Sie angemeldet, in einem Browser, in dem Sie noch nie angemeldet waren.',
    otherwise: 'Wenn Sie das nicht waren, ändern Sie Ihr Passwort und beenden Sie die Sitzung:',
    action: 'Ihre Sicherheit',
  },
  test: {
    subject: 'Ein Test',
    lead: 'Diese Nachricht zeigt, dass Mail verschickt werden kann.',
  },
};
