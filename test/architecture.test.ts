import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, sep } from 'node:path';
import { describe, it } from 'node:test';
import { root } from '../src/root.ts';

const ground = [
  'brand',
  'clock',
  'config',
  'envelope',
  'errors',
  'log',
  'loopback',
  'palette',
  'plain-name',
  'problems',
  'root',
  'scopes',
  'secret',
  'urn',
];
const nouns = [
  'clients',
  'factors',
  'identity-providers',
  'keys',
  'organizations',
  'resources',
  'tokens',
  'users',
];

/** Who may import whom, top to bottom. A module of `src/` itself is a row of its own. */
const table: Record<string, string[]> = {
  main: ['cli'],
  cli: [...ground, 'app', 'cli/admin', 'cli/manage', 'development'],
  'cli/admin': [
    ...ground,
    'audit',
    'cli',
    'development',
    'mail',
    'master-secret',
    'oauth',
    'postgres',
    'views',
    ...nouns,
  ],
  'cli/manage': [...ground, 'cli', 'cli/admin'],
  app: [
    ...ground,
    'audit',
    'clients',
    'development',
    'upkeep',
    'federation',
    'initial-data',
    'http',
    'keys',
    'limits',
    'master-secret',
    'networks',
    'notices',
    'oauth',
    'postgres',
    'tokens',
    'api',
    'verify',
    'web',
    'views',
  ],
  api: [
    ...ground,
    ...nouns,
    'audit',
    'mail',
    'notices',
    'oauth',
    'verify',
    'limits',
    'http',
    'postgres',
    'views',
  ],
  web: [
    ...ground,
    'api',
    'audit',
    'claimed-system',
    'federation',
    'identity-providers',
    'networks',
    'notices',
    'factors',
    'oauth',
    'organizations',
    'users',
    'limits',
    'http',
    'postgres',
    'verify',
    'views',
    'web/account',
    'web/admin',
  ],
  'web/account': [...ground, 'api', 'claimed-system', 'factors', 'http', 'users', 'views', 'web'],
  'web/admin': [...ground, 'api', 'http', 'views', 'web', 'web/account'],
  oauth: [...ground, ...nouns, 'audit', 'claimed-system', 'limits', 'http', 'postgres', 'oauth/grants'],
  'oauth/grants': [...ground, ...nouns, 'oauth'],
  verify: [...ground, ...nouns, 'limits', 'http', 'postgres'],
  federation: [...ground, 'identity-providers', 'organizations', 'users', 'postgres'],
  upkeep: [...ground, ...nouns, 'api', 'audit', 'limits', 'mail', 'networks', 'notices', 'oauth', 'postgres'],
  'initial-data': [
    ...ground,
    'api',
    'clients',
    'development',
    'oauth',
    'postgres',
    'resources',
    'single-user',
    'views',
  ],
  'single-user': ['organizations', 'postgres', 'users'],
  development: [...ground, ...nouns, 'postgres'],
  clients: [...ground, 'audit', 'postgres'],
  factors: [...ground, 'limits', 'postgres'],
  'identity-providers': [...ground, 'audit', 'postgres'],
  keys: [...ground, 'audit', 'postgres'],
  organizations: [...ground, 'audit', 'postgres'],
  resources: [...ground, 'audit', 'postgres'],
  tokens: [...ground, 'audit', 'postgres'],
  users: [...ground, 'audit', 'claimed-system', 'limits', 'postgres'],
  networks: ground,
  audit: [...ground, 'postgres'],
  limits: [...ground, 'postgres'],
  notices: [...ground, 'limits', 'mail', 'postgres', 'views'],
  mail: [...ground, 'postgres'],
  postgres: ground,
  http: ground,
  'master-secret': ground,
  config: ['brand', 'contradictions', 'errors', 'loopback', 'root', 'settings'],
  contradictions: ['loopback', 'settings'],
  settings: ['brand'],
  brand: ['palette'],
  palette: [],
  'claimed-system': ['postgres'],
  'plain-name': [],
  envelope: ['clock', 'secret'],
  errors: [],
  log: [],
  loopback: [],
  scopes: [],
  secret: [],
  clock: [],
  root: [],
  urn: [],
  problems: [],
  views: [],
};

type Module = { path: string; text: string; imports: { path: string; line: string }[]; packages: string[] };

const modules = [...listModules('src'), ...listModules('views')];

