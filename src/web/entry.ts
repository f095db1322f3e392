import type { Context } from 'koa';
import type { EnteredCode } from './code-entry.ts';
import type { DevicePages } from './device.ts';
import type { DeviceStep, DeviceSteps } from './device-step.ts';
import type { JoinSteps } from './join-step.ts';
import { seeOther } from './page.ts';
import type { Entrant, Reception, Visit } from './reception.ts';
import type { WaitingPages } from './waiting-page.ts';

/** Signs somebody in who has proven who they are, and goes on with what waits in their browser. */
export type Entry = (ctx: Context, visit: Visit, entrant: Entrant) => Promise<void>;

/** The one way in, whatever the proof was. */
export function createEntry(options: {
  base: string;
  reception: Reception;
  steps: DeviceSteps;
  joinSteps: JoinSteps;
  devicePages: DevicePages;
  waitingPages: WaitingPages;
}): Entry {
  const { base, reception, steps, joinSteps, devicePages, waitingPages } = options;
  return async (ctx, visit, entrant) => {
    const entered = waitingCode(steps.read(ctx, visit));
    const joining = joinSteps.read(ctx, visit);
    const wanted = waitingPages.take(ctx, visit);
    const admitted = await reception.admit(ctx, visit, entrant);
    if (joining?.step === 'invited') {
      joinSteps.write(ctx, admitted, joining);
      return seeOther(ctx, `${base}/join/confirm`);
    }
    if (entered === undefined) return seeOther(ctx, base + (wanted ?? '/account'));
    return await devicePages.goOn(ctx, admitted, entrant.userId, entered);
  };
}

/** The code that waits for a sign-in. */
export function waitingCode(step: DeviceStep | undefined): EnteredCode | undefined {
  return step?.step === 'waiting' ? step : undefined;
}
