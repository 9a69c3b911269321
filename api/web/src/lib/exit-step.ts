// The steps of the way out without the operator.

import type { ExitRequest } from './rollup.js';

/** Where an account is on its way out. */
export interface ExitState {
  /** The time of L1. */
  readonly time: number;
  readonly frozen: boolean;
  readonly escaped: boolean;
  readonly request: ExitRequest | undefined;
  /** The root that an account's path must lead to. */
  readonly stateRoot: string;
}

/** What the owner can do now. */
export type NextStep = 'request' | 'wait' | 'claim' | 'freeze' | 'escape' | 'done';

/** What comes next. */
export function nextStep(state: Pick<ExitState, 'time' | 'frozen' | 'escaped' | 'request'>): NextStep {
  const { time, frozen, escaped, request } = state;
  if (escaped) return 'done';
  if (frozen) return 'escape';
  if (request === undefined) return 'request';
  if (request.consumed) return 'claim';
  return time > request.deadline ? 'freeze' : 'wait';
}
