// Span processor of OpenTelemetry: records the usage that spans of generative models report.
//
//     new NodeTracerProvider({ spanProcessors: [new UsageSpanProcessor(meter)] })
//
// It reads `gen_ai.usage.input_tokens` and `gen_ai.usage.output_tokens` of the semantic conventions. Spans are
// taken without waiting; `forceFlush` and `shutdown` return when their events are on disk.

import type { UsageEvent } from '../meter/event.js';
import {
  countOf,
  type OnError,
  type Recorder,
  recordOr,
  tell,
  textOf,
  type Units,
  warnOfLoss,
} from './usage-report.js';

export type { OnError, Recorder, Units } from './usage-report.js';

/** Operations that are billed. Spans of agents and workflows sum up their inner calls: they are not. */
const OPERATIONS: ReadonlySet<unknown> = new Set([
  'chat',
  'text_completion',
  'generate_content',
  'embeddings',
]);
const OUTPUT = ['gen_ai.usage.output_tokens', 'gen_ai.usage.completion_tokens'];
const INPUT = ['gen_ai.usage.input_tokens', 'gen_ai.usage.prompt_tokens'];
/** The code of a status that is an error. */
const STATUS_ERROR = 2;

/** The parts of a span that ended which are read; `ReadableSpan` has them. */
export interface EndedSpan {
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly status: { readonly code: number };
  /** Seconds, and nanoseconds. */
  readonly endTime: readonly [number, number];
  spanContext(): { readonly traceId: string; readonly spanId: string };
}

/** Choices of the processor. */
export interface UsageSpanOptions {
  /** Tokens that count. */
  readonly units?: Units | undefined;
  /** The event of a span, in place of what its attributes report; without one it is not billed. */
  readonly extract?: ((span: EndedSpan) => UsageEvent | undefined) | undefined;
  readonly onError?: OnError | undefined;
}

/** Records the usage of each span that ended without an error. */
export class UsageSpanProcessor {
  readonly #meter: Recorder;
  readonly #extract: (span: EndedSpan) => UsageEvent | undefined;
  readonly #onError: OnError;
  readonly #writing = new Set<Promise<void>>();
  #ended = false;

  constructor(meter: Recorder, options: UsageSpanOptions = {}) {
    this.#meter = meter;
    this.#extract = options.extract ?? ((span) => eventOfSpan(span, options.units));
    this.#onError = options.onError ?? warnOfLoss;
  }

  /** Does nothing: usage is known at the end. */
  onStart(_span: unknown, _context: unknown): void {}

  /** Takes a span that ended. */
  onEnd(span: EndedSpan): void {
    const event = this.#eventOf(span);
    if (event === undefined) return;
    if (this.#ended) {
      tell(this.#onError, new Error('the span processor is shut down'), event);
      return;
    }
    const written = recordOr(this.#onError, this.#meter, event);
    this.#writing.add(written);
    void written.finally(() => this.#writing.delete(written));
  }

  #eventOf(span: EndedSpan): UsageEvent | undefined {
    try {
      return this.#extract(span);
    } catch (error) {
      tell(this.#onError, error, undefined);
      return undefined;
    }
  }

  /** Waits until the events of all spans so far are on disk. */
  async forceFlush(): Promise<void> {
    await Promise.all(this.#writing);
  }

  /** The same, and takes no more spans. The meter stays open. */
  async shutdown(): Promise<void> {
    this.#ended = true;
    await this.forceFlush();
  }
}

/** The event of a span; `undefined` if there is nothing to bill. */
export function eventOfSpan(span: EndedSpan, units: Units = 'generated'): UsageEvent | undefined {
  const { attributes, status, endTime } = span;
  if (!OPERATIONS.has(attributes['gen_ai.operation.name'])) return undefined;
  if (status.code === STATUS_ERROR || attributes['error.type'] !== undefined) return undefined;
  const used = countOf(attributes, OUTPUT) + (units === 'total' ? countOf(attributes, INPUT) : 0);
  if (used === 0) return undefined;
  const { traceId, spanId } = span.spanContext();
  // Two instrumentations of one call make two spans with the same answer: they are one event.
  const id = textOf(attributes, 'gen_ai.response.id') ?? `${traceId}-${spanId}`;
  const model = textOf(attributes, 'gen_ai.request.model', 'gen_ai.response.model') ?? '';
  return { id, units: used, model, ...(endTime[0] > 0 ? { time: endTime[0] } : {}) };
}
