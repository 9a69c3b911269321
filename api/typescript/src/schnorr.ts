// Schnorr signatures over EcGFp5 (state/SPEC.md, section 5).

import { bigEndian, concat, elementBytes, elementsOf, fromBigEndian } from './bytes.js';
import { addPoints, decode, encode, multiplyGenerator, multiplyPoint, negatePoint, ORDER } from './curve.js';
import { type Fp5, isZero } from './extension.js';
import { type Digest, hashIn, hashWide, Tag } from './poseidon2.js';

export const PUBLIC_KEY_BYTES = 40;
export const SIGNATURE_BYTES = 80;
export const SEED_BYTES = 32;

/** Why a signature is refused, in the order in which the reasons win. */
export type SignatureFault =
  | 'key not canonical'
  | 'nonce not canonical'
  | 'nonce neutral'
  | 'response too large'
  | 'key neutral'
  | 'key not in the group'
  | 'nonce not in the group'
  | 'mismatch';

/** An integer of 64-bit digits, least significant first. */
function fromDigits(digits: readonly bigint[]): bigint {
  return digits.reduceRight((value, digit) => (value << 64n) | digit, 0n);
}

/** A scalar from eight elements; a zero is replaced by 1. */
function scalarFrom(elements: readonly bigint[]): bigint {
  const scalar = fromDigits(elements) % ORDER;
  return scalar === 0n ? 1n : scalar;
}

/** The secret scalar of a seed. */
export function secretScalar(seedLimbs: readonly bigint[]): bigint {
  return scalarFrom(hashWide(Tag.SecretKey, seedLimbs));
}

/** The public key of a secret scalar. */
export function publicKeyOf(secret: bigint): Fp5 {
  return encode(multiplyGenerator(secret));
}

/** e₀ … e₃: binds nonce, key and message under a domain. It is the leaf of the receipts tree, too. */
export function challenge(domain: Digest, nonce: Fp5, key: Fp5, message: readonly bigint[]): Digest {
  return hashIn(domain, [...nonce, ...key, ...message]);
}

/** The ten 32-bit halves of a scalar, limb by limb, the low half first. */
function halves(scalar: bigint): bigint[] {
  return Array.from({ length: 10 }, (_, i) => (scalar >> BigInt(32 * i)) & 0xffffffffn);
}

/** Signs 14 elements. The nonce follows from key, domain and message: no random numbers are used. */
export function signMessage(
  secret: bigint,
  key: Fp5,
  domain: Digest,
  message: readonly bigint[],
): Uint8Array {
  const drawn = hashWide(Tag.SignatureNonce, [...halves(secret), ...domain, ...key, ...message]);
  const nonce = scalarFrom(drawn);
  const point = encode(multiplyGenerator(nonce));
  const e = fromDigits(challenge(domain, point, key, message));
  const response = (nonce + e * secret) % ORDER;
  return concat(elementBytes(point), bigEndian(response, 40));
}

/** The nonce point and the response of a signature's bytes. */
export function parseSignature(bytes: Uint8Array): { nonce: Fp5; response: bigint } | SignatureFault {
  const nonce = elementsOf(bytes.subarray(0, PUBLIC_KEY_BYTES));
  if (nonce === undefined) return 'nonce not canonical';
  if (nonce.every((element) => element === 0n)) return 'nonce neutral';
  const response = fromBigEndian(bytes.subarray(PUBLIC_KEY_BYTES));
  if (response >= ORDER) return 'response too large';
  return { nonce: nonce as unknown as Fp5, response };
}

/** The five elements of a public key; `undefined` if one is not canonical. */
export function parsePublicKey(bytes: Uint8Array): Fp5 | undefined {
  return elementsOf(bytes) as unknown as Fp5 | undefined;
}

/** Why a signature is refused; `undefined` if it is valid. Variable time: signatures are public. */
export function signatureFault(
  keyBytes: Uint8Array,
  domain: Digest,
  message: readonly bigint[],
  signature: Uint8Array,
): SignatureFault | undefined {
  const key = parsePublicKey(keyBytes);
  if (key === undefined) return 'key not canonical';
  const parsed = parseSignature(signature);
  if (typeof parsed === 'string') return parsed;
  if (isZero(key)) return 'key neutral';
  const keyPoint = decode(key);
  if (keyPoint === undefined) return 'key not in the group';
  if (decode(parsed.nonce) === undefined) return 'nonce not in the group';
  const e = fromDigits(challenge(domain, parsed.nonce, key, message));
  // s·G − e·P has the encoding of R if and only if s·G = R + e·P.
  const point = addPoints(multiplyGenerator(parsed.response), negatePoint(multiplyPoint(e, keyPoint)));
  const encoded = encode(point);
  return encoded.every((element, i) => element === parsed.nonce[i]) ? undefined : 'mismatch';
}
