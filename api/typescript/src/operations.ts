// What intents do: pay, transfer, withdraw, register a license (state/SPEC.md, sections 8 and 9).

import { bigEndian, concat, elementBytes, fromHex, shortDigestFromHex, wordLimbs } from './bytes.js';
import { InputError } from './input-error.js';
import type { ShortDigest } from './poseidon2.js';
import { type Money, money, NANO_PER_BASE_UNIT, type Whole, whole } from './quantity.js';
import { type HolderShares, type ShareLine, shareTable, shareTableBytes } from './shares.js';

/** Pays a license. */
export interface Pay {
  readonly kind: 'pay';
  readonly license: bigint;
  readonly uses: bigint;
  readonly amount: bigint;
  /** The license's: the payment settles to no other. */
  readonly recipient: ShortDigest;
  readonly memo: Uint8Array;
}

/** Pays an account. */
export interface Transfer {
  readonly kind: 'transfer';
  readonly to: bigint;
  readonly amount: bigint;
  /** The account's: the transfer settles to no other. */
  readonly recipient: ShortDigest;
  readonly memo: Uint8Array;
}

/** Withdraws to the account's owner on L1. */
export interface Withdraw {
  readonly kind: 'withdraw';
  readonly amount: bigint;
  readonly memo: Uint8Array;
}

/** Registers a license. */
export interface RegisterLicense {
  readonly kind: 'register_license';
  readonly price: bigint;
  readonly derivativeShares: bigint;
  readonly lineage: bigint;
  readonly provenance: Uint8Array;
  readonly holders: readonly ShareLine[];
  /** Of the holder chain: the registration settles with no other holders. */
  readonly recipient: ShortDigest;
}

export type Operation = Pay | Transfer | Withdraw | RegisterLicense;

/** Thirty-two bytes, or `0x` and 64 hexadecimal digits. */
export type Word = Uint8Array | string;

/** Reads 32 bytes; zeros if there are none. */
export function word(value: Word | undefined, what: string): Uint8Array {
  if (value === undefined) return new Uint8Array(32);
  if (typeof value === 'string') return fromHex(value, what, 32);
  if (!(value instanceof Uint8Array) || value.length !== 32) {
    throw new InputError(`${what}: expected 32 bytes`);
  }
  return value.slice();
}

/** `recipient` is the license's, of `recipientOf` or the node: `0x` and 48 hexadecimal digits. */
export function pay(license: Whole, uses: Whole, amount: Money, recipient: string, memo?: Word): Pay {
  return {
    kind: 'pay',
    license: whole(license, 'license'),
    uses: whole(uses, 'uses'),
    amount: money(amount, 'amount'),
    recipient: shortDigestFromHex(recipient, 'recipient'),
    memo: word(memo, 'memo'),
  };
}

/** `recipient` is the account's, of `accountRecipient` or the node. */
export function transfer(to: Whole, amount: Money, recipient: string, memo?: Word): Transfer {
  return {
    kind: 'transfer',
    to: whole(to, 'account', 'account to be paid'),
    amount: money(amount, 'amount'),
    recipient: shortDigestFromHex(recipient, 'recipient'),
    memo: word(memo, 'memo'),
  };
}

export function withdraw(amount: Money, memo?: Word): Withdraw {
  const nano = money(amount, 'amount');
  if (nano === 0n)
    throw new InputError(`a withdrawal moves at least ${NANO_PER_BASE_UNIT} nano`, 'invalid_amount');
  if (nano % NANO_PER_BASE_UNIT !== 0n) {
    throw new InputError(
      `${nano} nano is not a multiple of ${NANO_PER_BASE_UNIT}, a base unit on L1`,
      'invalid_amount',
    );
  }
  return { kind: 'withdraw', amount: nano, memo: word(memo, 'memo') };
}

/** The terms of a license to be registered. */
export interface LicenseTerms {
  /** Nano per use. */
  readonly price: Money;
  /** The least share that a derivative leaves to this license, of 1,000,000. */
  readonly derivativeShares?: Whole;
  /** Hash of the manifest. */
  readonly provenance?: Word;
  /** Who gets which part of 1,000,000: 1 to 16 accounts and parent licenses. */
  readonly holders: readonly HolderShares[];
}

/** `recipient` is that of the holder chain: `recipientOf(holderChain(…))`. */
export function registerLicense(terms: LicenseTerms, lineage: Whole, recipient: string): RegisterLicense {
  return {
    kind: 'register_license',
    price: money(terms.price, 'price'),
    derivativeShares: whole(terms.derivativeShares ?? 0, 'shares', 'derivative shares'),
    lineage: whole(lineage, 'lineage'),
    provenance: word(terms.provenance, 'provenance'),
    holders: shareTable(terms.holders),
    recipient: shortDigestFromHex(recipient, 'recipient'),
  };
}

/** The number of an operation's kind. */
export function kindNumber(operation: Operation): bigint {
  const kinds = { pay: 1n, transfer: 2n, withdraw: 3n, register_license: 4n } as const;
  return kinds[operation.kind];
}

/** The elements of a message that depend on its operation. */
export interface MessageParts {
  /** Uses of a payment, derivative shares of a registration, else 0. */
  readonly quantity: bigint;
  readonly target: bigint;
  readonly amount: bigint;
  readonly recipient: ShortDigest;
  /** Five elements: the limbs of the memo or of the provenance. */
  readonly payload: readonly bigint[];
}

export function messageParts(operation: Operation): MessageParts {
  switch (operation.kind) {
    case 'pay': {
      const { license: target, uses: quantity, amount, recipient, memo } = operation;
      return { quantity, target, amount, recipient, payload: wordLimbs(memo) };
    }
    case 'transfer': {
      const { to: target, amount, recipient, memo } = operation;
      return { quantity: 0n, target, amount, recipient, payload: wordLimbs(memo) };
    }
    case 'withdraw': {
      const { amount, memo } = operation;
      return { quantity: 0n, target: 0n, amount, recipient: [0n, 0n, 0n], payload: wordLimbs(memo) };
    }
    case 'register_license': {
      const { derivativeShares: quantity, lineage, price, recipient, provenance } = operation;
      const target = (lineage << 40n) | price;
      return { quantity, target, amount: 0n, recipient, payload: wordLimbs(provenance) };
    }
  }
}

/** The bytes after the head of an intent. */
export function operationBytes(operation: Operation): Uint8Array {
  switch (operation.kind) {
    case 'pay':
      return concat(
        bigEndian(operation.license, 4),
        bigEndian(operation.uses, 4),
        bigEndian(operation.amount, 8),
        elementBytes(operation.recipient),
        operation.memo,
      );
    case 'transfer':
      return concat(
        bigEndian(operation.to, 4),
        bigEndian(operation.amount, 8),
        elementBytes(operation.recipient),
        operation.memo,
      );
    case 'withdraw':
      return concat(bigEndian(operation.amount, 8), operation.memo);
    case 'register_license':
      return concat(
        bigEndian(operation.price, 8),
        bigEndian(operation.derivativeShares, 4),
        bigEndian(operation.lineage, 1),
        operation.provenance,
        shareTableBytes(operation.holders),
        elementBytes(operation.recipient),
      );
  }
}
