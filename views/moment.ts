import { type Html, html } from './html.ts';

const clock = new Intl.DateTimeFormat('en-GB', { timeZone: 'UTC', timeStyle: 'short' });
const day = new Intl.DateTimeFormat('en-GB', { timeZone: 'UTC', dateStyle: 'medium' });

/** A point in time for people (in UTC, to the minute) and for machines (ISO 8601). */
export function moment(at: Date): Html {
  return html`<time datetime="${at.toISOString()}">${unbroken(`${clock.format(at)} UTC`)}, ${unbroken(day.format(at))}</time>`;
}

function unbroken(text: string): string {
  return text.replaceAll(' ', '\u00a0');
}
