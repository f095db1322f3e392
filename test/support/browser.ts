import { constants, existsSync } from 'node:fs';
import { access, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import packaged, { inflate } from '@sparticuz/chromium';
import { type Browser, type BrowserServer, chromium, type LaunchOptions } from 'playwright-core';
import { inRoot } from '../../src/root.ts';

const args = [
  '--disable-gpu',
  '--disable-dev-shm-usage',
  '--disable-domain-reliability',
  '--no-pings',
  // Nothing but the server under test can be reached, so nothing else is asked for in the background.
  '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1, EXCLUDE [::1]',
];

/** The browser of the whole run, which `run.ts` provides; a file that is run by itself starts its own. */
const given = process.env.POSTERN_TEST_BROWSER;

/** A headless Chromium with nothing in it. The caller closes it: what it has opened goes, a given browser itself stays. */
export function openBrowser(): Promise<Browser> {
  return given ? chromium.connect(given) : startBrowser((options) => chromium.launch(options));
}

// Playwright's thirty seconds are few for a machine that does ten other things.
const patienceMs = 180_000;

/** Whoever serves it decides what happens at Ctrl-C. */
const untouched = { handleSIGINT: false, handleSIGTERM: false, handleSIGHUP: false };

/** A headless Chromium for many files, each at its `wsEndpoint()`. The caller closes it. */
export function serveBrowser(): Promise<BrowserServer> {
  return startBrowser((options) => chromium.launchServer({ ...options, ...untouched, host: '127.0.0.1' }));
}

/**
 * Starts a headless Chromium: the one in the npm package, else the system's. Throws one error with both reasons when
 * neither starts.
 */
async function startBrowser<Started>(launch: (options: LaunchOptions) => Promise<Started>): Promise<Started> {
  const reasons: unknown[] = [];
  for (const find of [findPackaged, findInstalled]) {
    try {
      return await launch({ ...(await find()), args, timeout: patienceMs });
    } catch (error) {
      reasons.push(error);
    }
  }
  throw new AggregateError(reasons, `no browser starts:\n${reasons.map(String).join('\n')}`);
}

/** A machine that has never had a browser lacks some of its libraries and all fonts: the package has those too. */
async function findPackaged(): Promise<LaunchOptions> {
  const folder = await unpack();
  const libraries = { LD_LIBRARY_PATH: join(folder, 'al2023', 'lib') };
  const fonts = existsSync('/etc/fonts') ? {} : { FONTCONFIG_PATH: join(folder, 'fonts') };
  return { executablePath: join(folder, 'chromium'), env: { ...process.env, ...libraries, ...fonts } };
}

/** Once per installed package: `npm ci` removes the folder together with the version that it was unpacked from. */
async function unpack(): Promise<string> {
  const folder = inRoot('node_modules', '.cache', 'chromium');
  if (existsSync(folder)) return folder;
  await mkdir(dirname(folder), { recursive: true });
  const partial = await mkdtemp(`${folder}-`);
  const { TMPDIR } = process.env;
  // The package unpacks into the temporary folder, where half a browser of another process may lie.
  process.env.TMPDIR = partial;
  try {
    await packaged.executablePath();
    await inflate(
      join(dirname(fileURLToPath(import.meta.resolve('@sparticuz/chromium'))), '..', 'bin', 'al2023.tar.br'),
    );
  } finally {
    if (TMPDIR === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = TMPDIR;
  }
  const fonts = join(partial, 'fonts', 'fonts.conf');
  await writeFile(fonts, (await readFile(fonts, 'utf8')).replaceAll('/tmp/fonts', join(folder, 'fonts')));
  // Of two test files at once, the second finds the place taken by the same files.
  await rename(partial, folder).catch(() => rm(partial, { recursive: true }));
  return folder;
}

async function findInstalled(): Promise<LaunchOptions> {
  const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'microsoft-edge'];
  const candidates = [
    ...(process.env.PATH ?? '').split(delimiter).flatMap((folder) => names.map((name) => join(folder, name))),
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
    '/Applications/Chromium.app/Contents/MacOS/Chromium',
  ];
  for (const candidate of candidates) {
    const isThere = await access(candidate, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (isThere) return { executablePath: candidate };
  }
  throw new Error(`no browser is installed (looked for ${names.join(', ')})`);
}
