// Makes signed intents of one account: its key, the deployment, and nonces from the clock.

import { requestSignature } from './account-request.js';
import { digestToHex } from './bytes.js';
import { ServerClock } from './clock.js';
import { ClockError } from './errors.js';
import { InputError } from './input-error.js';
import { type Intent, intentId, intentMessage, type SignedIntent } from './intent.js';
import type { SecretKey } from './keys.js';
import type { Operation } from './operations.js';
import type { Digest } from './poseidon2.js';
import { type Money, money, RANGES, type Whole, whole } from './quantity.js';

/** How long an intent is valid unless the caller says otherwise. */
export const VALID_FOR_DEFAULT_SECONDS = 15 * 60;
/** The longest validity: nodes take no longer one unless their operator says so. */
export const VALIDITY_MAX_SECONDS = 7 * 24 * 3600;
/** How far a nonce may be ahead of the clock that it stands for. */
const NONCE_AHEAD_MAX_MICROS = 24n * 3_600_000_000n;

/** Choices of a signer. */
export interface SignerOptions {
  /** Nano offered to the operator with each intent; 0 by default. */
  readonly fee?: Money | undefined;
  /** Seconds for which intents are valid. */
  readonly validForSeconds?: number | undefined;
  /** The clock, for tests. */
  readonly clock?: ServerClock | undefined;
}

/**
 * Signs intents of one account. Any number of signers may share it, on any number of machines: a nonce
 * is the clock's millisecond in microseconds, and below it digits drawn at random, so two of one millisecond
 * seldom meet. A nonce that another writer used, or that came after its batch was sealed, is refused for good,
 * and the client signs again.
 */
export class Signer {
  readonly account: bigint;
  readonly domain: Digest;
  readonly #key: SecretKey;
  readonly #fee: bigint;
  readonly #validForSeconds: number;
  readonly #clock: ServerClock;
  #lastNonce = 0n;
  /** Requests of this second and later ones, with the last second that each was signed for. */
  readonly #requests = new Map<string, number>();

  constructor(account: Whole, key: SecretKey, domain: Digest, options: SignerOptions = {}) {
    const validFor = options.validForSeconds ?? VALID_FOR_DEFAULT_SECONDS;
    if (!(Number.isInteger(validFor) && validFor > 0 && validFor <= VALIDITY_MAX_SECONDS)) {
      throw new InputError(`validForSeconds is ${validFor}, expected 1 to ${VALIDITY_MAX_SECONDS}`);
    }
    this.account = whole(account, 'account');
    this.domain = domain;
    this.#key = key;
    this.#fee = money(options.fee ?? 0n, 'fee');
    this.#validForSeconds = validFor;
    this.#clock = options.clock ?? new ServerClock();
  }

  get publicKey(): string {
    return this.#key.publicKey;
  }

  /** Later nonces are above this one. */
  learnNonce(last: Money): void {
    const nonce = whole(last, 'nonce');
    if (nonce > this.#lastNonce) this.#lastNonce = nonce;
  }

  /** Signs an operation with the next nonce. */
  sign(operation: Operation): SignedIntent {
    const nowMs = this.#clock.nowMs();
    return this.signIntent({
      account: this.account,
      nonce: this.#nextNonce(nowMs),
      fee: this.#fee,
      validUntil: BigInt(Math.floor(nowMs / 1000) + this.#validForSeconds),
      operation,
    });
  }

  /** Signs an intent whose every field the caller chose. */
  signIntent(intent: Intent): SignedIntent {
    const message = intentMessage(intent);
    const id = digestToHex(intentId(this.domain, message));
    return { intent, signature: this.#key.sign(this.domain, message), id };
  }

  /**
   * Signs an HTTP request to a node: the header `Farthing-Signature`. `target` is the path and the query, as they
   * are sent. It serves for five minutes, and once: the same request is signed for a later second each time.
   */
  signRequest(request: { readonly method: string; readonly target: string; readonly body?: string }): string {
    const now = Math.floor(this.#clock.nowMs() / 1000);
    for (const [name, time] of this.#requests) if (time < now) this.#requests.delete(name);
    const name = JSON.stringify([request.method, request.target, request.body]);
    const time = Math.max(now, (this.#requests.get(name) ?? 0) + 1);
    this.#requests.set(name, time);
    const signer = { account: Number(this.account), key: this.#key, domain: this.domain };
    return requestSignature(signer, time, request);
  }

  #nextNonce(nowMs: number): bigint {
    const now = BigInt(Math.floor(nowMs)) * 1000n;
    if (this.#lastNonce >= now + NONCE_AHEAD_MAX_MICROS) {
      throw new ClockError(
        `the account's last nonce, ${this.#lastNonce}, is further ahead of the clock than nodes take: set this ` +
          "machine's clock, or wait until it is past that nonce",
      );
    }
    const drawn = BigInt(drawBelow1000());
    const clock = now + drawn;
    const nonce = clock > this.#lastNonce ? clock : this.#lastNonce + 1n + drawn;
    if (nonce > RANGES.nonce[1]) throw new ClockError('the clock is beyond the range of nonces: set it');
    this.#lastNonce = nonce;
    return nonce;
  }
}

function drawBelow1000(): number {
  // 65,000 values of a 16-bit word are 65 times each remainder; others are drawn again.
  const drawn = new Uint16Array(1);
  do crypto.getRandomValues(drawn);
  while ((drawn[0] as number) >= 65_000);
  return (drawn[0] as number) % 1000;
}
