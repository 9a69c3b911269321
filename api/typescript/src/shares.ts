// Share tables: who holds which part of a license (state/SPEC.md, section 7).

import { bigEndian, concat } from './bytes.js';
import { InputError } from './input-error.js';
import { type Digest, hash, Tag } from './poseidon2.js';
import { SHARES_TOTAL, type Whole, whole } from './quantity.js';

/** The most holders of a license. */
export const HOLDERS_MAX = 16;
/** The largest lineage. */
const LINEAGE_MAX = 64n;

/** A creator's account, or a parent license. */
export type Holder = { readonly account: Whole } | { readonly license: Whole };

/** One holder and its shares of 1,000,000. */
export interface HolderShares {
  readonly holder: Holder;
  readonly shares: Whole;
}

/** A line of a table that keeps all rules. */
export interface ShareLine {
  readonly kind: 'account' | 'license';
  readonly id: bigint;
  readonly shares: bigint;
}

const kindNumber = (line: ShareLine): bigint => (line.kind === 'license' ? 1n : 0n);
const position = (line: ShareLine): bigint => (kindNumber(line) << 32n) | line.id;

function line(value: HolderShares, index: number): ShareLine {
  const what = `holder ${index}`;
  const shares = whole(value.shares, 'shares', `shares of ${what}`);
  const names = Object.keys(value.holder);
  if (names.length === 1 && 'account' in value.holder) {
    return { kind: 'account', id: whole(value.holder.account, 'account', what), shares };
  }
  if (names.length === 1 && 'license' in value.holder) {
    return { kind: 'license', id: whole(value.holder.license, 'license', what), shares };
  }
  throw new InputError(`${what}: expected { account } or { license }`, 'invalid_holders');
}

/** Checks a share table: accounts by id, then licenses by id. The first broken rule is the error. */
export function shareTable(holders: readonly HolderShares[]): ShareLine[] {
  if (holders.length === 0) throw new InputError('a share table needs a holder', 'invalid_holders');
  if (holders.length > HOLDERS_MAX) {
    throw new InputError(`${holders.length} holders, at most ${HOLDERS_MAX} allowed`, 'invalid_holders');
  }
  const lines = holders.map(line);
  lines.forEach((current, index) => {
    if (current.shares === 0n) throw new InputError(`holder ${index} has no shares`, 'invalid_holders');
    const before = lines[index - 1];
    if (before !== undefined && position(before) >= position(current)) {
      throw new InputError(`holder ${index} does not come after the one before it`, 'invalid_holders');
    }
  });
  const sum = lines.reduce((total, current) => total + current.shares, 0n);
  if (sum !== SHARES_TOTAL) {
    throw new InputError(`shares sum to ${sum}, expected ${SHARES_TOTAL}`, 'invalid_holders');
  }
  return lines;
}

/** The same in ascending order, which a signed table must have. */
export function sortedHolders(holders: readonly HolderShares[]): HolderShares[] {
  return holders
    .map((value, index) => ({ value, at: position(line(value, index)) }))
    .sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0))
    .map(({ value }) => value);
}

/** A line as one element: 53 bits. */
export function packedLine(current: ShareLine): bigint {
  return (kindNumber(current) << 52n) | (current.shares << 32n) | current.id;
}

export function shareTableDigest(lines: readonly ShareLine[]): Digest {
  return hash(Tag.ShareTable, lines.map(packedLine));
}

export function shareTableBytes(lines: readonly ShareLine[]): Uint8Array {
  const parts = lines.map((current) =>
    concat(bigEndian(kindNumber(current), 1), bigEndian(current.id, 4), bigEndian(current.shares, 4)),
  );
  return concat(Uint8Array.of(lines.length), ...parts);
}

/** 1 + the sum of the parents' lineages. */
export function lineageOf(parents: readonly Whole[]): bigint {
  const lineage = parents.reduce<bigint>((sum, parent) => sum + whole(parent, 'lineage'), 1n);
  if (lineage > LINEAGE_MAX) {
    throw new InputError(
      `the license would have a lineage of ${lineage}, at most ${LINEAGE_MAX}`,
      'invalid_holders',
    );
  }
  return lineage;
}
