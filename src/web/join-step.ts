import type { Context } from 'koa';
import type { Envelope } from '../envelope.ts';
import type { Cookies } from './cookies.ts';
import type { Visit } from './reception.ts';

/** How far an invitation has come in this browser: its text was shown here, or it was accepted. */
export type JoinStep =
  | { step: 'invited'; text: string }
  | { step: 'joined'; userId: string; organization: string };

/** Seconds for which a step is remembered: long enough to think of a password. */
export const joinStepSeconds = 3600;

/** Where the browser keeps its step. */
export type JoinSteps = {
  read(ctx: Context, visit: Visit): JoinStep | undefined;
  write(ctx: Context, visit: Visit, step: JoinStep): void;
  clear(ctx: Context): void;
};

/** Keeps the step in a sealed cookie that is worth nothing outside its visit. */
export function createJoinSteps(cookies: Cookies, envelope: Envelope<JoinStep>): JoinSteps {
  return {
    read: (ctx, visit) => envelope.open(cookies.get(ctx, 'join') ?? '', visit.id),
    write: (ctx, visit, step) => cookies.set(ctx, 'join', envelope.seal(step, visit.id), envelope.seconds),
    clear: (ctx) => cookies.clear(ctx, 'join'),
  };
}
