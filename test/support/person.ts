import assert from 'node:assert/strict';
import { demoUser } from '../../src/development.ts';
import type { Database } from '../../src/postgres/pool.ts';
import { hashPassword } from '../../src/users/password.ts';
import { addUser } from '../../src/users/user.ts';

/** A page that a person sees; without its style, which is the same on all and full of words, and where words may break. */
export type Page = { status: number; url: string; html: string };

/** One answer on the way to a page, redirects included. */
export type Hop = { method: string; url: string; status: number; headers: Headers };

/** Somebody with a browser of their own: cookies, forms, redirects, and nothing that a browser would not send. */
export type Person = {
  open(path: string): Promise<Page>;
  /** Goes to another site, and wherever it leads. */
  goTo(url: string): Promise<Page>;
  /** Fills the form of the page that is open, hidden fields included, and sends it. */
  submit(action: string, fields: Record<string, string>): Promise<Page>;
  /** Sends a form with nothing but these fields and headers. */
  send(path: string, fields: Record<string, string>, headers?: Record<string, string>): Promise<Page>;
  signIn(account?: { email: string; password: string }): Promise<Page>;
  /** Enters a code, signs in if asked, and ends on the confirmation page, if the code is right. */
  enterCode(userCode: string, account?: { email: string; password: string }): Promise<Page>;
  /** Presses Allow or Deny on the confirmation page. */
  decide(decision: 'allow' | 'deny'): Promise<Page>;
  cookies: Map<string, string>;
  /** Every answer so far. */
  hops: Hop[];
};

/** A person who has not been here before. `always` are headers that go with every request, such as `x-forwarded-for`. */
export function createPerson(issuer: string, always: Record<string, string> = {}): Person {
  const cookies = new Map<string, string>();
  const hops: Hop[] = [];
  let page: Page = { status: 0, url: issuer, html: '' };

  async function load(url: string, init: RequestInit = {}): Promise<Page> {
    const headers = new Headers(init.headers);
    headers.set('accept', 'text/html');
    for (const [name, value] of Object.entries(always)) headers.set(name, value);
    if (cookies.size > 0) headers.set('cookie', cookieOf(cookies));
    const response = await fetch(url, { ...init, headers, redirect: 'manual' });
    hops.push({ method: init.method ?? 'GET', url, status: response.status, headers: response.headers });
    takeCookies(cookies, response.headers);
    const location = response.headers.get('location');
    if (response.status === 303 && location) return await load(new URL(location, url).href);
    page = {
      status: response.status,
      url,
      html: (await response.text()).replace(/<style>[^<]*<\/style>|<wbr>/g, ''),
    };
    return page;
  }

  const person: Person = {
    cookies,
    hops,
    open: (path) => load(issuer + path),
    goTo: (url) => load(url),
    submit(action, fields) {
      const form = new RegExp(`<form[^>]*action="[^"]*${action}"[\\s\\S]*?</form>`).exec(page.html)?.[0];
      assert.ok(form, `the page has a form for ${action}:\n${page.html}`);
      const hidden = [...form.matchAll(/<input[^>]*type="hidden"[^>]*>/g)].map(([input]) => [
        /name="([^"]*)"/.exec(input)?.[1] ?? '',
        /value="([^"]*)"/.exec(input)?.[1] ?? '',
      ]);
      return person.send(action, { ...Object.fromEntries(hidden), ...fields });
    },
    send: (path, fields, headers = {}) =>
      load(issuer + path, {
        method: 'POST',
        body: new URLSearchParams(fields),
        headers: { origin: new URL(issuer).origin, 'sec-fetch-site': 'same-origin', ...headers },
      }),
    async signIn(account = demoUser) {
      await person.open('/sign-in');
      return await person.submit('/sign-in', { email: account.email, password: account.password });
    },
    async enterCode(userCode, account = demoUser) {
      await person.open('/device');
      const next = await person.submit('/device', { user_code: userCode });
      if (!next.url.endsWith('/sign-in')) return next;
      return await person.submit('/sign-in', { email: account.email, password: account.password });
    },
    decide: (decision) => person.submit('/device/confirm', { decision }),
  };
  return person;
}

/** What a browser sends of its cookies. */
export function cookieOf(cookies: ReadonlyMap<string, string>): string {
  return [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
}

/** Does with a browser's cookies what an answer says. */
export function takeCookies(cookies: Map<string, string>, answered: Headers): void {
  for (const line of answered.getSetCookie()) {
    const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
    if (value === '' || /max-age=0|expires=Thu, 01 Jan 1970/i.test(line)) cookies.delete(name);
    else cookies.set(name, value);
  }
}

/** A second person, for who is not the demo user. Not there until `addAccount` has added her. */
export const ada = { email: 'ada@example.com', password: 'purple otters climb 7 ladders' };

/** Every test person has the same few passwords; hashing is slow on purpose. */
const hashes = new Map<string, Promise<string>>();

/** Adds an account and returns its id. */
export async function addAccount(db: Database, { email, password }: typeof ada): Promise<string> {
  const hash = hashes.get(password) ?? hashPassword(password);
  hashes.set(password, hash);
  const added = await addUser(db, { email, passwordHash: await hash });
  assert.ok('user' in added);
  return added.user.id;
}

/** The value of a hidden field. */
export function hiddenField({ html }: Page, name: string): string {
  const value = new RegExp(`<input type="hidden" name="${name}" value="([^"]+)">`).exec(html)?.[1];
  assert.ok(value, `the page has a hidden field ${name}:\n${html}`);
  return value;
}
