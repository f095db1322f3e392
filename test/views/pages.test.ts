import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { createBrand } from '../../src/web/brand.ts';
import { confirmPage } from '../../views/confirm.ts';
import { type DeviceCodeError, deviceCodePage } from '../../views/device-code.ts';
import type { Html } from '../../views/html.ts';
import { localeOf } from '../../views/locale.ts';
import { signInPage } from '../../views/sign-in.ts';
import { welcomePage } from '../../views/welcome.ts';
import { confirmModel, createFrame, pages, plainBrand } from './every-page.ts';

const locale = localeOf('en');

/** Every page in every state, with `text` wherever text from outside can stand. */
function everyPage(text: string): Record<string, Html> {
  const frame = createFrame(locale, text);
  return Object.fromEntries(Object.entries(pages).map(([name, page]) => [name, page(frame, text)]));
}

/** The tags of a page with their attributes' names: what is left of it without any text. */
function skeleton(page: Html): string {
  return String(page)
    .replace(/"[^"]*"/g, '""')
    .replace(/>[^<]*</g, '><');
}

function titleOf(page: Html): string {
  return /<title>(.*) · Postern<\/title>/.exec(String(page))?.[1] ?? '';
}

describe('every page', () => {
  const plain = everyPage('plain');

  test('has one first heading, one main landmark, a language and a title', () => {
    for (const [name, page] of Object.entries(plain)) {
      const markup = String(page);
      assert.equal(markup.match(/<h1[ >]/g)?.length, 1, name);
      assert.equal(markup.match(/<main[ >]/g)?.length, 1, name);
      assert.match(markup, /^<!doctype html>\n<html lang="en">/, name);
      assert.notEqual(titleOf(page), '', name);
    }
  });

  test('says in its title when it reports an error', () => {
    for (const [name, page] of Object.entries(plain)) {
      const isError = / id="[a-z_-]+-error"/.test(String(page)) || /^\d/.test(name) || isBadEnding(name);
      assert.equal(titleOf(page).startsWith('Error: '), isError, name);
    }
  });

  test('has no inline script, no style but that of all, no event handler and nothing from elsewhere', () => {
    for (const [name, page] of Object.entries(plain)) {
      assert.doesNotMatch(
        String(page).replace(/<script defer src="\/auth\/assets\/[a-z-]+\.js"><\/script>/, ''),
        /<script|<style|<iframe|\sstyle=|\son[a-z]+=|javascript:|\s(?:src|href|action)="(?!\/|#)/i,
        name,
      );
    }
  });

  test('carries the form token in each form that posts, and in no search', () => {
    for (const [name, page] of Object.entries(plain)) {
      const forms = String(page).match(/<form[\s\S]*?<\/form>/g) ?? [];
      for (const form of forms) {
        if (form.includes('role="search"')) {
          assert.doesNotMatch(form, /csrf|method="post"/, name);
          continue;
        }
        assert.match(
          form,
          /^<form method="post" action="\/auth\/[a-z/-]+" novalidate(?: id="[a-z]+")?>\n<input type="hidden" name="csrf" value="plain">/,
          name,
        );
      }
    }
  });

  test('labels each field once and points only to descriptions that exist', () => {
    for (const [name, page] of Object.entries(plain)) {
      const markup = String(page);
      const ids = [...markup.matchAll(/ id="([^"]+)"/g)].map((match) => match[1]);
      assert.equal(new Set(ids).size, ids.length, name);
      const pointers = [...markup.matchAll(/ (?:for|aria-describedby)="([^"]+)"/g)];
      for (const id of pointers.flatMap((match) => match[1]?.split(' ') ?? []))
        assert.ok(ids.includes(id), `${name}: ${id}`);
    }
  });

  test('keeps its tags and attributes, whatever text it is given', () => {
    const shapes = Object.entries(plain).map(([name, page]) => [name, skeleton(page)] as const);
    const hostile = fc.oneof(
      fc.string({ unit: 'binary', minLength: 1 }),
      fc.constantFrom(
        '</title><script>alert(1)</script>',
        '" autofocus onfocus="alert(1)',
        "'><img src=x onerror=alert(1)>",
        '&lt;b&gt;',
        '<!--',
        ']]>',
      ),
    );
    fc.assert(
      fc.property(hostile, (text) => {
        const pages = everyPage(text);
        for (const [name, shape] of shapes) assert.equal(skeleton(pages[name] as Html), shape, name);
      }),
      { numRuns: 60 },
    );
  });

  test('shows the markup of a hostile client as text', () => {
    const text = '<img src=x onerror="alert(1)">';
    for (const [name, page] of Object.entries(everyPage(text))) {
      assert.ok(!String(page).includes('<img'), name);
    }
    assert.ok(String(everyPage(text).confirm).includes('&#60;img src=x onerror=&#34;alert(1)&#34;&#62;'));
  });
});

