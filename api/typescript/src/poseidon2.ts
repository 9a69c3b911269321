// Poseidon2 over Goldilocks, width 12: the permutation, the compression of two digests, the sponge
// (state/SPEC.md, section 4).

import { P } from './field.js';
import { EXTERNAL_FINAL, EXTERNAL_INITIAL, INTERNAL, INTERNAL_DIAGONAL } from './poseidon2-constants.js';

/** Four elements. */
export type Digest = readonly [bigint, bigint, bigint, bigint];

export const ZERO_DIGEST: Digest = [0n, 0n, 0n, 0n];

const WIDTH = 12;
const RATE = 8;

/** The tag in the capacity: it separates inputs of different kinds. */
export const Tag = {
  Domain: 1n,
  AccountIdentity: 2n,
  AccountLeaf: 3n,
  LicenseOrigin: 4n,
  ShareTable: 5n,
  LicenseLeaf: 6n,
  BatchStatement: 7n,
  BlockStatement: 8n,
  PublicData: 9n,
  SignatureWeights: 10n,
  SecretKey: 11n,
  SignatureNonce: 12n,
  IntentId: 13n,
  LicenseTerms: 14n,
  AccountOpening: 15n,
  AccountRequest: 16n,
} as const;

/** Permutes twelve canonical elements. */
export function permute(input: readonly bigint[]): bigint[] {
  const state = input.slice();
  externalLayer(state);
  for (const constants of EXTERNAL_INITIAL) externalRound(state, constants);
  for (const constant of INTERNAL) internalRound(state, constant);
  for (const constants of EXTERNAL_FINAL) externalRound(state, constants);
  for (let i = 0; i < WIDTH; i += 1) state[i] = (state[i] as bigint) % P;
  return state;
}

/** Reads below the width, so that values are there. */
const at = (state: readonly bigint[], i: number): bigint => state[i] as bigint;

function seventhPower(x: bigint): bigint {
  const square = (x * x) % P;
  return (((square * square) % P) * ((square * x) % P)) % P;
}

function externalRound(state: bigint[], constants: readonly bigint[]): void {
  for (let i = 0; i < WIDTH; i += 1) state[i] = seventhPower(at(state, i) + at(constants, i));
  externalLayer(state);
}

/** E·x, left unreduced: 28 times p at most, which the next power or sum takes as it is. */
function externalLayer(state: bigint[]): void {
  const column = [0n, 0n, 0n, 0n];
  for (let block = 0; block < WIDTH; block += 4) {
    const x0 = at(state, block);
    const x1 = at(state, block + 1);
    const x2 = at(state, block + 2);
    const x3 = at(state, block + 3);
    const sum = x0 + x1 + x2 + x3;
    const rows = [sum + x0 + 2n * x1, sum + x1 + 2n * x2, sum + x2 + 2n * x3, sum + x3 + 2n * x0];
    for (let i = 0; i < 4; i += 1) {
      state[block + i] = at(rows, i);
      column[i] = at(column, i) + at(rows, i);
    }
  }
  for (let i = 0; i < WIDTH; i += 1) state[i] = at(state, i) + at(column, i % 4);
}

function internalRound(state: bigint[], constant: bigint): void {
  state[0] = seventhPower(at(state, 0) + constant);
  let sum = 0n;
  for (let i = 0; i < WIDTH; i += 1) sum += at(state, i);
  for (let i = 0; i < WIDTH; i += 1) {
    state[i] = (at(INTERNAL_DIAGONAL, i) * at(state, i) + sum) % P;
  }
}

/** The parent digest of two. */
export function compress(left: Digest, right: Digest): Digest {
  return digestOf(permute([...left, ...right, 0n, 0n, 0n, 0n]));
}

function digestOf(state: readonly bigint[]): Digest {
  return [at(state, 0), at(state, 1), at(state, 2), at(state, 3)];
}

function absorb(capacity: readonly bigint[], message: readonly bigint[]): bigint[] {
  let state: bigint[] = [...new Array<bigint>(RATE).fill(0n), ...capacity];
  let from = 0;
  do {
    for (let i = 0; i < RATE; i += 1) state[i] = message[from + i] ?? 0n;
    state = permute(state);
    from += RATE;
  } while (from < message.length);
  return state;
}

/** The hash of elements under a tag. */
export function hash(tag: bigint, message: readonly bigint[]): Digest {
  return digestOf(absorb([tag, BigInt(message.length), 0n, 0n], message));
}

/** The same with eight elements of result. */
export function hashWide(tag: bigint, message: readonly bigint[]): bigint[] {
  return absorb([tag, BigInt(message.length), 0n, 0n], message).slice(0, RATE);
}

/** The hash from a given capacity, for inputs of one fixed length only. */
export function hashIn(capacity: Digest, message: readonly bigint[]): Digest {
  return digestOf(absorb(capacity, message));
}

/** The root that a leaf and its siblings lead to; the index's lowest bit is the lowest turn. */
export function rootOf(leaf: Digest, index: bigint, siblings: readonly Digest[]): Digest {
  let turns = index;
  let node = leaf;
  for (const sibling of siblings) {
    node = (turns & 1n) === 0n ? compress(node, sibling) : compress(sibling, node);
    turns >>= 1n;
  }
  return node;
}

/** Whether two digests are the same. */
export function sameDigest(a: Digest, b: Digest): boolean {
  return a.every((element, i) => element === b[i]);
}
