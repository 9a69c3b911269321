// The time of the node, from this machine's clock and the `Date` of answers: nonces and validities are
// times, and a machine may have a wrong clock.

import { ClockError } from './errors.js';

/** The largest difference that is made up for. A node that lies about more cannot shut an account out. */
const OFFSET_MAX_MS = 60 * 60 * 1000;

/** A clock that follows the node's, to a second. */
export class ServerClock {
  #offsetMs = 0;

  /** `local` gives this machine's milliseconds since 1970. */
  constructor(private readonly local: () => number = Date.now) {}

  /** The local time, for `observe`. */
  localMs(): number {
    return this.local();
  }

  /** Learns from an answer: its `Date` is a second in which a moment between the two local times lies. */
  observe(date: string | null, sentMs: number, receivedMs: number): void {
    const second = date === null ? Number.NaN : Date.parse(date);
    if (Number.isNaN(second)) return;
    const least = second - receivedMs;
    const most = second + 1000 - sentMs;
    if (least > most) return;
    this.#offsetMs = Math.min(Math.max(this.#offsetMs, least), most);
  }

  /** How far the node's clock is ahead, as far as answers tell. */
  get offsetMs(): number {
    return this.#offsetMs;
  }

  /** Milliseconds since 1970 by the node's clock. */
  nowMs(): number {
    if (Math.abs(this.#offsetMs) > OFFSET_MAX_MS) {
      const seconds = Math.round(this.#offsetMs / 1000);
      throw new ClockError(
        `this machine's clock and the node's differ by ${seconds} s, more than is made up for: set the clock`,
      );
    }
    const now = this.local() + this.#offsetMs;
    if (!(now >= 0 && now < 2 ** 40 * 1000)) {
      throw new ClockError('the clock of this machine is before 1970 or beyond the range of times: set it');
    }
    return now;
  }
}
