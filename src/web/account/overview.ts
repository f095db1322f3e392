import { overviewPage } from '../../../views/overview.ts';
import type { Routes } from '../../http/router.ts';
import type { Desk } from '../desk.ts';
import { showPage } from '../page.ts';

/** The first page of an account. */
export function createOverviewRoutes({ desk }: { desk: Desk }): Routes {
  return {
    '/account': {
      answers: 'html',
      GET: desk.page('/account', async (ctx, { frame, session }) => {
        showPage(ctx, overviewPage({ ...frame, email: session.email }));
      }),
    },
  };
}
