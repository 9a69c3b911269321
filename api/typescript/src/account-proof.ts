// Checks that an account's Merkle path leads to the state root that it names. The root is the node's word: the
// contract's `escape` pays by a path only if the root is its own `stateRoot`.

import type { AccountProof } from './api.js';
import { addressFromHex, digestFromHex, digestToHex, fromHex } from './bytes.js';
import { ReceiptError } from './errors.js';
import { accountIdentity, accountLeaf } from './leaves.js';
import { sameDigest } from './poseidon2.js';
import { whole } from './quantity.js';
import { PUBLIC_KEY_BYTES, parsePublicKey } from './schnorr.js';
import { accountPathRoot, readSiblings } from './state-path.js';

/** Checks the path of account `id`; returns the root, which is to be compared with the contract's. */
export function verifyAccountProof(id: bigint, proof: AccountProof): string {
  if (whole(proof.id, 'account') !== id) {
    throw new ReceiptError(`the path is of account ${proof.id}, expected account ${id}`);
  }
  const key = parsePublicKey(fromHex(proof.key, 'key', PUBLIC_KEY_BYTES));
  if (key === undefined) throw new ReceiptError('the key of the path is not canonical');
  const owner = addressFromHex(proof.owner, 'owner');
  const balance = whole(proof.balance, 'nano', 'balance');
  const leaf = accountLeaf(accountIdentity(key, owner), balance, whole(proof.nonce, 'nonce'));
  const licenses = digestFromHex(proof.licenses_root, 'licenses root');
  const got = accountPathRoot(leaf, id, readSiblings(proof.siblings), licenses);
  if (!sameDigest(got, digestFromHex(proof.state_root, 'state root'))) {
    throw new ReceiptError(
      `the account's path leads to state root ${digestToHex(got)}, the answer names ${proof.state_root}`,
    );
  }
  return digestToHex(got);
}
