// Secret keys. They never appear in text: a key prints, inspects and serializes as its public key.

import { elementBytes, fromHex, toHex, wordLimbs } from './bytes.js';
import type { Fp5 } from './extension.js';
import { InputError } from './input-error.js';
import type { Digest } from './poseidon2.js';
import { publicKeyOf, SEED_BYTES, secretScalar, signMessage } from './schnorr.js';

/** The key that signs for an account. */
export class SecretKey {
  /** `0x` and 80 hexadecimal digits. */
  readonly publicKey: string;
  readonly #secret: bigint;
  readonly #elements: Fp5;

  private constructor(secret: bigint) {
    this.#secret = secret;
    this.#elements = publicKeyOf(secret);
    this.publicKey = toHex(elementBytes(this.#elements));
  }

  /** The key of 32 secret bytes, or of 64 hexadecimal digits. Errors do not quote them. */
  static fromSeed(seed: Uint8Array | string): SecretKey {
    const bytes = typeof seed === 'string' ? seedOf(seed) : seed;
    if (bytes.length !== SEED_BYTES) {
      throw new InputError(`a seed has ${SEED_BYTES} bytes, got ${bytes.length}`);
    }
    return new SecretKey(secretScalar(wordLimbs(bytes)));
  }

  /** A key of the system's random numbers, and the seed that brings it back: keep the seed. */
  static generate(): { key: SecretKey; seed: Uint8Array } {
    const seed = crypto.getRandomValues(new Uint8Array(SEED_BYTES));
    return { key: SecretKey.fromSeed(seed), seed };
  }

  /** The five elements of the public key. */
  get elements(): Fp5 {
    return this.#elements;
  }

  /** Signs 14 elements under a domain: 80 bytes, the same each time. */
  sign(domain: Digest, message: readonly bigint[]): Uint8Array {
    return signMessage(this.#secret, this.#elements, domain, message);
  }

  toString(): string {
    return `SecretKey(public key ${this.publicKey})`;
  }

  toJSON(): string {
    return this.toString();
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.toString();
  }
}

function seedOf(text: string): Uint8Array {
  const digits = /^(?:0[xX])?([0-9a-fA-F]{64})$/.exec(text.trim())?.[1];
  if (digits === undefined) throw new InputError('a seed is 64 hexadecimal digits, 0x before them or not');
  return fromHex(`0x${digits}`, 'seed');
}

/** The key of a seed. */
export function keyFromSeed(seed: Uint8Array | string): SecretKey {
  return SecretKey.fromSeed(seed);
}
