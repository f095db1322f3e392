import type { OwnCalls } from '../../api/own-calls.ts';
import type { Clock } from '../../clock.ts';
import type { Desk } from '../desk.ts';

/** What the pages of an account stand on; `resource` is the URI of the management API. */
export type AccountOptions = { base: string; desk: Desk; calls: OwnCalls; clock: Clock; resource: string };
