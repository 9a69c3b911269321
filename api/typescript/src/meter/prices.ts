// Prices of licenses, as a client that signs for them sees them.

import type { Farthing } from '../client.js';
import { type FarthingError, ProblemError, RecipientChangedError } from '../errors.js';
import type { Pay } from '../operations.js';

/** Prices, asked for once each until they are forgotten; errors are not kept. */
export class Prices {
  readonly #known = new Map<bigint, Promise<Pay | FarthingError>>();

  constructor(private readonly client: Farthing) {}

  /** A payment of one use, with price and recipient; or why a license cannot be paid now. */
  of(license: bigint): Promise<Pay | FarthingError> {
    const asked = this.#known.get(license) ?? this.#ask(license);
    this.#known.set(license, asked);
    return asked;
  }

  /** Asks again for the price of a license. */
  forget(license: bigint): void {
    this.#known.delete(license);
  }

  async #ask(license: bigint): Promise<Pay | FarthingError> {
    try {
      // A recipient that has changed lets its events wait, and not the others.
      return await this.client.preparePay(license, 1);
    } catch (error) {
      this.forget(license);
      // Without an answer the others cannot be asked for either.
      const isRefusal =
        error instanceof ProblemError ? !error.retryable : error instanceof RecipientChangedError;
      if (isRefusal) return error as FarthingError;
      throw error;
    }
  }
}
