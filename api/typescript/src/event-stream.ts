// Events as they happen: a stream that goes on where it ended, whatever ends it.

import type { EventFilter, StreamedEvent } from './api.js';
import { EventReader } from './event-reader.js';
import type { Failure, Transport } from './http.js';
import { paths } from './paths.js';

/** Before the stream is opened again, unless the node names another pause. */
const RECONNECT_MS = 2_000;
/** Without a byte for so long, a connection is taken for lost: nodes show signs of life every 15 s. */
const SILENCE_MAX_MS = 60_000;

/** The events that are wanted, from where on, and until when. */
export interface EventsOptions extends EventFilter {
  /** The `place` after which the stream begins, or `start` for the beginning of the rollup; now by default. */
  readonly after?: string | undefined;
  /** Ends the stream. */
  readonly signal?: AbortSignal | undefined;
}

/** Yields events, and opens the stream again after the last one whenever it ends. */
export async function* eventStream(
  transport: Transport,
  options: EventsOptions,
): AsyncGenerator<StreamedEvent, void> {
  const { signal, after } = options;
  const path = paths.events(options, after);
  const reader = new EventReader();
  let [failures, opened] = [0, false];
  while (signal?.aborted !== true) {
    const stop = new AbortController();
    const end = (): void => stop.abort();
    signal?.addEventListener('abort', end);
    let pauseMs: number;
    try {
      const opening = await transport.open(path, reader.headers(), stop.signal);
      if ('body' in opening) {
        [failures, opened] = [0, true];
        reader.begin();
        for await (const chunk of chunks(opening.body, stop)) yield* reader.read(chunk);
        pauseMs = reader.pauseMs ?? RECONNECT_MS;
      } else if (stop.signal.aborted) {
        return;
      } else {
        failures += 1;
        pauseMs = pauseAfter(transport, opening, failures, opened);
      }
    } finally {
      signal?.removeEventListener('abort', end);
      stop.abort();
    }
    await pause(pauseMs, signal);
  }
}

/** Milliseconds before the next try. A stream that was open once is opened again for as long as it takes. */
function pauseAfter(transport: Transport, failure: Failure, failures: number, opened: boolean): number {
  const pauseMs = transport.delay(failures, failure.retryAfterMs, opened);
  if (!failure.again || pauseMs === undefined) throw failure.make({});
  return pauseMs;
}

/** The bytes of a body. A connection that fails or falls silent ends like one that is closed. */
async function* chunks(body: ReadableStream<Uint8Array>, stop: AbortController): AsyncGenerator<Uint8Array> {
  const reader = body.getReader();
  for (;;) {
    const silence = setTimeout(() => stop.abort(), SILENCE_MAX_MS);
    const chunk = await reader.read().catch(() => undefined);
    clearTimeout(silence);
    if (chunk === undefined || chunk.done) return;
    yield chunk.value;
  }
}

/** Waits, but not beyond the end of the stream. */
function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal?.addEventListener('abort', done);
    if (signal?.aborted === true) done();
  });
}
