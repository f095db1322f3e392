import type { OwnCalls } from '../../api/own-calls.ts';
import type { Clock } from '../../clock.ts';
import type { Desk } from '../desk.ts';
import type { StepUp } from '../step-up.ts';

/** What the pages of an account stand on; `resource` is the URI of the management API. */
export type AccountOptions = {
  base: string;
  issuer: string;
  desk: Desk;
  stepUp: StepUp;
  calls: OwnCalls;
  clock: Clock;
  resource: string;
};
