import { noSignInPage } from '../../views/no-sign-in.ts';
import type { Routes } from '../http/router.ts';
import { seeOther, showPage } from './page.ts';
import type { Reception } from './reception.ts';

/** What stands in the place of the sign-in where there is one person: whoever sees it has come from elsewhere. */
export function createNoSignInRoutes(
  reception: Reception,
  { base, issuer }: { base: string; issuer: string },
): Routes {
  return {
    '/sign-in': {
      answers: 'html',
      async GET(ctx) {
        const visit = await reception.receive(ctx);
        if (visit.session) return seeOther(ctx, `${base}/account`);
        showPage(ctx, noSignInPage({ ...reception.frame(visit), issuer }), 403);
      },
    },
  };
}
