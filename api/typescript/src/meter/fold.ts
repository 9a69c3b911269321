// Folds events to payments. Nothing here reads a clock or a file: the same events give the same payments.

import { InputError } from '../input-error.js';
import { RANGES, whole } from '../quantity.js';
import { type CheckedRate, type MeteredEvent, paymentMemo, unitsMax } from './event.js';

/** Which events are paid together: each for itself, or those of a license and of an interval of the clock. */
export type FoldPolicy = 'each' | { readonly intervalSeconds: number };

/** A payment of events: uses = (carry in + units) div units per use. */
export interface FoldedPayment {
  readonly rate: CheckedRate;
  readonly carryIn: bigint;
  readonly uses: bigint;
  readonly carryOut: bigint;
  readonly events: readonly MeteredEvent[];
  readonly memo: Uint8Array;
}

/** The most uses that one payment can have at a price. */
export function usesMax(price: bigint): bigint {
  const affordable = price === 0n ? RANGES.uses[1] : RANGES.amount[1] / price;
  return affordable < RANGES.uses[1] ? affordable : RANGES.uses[1];
}

export function checkPolicy(policy: FoldPolicy): FoldPolicy {
  if (policy !== 'each' && whole(policy.intervalSeconds, 'time', 'seconds of an interval') === 0n) {
    throw new InputError('seconds of an interval are 0, expected 1 or more');
  }
  return policy;
}

function intervalOf(policy: FoldPolicy, time: bigint): bigint {
  return policy === 'each' ? 0n : time / BigInt(policy.intervalSeconds);
}

/** The time before which events may be paid, that of the last interval's end; `undefined` if all may. */
export function dueBefore(policy: FoldPolicy, now: bigint | undefined): bigint | undefined {
  if (policy === 'each' || now === undefined) return undefined;
  return now - (now % BigInt(policy.intervalSeconds));
}

/** Whether one payment can pay an event at a price. */
export function isPayable({ rate, units }: MeteredEvent, price: bigint): boolean {
  return units <= unitsMax(rate, usesMax(price));
}

/**
 * Folds events of one rate, in the order in which they were recorded. Events that are not due stay out, and so do
 * those at the end whose units are not a whole use yet, and those that are too large for a payment.
 */
export function fold(
  rate: CheckedRate,
  events: readonly MeteredEvent[],
  carry: bigint,
  policy: FoldPolicy,
  price: bigint,
  now: bigint | undefined,
): FoldedPayment[] {
  const most = usesMax(price);
  const end = dueBefore(policy, now);
  const due = events.filter((event) => (end === undefined || event.time < end) && isPayable(event, price));
  // Stable: within an interval the order is that of recording.
  if (policy !== 'each') due.sort((a, b) => compare(intervalOf(policy, a.time), intervalOf(policy, b.time)));
  const payments: FoldedPayment[] = [];
  let group: MeteredEvent[] = [];
  let [carryIn, units] = [carry, carry];
  const close = (): void => {
    const uses = units / rate.unitsPerUse;
    if (uses === 0n) return;
    const carryOut = units % rate.unitsPerUse;
    const memo = paymentMemo(rate, carryIn, group);
    payments.push({ rate, carryIn, uses, carryOut, events: group, memo });
    group = [];
    [carryIn, units] = [carryOut, carryOut];
  };
  for (const event of due) {
    const last = group.at(-1);
    const isNew =
      policy === 'each' || intervalOf(policy, event.time) !== intervalOf(policy, last?.time ?? 0n);
    if ((last !== undefined && isNew) || (units + event.units) / rate.unitsPerUse > most) close();
    group.push(event);
    units += event.units;
  }
  close();
  return payments;
}

function compare(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