function isBadEnding(name: string): boolean {
  if (name.startsWith('provider, ') || name.startsWith('a stranger') || name === 'no sign-in') return true;
  return ['expired', 'already_used', 'refused', 'powerless', 'numbers_spent'].some(
    (ending) => name === `outcome, ${ending}`,
  );
}

describe('the page that asks for the code', () => {
  const frame = { base: '', csrf: 'token', locale, brand: plainBrand };

  test('marks the field invalid where another code may help, and ties the sentence to it', () => {
    const errors: DeviceCodeError[] = ['missing', 'unknown', 'too_many_tries', 'sign_in_first'];
    const marked = errors.filter((error) => {
      const markup = String(deviceCodePage({ ...frame, error }));
      assert.match(markup, /aria-describedby="user_code-hint user_code-error"/);
      return markup.includes('aria-invalid="true"');
    });
    assert.deepEqual(marked, ['missing', 'unknown']);
  });

  test('shows what was typed once more', () => {
    assert.match(String(deviceCodePage({ ...frame, userCode: 'wdjb mjht' })), / value="wdjb mjht"/);
  });
});

describe('the sign-in page', () => {
  const frame = { base: '', csrf: 'token', locale, brand: plainBrand };

  test('names the waiting code and carries it along', () => {
    const markup = String(signInPage({ ...frame, userCode: 'WDJB-MJHT' }));
    assert.match(markup, /to allow the device that shows <code><bdi>WDJB-MJHT<\/bdi>/);
    assert.match(markup, /<input type="hidden" name="user_code" value="WDJB-MJHT">/);
  });

  test('never fills in a password, and shows the demo sign-in only when there is one', () => {
    const markup = String(signInPage({ ...frame, email: 'ada@example.com', error: 'wrong' }));
    assert.doesNotMatch(markup, /Demo/);
    assert.match(markup, /name="password" value=""/);
    assert.match(
      String(signInPage({ ...frame, demo: { email: 'd@example.com', password: 'secret' } })),
      /secret/,
    );
  });
});

