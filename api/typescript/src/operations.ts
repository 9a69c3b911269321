// Operations of intents: pay, transfer, withdraw, register and update a license (state/SPEC.md, sections 8 and 9).

import { bigEndian, concat, elementBytes, fromHex, shortDigestFromHex, wordLimbs } from './bytes.js';
import { InputError } from './input-error.js';
import type { ShortDigest } from './poseidon2.js';
import { type Money, money, NANO_PER_BASE_UNIT, type Whole, whole } from './quantity.js';
import type { components } from './schema.js';
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

/** Numbers of the statuses of a license. A paused one is not paid, a retired one never again. */
export const LICENSE_STATUSES = { active: 1n, paused: 2n, retired: 3n } as const;

export type LicenseStatus = keyof typeof LICENSE_STATUSES;

/** Replaces what a licensor sets of its license. It counts from the next batch on. */
export interface UpdateLicense {
  readonly kind: 'update_license';
  readonly license: bigint;
  readonly price: bigint;
  readonly derivativeShares: bigint;
  readonly status: LicenseStatus;
  /** The account that alone may pay; `undefined` if any account may. */
  readonly licensee: bigint | undefined;
  readonly provenance: Uint8Array;
  /** The license's: no other is updated. */
  readonly recipient: ShortDigest;
}

export type Operation = Pay | Transfer | Withdraw | RegisterLicense | UpdateLicense;

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

/** What a licensor sets of its license. */
export interface LicenseVersion {
  /** Nano per use. */
  readonly price: Money;
  /** The least share that future derivatives leave to this license, of 1,000,000. */
  readonly derivativeShares: Whole;
  readonly status: LicenseStatus;
  /** The number of the account that alone may pay; `null` if any account may. */
  readonly licensee: Whole | null;
  /** Hash of the manifest. */
  readonly provenance: Word;
}

/** Changes of a version; what is absent stays as it is. */
export type LicenseChanges = {
  readonly [name in keyof LicenseVersion]?: LicenseVersion[name] | undefined;
};

/** The version after changes. One that is retired has no terms for others, unless changes say so. */
export function changedVersion(
  version: components['schemas']['LicenseVersionBody'],
  changes: LicenseChanges,
): LicenseVersion {
  if (Object.values(changes).every((value) => value === undefined)) {
    throw new InputError('an update of a license changes something: give price, status or another field');
  }
  const status = changes.status ?? version.status;
  const isRetired = status === 'retired';
  return {
    price: changes.price ?? version.price,
    derivativeShares: changes.derivativeShares ?? (isRetired ? 0 : version.derivative_shares),
    status,
    licensee:
      changes.licensee !== undefined ? changes.licensee : isRetired ? null : (version.licensee ?? null),
    provenance: changes.provenance ?? version.provenance,
  };
}

/** `recipient` is the license's, of `recipientOf` or the node: `0x` and 48 hexadecimal digits. */
export function updateLicense(license: Whole, version: LicenseVersion, recipient: string): UpdateLicense {
  const derivativeShares = whole(version.derivativeShares, 'shares', 'derivative shares');
  const { status } = version;
  if (!Object.hasOwn(LICENSE_STATUSES, status)) {
    throw new InputError(`status: expected one of ${Object.keys(LICENSE_STATUSES).join(', ')}`);
  }
  const licensee = version.licensee === null ? undefined : whole(version.licensee, 'licensee');
  return {
    kind: 'update_license',
    license: whole(license, 'license'),
    price: money(version.price, 'price'),
    derivativeShares,
    status,
    licensee,
    provenance: word(version.provenance, 'provenance'),
    recipient: shortDigestFromHex(recipient, 'recipient'),
  };
}

/** The number of an operation's kind. */
export function kindNumber(operation: Operation): bigint {
  const kinds = { pay: 1n, transfer: 2n, withdraw: 3n, register_license: 4n, update_license: 5n } as const;
  return kinds[operation.kind];
}

/** The elements of a message that depend on its operation. */
export interface MessageParts {
  /** Uses of a payment, derivative shares of a registration, those and the status of an update, else 0. */
  readonly quantity: bigint;
  readonly target: bigint;
  /** The price of a registration or an update, which is not charged. */
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
      const { derivativeShares: quantity, lineage: target, price: amount, recipient, provenance } = operation;
      return { quantity, target, amount, recipient, payload: wordLimbs(provenance) };
    }
    case 'update_license': {
      const { license, price: amount, derivativeShares, status, recipient, provenance } = operation;
      const quantity = (LICENSE_STATUSES[status] << 20n) | derivativeShares;
      const target = ((operation.licensee ?? 0n) << 32n) | license;
      return { quantity, target, amount, recipient, payload: wordLimbs(provenance) };
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
    case 'update_license':
      return concat(
        bigEndian(operation.license, 4),
        bigEndian(operation.price, 8),
        bigEndian(operation.derivativeShares, 4),
        bigEndian(LICENSE_STATUSES[operation.status], 1),
        bigEndian(operation.licensee ?? 0n, 4),
        operation.provenance,
        elementBytes(operation.recipient),
      );
  }
}
