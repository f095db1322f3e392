import { describe } from 'node:test';
import { takePointer } from './pointer.ts';
import { missPasskey, missReference } from './tasks/security.ts';
import { walk } from './walk.ts';

describe('somebody whose browser runs no script can', () => {
  walk({ width: 360, javaScriptEnabled: false }, async (page) => takePointer(page), [
    ['learn that passkeys need scripts', missPasskey],
    ['learn that the reference of the API needs scripts', missReference],
  ]);
});
