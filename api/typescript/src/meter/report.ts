import type { FarthingError } from '../errors.js';

/** What one flush did, and what keeps events and payments waiting. */
export class FlushReport {
  /** Payments that the node has acknowledged. */
  accepted = 0;
  /** Events of these payments. */
  events = 0;
  /** Payments whose outcome is not known: the same bytes are sent again by the next flush. */
  unanswered = 0;
  /** Payments of which the node cannot tell whether they settled. */
  undecided = 0;
  /** Payments that are sent again after a pause, and licenses and events that wait: how many, by code, and an error. */
  readonly refused = new Map<string, { count: number; error: FarthingError }>();
  /** Why the node did not answer, if it did not. */
  lastError: FarthingError | undefined;

  /** Whether there was nothing to do, and nothing waits for a person. */
  get isEmpty(): boolean {
    const counts = this.accepted + this.unanswered + this.undecided + this.refused.size;
    return counts === 0 && this.lastError === undefined;
  }

  refuse(error: FarthingError): void {
    const { count } = this.refused.get(error.code) ?? { count: 0 };
    this.refused.set(error.code, { count: count + 1, error });
  }
}
