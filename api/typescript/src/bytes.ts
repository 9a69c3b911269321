// Bytes as the protocol reads them: hexadecimal text, big-endian integers, limbs (state/SPEC.md, section 3).

import { keccak_256 } from '@noble/hashes/sha3.js';
import { P } from './field.js';
import { InputError } from './input-error.js';
import type { Digest, ShortDigest } from './poseidon2.js';

const DIGITS = /^(?:[0-9a-fA-F]{2})*$/;

/** `0x` and two digits for each byte. */
export function toHex(bytes: Uint8Array): string {
  let text = '0x';
  for (const byte of bytes) text += byte.toString(16).padStart(2, '0');
  return text;
}

/** Reads `0x` and digits of either case; `length` is the number of bytes, if there is but one. */
export function fromHex(text: unknown, what: string, length?: number): Uint8Array {
  if (typeof text !== 'string' || !text.startsWith('0x') || !DIGITS.test(text.slice(2))) {
    throw new InputError(`${what}: expected 0x and hexadecimal digits, two for each byte`);
  }
  const bytes = new Uint8Array((text.length - 2) / 2);
  if (length !== undefined && bytes.length !== length) {
    throw new InputError(`${what}: ${bytes.length} bytes, expected ${length}`);
  }
  for (let i = 0; i < bytes.length; i += 1) {
    bytes[i] = Number.parseInt(text.slice(2 + 2 * i, 4 + 2 * i), 16);
  }
  return bytes;
}

/** Checks a name of 32 bytes, such as an intent's, and returns it as it is. */
export function nameOf(id: string, of: string): string {
  if (typeof id !== 'string' || !/^0x[0-9a-fA-F]{64}$/.test(id)) {
    throw new InputError(`the id of ${of} is 0x and 64 hexadecimal digits`);
  }
  return id;
}

export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** An integer as so many big-endian bytes. */
export function bigEndian(value: bigint, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let rest = value;
  for (let i = length - 1; i >= 0; i -= 1) {
    bytes[i] = Number(rest & 0xffn);
    rest >>= 8n;
  }
  return bytes;
}

export function fromBigEndian(bytes: Uint8Array): bigint {
  return bytes.length === 0 ? 0n : BigInt(toHex(bytes));
}

export function keccak(...parts: readonly Uint8Array[]): Uint8Array {
  return keccak_256(concat(...parts));
}

export function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** The limbs of an address: 6, 7 and 7 bytes. */
export function addressLimbs(address: Uint8Array): bigint[] {
  return [
    [0, 6],
    [6, 13],
    [13, 20],
  ].map(([from, to]) => fromBigEndian(address.subarray(from, to)));
}

/** The limbs of 32 bytes: 4, then four times 7. */
export function wordLimbs(word: Uint8Array): bigint[] {
  const ends = [0, 4, 11, 18, 25, 32];
  return ends.slice(1).map((to, i) => fromBigEndian(word.subarray(ends[i], to)));
}

/** Elements as eight bytes each. */
export function elementBytes(elements: readonly bigint[]): Uint8Array {
  return concat(...elements.map((element) => bigEndian(element, 8)));
}

/** Elements of eight bytes each; `undefined` if one is not below p. */
export function elementsOf(bytes: Uint8Array): bigint[] | undefined {
  const elements: bigint[] = [];
  for (let at = 0; at < bytes.length; at += 8) {
    const element = fromBigEndian(bytes.subarray(at, at + 8));
    if (element >= P) return undefined;
    elements.push(element);
  }
  return elements;
}

/** A digest from 32 bytes. */
export function digestOf(bytes: Uint8Array, what: string): Digest {
  const elements = elementsOf(bytes);
  if (elements?.length !== 4) throw new InputError(`${what}: not a canonical digest`);
  return elements as unknown as Digest;
}

/** Reads a digest from hexadecimal text. */
export function digestFromHex(text: unknown, what: string): Digest {
  return digestOf(fromHex(text, what, 32), what);
}

export function digestToHex(digest: Digest): string {
  return toHex(elementBytes(digest));
}

/** Reads a short digest, such as a recipient, from hexadecimal text. */
export function shortDigestFromHex(text: unknown, what: string): ShortDigest {
  const elements = elementsOf(fromHex(text, what, 24));
  if (elements === undefined) throw new InputError(`${what}: not canonical elements of the field`);
  return elements as unknown as ShortDigest;
}

export function shortDigestToHex(short: ShortDigest): string {
  return toHex(elementBytes(short));
}

/** Reads an address. Letters of both cases must carry the checksum of EIP-55. */
export function addressFromHex(text: unknown, what: string): Uint8Array {
  const address = fromHex(text, what, 20);
  const digits = (text as string).slice(2);
  const mixed = /[a-f]/.test(digits) && /[A-F]/.test(digits);
  if (mixed && checksummed(address) !== text) {
    throw new InputError(
      `${what}: the letters do not carry the checksum of EIP-55: compare the address with its source`,
    );
  }
  return address;
}

/** An address with the checksum of EIP-55 in its letters. */
export function checksummed(address: Uint8Array): string {
  const digits = toHex(address).slice(2);
  const hash = toHex(keccak(utf8(digits))).slice(2);
  let text = '0x';
  for (let i = 0; i < digits.length; i += 1) {
    const digit = digits.charAt(i);
    text += Number.parseInt(hash.charAt(i), 16) >= 8 ? digit.toUpperCase() : digit;
  }
  return text;
}
