// Prices of licenses, as a client that signs for them sees them.

import type { Farthing } from '../client.js';
import { type FarthingError, ProblemError, RecipientChangedError } from '../errors.js';

/** Prices, asked for once each until they are forgotten; errors are not kept. */
export class Prices {
  readonly #known = new Map<bigint, Promise<bigint | FarthingError>>();

  constructor(private readonly client: Farthing) {}

  /** The price of a license, or why it cannot be paid now. */
  of(license: bigint): Promise<bigint | FarthingError> {
    const asked = this.#known.get(license) ?? this.#ask(license);
    this.#known.set(license, asked);
    return asked;
  }

  /** Asks again for the price of a license. */
  forget(license: bigint): void {
    this.#known.delete(license);
  }

  async #ask(license: bigint): Promise<bigint | FarthingError> {
    try {
      // A recipient that is another now lets its events wait, and not the others.
      return (await this.client.preparePay(license, 1)).amount;
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
