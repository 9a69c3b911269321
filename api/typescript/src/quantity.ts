// Integers and their ranges (state/SPEC.md, section 6). Money is a bigint or a decimal string of nano (10⁻⁹
// tokens), never a JavaScript number: those round above 2⁵³, and 0.1 + 0.2 is not 0.3.

import { type InputCode, InputError } from './input-error.js';

/** Nano: a bigint, or decimal digits. */
export type Money = bigint | string;

/** An integer that is not money: an id, a count, a time. */
export type Whole = bigint | number | string;

/** The least and the largest value of each quantity. */
export const RANGES = {
  account: [0n, (1n << 32n) - 1n],
  license: [0n, (1n << 32n) - 1n],
  nano: [0n, (1n << 62n) - 1n],
  amount: [0n, (1n << 46n) - 1n],
  fee: [0n, (1n << 32n) - 1n],
  price: [0n, (1n << 40n) - 1n],
  uses: [1n, 1n << 23n],
  shares: [0n, 1_000_000n],
  licensee: [1n, (1n << 31n) - 1n],
  nonce: [0n, (1n << 62n) - 1n],
  time: [0n, (1n << 40n) - 1n],
  lineage: [1n, 64n],
  batch: [0n, (1n << 62n) - 1n],
  queueIndex: [0n, (1n << 62n) - 1n],
  count: [0n, (1n << 32n) - 1n],
  class: [0n, 255n],
  chainId: [0n, (1n << 64n) - 1n],
  u64: [0n, (1n << 64n) - 1n],
} as const satisfies Record<string, readonly [bigint, bigint]>;

export type Quantity = keyof typeof RANGES;

/** Quantities of money. */
export type MoneyQuantity = 'nano' | 'amount' | 'fee' | 'price';

/** All of one license's shares. */
export const SHARES_TOTAL = 1_000_000n;
/** Nano of one base unit of the token on L1. */
export const NANO_PER_BASE_UNIT = 1000n;
const NANO_PER_TOKEN = 1_000_000_000n;

const DECIMAL = /^(?:0|[1-9][0-9]*)$/;

function inRange(value: bigint, quantity: Quantity, what: string, code?: InputCode): bigint {
  const [least, most] = RANGES[quantity];
  if (value < least || value > most) {
    throw new InputError(`${what} is ${value}, expected ${least} to ${most}`, code);
  }
  return value;
}

/** Reads money of a kind. */
export function money(value: Money, quantity: MoneyQuantity, what: string = quantity): bigint {
  if (typeof value === 'bigint') return inRange(value, quantity, what, 'invalid_amount');
  if (typeof value === 'string' && DECIMAL.test(value)) {
    return inRange(BigInt(value), quantity, what, 'invalid_amount');
  }
  throw new InputError(
    `${what}: expected a bigint or a string of decimal digits (nano), got ${shown(value)}`,
    'invalid_amount',
  );
}

/** Reads an integer of a kind. */
export function whole(value: Whole, quantity: Quantity, what: string = quantity): bigint {
  if (typeof value === 'bigint') return inRange(value, quantity, what);
  if (typeof value === 'number' && Number.isSafeInteger(value)) {
    return inRange(BigInt(value), quantity, what);
  }
  if (typeof value === 'string' && DECIMAL.test(value)) {
    return inRange(BigInt(value), quantity, what);
  }
  throw new InputError(`${what}: expected a whole number, got ${shown(value)}`);
}

function shown(value: unknown): string {
  switch (typeof value) {
    case 'number':
      return `the number ${value}`;
    case 'string':
      return `"${value.length > 40 ? `${value.slice(0, 40)}…` : value}"`;
    default:
      return value === null ? 'null' : `a value of type ${typeof value}`;
  }
}

/** Tokens as decimal text, such as "0.00025", in nano. */
export function tokens(text: string): bigint {
  const parts = typeof text === 'string' ? /^(0|[1-9][0-9]*)(?:\.([0-9]{1,9}))?$/.exec(text) : null;
  if (parts === null) {
    throw new InputError(
      `tokens: expected a string of decimal digits with at most 9 after the point, got ${shown(text)}`,
      'invalid_amount',
    );
  }
  return BigInt(parts[1] as string) * NANO_PER_TOKEN + BigInt((parts[2] ?? '').padEnd(9, '0'));
}

/** Nano as tokens in decimal text, without zeros at the end. */
export function formatTokens(nano: Money): string {
  const value = money(nano, 'nano');
  const fraction = (value % NANO_PER_TOKEN).toString().padStart(9, '0').replace(/0+$/, '');
  return `${value / NANO_PER_TOKEN}${fraction === '' ? '' : `.${fraction}`}`;
}
