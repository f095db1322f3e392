import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { findFreePort } from '../support/port.ts';
import { startProcess } from '../support/process.ts';
import { startServer, type TestServer } from '../support/server.ts';

let server: TestServer;
before(async () => {
  server = await startServer();
});
after(() => server.stop());

describe('make demo', () => {
  it('plays its five parts against a running server, and gets every answer that it expects', async () => {
    const demo = startProcess(['make', 'demo'], { POSTERN_ISSUER: server.issuer });
    const { code } = await demo.ended;
    assert.equal(code, 0, demo.stdout() + demo.stderr());
    assert.deepEqual(demo.stdout().match(/^== [A-E]\./gm), ['== A.', '== B.', '== C.', '== D.', '== E.']);
    const [, ending = ''] = demo.stdout().split('# Disabled, it is dead at once');
    assert.deepEqual(ending.match(/"active":(true|false)/g), ['"active":false', '"active":true']);
    assert.ok(demo.stdout().includes('"error_description":"Client authentication failed"'));
  });

  it('says what to do where no server runs', async () => {
    const demo = startProcess(['make', 'demo'], {
      POSTERN_ISSUER: `http://localhost:${await findFreePort()}`,
    });
    assert.notEqual((await demo.ended).code, 0);
    assert.match(demo.stderr(), /start it with make run/);
  });
});
