import { html } from '../../html.ts';
import type { security as english } from '../en/security.ts';

/** Wie sich jemand anmeldet, unter den Seiten des Kontos. */
export const security: typeof english = {
  title: 'Sicherheit',
  lead: 'Wie Sie sich anmelden und wo Sie angemeldet sind.',
  password: {
    title: 'Passwort',
    changed: (when) => html`Geändert ${when}.`,
    none: 'Sie haben kein Passwort: Sie melden sich anderswo an.',
    present: 'Jetziges Passwort',
    next: 'Neues Passwort',
    nextHint: (least) => `Mindestens ${least} Zeichen. Gut sind einige Wörter, die nicht zusammengehören.`,
    again: 'Das neue Passwort noch einmal',
    ends: {
      devices: (count, number) =>
        count === 1 ? 'mein einziges Gerät abmelden' : `meine ${number} Geräte und Apps abmelden`,
      tokens: (count, number) =>
        count === 1 ? 'mein einziges API-Token sperren' : `meine ${number} API-Tokens sperren`,
      shared: (count, number) =>
        count === 1
          ? 'meinen Wert eines gemeinsamen Tokens beenden'
          : `meine Werte von ${number} gemeinsamen Tokens beenden`,
    },
    and: (acts, another) => `${acts} und ${another}`,
    endsToo: (acts) => `Auch ${acts}`,
    nothingEnds:
      'Es gibt keine Geräte und Apps, die Sie abmelden, und keine API-Tokens, die Sie sperren könnten.',
    effect: 'Ihre Anmeldungen in anderen Browsern enden.',
    change: 'Passwort ändern',
    done: 'Ihr Passwort ist geändert.',
    errors: {
      wrong: 'Das jetzige Passwort stimmt nicht. Es wurde nichts geändert.',
      different: 'Die beiden neuen Passwörter sind nicht gleich. Geben Sie beide noch einmal ein.',
      too_short: (least) => `Dieses Passwort ist zu kurz. Nehmen Sie mindestens ${least} Zeichen.`,
      too_long: (most) => `Dieses Passwort ist zu lang. Nehmen Sie höchstens ${most} Zeichen.`,
      control_character:
        'In diesem Passwort ist ein Zeichen, das sich nicht überall tippen lässt. Wählen Sie ein anderes.',
      guessable: 'Dieses Passwort ist leicht zu erraten. Wählen Sie eines, auf das niemand kommt.',
      changed_meanwhile: 'Ihr Passwort wurde inzwischen geändert. Jetzt wurde nichts geändert.',
    },
  },
  totp: {
    title: 'Authenticator-App',
    on: (when) => html`Eingerichtet ${when}. Nach dem Passwort werden Sie nach einem Code gefragt.`,
    off: 'Ein zweiter Schritt nach dem Passwort: ein Code aus einer App auf Ihrem Telefon.',
    setUp: 'App einrichten',
    replace: 'Andere App einrichten',
    remove: 'App entfernen',
    scanTitle: 'Authenticator-App einrichten',
    scan: 'Scannen Sie dies mit der App oder tippen Sie das Geheimnis ab. Geben Sie dann den Code ein, den sie zeigt.',
    qr: 'QR-Code des Geheimnisses',
    secret: 'Geheimnis',
    code: 'Code',
    codeHint: 'Sechs Ziffern, wie die App sie gerade zeigt.',
    confirm: 'Einrichten',
    wrong:
      'Dieser Code passt nicht. Prüfen Sie die Uhr Ihres Telefons und geben Sie den Code ein, den es jetzt zeigt.',
    over: 'Die Zeit dafür ist um. Scannen Sie den neuen Code.',
  },
  passkeys: {
    title: 'Passkeys',
    lead: 'Melden Sie sich mit Fingerabdruck, Gesicht oder Sicherheitsschlüssel an statt mit einem Passwort. Wer einen hat, wird nach dem Passwort nach ihm oder einem Wiederherstellungscode gefragt.',
    impossible:
      'Browser bieten Passkeys nur an, wo dieser Server eine https-Adresse mit einem Namen hat. Fragen Sie, wer ihn betreibt.',
    synced: 'auf mehreren Geräten',
    added: (when) => html`hinzugefügt ${when}`,
    used: (when) => html`verwendet ${when}`,
    unused: 'nie verwendet',
    name: 'Name',
    nameHint: 'Woran Sie ihn erkennen, etwa der Name Ihres Rechners.',
    add: 'Passkey hinzufügen',
    create: 'Passkey anlegen',
    rename: 'Umbenennen',
    remove: 'Entfernen',
    addLead: 'Ihr Browser fragt, wo er ihn aufbewahren soll, und dann, wer Sie sind.',
    needsScript: 'Passkeys brauchen einen Browser, der sie kennt und in dem Skripte eingeschaltet sind.',
    errors: {
      name: 'Geben Sie einen Namen von 1 bis 100 Zeichen ein.',
      refused: 'Dieser Passkey wurde nicht angenommen. Versuchen Sie es noch einmal.',
      over: 'Die Zeit dafür ist um, oder der Passkey ist schon eingetragen. Versuchen Sie es noch einmal.',
    },
  },
  codes: {
    title: 'Wiederherstellungscodes',
    left: (count, text) =>
      count === 1
        ? 'Einer ist übrig.'
        : `${text} sind übrig. Jeder lässt Sie einmal ohne zweiten Faktor ein.`,
    none: 'Sie haben keine mehr. Wer ohne sie den zweiten Faktor verliert, muss den Betreiber fragen.',
    make: 'Neue anlegen',
    effect: 'Die bisherigen gelten dann nicht mehr.',
    shownTitle: 'Ihre Wiederherstellungs\u00adcodes',
    shownLead:
      'Bewahren Sie sie dort auf, wo Ihr Telefon nicht ist: ausgedruckt oder in einem Passwortmanager. Jeder gilt einmal. Sie werden nicht noch einmal gezeigt.',
    kept: 'Ich habe sie aufbewahrt',
  },
  sessions: {
    title: 'Wo Sie angemeldet sind',
    here: 'Dieser Browser',
    unknown: 'Unbekannter Browser',
    since: (when) => html`angemeldet ${when}`,
    from: (address) => html`von <code>${address}</code>`,
    end: 'Abmelden',
    endOthers: (count) => `Überall sonst abmelden (${count})`,
  },
};
