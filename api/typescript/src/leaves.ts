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

/** A license as it is registered. */
export interface RegisteredTerms {
  readonly licensor: bigint;
  readonly derivativeShares: bigint;
  readonly lineage: bigint;
  readonly provenance: Uint8Array;
  readonly holders: readonly ShareLine[];
}

/** The digest of what never changes of a license, from its share table's digest and its origin. */
export function licenseTerms(
  table: Digest,
  [o0, o1, o2]: Digest,
  license: { licensor: bigint; lineage: bigint },
): Digest {
  return hash(Tag.LicenseTerms, [...table, o0, o1, o2, license.licensor + (license.lineage << 32n)]);
}

/** The last element of a license's leaf. The status is a number, and 0 the licensee of a license without licensee. */
export function licenseStanding(version: {
  status: bigint;
  licensee: bigint;
  derivativeShares: bigint;
}): bigint {
  return version.status + (version.licensee << 2n) + (version.derivativeShares << 34n);
}

/** The leaf of a license. */
export function licenseLeaf(
  terms: Digest,
  state: { price: bigint; vault: bigint; received: bigint; standing: bigint },
): Digest {
  const { price, vault, received, standing } = state;
  return hash(Tag.LicenseLeaf, [...terms, price, vault, received, standing]);
}
