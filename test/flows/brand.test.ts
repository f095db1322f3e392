import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { loadConfig } from '../../src/config.ts';
import { createWriter } from '../../views/mail/templates.ts';
import { createPerson } from '../support/person.ts';
import { startServer, type TestServer, testSecret } from '../support/server.ts';

const svg =
  '<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"><script>alert(1)</script></svg>';
const png = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);

let folder: string;
let server: TestServer;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'postern-brand-'));
  const settings = {
    POSTERN_NAME: 'Müller & Töchter <b>',
    POSTERN_LOGO: await fileWith('logo.svg', svg),
    POSTERN_ACCENT: '#FFCC00',
  };
  server = await startServer({ settings, path: '/auth' });
});
after(async () => {
  await server?.stop();
  await rm(folder, { recursive: true });
});

async function fileWith(name: string, content: string | Buffer): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
}

/** What the start says to these settings. */
function start(settings: Record<string, string>): string {
  try {
    loadConfig({ POSTERN_MODE: 'development', POSTERN_SECRET: testSecret, ...settings });
    return 'started';
  } catch (error) {
    return (error as Error).message.replace('The configuration is not valid.\n', '').trim();
  }
}

describe('the brand of an operator', () => {
  it('stands on every page, on those about failures and the reference too, in place of ours', async () => {
    const person = createPerson(server.issuer);
    for (const path of ['/', '/device', '/sign-in', '/nowhere', '/api/docs']) {
      const { html } = await person.open(path);
      assert.match(html, /<title>[^<]+ · Müller &#38; Töchter &#60;b&#62;<\/title>/, path);
      assert.match(
        html,
        /<img src="\/auth\/assets\/logo\.svg" alt="">Müller &#38; Töchter &#60;b&#62;<\/a>/,
        path,
      );
      assert.match(html, /<link rel="icon" type="image\/svg\+xml" href="\/auth\/assets\/logo\.svg">/, path);
      if (path === '/api/docs')
        assert.match(html, /reference\.css">\s*<link rel="stylesheet" href="\/auth\/assets\/brand\.css">/);
      assert.doesNotMatch(html.replaceAll(/"[^"]*"/g, ''), /Postern/, path);
    }
  });

  it('brings its logo with the right type, and with a policy under which no script in it runs', async () => {
    const response = await fetch(`${server.issuer}/assets/logo.svg`);
    assert.equal(response.headers.get('content-type'), 'image/svg+xml');
    assert.equal(response.headers.get('x-content-type-options'), 'nosniff');
    assert.match(
      response.headers.get('content-security-policy') ?? '',
      /^default-src 'none';(?!.*script-src)/,
    );
    assert.match(response.headers.get('cache-control') ?? '', /max-age/);
    assert.equal(await response.text(), svg);
  });

  it('colours the pages by day and by night', async () => {
    const response = await fetch(`${server.issuer}/assets/brand.css`);
    assert.match(response.headers.get('content-type') ?? '', /^text\/css/);
    const colours = await response.text();
    const page = await (await fetch(`${server.issuer}/device`)).text();
    assert.ok(
      page.includes(`${colours.replaceAll(/\s+/g, ' ')}</style>`),
      'they are the last word in its style',
    );
    const [day = '', night = ''] = colours.split('@media (prefers-color-scheme: dark)');
    assert.match(day, /^:root \{ --green: #[0-9a-f]{6}; --green-strong: #[0-9a-f]{6}; --on-green: #ffffff;/);
    assert.doesNotMatch(day, /--green: #ffcc00/);
    assert.match(night, /--green: #ffcc00;/);
  });

  it('signs each mail', () => {
    const { text, html } = createWriter(server.issuer, 'Müller & Töchter <b>')('test', {}, undefined);
    assert.match(text, /^-- \nMüller & Töchter <b> \(localhost:\d+\) has sent this/m);
    assert.match(html, /Müller &#38; Töchter &#60;b&#62; \(localhost:\d+\)/);
  });

  it('is ours where nothing is set', async () => {
    const plain = await startServer();
    try {
      const { html } = await createPerson(plain.issuer).open('/device');
      assert.match(html, / · Postern<\/title>/);
      assert.match(html, /href="\/assets\/favicon\.svg"/);
      assert.doesNotMatch(html, /brand\.css|<img/);
      for (const path of ['brand.css', 'logo.svg', 'logo.png'])
        assert.equal((await fetch(`${plain.issuer}/assets/${path}`)).status, 404, path);
    } finally {
      await plain.stop();
    }
  });
});

describe('the settings of a brand', () => {
  it('take an SVG or a PNG by what is in it, whatever the file is called', async () => {
    const { brand } = loadConfig({ POSTERN_MODE: 'development', POSTERN_LOGO: await fileWith('logo', png) });
    assert.equal(brand.logo?.type, 'image/png');
    assert.equal(start({ POSTERN_LOGO: await fileWith('plain.svg', '<!-- ours -->\n<svg/>') }), 'started');
  });

  it('refuse any other file, one that is too large, and one that is not there', async () => {
    const advice = 'POSTERN_LOGO: write the path of an SVG or PNG file of at most 50 kB that can be read';
    for (const path of [
      join(folder, 'nowhere.svg'),
      folder,
      await fileWith('page.svg', '<html><svg></svg></html>'),
      await fileWith('empty.svg', ''),
      await fileWith('photo.png', Buffer.from('ffd8ffe0', 'hex')),
      await fileWith('large.svg', `<svg>${' '.repeat(50_000)}</svg>`),
    ])
      assert.equal(start({ POSTERN_LOGO: path }), advice, path);
  });

  it('refuse names and colours that cannot be shown', () => {
    const nameAdvice = 'POSTERN_NAME: write a name of at most 40 characters';
    for (const name of ['x'.repeat(41), 'a\nb', '\u202eevil', ' ', '···'])
      assert.equal(start({ POSTERN_NAME: name }), nameAdvice, name);
    assert.equal(start({ POSTERN_NAME: '株式会社' }), 'started');
    for (const accent of ['green', '#abc', '#12345g', '16604e', '#16604e;}*{display:none'])
      assert.equal(
        start({ POSTERN_ACCENT: accent }),
        'POSTERN_ACCENT: write a colour as #rrggbb, such as #16604e',
        accent,
      );
  });
});
