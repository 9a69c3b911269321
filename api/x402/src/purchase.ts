// A purchase: a resource, and the buyer's name for it. The signed memo of its payment commits to both, so
// neither the payment nor its repeat fits another purchase.

import { keccak_256 } from '@noble/hashes/sha3.js';
import { utf8ToBytes } from '@noble/hashes/utils.js';

/** The extension by which a buyer names a purchase. */
export const PAYMENT_IDENTIFIER = 'payment-identifier';
/** The name in `extra` of the resource that a payment is for. */
export const RESOURCE = 'resource';
/** The name in `extra` of the server's consent to repeats with the same identifier. */
export const ACCEPTS_REPEATS = 'acceptsRepeats';

/** The first line of the text that a memo commits to. */
const MEMO_TAG = 'farthing x402';

/** The memo of a payment: keccak256 of three lines, the second empty without an identifier. */
export function paymentMemo(resource: string, identifier: string | undefined): Uint8Array {
  return keccak_256(utf8ToBytes(`${MEMO_TAG}\n${identifier ?? ''}\n${resource}`));
}

/** Reads the extension's declaration, or its echo; `undefined` if it is not there. */
export function identifierInfo(
  extensions: Readonly<Record<string, unknown>> | undefined,
): { readonly required: boolean; readonly id: string | undefined } | undefined {
  const declared = extensions?.[PAYMENT_IDENTIFIER];
  if (!isRecord(declared) || !isRecord(declared['info'])) return undefined;
  const { required, id } = declared['info'];
  return { required: required === true, id: typeof id === 'string' ? id : undefined };
}

/** True if a text can be an identifier. */
export function isIdentifier(text: string): boolean {
  return /^[A-Za-z0-9_-]{16,128}$/.test(text);
}

/** A new identifier, drawn at random. */
export function newIdentifier(): string {
  return `farthing-${crypto.randomUUID()}`;
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
