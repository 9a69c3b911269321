// Prices and recipients of licenses, as a client that signs for them sees them.

import { shortDigestToHex } from '../bytes.js';
import type { Farthing } from '../client.js';
import { type FarthingError, ProblemError, RecipientChangedError } from '../errors.js';

/** The parts of a payment that its license decides: they are asked for together. */
export interface LicensePrice {
  /** Nano per use. */
  readonly perUse: bigint;
  /** The license's recipient: `0x` and 48 hexadecimal digits. */
  readonly recipient: string;
}

/** Prices, asked for once each until they are forgotten; errors are not kept. */
export class Prices {
  readonly #known = new Map<bigint, Promise<LicensePrice | FarthingError>>();

  constructor(private readonly client: Farthing) {}

  /** The price of a license, or why it cannot be paid now. */
  of(license: bigint): Promise<LicensePrice | FarthingError> {
    const asked = this.#known.get(license) ?? this.#ask(license);
    this.#known.set(license, asked);
    return asked;
  }

  /** Asks again for the price of a license. */
  forget(license: bigint): void {
    this.#known.delete(license);
  }

  async #ask(license: bigint): Promise<LicensePrice | FarthingError> {
    try {
      const { amount, recipient } = await this.client.preparePay(license, 1);
      return { perUse: amount, recipient: shortDigestToHex(recipient) };
    } catch (error) {
      this.forget(license);
      // A license that cannot be paid lets its own events wait. Without an answer the others cannot be asked for.
      const isOfLicense =
        error instanceof ProblemError ? !error.retryable : error instanceof RecipientChangedError;
      if (isOfLicense) return error as FarthingError;
      throw error;
    }
  }
}
