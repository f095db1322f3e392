import { activityPage } from '../../../views/activity.ts';
import type { DrawnDay } from '../../../views/chart.ts';
import type { ShownActivity } from '../../api/activity.ts';
import type { Routes } from '../../http/router.ts';
import type { AccountOptions } from '../account/account.ts';
import { showPage } from '../page.ts';

const path = '/admin';

type Counted = Exclude<keyof ShownActivity['days'][number], 'day'>;

/** What has happened lately, drawn. */
export function createActivityRoutes({ desk, calls }: AccountOptions): Routes {
  return {
    [path]: {
      answers: 'html',
      GET: desk.page(path, async (ctx, { frame, session }) => {
        const { days, waiting } = await calls.read<ShownActivity>(ctx, session, 'showActivity');
        const draw = (good: Counted, bad: Counted): DrawnDay[] =>
          days.map((each) => ({ day: new Date(each.day), good: each[good], bad: each[bad] }));
        const drawn = {
          tokens: draw('tokens_issued', 'tokens_refused'),
          signIns: draw('sign_ins', 'sign_ins_failed'),
          devices: draw('devices_approved', 'devices_denied'),
        };
        showPage(ctx, activityPage({ ...frame, drawn, waiting }));
      }),
    },
  };
}
