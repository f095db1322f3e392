import { text } from 'node:stream/consumers';
import { AsyncEntry } from '@napi-rs/keyring';
import type { KeyringRequest } from './keyring.ts';

// A process of its own: the library's calls block whole threads while a keyring asks for its password, or says nothing at all.
const { action, name, secret = '' }: KeyringRequest = JSON.parse(await text(process.stdin));
// On Linux the kernel's own keyring would be the fallback, and it forgets everything at the next start.
const entry = new AsyncEntry('postern', name, { linux: { store: 'secret-service' } });

switch (action) {
  case 'find':
    process.stdout.write((await entry.getPassword()) ?? '');
    break;
  case 'store':
    await entry.setPassword(secret);
    break;
  case 'remove':
    await entry.deletePassword();
    break;
}
