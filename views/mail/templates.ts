import { isLanguage, localeOf } from '../locale.ts';
import { deviceApproved } from './device-approved.ts';
import { deviceReported } from './device-reported.ts';
import { invitation } from './invitation.ts';
import { type Draft, type Letter, type Stationery, writeLetter } from './letter.ts';
import { signIn } from './sign-in.ts';
import { test } from './test.ts';
import { tokenExpiry } from './token-expiry.ts';
import { tokenWaiting } from './token-waiting.ts';

/** Every kind of mail that there is. */
export const templates = {
  invitation,
  deviceApproved,
  deviceReported,
  signIn,
  tokenExpiry,
  tokenWaiting,
  test,
};

/** What each kind is made of: JSON, times as ISO 8601. */
export type LetterData = { [Kind in keyof typeof templates]: Parameters<(typeof templates)[Kind]>[0] };

/**
 * Writes mail for one issuer under a name: in the language that its recipient has chosen, else in that of the data, which is
 * its sender's, else in English. Throws a TypeError for a kind that there is not.
 */
export function createWriter(
  issuer: string,
  name: string,
): (kind: string, data: unknown, language: string | undefined) => Letter {
  const { host } = new URL(issuer);
  return (kind, data, chosen) => {
    if (!Object.hasOwn(templates, kind)) throw new TypeError(`there is no mail of the kind ${kind}`);
    const language = chosen ?? (data as { language?: string }).language;
    const locale = localeOf(isLanguage(language) ? language : 'en');
    const stationery = { locale, moment: (at: string) => locale.plainMoment(new Date(at)), name, host };
    const template = templates[kind as keyof typeof templates] as Template;
    return writeLetter(template(data, stationery), stationery);
  };
}

type Template = (data: unknown, stationery: Stationery) => Draft;
