// What intents do: pay, transfer, withdraw, register a license (state/SPEC.md, sections 8 and 9).

import { bigEndian, concat, fromHex, wordLimbs } from './bytes.js';
import { InputError } from './input-error.js';
import { licenseTerms } from './leaves.js';
import { type Money, money, NANO_PER_BASE_UNIT, type Whole, whole } from './quantity.js';
import { type HolderShares, type ShareLine, shareTable, shareTableBytes } from './shares.js';

/** Pays a license. */
export interface Pay {
  readonly kind: 'pay';
  readonly license: bigint;
  readonly uses: bigint;
  readonly amount: bigint;
  readonly memo: Uint8Array;
}

/** Pays an account. */
export interface Transfer {
  readonly kind: 'transfer';
  readonly to: bigint;
  readonly amount: bigint;
  readonly memo: Uint8Array;
}

/** Takes money out to the account's owner on L1. */
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

export function pay(license: Whole, uses: Whole, amount: Money, memo?: Word): Pay {
  return {
    kind: 'pay',
    license: whole(license, 'license'),
    uses: whole(uses, 'uses'),
    amount: money(amount, 'amount'),
    memo: word(memo, 'memo'),
  };
}

export function transfer(to: Whole, amount: Money, memo?: Word): Transfer {
  return {
    kind: 'transfer',
    to: whole(to, 'account', 'recipient'),
    amount: money(amount, 'amount'),
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

export function registerLicense(terms: LicenseTerms, lineage: Whole): RegisterLicense {
  return {
    kind: 'register_license',
    price: money(terms.price, 'price'),
    derivativeShares: whole(terms.derivativeShares ?? 0, 'shares', 'derivative shares'),
    lineage: whole(lineage, 'lineage'),
    provenance: word(terms.provenance, 'provenance'),
    holders: shareTable(terms.holders),
  };
}

/** The number of an operation's kind. */
export function kindNumber(operation: Operation): bigint {
  const kinds = { pay: 1n, transfer: 2n, withdraw: 3n, register_license: 4n } as const;
  return kinds[operation.kind];
}

/** Target, amount, uses, and the five elements of the payload. */
export function messageParts(
  operation: Operation,
  licensor: bigint,
): {
  target: bigint;
  amount: bigint;
  uses: bigint;
  payload: bigint[];
} {
  switch (operation.kind) {
    case 'pay': {
      const { license: target, amount, uses, memo } = operation;
      return { target, amount, uses, payload: wordLimbs(memo) };
    }
    case 'transfer': {
      const { to: target, amount, memo } = operation;
      return { target, amount, uses: 0n, payload: wordLimbs(memo) };
    }
    case 'withdraw': {
      const { amount, memo } = operation;
      return { target: 0n, amount, uses: 0n, payload: wordLimbs(memo) };
    }
    case 'register_license': {
      const { terms } = licenseTerms({ ...operation, licensor });
      return { target: 0n, amount: 0n, uses: 0n, payload: [...terms, operation.price] };
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
        operation.memo,
      );
    case 'transfer':
      return concat(bigEndian(operation.to, 4), bigEndian(operation.amount, 8), operation.memo);
    case 'withdraw':
      return concat(bigEndian(operation.amount, 8), operation.memo);
    case 'register_license':
      return concat(
        bigEndian(operation.price, 8),
        bigEndian(operation.derivativeShares, 4),
        bigEndian(operation.lineage, 1),
        operation.provenance,
        shareTableBytes(operation.holders),
      );
  }
}
