import type { problems as english } from '../en/problems.ts';

/** What the management API says of wrong fields and of refusals. */
export const problems: typeof english = {
  'you may do nothing at this API': 'Sie dürfen an dieser API nichts',
  'there is no such API': 'diese API gibt es nicht',
  'Some fields are wrong': 'Einige Felder sind nicht richtig ausgefüllt',
  'This has been changed meanwhile; load it again, then change it':
    'Dies wurde inzwischen geändert. Laden Sie die Seite neu und ändern Sie es dann',
  'This is not allowed': 'Dies ist nicht erlaubt',
  'write a name': 'geben Sie einen Namen ein',
  'write 1 to 100 characters, none of them a control character':
    'geben Sie 1 bis 100 Zeichen ein, ohne Steuerzeichen',
  'write at most 100 characters': 'geben Sie höchstens 100 Zeichen ein',
  'write at most 1000 characters': 'geben Sie höchstens 1000 Zeichen ein',
  'write an address such as 192.0.2.1, or a range such as 192.0.2.0/24':
    'geben Sie eine Adresse wie 192.0.2.1 oder einen Bereich wie 192.0.2.0/24 ein',
  'write a time such as 2030-01-31T12:00:00Z': 'geben Sie ein Datum wie 2030-01-31 ein',
  'write a time to come': 'geben Sie ein Datum ein, das noch kommt',
  'your organization demands an expiry date': 'Ihre Organisation verlangt ein Ablaufdatum',
  'your organization does not allow this in a token': 'Ihre Organisation erlaubt dies in einem Token nicht',
  'say why it is needed, for whoever approves it':
    'schreiben Sie für die Genehmigung, wozu es gebraucht wird',
  'this is more than you may do yourself': 'das ist mehr, als Sie selbst dürfen',
  'this is more than the owner may do': 'das ist mehr, als der Eigentümer darf',
  'this needs more than you have yourself': 'dazu müssten Sie selbst mehr dürfen',
  'write an email address': 'geben Sie eine E-Mail-Adresse ein',
  'An organization needs an administrator; make somebody else one first':
    'Eine Organisation braucht jemanden, der sie verwaltet. Geben Sie zuerst jemand anderem diese Rolle',
  'No administrator could sign in and change members any more; see to it first that somebody can':
    'Niemand aus der Administration könnte sich noch anmelden und Mitglieder ändern. Sorgen Sie zuerst dafür, dass jemand es kann',
  'people would take it for another program': 'man würde es für ein anderes Programm halten',
  'write letters or digits, and no character that cannot be seen':
    'geben Sie Buchstaben oder Ziffern ein und keine unsichtbaren Zeichen',
  'write the name that people will see': 'geben Sie den Namen ein, den alle sehen werden',
  'write at least one scope': 'wählen Sie mindestens eine Berechtigung',
  'you do not have this yourself': 'das dürfen Sie selbst nicht',
  'the program has this, and you do not': 'das Programm darf dies, Sie selbst nicht',
  'This program has two secrets; end one of them first':
    'Dieses Programm hat schon zwei Geheimnisse. Beenden Sie zuerst eines davon',
  'There is an API of this URI already': 'Eine API mit dieser URI gibt es schon',
  'write an absolute URI without a fragment, such as https://api.example.com':
    'geben Sie eine absolute URI ohne Fragment ein, etwa https://api.example.com',
  'write at most 500 characters': 'geben Sie höchstens 500 Zeichen ein',
  'write 1 to 200 characters, none of them a control character':
    'geben Sie 1 bis 200 Zeichen ein, ohne Steuerzeichen',
  'leave it out: this scope belongs to the protocol':
    'lassen Sie das weg: Diese Berechtigung gehört zum Protokoll',
  'write 1 to 100 visible ASCII characters without spaces, quotes and backslashes':
    'geben Sie 1 bis 100 sichtbare ASCII-Zeichen ein, ohne Leerzeichen, Anführungszeichen und umgekehrten Schrägstrich',
  'this looks like a token; never write one where it is shown':
    'das sieht aus wie ein Token; schreiben Sie nie eines dorthin, wo es angezeigt wird',
  'leave out the NUL character': 'lassen Sie das NUL-Zeichen weg',
  'write seconds from 60 to 315360000': 'geben Sie eine Zahl von Tagen bis 3650 ein',
  'One of these scopes does not exist': 'Eine dieser Berechtigungen gibt es nicht',
  'your organization allows at most # days': 'Ihre Organisation erlaubt höchstens # Tage',
  'write a number of seconds from # to #': 'geben Sie eine Zahl von Sekunden von # bis # ein',
  'write a moment such as 2030-01-31T12:00:00Z': 'geben Sie ein Datum wie 2030-01-31 ein',
  'write a moment that is ahead': 'geben Sie ein Datum ein, das noch kommt',
  'write an IPv4 range as one, such as 192.0.2.0/24':
    'geben Sie einen IPv4-Bereich als solchen ein, etwa 192.0.2.0/24',
  'write the URI of an API': 'geben Sie die URI einer API ein',
  'write the URI of one of its resources': 'geben Sie die URI einer seiner APIs ein',
  'write at least one resource': 'wählen Sie mindestens eine API',
  'write at least one, or the audiences that it serves: this client could do nothing':
    'wählen Sie mindestens eines: Sonst könnte dieses Programm nichts tun',
  'write which scopes of which resources it may ask for: without any it could get no token':
    'wählen Sie, was es verlangen darf: Sonst bekäme dieses Programm kein Token',
  'write in words what the scope allows': 'geben Sie in Worten ein, was die Berechtigung erlaubt',
  'write scopes with what each allows in words, such as {"read": "See your projects"}':
    'geben Sie zu jeder Berechtigung ein, was sie erlaubt, etwa read: Ihre Projekte sehen',
  'write at most 200 scopes': 'geben Sie höchstens 200 Berechtigungen an',
  'write at most 100 resources': 'geben Sie höchstens 100 APIs an',
  'write true or false': 'wählen Sie Ja oder Nein',
  'write administrator or member': 'wählen Sie eine Rolle',
  'those of a legacy token cannot be changed': 'die eines früheren Zugangs lassen sich nicht ändern',
  'A legacy token cannot be rotated; make a new one':
    'Ein früherer Zugang lässt sich nicht erneuern. Erstellen Sie ein neues Token',
  'This token does not wait for your decision': 'Über dieses Token haben Sie nicht zu entscheiden',
  'This shared token is another person’s to change': 'Dieses gemeinsame Token kann nur jemand anderes ändern',
  'an administrator must approve this; make a new token':
    'das muss die Administration genehmigen; machen Sie ein neues Token',
  'Only its owner rotates a token': 'Nur der Eigentümer kann ein Token erneuern',
  'An administrator has disabled this token; only an administrator enables it again':
    'Die Administration hat dieses Token deaktiviert; nur sie kann es wieder aktivieren',
  'The operator has disabled this token; only an administrator enables it again':
    'Der Betreiber hat dieses Token deaktiviert; nur die Administration kann es wieder aktivieren',
  'This token may do more than the credential that you call with':
    'Dieses Token darf mehr als das, womit Sie es anfordern',
  'You are no member of this organization any more': 'Sie sind nicht mehr Mitglied dieser Organisation',
  'This program authenticates by something else, or not at all':
    'Dieses Programm meldet sich anders an oder gar nicht',
  'This API is the server’s own; its versions bring its scopes':
    'Diese API gehört zum Server; ihre Berechtigungen kommen mit dessen Versionen',
  'This Idempotency-Key was sent with another request before':
    'Dieses Formular wurde schon mit anderen Angaben abgesendet. Laden Sie die Seite neu',
  'This was done already; ask with the credential that it was done with': 'Dies ist schon geschehen',
  'No administrator could sign in so and change members; nobody could undo this':
    'Niemand aus der Administration könnte sich so anmelden und Mitglieder ändern; niemand könnte dies rückgängig machen',
  'This exists already': 'Das gibt es schon',
  'The request is not well formed': 'Das Formular konnte nicht gelesen werden',
  'You could sign in no more; add another passkey first':
    'Sie könnten sich nicht mehr anmelden. Fügen Sie zuerst einen anderen Passkey hinzu',
  'this cannot be taken as it is': 'so lässt sich das nicht übernehmen',
};
