import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { inRoot } from '../../src/root.ts';
import { startProcess } from '../support/process.ts';

const text = 'a-secret-that-nobody-guesses-0123456789';

/** Runs a test file's process whose server answers with a secret, and whose log is this. */
async function endWith(log: string) {
  const script = `
    import { createServer } from 'node:http';
    import { searchAtTheEnd } from '${inRoot('test/support/log-search.ts')}';
    const server = createServer((_, answer) => answer.end('{"access_token":"${text}"}'));
    server.listen(0, 'localhost', async () => {
      await (await fetch('http://localhost:' + server.address().port)).text();
      server.close();
    });
    searchAtTheEnd(() => ${JSON.stringify(log)});`;
  const running = startProcess([process.execPath, '--input-type=module', '--eval', script]);
  const { code } = await running.ended;
  return { code, stderr: running.stderr() };
}

describe('the log of every server that a test starts', () => {
  it('fails the test where it holds a secret that was shown', async () => {
    for (const spelling of ['utf8', 'hex', 'base64url'] as const) {
      const { code, stderr } = await endWith(`{"path":"/x/${Buffer.from(text).toString(spelling)}"}\n`);
      assert.equal(code, 1);
      assert.match(stderr, new RegExp(`access_token: ${text}`));
    }
  });

  it('is let through where it holds none', async () => {
    assert.deepEqual(await endWith('{"msg":"a-secret-that-nobody-guesses"}\n'), { code: 0, stderr: '' });
  });
});
