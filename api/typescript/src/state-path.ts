// Paths of the state: two trees of 2³² leaves, accounts and licenses, under one root (state/SPEC.md, section 7).

import { digestFromHex } from './bytes.js';
import { InputError } from './input-error.js';
import { compress, type Digest, rootOf } from './poseidon2.js';

/** Levels of the accounts tree and of the licenses tree. */
export const TREE_DEPTH = 32;

/** Reads the siblings of a leaf, from its own sibling up. */
export function readSiblings(value: unknown): Digest[] {
  const list: unknown[] = Array.isArray(value) ? value : [];
  if (list.length !== TREE_DEPTH) {
    throw new InputError(`the path has ${list.length} siblings, expected ${TREE_DEPTH}`);
  }
  return list.map((sibling) => digestFromHex(sibling, 'sibling'));
}

/** The state root to which an account's path leads. */
export function accountPathRoot(
  leaf: Digest,
  id: bigint,
  siblings: readonly Digest[],
  licenses: Digest,
): Digest {
  return compress(rootOf(leaf, id, siblings), licenses);
}

/** The state root to which a license's path leads. */
export function licensePathRoot(
  leaf: Digest,
  id: bigint,
  siblings: readonly Digest[],
  accounts: Digest,
): Digest {
  return compress(accounts, rootOf(leaf, id, siblings));
}
