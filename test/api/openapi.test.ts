import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { Validator } from '@seriousme/openapi-schema-validator';
import type { EndpointOptions } from '../../src/api/endpoint.ts';
import { apiBase } from '../../src/api/openapi.ts';
import { createOperations } from '../../src/api/operations.ts';
import { createApiRoutes } from '../../src/api/routes.ts';
import { systemClock } from '../../src/clock.ts';
import type { Routes } from '../../src/http/router.ts';
import { createLimits } from '../../src/limits/limits.ts';
import type { Notices } from '../../src/notices/notices.ts';
import { oauthRoutes, type RouteOptions } from '../../src/oauth/routes.ts';
import { createTokenFormat } from '../../src/secret.ts';
import { type ApiCaller, createApiCaller, createBrowserCaller } from '../support/api.ts';
import { hire } from '../support/company.ts';
import {
  createJudge,
  examplesOf,
  listOperations,
  type OpenApiDocument,
  type PlacedOperation,
  successOf,
} from '../support/openapi.ts';
import { startServer, type TestServer, testSecret } from '../support/server.ts';
import { callByExample } from './example-call.ts';
import { type Circumstances, createExampleWorld, type ExampleWorld } from './example-world.ts';

const settings = {
  POSTERN_API_RATE_LIMIT: '100000',
  POSTERN_REGISTRATION: 'on',
  POSTERN_TOKEN_HEADER: 'X-Example-Token',
};

let server: TestServer;
let document: OpenApiDocument;
let call: ApiCaller;
let world: ExampleWorld;
let judge: ReturnType<typeof createJudge>;
before(async () => {
  server = await startServer({ settings });
  document = (await createApiCaller(server.issuer)('GET', '/openapi.json')).body;
  call = await createBrowserCaller(server.issuer);
  world = await createExampleWorld(server, call);
  judge = createJudge(document);
});
after(() => server.stop());

const send = (placed: PlacedOperation, example: unknown, around: Circumstances) =>
  callByExample({ issuer: server.issuer, call }, placed, example, around);

describe('the OpenAPI document', () => {
  it('is valid OpenAPI 3.1', async () => {
    const validator = new Validator();
    const { valid, errors } = await validator.validate(structuredClone(document));
    assert.ok(valid, JSON.stringify(errors));
    assert.equal(validator.version, '3.1');
  });

  it('may be read by anybody’s page, and kept for a while', async () => {
    const { status, headers } = await createApiCaller(server.issuer)('GET', '/openapi.json');
    assert.equal(status, 200);
    assert.equal(headers.get('access-control-allow-origin'), '*');
    assert.equal(headers.get('cache-control'), 'public, max-age=300');
  });

  it('names each operation once, with its words, its scope, its errors and an example of its body', () => {
    const operations = listOperations(document);
    const ids = operations.map(({ operation }) => operation.operationId);
    assert.deepEqual([...new Set(ids)], ids);
    for (const { path, operation } of operations) {
      const { operationId, requestBody, responses, security } = operation;
      if (requestBody) assert.ok(examplesOf(operation).length > 0, `${operationId} has an example`);
      assert.ok(successOf(operation) >= 200, operationId);
      assert.ok(security && security.length > 0, `${operationId} says who may`);
      const schemes = security.flatMap((each) => Object.keys(each));
      for (const scheme of schemes) assert.ok(scheme in document.components.securitySchemes, scheme);
      if (!path.startsWith(apiBase) || operationId === 'showReference') continue;
      for (const status of ['400', '401', '403', '422', '429', '503'])
        assert.ok(status in responses, operationId);
      assert.deepEqual(schemes, ['token', 'session', 'tokenHeader']);
    }
  });

  it('has examples that fit their own schemas', () => {
    for (const [name, { example }] of Object.entries(document.components.schemas)) {
      if (example !== undefined) judge.assertFits(example, ['components', 'schemas', name], name);
    }
    for (const { path, method, operation } of listOperations(document)) {
      const [type = ''] = Object.keys(operation.requestBody?.content ?? {});
      const pointer = ['paths', path, method.toLowerCase(), 'requestBody', 'content', type, 'schema'];
      for (const example of examplesOf(operation))
        if (example !== undefined) judge.assertFits(example, pointer, operation.operationId);
    }
  });
});

