// Leaves of the state trees (state/SPEC.md, section 7).

import { addressLimbs, wordLimbs } from './bytes.js';
import { type Digest, hash, Tag } from './poseidon2.js';
import { type ShareLine, shareTableDigest } from './shares.js';

/** Key and owner of an account as one digest. */
export function accountIdentity(key: readonly bigint[], owner: Uint8Array): Digest {
  return hash(Tag.AccountIdentity, [...key, ...addressLimbs(owner)]);
}

/** The leaf of an account. */
export function accountLeaf(identity: Digest, balance: bigint, nonce: bigint): Digest {
  return hash(Tag.AccountLeaf, [...identity, balance, nonce, 0n, 0n]);
}

/** Terms that never change after registration. */
export interface FixedTerms {
  readonly licensor: bigint;
  readonly derivativeShares: bigint;
  readonly lineage: bigint;
  readonly provenance: Uint8Array;
  readonly holders: readonly ShareLine[];
}

/** The digests that lead to a license's terms. */
export function licenseTerms(terms: FixedTerms): { table: Digest; origin: Digest; terms: Digest } {
  const table = shareTableDigest(terms.holders);
  const origin = hash(Tag.LicenseOrigin, [
    terms.licensor,
    terms.derivativeShares,
    terms.lineage,
    ...wordLimbs(terms.provenance),
  ]);
  return { table, origin, terms: hash(Tag.LicenseTerms, [...table, ...origin]) };
}

/** The leaf of a license. */
export function licenseLeaf(
  terms: Digest,
  state: { price: bigint; vault: bigint; received: bigint; status: bigint },
): Digest {
  const { price, vault, received, status } = state;
  return hash(Tag.LicenseLeaf, [...terms, price, vault, received, status]);
}
