// Recipients: accounts and licenses by the names that intents sign (state/SPEC.md, section 7).
//
// An operator gives out numbers; a recipient follows from keys, owners, shares and manifests alone. It is `0x` and
// 48 hexadecimal digits: the first three elements of a digest.

import { addressFromHex, fromHex, shortDigestFromHex, shortDigestToHex, wordLimbs } from './bytes.js';
import { RecipientChangedError, UnexpectedAnswerError } from './errors.js';
import { InputError } from './input-error.js';
import { accountIdentity } from './leaves.js';
import { type Word, word } from './operations.js';
import { type Digest, hash, Tag, ZERO_DIGEST } from './poseidon2.js';
import { whole } from './quantity.js';
import { PUBLIC_KEY_BYTES, parsePublicKey } from './schnorr.js';
import { type Holder, type HolderShares, packedLine, shareTable } from './shares.js';

/** The recipient of an identity, an origin or a holder chain. */
export function recipientOf([e0, e1, e2]: Digest): string {
  return shortDigestToHex([e0, e1, e2]);
}

/** The recipient of an account, from its public key and the L1 address to which it withdraws. */
export function accountRecipient(publicKey: string, owner: string): string {
  const key = parsePublicKey(fromHex(publicKey, 'public key', PUBLIC_KEY_BYTES));
  if (key === undefined) throw new InputError('public key: not canonical elements of the field');
  return recipientOf(accountIdentity(key, addressFromHex(owner, 'owner')));
}

/** The commitment to a share table and to the recipients of its holders, which are given line by line. */
export function holderChain(holders: readonly HolderShares[], recipients: readonly string[]): Digest {
  const lines = shareTable(holders);
  if (recipients.length !== lines.length) {
    throw new InputError(`${recipients.length} recipients of ${lines.length} holders: give one for each`);
  }
  let chain = ZERO_DIGEST;
  for (const [i, line] of [...lines.entries()].reverse()) {
    const recipient = shortDigestFromHex(recipients[i], `recipient of holder ${i}`);
    chain = hash(Tag.HolderChain, [...chain, packedLine(line), ...recipient]);
  }
  return chain;
}

/** The origin of a license: its `recipientOf` is the license's recipient. `licensor` is an account's recipient. */
export function licenseOrigin(licensor: string, chain: Digest, provenance?: Word): Digest {
  const identity = shortDigestFromHex(licensor, 'recipient of the licensor');
  return hash(Tag.LicenseOrigin, [...identity, ...chain, ...wordLimbs(word(provenance, 'provenance'))]);
}

/** What holders are called in errors. */
function nameOf(holder: Holder): string {
  if ('account' in holder) return `account ${whole(holder.account, 'account')}`;
  return `license ${whole(holder.license, 'license')}`;
}

/** Recipients that a client was told, and those that it signed for: of others the node's word is taken, once. */
export class KnownRecipients {
  readonly #known = new Map<string, string>();

  /** Signs for `holder` under this recipient only. */
  tell(holder: Holder, recipient: string): void {
    this.#known.set(nameOf(holder), canonical(recipient, 'recipient'));
  }

  /** The recipient to sign for. The node's must be `told`, else that known before; else it is known from now on. */
  check(holder: Holder, named: string, told?: string): string {
    const name = nameOf(holder);
    const got = answered(named, name);
    const expected = told === undefined ? this.#known.get(name) : canonical(told, 'recipient');
    if (expected !== undefined && expected !== got) throw new RecipientChangedError(name, expected, got);
    if (expected === undefined) this.#known.set(name, got);
    return got;
  }
}

/** The recipient in an answer of the node. */
function answered(text: string, name: string): string {
  try {
    return canonical(text, `the node's answer about ${name}`);
  } catch (cause) {
    throw new UnexpectedAnswerError(200, (cause as Error).message, { cause });
  }
}

/** A recipient in lower case; an error if it is none. */
function canonical(text: string, what: string): string {
  return shortDigestToHex(shortDigestFromHex(text, what));
}
