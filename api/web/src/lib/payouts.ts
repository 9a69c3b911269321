// What L1 pays to an owner.

import type { Payout } from '@farthing/sdk';
import { NANO_PER_BASE_UNIT } from './amount.js';
import { node } from './node.js';

/** More than this many are not loaded into a page. */
const PAYOUTS_MAX = 2_000;

/** An owner's payouts, the newest first. */
export async function loadPayouts(owner: string): Promise<Payout[]> {
  const found: Payout[] = [];
  for await (const payout of node.payouts(owner, { limit: 500 })) {
    found.push(payout);
    if (found.length === PAYOUTS_MAX) break;
  }
  return found.reverse();
}

/** What payouts pay together, in nano. */
export function sumOf(payouts: readonly Pick<Payout, 'base_units'>[]): bigint {
  return payouts.reduce((sum, { base_units }) => sum + BigInt(base_units) * NANO_PER_BASE_UNIT, 0n);
}
