import { describe } from 'node:test';
import type { Page } from 'playwright-core';
import { takeKeyboard } from './keyboard.ts';
import { plugAuthenticator } from './passkey.ts';
import { keepPasskey } from './tasks/security.ts';
import { walk } from './walk.ts';

describe('somebody with a keyboard and nothing else can', () => {
  const prepare = async (page: Page) => {
    await plugAuthenticator(page);
    return takeKeyboard(page);
  };
  walk({ width: 1280 }, prepare, [['use a passkey', keepPasskey]]);
});
