// Plain JavaScript, so that a Node which is too old for the rest can read it and say so.
import * as nodeModule from 'node:module';
import { fileURLToPath } from 'node:url';

const root = new URL('../', import.meta.url);

if (Number.parseInt(process.versions.node, 10) < 24) {
  process.stderr.write(
    `Postern needs Node 24 or newer, and this is ${process.version}. ` +
      `Run make in ${fileURLToPath(root)} to bring one.\n`,
  );
  process.exitCode = 78;
} else {
  nodeModule.enableCompileCache(fileURLToPath(new URL('.node/compiled', root)));
  import('../src/main.ts');
}
