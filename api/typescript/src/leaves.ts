// Leaves of the state trees (state/SPEC.md, section 7).

import { addressLimbs } from './bytes.js';
import { type Digest, hash, Tag } from './poseidon2.js';
import type { ShareLine } from './shares.js';

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

/** The digest of a license's terms, from those of its share table and its origin. */
export function licenseTerms(table: Digest, origin: Digest): Digest {
  return hash(Tag.LicenseTerms, [...table, ...origin]);
}

/** The last element of a license's leaf, which a derivative reads. */
export function licenseStanding(license: {
  status: bigint;
  derivativeShares: bigint;
  lineage: bigint;
}): bigint {
  return license.status + (license.derivativeShares << 34n) + (license.lineage << 54n);
}

/** The leaf of a license. */
export function licenseLeaf(
  terms: Digest,
  state: { price: bigint; vault: bigint; received: bigint; standing: bigint },
): Digest {
  const { price, vault, received, standing } = state;
  return hash(Tag.LicenseLeaf, [...terms, price, vault, received, standing]);
}
