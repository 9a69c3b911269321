// Calls of the contract as bytes: as much of Ethereum's ABI as the rollup's functions need.

import { keccak_256 } from '@noble/hashes/sha3.js';

/** An argument: words in place, or words that the place points to. Hexadecimal digits without 0x. */
export type Argument = string | { readonly apart: string };

const WORD_DIGITS = 64;

/** An unsigned integer as a word. */
export function uint(value: bigint | number | string): string {
  const number = BigInt(value);
  if (number < 0n || number >= 1n << 256n) throw new RangeError(`${number} is no word`);
  return number.toString(16).padStart(WORD_DIGITS, '0');
}

/** An address as a word. */
export function address(text: string): string {
  if (!/^0x[0-9a-fA-F]{40}$/.test(text)) throw new RangeError(`${text} is no address`);
  return text.slice(2).toLowerCase().padStart(WORD_DIGITS, '0');
}

/** 32 bytes as a word. */
export function bytes32(text: string): string {
  if (!/^0x[0-9a-fA-F]{64}$/.test(text)) throw new RangeError(`${text} has not 32 bytes`);
  return text.slice(2).toLowerCase();
}

/** Arguments, or the fields of a struct, behind each other. */
export function tuple(...fields: readonly Argument[]): string {
  const headDigits = fields.reduce(
    (sum, field) => sum + (typeof field === 'string' ? field.length : WORD_DIGITS),
    0,
  );
  let [head, tail] = ['', ''];
  for (const field of fields) {
    if (typeof field === 'string') {
      head += field;
    } else {
      head += uint((headDigits + tail.length) / 2);
      tail += field.apart;
    }
  }
  return head + tail;
}

/** An array of any length. */
export function array(items: readonly Argument[]): Argument {
  return { apart: uint(items.length) + tuple(...items) };
}

/** The first four bytes of a call or the first topic of a log, by the signature. */
export function signatureHash(signature: string): string {
  const hash = keccak_256(new TextEncoder().encode(signature));
  return `0x${Array.from(hash, (byte) => byte.toString(16).padStart(2, '0')).join('')}`;
}

/** A call of a function such as `freeze()`. */
export function call(signature: string, ...values: readonly Argument[]): string {
  return signatureHash(signature).slice(0, 10) + tuple(...values);
}
