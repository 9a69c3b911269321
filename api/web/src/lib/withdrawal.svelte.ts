// A withdrawal from L2 to L1, step by step: signed and accepted, proven, final, and then claimed by the wallet.

import type { IntentStatus, Payout } from '@farthing/sdk';
import { NANO_PER_BASE_UNIT } from './amount.js';
import { loadPayouts } from './payouts.js';
import type { Rollup } from './rollup.js';
import { session } from './session.svelte.js';

/** What L1 owes and has paid. */
export interface Payments {
  /** In batches that are not final. */
  readonly onTheWay: readonly Payout[];
  readonly claimable: readonly Payout[];
  readonly claimed: readonly Payout[];
}

/** The payouts of an owner, told apart; the contract itself says which were paid. */
export async function loadPayments(owner: string, rollup: Rollup): Promise<Payments> {
  const payouts = await loadPayouts(owner);
  const final = payouts.filter((payout) => payout.claim != null);
  const paid = await Promise.all(final.map((payout) => rollup.isClaimed(payout)));
  return {
    onTheWay: payouts.filter((payout) => payout.claim == null),
    claimable: final.filter((_, index) => paid[index] === false),
    claimed: final.filter((_, index) => paid[index] === true),
  };
}

/** What can be withdrawn of an amount: whole base units. */
export function withdrawable(nano: bigint): bigint {
  return nano - (nano % NANO_PER_BASE_UNIT);
}

/** One withdrawal that was begun in this page. */
export class Withdrawal {
  status = $state.raw<IntentStatus>();

  constructor(readonly amount: bigint) {}

  /** Signs and sends it. On return it is durable. */
  async send(): Promise<void> {
    const client = session.client();
    const { id } = await client.withdraw(this.amount);
    this.status = await client.status(id);
  }

  /** Looks how far it is. */
  async look(): Promise<void> {
    const { status } = this;
    if (status === undefined || status.status === 'finalized' || status.status === 'dropped') return;
    this.status = await session.client().status(status.id);
  }
}
