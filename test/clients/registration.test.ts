import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseRegistration } from '../../src/clients/registration.ts';

const api = 'https://api.example.com';
const deviceCode = 'urn:ietf:params:oauth:grant-type:device_code';

const machine = {
  client_id: 'billing-worker',
  client_name: 'Billing worker',
  grant_types: ['client_credentials'],
  resources: { [api]: ['write', 'read', 'read'] },
};

function problemsOf(input: unknown): string[] {
  const parsed = parseRegistration(input);
  assert.ok('problems' in parsed, 'it was accepted');
  return parsed.problems;
}

function registrationOf(input: unknown) {
  const parsed = parseRegistration(input);
  assert.ok('registration' in parsed, JSON.stringify(parsed));
  return parsed.registration;
}

test('what is left out has the values of RFC 7591, and the only resource is the default', () => {
  assert.deepEqual(registrationOf(machine), {
    id: 'billing-worker',
    name: 'Billing worker',
    publisher: undefined,
    authentication: 'client_secret_basic',
    grantTypes: ['client_credentials'],
    defaultResource: api,
    allowed: { [api]: ['read', 'write'] },
    audiences: [],
    accessTokenSeconds: undefined,
    refreshTokenSeconds: undefined,
    deviceCodeSeconds: undefined,
    exchanges: undefined,
    jwks: undefined,
    jwksUri: undefined,
    dpopBoundAccessTokens: false,
    requireDpopNonce: false,
    verificationUriComplete: true,
    numberMatching: false,
    sameNetwork: false,
    stepUpScopes: [],
    certificateSubject: undefined,
    certificateBoundAccessTokens: false,
  });
});

test('of two resources neither is the default unless one is named', () => {
  const resources = { [api]: ['read'], 'https://other.example': ['read'] };
  assert.equal(registrationOf({ ...machine, resources }).defaultResource, undefined);
  const named = { ...machine, resources, default_resource: 'https://other.example' };
  assert.equal(registrationOf(named).defaultResource, 'https://other.example');
});

test('every wrong field is reported at once with what to write instead', () => {
  const problems = problemsOf({
    client_id: 'two words',
    client_nam: 'misspelt',
    token_endpoint_auth_method: 'none',
    grant_types: ['client_credentials', 'refresh_token', 'password'],
    default_resource: 'https://elsewhere.example',
    resources: { [api]: [] },
    access_token_lifetime: 0,
    device_code_lifetime: 3601,
  });
  assert.deepEqual(problems.map((line) => line.slice(0, line.indexOf(': '))).sort(), [
    'access_token_lifetime',
    'client_id',
    'client_nam',
    'client_name',
    'default_resource',
    'device_code_lifetime',
    'grant_types',
    'grant_types.2',
    `resources.${api}`,
    'token_endpoint_auth_method',
  ]);
  assert.match(problems.find((line) => line.startsWith('client_nam:')) ?? '', /write one of .*client_name/);
});

test('what is not an object is refused', () => {
  for (const input of [undefined, null, 3, 'text', [machine]]) {
    assert.deepEqual(problemsOf(input), ['all: write a JSON object']);
  }
});

test('client_credentials without a secret is refused', () => {
  const [problem, ...others] = problemsOf({ ...machine, token_endpoint_auth_method: 'none' });
  assert.deepEqual(others, []);
  assert.match(problem ?? '', /^token_endpoint_auth_method: write client_secret_basic or/);
});

test('introspection without a secret is refused', () => {
  const cli = { ...machine, token_endpoint_auth_method: 'none', grant_types: [deviceCode], audiences: [api] };
  assert.match(problemsOf(cli).join(), /^audiences: leave it out/);
});

test('refresh_token without a grant that yields one is refused', () => {
  const problems = problemsOf({ ...machine, grant_types: ['client_credentials', 'refresh_token'] });
  assert.match(problems.join(), /^grant_types: add urn:ietf:params:oauth:grant-type:device_code/);
  registrationOf({ ...machine, grant_types: [deviceCode, 'refresh_token'] });
});

test('a default resource that it may not ask for is refused', () => {
  const problems = problemsOf({ ...machine, default_resource: 'https://elsewhere.example' });
  assert.deepEqual(problems, [`default_resource: write one of its resources (${api})`]);
});

test('a client that could do nothing is refused, and one that only introspects is not', () => {
  const idle = { client_id: 'api', client_name: 'API' };
  assert.match(problemsOf(idle).join(), /^grant_types: write at least one, or the audiences/);
  registrationOf({ ...idle, audiences: [api] });
});

test('texts that the database could not hold are refused', () => {
  const nul = { resources: { 'urn:\0': ['\0'] }, audiences: ['\0'], client_id: '\0', publisher: '\0' };
  const named = problemsOf({ ...machine, ...nul }).map((line) => /^\w+/.exec(line)?.[0]);
  assert.deepEqual([...new Set(named)].sort(), ['audiences', 'client_id', 'publisher', 'resources']);
});

test('names of object properties are resources like any other', () => {
  const resources = { constructor: ['read'], toString: ['read'] };
  assert.deepEqual(registrationOf({ ...machine, resources }).allowed, resources);
});

test('an id that is shaped like a person’s is refused, in any case', () => {
  fc.assert(
    fc.property(fc.uuid(), fc.boolean(), (uuid, isUpper) => {
      const client_id = isUpper ? uuid.toUpperCase() : uuid;
      assert.match(problemsOf({ ...machine, client_id }).join(), /^client_id: .*UUID/);
    }),
  );
});

test('any value is either a registration or a list of problems', () => {
  const fields = fc.record(
    {
      client_id: fc.anything(),
      client_name: fc.anything(),
      token_endpoint_auth_method: fc.anything(),
      grant_types: fc.anything(),
      default_resource: fc.anything(),
      resources: fc.anything(),
      audiences: fc.anything(),
      access_token_lifetime: fc.anything(),
    },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(fc.oneof(fc.anything(), fields), (input) => {
      const parsed = parseRegistration(input);
      assert.ok('registration' in parsed || parsed.problems.length > 0);
    }),
  );
});
