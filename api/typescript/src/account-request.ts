// Requests that an account's key signs, and that settle nothing, such as for a webhook (state/SPEC.md, section 9).

import { concat, keccak, toHex, utf8, wordLimbs } from './bytes.js';
import type { SecretKey } from './keys.js';
import { OPENING_MESSAGE } from './opening.js';
import { type Digest, hash, Tag } from './poseidon2.js';

/** keccak256 of an HTTP request: method, space, target (path and query), line feed, body. */
export function requestContent(method: string, target: string, body: string): Uint8Array {
  return keccak(concat(utf8(`${method} ${target}\n`), utf8(body)));
}

/** The domain of the signature: no intent's, and no opening's. `time` is in unix seconds. */
export function requestDomain(domain: Digest, account: bigint, time: bigint, content: Uint8Array): Digest {
  return hash(Tag.AccountRequest, [...domain, account, time, ...wordLimbs(content)]);
}

/** An account, its key, and the deployment that it is of. */
export interface RequestSigner {
  readonly account: number;
  readonly key: SecretKey;
  readonly domain: Digest;
}

/** The header `Farthing-Signature` of a request made at `time` (unix seconds). */
export function requestSignature(
  signer: RequestSigner,
  time: number,
  request: { readonly method: string; readonly target: string; readonly body?: string },
): string {
  const content = requestContent(request.method, request.target, request.body ?? '');
  const signing = requestDomain(signer.domain, BigInt(signer.account), BigInt(time), content);
  const signature = signer.key.sign(signing, OPENING_MESSAGE);
  return `account=${signer.account},t=${time},s=${toHex(signature)}`;
}
