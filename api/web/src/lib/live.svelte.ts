// What changes while the page is open: the node's status, and a beat for everything that settles.
//
// This is the only place that asks again by itself. The node's stream of events says when to ask; between events,
// and where there is no stream, the status is asked for at intervals. Pages read `live.beat` (batches were sealed,
// proven or finalized) or `live.tick` (the node was asked again) and load what they show once more.

import type { NodeStatus } from '@farthing/sdk';
import { base, node } from './node.js';

const TYPES = ['batch.sealed', 'block.proven', 'block.finalized'];
const EVENTS = `${base}v1/events?types=${TYPES.join()}`;

const PAUSE_MS = 2_000;
/** While the stream of events tells what changes. */
const STREAMED_PAUSE_MS = 10_000;
/** While nobody looks. */
const HIDDEN_PAUSE_MS = 20_000;
const FAILED_PAUSE_MAX_MS = 15_000;
/** Events that come together are one reason to ask. */
const GATHER_MS = 150;
/** Before a stream that was refused is asked for again. */
const REFUSED_PAUSE_MS = 60_000;

class Live {
  /** The node's last word about itself. */
  status = $state.raw<NodeStatus>();
  /** Why it did not answer the last time, if it did not. */
  failure = $state.raw<unknown>();
  /** Grows when batches were sealed, proven or finalized. */
  beat = $state(0);
  /** Grows with every answer. */
  tick = $state(0);
  /** Unix seconds. */
  now = $state(seconds());

  #echo = false;
  #failures = 0;
  #streamed = false;
  /** Ends the pause; absent while the node is being asked. */
  #wake: (() => void) | undefined;
  #again = false;
  #gathering: ReturnType<typeof setTimeout> | undefined;

  /** Asks until the page is closed. */
  async run(): Promise<never> {
    setInterval(() => {
      this.now = seconds();
    }, 1_000);
    document.addEventListener('visibilitychange', () => document.hidden || this.refresh());
    addEventListener('online', () => this.refresh());
    this.#listen();
    for (;;) {
      await this.#ask();
      await this.#pause();
    }
  }

  /** Asks at once; if the node is being asked, once more after that: its answer may be of before. */
  refresh(): void {
    if (this.#wake === undefined) this.#again = true;
    else this.#wake();
  }

  /** Follows the stream. The browser opens it again by itself where it was lost, but not where it was refused. */
  #listen(): void {
    const stream = new EventSource(EVENTS);
    stream.onopen = () => {
      this.#streamed = true;
      this.refresh();
    };
    stream.onerror = () => {
      this.#streamed = false;
      this.refresh();
      if (stream.readyState === EventSource.CLOSED) setTimeout(() => this.#listen(), REFUSED_PAUSE_MS);
    };
    for (const type of TYPES) stream.addEventListener(type, () => this.#gather());
  }

  #gather(): void {
    this.#gathering ??= setTimeout(() => {
      this.#gathering = undefined;
      this.refresh();
    }, GATHER_MS);
  }

  async #ask(): Promise<void> {
    try {
      const status = await node.nodeStatus();
      const changed = progressOf(status) !== progressOf(this.status);
      // A batch counts once it is sealed, and can be read a moment later: pages load once more then.
      if (changed || this.#echo) this.beat += 1;
      this.#echo = changed;
      this.status = status;
      this.failure = undefined;
      this.tick += 1;
      this.#failures = 0;
    } catch (error) {
      this.failure = error;
      this.#failures += 1;
    }
  }

  #pause(): Promise<void> {
    const pause = this.#again ? 0 : this.#pauseMs();
    this.#again = false;
    return new Promise((resolve) => {
      const end = (): void => {
        clearTimeout(timer);
        this.#wake = undefined;
        resolve();
      };
      const timer = setTimeout(end, pause);
      this.#wake = end;
    });
  }

  #pauseMs(): number {
    if (document.hidden) return HIDDEN_PAUSE_MS;
    if (this.#failures > 0) return Math.min(PAUSE_MS * 2 ** this.#failures, FAILED_PAUSE_MAX_MS);
    return this.#streamed && !this.#echo ? STREAMED_PAUSE_MS : PAUSE_MS;
  }
}

function seconds(): number {
  return Math.floor(Date.now() / 1000);
}

function progressOf(status: NodeStatus | undefined): string {
  const batches = status?.batches;
  return batches === undefined ? '' : [batches.sequenced, batches.proven, batches.finalized].join();
}

export const live = new Live();