describe('the architecture', () => {
  it('has a row for every folder, and no row for nothing', () => {
    assert.deepEqual([...new Set(modules.map(({ path }) => rowOf(path)))].sort(), Object.keys(table).sort());
  });

  it('imports only what the table allows', () => {
    const strangers = modules.flatMap(({ path, imports }) =>
      imports
        .filter((imported) => rowOf(imported.path) !== rowOf(path))
        .filter((imported) => !table[rowOf(path)]?.includes(rowOf(imported.path)))
        .map((imported) => `${path} imports ${imported.path}`),
    );
    assert.deepEqual(strangers, []);
  });

  it('has no cycle', () => {
    const done = new Set<string>();
    const visit = (path: string, way: string[]): void => {
      assert.ok(!way.includes(path), `a cycle: ${[...way, path].join(' → ')}`);
      if (done.has(path)) return;
      for (const next of modules.find((module) => module.path === path)?.imports ?? [])
        visit(next.path, [...way, path]);
      done.add(path);
    };
    for (const { path } of modules) visit(path, []);
  });

  it('asks for the engine in oauth/ alone, and never for its insides', () => {
    const users = modules.filter(({ packages }) => packages.some((name) => name.startsWith('oidc-provider')));
    assert.deepEqual(
      users.filter(({ path }) => !path.startsWith('src/oauth/')).map(({ path }) => path),
      [],
    );
    assert.ok(users.every(({ packages }) => !packages.some((name) => name.startsWith('oidc-provider/'))));
  });

  for (const [what, pattern, homes] of [
    ['the environment', /\bprocess\.env\b/, ['src/config.ts', 'src/main.ts']],
    ['the machine’s clock', /\bDate\.now\b|\bnew Date\(\)/, ['src/clock.ts']],
    ['the console', /\bconsole\./, ['src/cli/io.ts', 'src/log.ts']],
  ] as const) {
    it(`reads ${what} in ${homes.join(' and ')} alone`, () => {
      const readers = modules
        .filter(({ text }) => pattern.test(withoutComments(text)))
        .map(({ path }) => path);
      assert.deepEqual(
        readers.filter((path) => !(homes as readonly string[]).includes(path)),
        [],
      );
    });
  }

  it('writes each table from one folder', () => {
    const writers = new Map<string, Set<string>>();
    for (const { path, text } of modules) {
      for (const [, written = ''] of withoutComments(text).matchAll(
        /\b(?:insert into|update|delete from)\s+([a-z_]+)/g,
      )) {
        if (tables.has(written))
          writers.set(written, (writers.get(written) ?? new Set()).add(folderOf(path)));
      }
    }
    for (const [name, folders] of writers)
      assert.equal(folders.size, 1, `${name} is written by ${[...folders].join(', ')}`);
  });

  it('keeps every file under 400 lines', () => {
    const long = [...modules, ...listModules('test')].filter(({ text }) => text.split('\n').length > 400);
    assert.deepEqual(
      long.map(({ path }) => path),
      [],
    );
  });

  it('has no test file that waits while it is loaded: its group loads all files before the first test', () => {
    const waiting = listModules('test').filter(({ text }) =>
      /^(?:(?:const|let) [^=\n]* = )?await\b/m.test(text),
    );
    assert.deepEqual(
      waiting.map(({ path }) => path),
      [],
    );
  });

  it('has no file with a name that says nothing', () => {
    const empty =
      /^(utils?|helpers?|common|shared|lib|core|base|misc|types|interfaces|constants|services?|managers?|index)$/;
    const names = [...modules, ...listModules('test')].flatMap(({ path }) =>
      path.replace(/\.ts$/, '').split('/'),
    );
    assert.deepEqual(
      names.filter((name) => empty.test(name)),
      [],
    );
  });
});

/** Every table that the migrations make. */
const tables = new Set(
  readdirSync(join(root, 'migrations')).flatMap((file) =>
    [
      ...readFileSync(join(root, 'migrations', file), 'utf8').matchAll(
        /create (?:unlogged )?table ([a-z_]+)/g,
      ),
    ].map(([, name = '']) => name),
  ),
);

function listModules(folder: string): Module[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .map((file) => join(folder, file).split(sep).join('/'))
    .filter((path) => path.endsWith('.ts'))
    .map((path) => {
      const text = readFileSync(join(root, path), 'utf8');
      const found = [...text.matchAll(/(?:\bfrom\s+|\bimport\(\s*|^import\s+)'([^']+)'/gm)].map(
        ([line, name = '']) => ({ line, name }),
      );
      return {
        path,
        text,
        imports: found
          .filter(({ name }) => name.startsWith('.'))
          .map(({ name, line }) => ({
            line,
            path: normalize(join(dirname(path), name))
              .split(sep)
              .join('/'),
          })),
        packages: found.filter(({ name }) => !name.startsWith('.')).map(({ name }) => name),
      };
    });
}

/** The row of the table that a module belongs to. */
function rowOf(path: string): string {
  const parts = path.replace(/\.ts$/, '').split('/');
  if (parts[0] === 'views') return 'views';
  return parts.length === 2 ? (parts[1] ?? '') : parts.slice(1, -1).join('/');
}

function folderOf(path: string): string {
  return path.split('/').slice(0, 2).join('/');
}

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|\s)\/\/.*$/gm, '$1');
}
