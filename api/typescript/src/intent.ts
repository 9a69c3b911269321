// Intents: their bytes, the message that is signed, their ids (state/SPEC.md, section 8).

import { bigEndian, concat } from './bytes.js';
import { kindNumber, messageParts, type Operation, operationBytes } from './operations.js';
import { type Digest, hash, Tag } from './poseidon2.js';

/** An instruction of an account. */
export interface Intent {
  readonly account: bigint;
  readonly nonce: bigint;
  readonly fee: bigint;
  /** Unix seconds: the latest time at which a batch may include it. */
  readonly validUntil: bigint;
  readonly operation: Operation;
}

/** An intent and the 80 bytes of its signature. */
export interface SignedIntent {
  readonly intent: Intent;
  readonly signature: Uint8Array;
  /** `0x` and 64 hexadecimal digits: independent of the signature. */
  readonly id: string;
}

/** The canonical encoding. */
export function intentBytes(intent: Intent): Uint8Array {
  return concat(
    bigEndian(kindNumber(intent.operation), 1),
    bigEndian(intent.account, 4),
    bigEndian(intent.nonce, 8),
    bigEndian(intent.fee, 4),
    bigEndian(intent.validUntil, 8),
    operationBytes(intent.operation),
  );
}

/** The 14 elements that are signed. */
export function intentMessage(intent: Intent): bigint[] {
  const { quantity, target, amount, recipient, payload } = messageParts(intent.operation);
  // A quantity is below 2²⁴ and a fee below 2³²: a head has one reading.
  const head = (kindNumber(intent.operation) << 56n) | (quantity << 32n) | intent.fee;
  return [head, intent.account, target, amount, intent.validUntil, intent.nonce, ...recipient, ...payload];
}

/** The name of an intent in a deployment. */
export function intentId(domain: Digest, message: readonly bigint[]): Digest {
  return hash(Tag.IntentId, [...domain, ...message]);
}
