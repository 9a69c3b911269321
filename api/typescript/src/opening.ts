// The proof that a request to open an account comes from the holder of its key (state/SPEC.md, section 9).

import { addressLimbs } from './bytes.js';
import { type Digest, hash, Tag } from './poseidon2.js';

/** The domain of that proof: no signature of an intent is one, and none of them is an intent's. */
export function openingDomain(domain: Digest, key: readonly bigint[], owner: Uint8Array): Digest {
  return hash(Tag.AccountOpening, [...domain, ...key, ...addressLimbs(owner)]);
}

/** The 14 zeros that are signed where all is in the domain. */
export const OPENING_MESSAGE: readonly bigint[] = new Array<bigint>(14).fill(0n);
