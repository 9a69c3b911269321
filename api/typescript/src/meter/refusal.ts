// Refusals of a payment's intent, and what follows from each (api/conformance/metering.md, *Refusals*).

import { type FarthingError, ProblemError } from '../errors.js';

/** What follows from a refusal. */
export type Consequence =
  /** The same bytes are sent again, soon: the node did not answer, or has no time for it. */
  | 'repeat'
  /** The same bytes are sent again after a pause. */
  | 'pause'
  /** An intent with the same nonce takes the place of this one: at most one of them settles. */
  | 'same_nonce'
  /** The status of every intent of the payment tells whether one of them settles; if not, the same nonce serves. */
  | 'look_same_nonce'
  /** The same; if none of them settles, they need a new nonce. */
  | 'look_new_nonce'
  /** The node cannot tell whether it settled: a person decides. */
  | 'undecided';

const CONSEQUENCES: Readonly<Record<string, Consequence>> = {
  expired: 'same_nonce',
  valid_too_long: 'same_nonce',
  fee_too_low: 'same_nonce',
  amount_mismatch: 'same_nonce',
  intent_dropped: 'look_same_nonce',
  nonce_too_low: 'look_new_nonce',
  nonce_used: 'look_new_nonce',
  nonce_undecided: 'undecided',
  intent_history_unavailable: 'undecided',
};

export function consequenceOf(refusal: FarthingError): Consequence {
  const known = Object.hasOwn(CONSEQUENCES, refusal.code) ? CONSEQUENCES[refusal.code] : undefined;
  if (known !== undefined) return known;
  const isAnswer = refusal instanceof ProblemError;
  return refusal.retryable || refusal.outcomeUnknown || !isAnswer ? 'repeat' : 'pause';
}

/** Codes after which the node does not know, and never will, whether an intent settled. */
export function isUnknowable(error: unknown): boolean {
  return error instanceof ProblemError && CONSEQUENCES[error.code] === 'undecided';
}
