// Entries of the L1 queue and its hash chain (state/SPEC.md, section 10).

import { bigEndian, concat, elementBytes, keccak } from './bytes.js';

/** A deposit as L1 recorded it; the words of the key may be p or more. */
export interface Deposit {
  readonly kind: 'deposit';
  readonly owner: Uint8Array;
  readonly amount: bigint;
  readonly key: readonly bigint[];
}

/** A forced exit. */
export interface ForcedExit {
  readonly kind: 'forced_exit';
  readonly requester: Uint8Array;
  readonly account: bigint;
}

export type QueueEntry = Deposit | ForcedExit;

export function queueEntryBytes(entry: QueueEntry): Uint8Array {
  return entry.kind === 'deposit'
    ? concat(Uint8Array.of(1), entry.owner, bigEndian(entry.amount, 7), elementBytes(entry.key))
    : concat(Uint8Array.of(2), entry.requester, bigEndian(entry.account, 4));
}

/** The chain after an entry; before the first it is 32 zero bytes. */
export function queueChain(before: Uint8Array, entry: QueueEntry): Uint8Array {
  return keccak(before, queueEntryBytes(entry));
}
