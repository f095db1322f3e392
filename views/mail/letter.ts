import { type Html, html } from '../html.ts';
import type { Locale } from '../locale.ts';

/** What every mail is written on: the language, a point in time (ISO 8601) for people, and under which name and from which host it comes. */
export type Stationery = {
  locale: Locale;
  moment(at: string): string;
  name: string;
  host: string;
};

/** A mail in parts, from which its text and its HTML are made alike. */
export type Draft = {
  subject: string;
  lead: string;
  facts?: readonly (readonly [name: string, value: string])[];
  /** What comes before the link. */
  before?: string;
  action?: { words: string; link: string };
  after?: readonly string[];
};

/** A mail as it is sent. */
export type Letter = { subject: string; text: string; html: string };

/** Writes a draft out. */
export function writeLetter(draft: Draft, stationery: Stationery): Letter {
  const { subject, lead, facts = [], before, action, after = [] } = draft;
  const { locale, name, host } = stationery;
  const footer = locale.words.mail.footer(name, host);
  const list = facts.map(([name, value]) => `${name}: ${value}`).join('\n');
  const link = action && `${action.words}:\n${action.link}`;
  const paragraphs = [lead, list, before, link, ...after, `-- \n${footer}`];
  return {
    subject,
    text: `${paragraphs.filter(Boolean).join('\n\n')}\n`,
    html: String(asHtml(draft, footer, locale.language)),
  };
}

// Mail programs leave out stylesheets, and some the head: what little there is stands where it counts.
function asHtml(
  { subject, lead, facts = [], before, action, after = [] }: Draft,
  footer: string,
  language: string,
): Html {
  return html`<!doctype html>
<html lang="${language}">
<head><meta charset="utf-8"><title>${subject}</title></head>
<body style="font-family: sans-serif; font-size: 16px; line-height: 1.5; max-width: 36em; overflow-wrap: anywhere">
<p>${lead}</p>
${facts.length > 0 && html`<ul>${facts.map(([name, value]) => html`<li>${name}: <b>${value}</b></li>`)}</ul>`}
${before && html`<p>${before}</p>`}
${action && html`<p><a href="${action.link}"><b>${action.words}</b></a></p>`}
${after.map((sentence) => html`<p>${sentence}</p>`)}
<p style="font-size: 13px; color: #757575">${footer}</p>
</body>
</html>
`;
}

/**
 * A name that somebody has chosen, on one line. What could look like an address in it is broken with a mark that nobody
 * sees, so that no mail program makes a link of it: our mail must not carry strangers' advertisements.
 */
export function name(text: string): string {
  return text
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu, ' ')
    .trim()
    .replace(/(?<=\S)(?:[.@]|:\/\/)(?=\S)/gu, '$&\u2060');
}