describe('every operation', () => {
  it('does what it is for with its example, and answers as the document has it', async () => {
    for (const placed of listOperations(document)) {
      for (const example of examplesOf(placed.operation)) {
        const answer = await send(placed, example, await world(placed, example));
        const { operationId } = placed.operation;
        assert.equal(
          answer.status,
          successOf(placed.operation),
          `${operationId}: ${JSON.stringify(answer.body)}`,
        );
        judge.assertDescribed(placed, answer);
      }
    }
  });

  it('refuses as the document has it', async () => {
    const nobody = createApiCaller(server.issuer);
    const wrong: [status: number, request: { headers?: Record<string, string>; body: unknown }][] = [
      [400, { body: '{' }],
      [415, { body: '{}', headers: { 'content-type': 'text/plain' } }],
      [422, { body: { nonsense: true } }],
      [413, { body: { nonsense: 'a'.repeat(60_000) } }],
    ];
    const managed = listOperations(document).filter(({ path }) => path.startsWith(`${apiBase}/`));
    for (const placed of managed.filter(({ operation }) => operation.operationId !== 'showReference')) {
      const path = placed.path.slice(apiBase.length).replace(/\{\w+\}/g, () => randomUUID());
      const stranger = await nobody(placed.method, path);
      assert.equal(stranger.status, 401);
      judge.assertDescribed(placed, stranger);
      judge.assertDescribed(placed, await call(placed.method, path));
      if (placed.operation.requestBody === undefined) continue;
      for (const [status, request] of wrong) {
        const answer = await call(placed.method, path, request);
        assert.equal(answer.status, status, placed.operation.operationId);
        judge.assertDescribed(placed, answer);
      }
    }
  });

  it('that is known already, or of who acts nowhere, is answered as the document has it', async () => {
    const loner = await hire(server);
    const reading = listOperations(document).filter(
      ({ path, method }) => method === 'GET' && path.startsWith(`${apiBase}/`),
    );
    for (const placed of reading.filter(({ path }) => !/\{|openapi\.json/.test(path))) {
      const path = placed.path.slice(apiBase.length);
      judge.assertDescribed(placed, await loner.call('GET', path));
      const { status, headers } = await call('GET', path);
      assert.equal(status, 200, path);
      const known = await call('GET', path, { headers: { 'if-none-match': headers.get('etag') ?? '' } });
      assert.equal(known.status, 304, path);
      judge.assertDescribed(placed, known);
    }
  });

  it('of the protocol refuses as the document has it', async () => {
    const forms = listOperations(document).filter(
      ({ operation }) => 'application/x-www-form-urlencoded' in (operation.requestBody?.content ?? {}),
    );
    assert.equal(forms.length, 4);
    for (const placed of forms) {
      const example = { client_id: 'nobody', token: 'a', grant_type: 'client_credentials' };
      const stranger = await send(placed, example, {});
      assert.equal(stranger.status, 401);
      judge.assertDescribed(placed, stranger);
      const untyped = await send(placed, example, { headers: { 'content-type': 'application/json' } });
      assert.equal(untyped.status, 415);
      judge.assertDescribed(placed, untyped);
    }
  });
});

describe('the routes', () => {
  it('are those of the document: none is undescribed, none only described', () => {
    const secrets = [testSecret] as const;
    const operations = createOperations({
      secrets,
      format: createTokenFormat('pst'),
      clock: systemClock,
      issuer: server.issuer,
      notices: {} as Notices,
      brandName: 'Postern',
      issueOwnToken: async () => ({ refusal: 'unknown_resource' }),
      limits: createLimits({ db: server.db, secret: testSecret }),
    });
    const options = { quotas: { requestsAMinute: 60, byOperation: {} } } as EndpointOptions;
    const reference = { issuer: server.issuer, tokenHeader: undefined, otherPaths: {} };
    const routes: Routes = {
      ...createApiRoutes(options, operations, reference),
      ...oauthRoutes({ offersRegistration: true } as RouteOptions),
    };
    const routed = Object.entries(routes).flatMap(([path, { answers: _, ...handlers }]) =>
      Object.keys(handlers).map((method) => `${method} ${shapeOf(path)}`),
    );
    const described = listOperations(document).map(({ method, path }) => `${method} ${shapeOf(path)}`);
    assert.deepEqual(described.sort(), routed.sort());
  });

  it('have no method that the document has not', async () => {
    for (const [path, item] of Object.entries(document.paths)) {
      const url = server.issuer + path.replace(/\{\w+\}/g, 'x');
      const { headers } = await fetch(url, { method: 'OPTIONS' });
      const methods = Object.keys(item).map((method) => method.toUpperCase());
      const allowed = [
        ...methods.flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method])),
        'OPTIONS',
      ];
      assert.deepEqual(headers.get('allow')?.split(', ').sort(), allowed.sort(), path);
    }
  });
});

describe('the OAuth endpoints that a server does not offer', () => {
  it('are not in its document', async () => {
    const plain = await startServer({ databaseUrl: server.databaseUrl });
    const { body } = await createApiCaller(plain.issuer)('GET', '/openapi.json');
    assert.deepEqual(
      Object.keys(body.paths).filter((path) => path.startsWith('/oauth/register')),
      [],
    );
    assert.equal(body.components.securitySchemes.tokenHeader, undefined);
    await plain.stop();
  });
});

/** A path without the names of its parameters. */
function shapeOf(path: string): string {
  return path.replace(/\{\w+\}|\*/g, '{}');
}
