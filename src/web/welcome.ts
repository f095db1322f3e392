import { welcomePage } from '../../views/welcome.ts';
import type { Routes } from '../http/router.ts';
import { showPage } from './page.ts';
import type { Reception } from './reception.ts';

/** The page at the issuer's own address. */
export function createWelcomeRoutes(reception: Reception): Routes {
  return {
    '/': {
      answers: 'html',
      async GET(ctx) {
        showPage(ctx, welcomePage(reception.frame(await reception.receive(ctx))));
      },
    },
  };
}