describe('the approval page', () => {
  const model = confirmModel(createFrame(locale, 'plain'), 'plain');
  const same = { address: '192.0.2.1', system: 'Linux', at: new Date('2026-01-02T03:00:00Z') };

  test('has deny before allow, so that Enter never approves, and nothing takes the focus', () => {
    const markup = String(confirmPage(model));
    const form = markup.slice(markup.indexOf('action="/auth/device/confirm"'));
    assert.deepEqual(
      [...form.matchAll(/<button name="decision" value="(\w+)"/g)].map((match) => match[1]),
      ['deny', 'allow', 'report'],
    );
    assert.doesNotMatch(markup, /autofocus/);
  });

  test('leads Enter in the field of the number to Allow, beside which Deny stands all the same', () => {
    const markup = String(confirmPage({ ...model, number: { triesLeft: 3 } }));
    const [first = ''] = markup.slice(markup.indexOf('action="/auth/device/confirm"')).split('</form>');
    assert.match(first, /value="deny" class="deny" form="decline">Deny<[\s\S]*value="allow">Allow</);
    assert.match(markup, /<form [^>]*id="decline">[\s\S]*name="ticket"/);
  });

  test('calls out each difference in words, and none where there is none', () => {
    const differing = { address: '192.0.2.2', system: 'Windows', at: new Date('2026-01-02T03:08:30Z') };
    const markup = String(confirmPage({ ...model, device: same, you: differing }));
    assert.match(markup, /The device asks from another address than yours\./);
    assert.match(markup, /The device runs another system than yours\./);
    assert.match(markup, /The device asked 8 minutes ago\./);
    assert.doesNotMatch(String(confirmPage({ ...model, device: same, you: same })), /differen/);
  });

  test('says when the device keeps its system to itself', () => {
    const markup = String(confirmPage({ ...model, device: { ...same, system: undefined }, you: same }));
    assert.match(markup, /The device does not say which system it runs\./);
  });

  test('says that a publisher is not verified', () => {
    assert.match(String(confirmPage({ ...model, client: { name: 'x' } })), /Publisher not verified/);
  });

  test('says how long access lasts, with and without staying signed in', () => {
    assert.match(String(confirmPage(model)), /Until you sign it out, at most 1 year/);
    assert.match(String(confirmPage({ ...model, stayingSignedInSeconds: undefined })), /<dd>1 hour<\/dd>/);
  });

  test('says offline_access in words, and asks even when no scope is asked for', () => {
    assert.match(String(confirmPage(model)), /Stay signed in without asking you again/);
    assert.match(
      String(confirmPage({ ...model, scopes: [] })),
      /Show that you allowed it, and nothing else\./,
    );
  });

  test('gives each time for people and for machines', () => {
    assert.match(
      String(confirmPage(model)),
      /<time datetime="2026-01-02T03:04:05\.000Z">03:04\u00a0UTC, 2\u00a0Jan\u00a02026<\/time>/,
    );
  });
});

test('the welcome page links the metadata where RFC 8414 puts it for an issuer with a path', () => {
  assert.match(
    String(welcomePage({ base: '/auth', csrf: '', locale, brand: plainBrand })),
    /href="\/\.well-known\/oauth-authorization-server\/auth"/,
  );
});

test('a request id is shown on error pages only', () => {
  for (const [name, page] of Object.entries(everyPage('plain'))) {
    assert.equal(String(page).includes('Request id:'), /^\d/.test(name), name);
  }
});

test('the language can be chosen on every page, unless there is no form token', () => {
  for (const [name, page] of Object.entries(pages)) {
    const isOffered = [createFrame(locale, 'plain'), createFrame(locale, '')].map((frame) =>
      String(page(frame, 'plain')).includes(
        '<button class="link" name="language" value="de" lang="de">Deutsch</button>',
      ),
    );
    assert.deepEqual(isOffered, [true, false], name);
  }
});

test('a page with everything that it fetches is under 60 kB, and its style fetches nothing', () => {
  const assets = new URL('../../views/assets/', import.meta.url);
  const { style } = createBrand({ name: 'Postern', logo: undefined, palette: undefined });
  for (const [name, page] of Object.entries(everyPage('plain'))) {
    const fetched = [...String(page).matchAll(/(?:src|href)="\/auth\/assets\/([\w.-]+)"/g)];
    const sizes = fetched.map(([, asset = '']) => readFileSync(new URL(asset, assets)).length);
    const parts = [style, String(page)].map((text) => Buffer.byteLength(text));
    const whole = [...parts, ...sizes].reduce((sum, size) => sum + size);
    assert.ok(sizes.length >= 1 && whole < 60_000, `${name}: ${whole}`);
  }
  assert.doesNotMatch(style, /@import|url\(/);
});
