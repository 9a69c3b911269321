// Calls of the REST API. What was sent once is sent again byte for byte, under the same Idempotency-Key, until
// an answer comes: so a call has its effect once.

import { toHex } from './bytes.js';
import type { ServerClock } from './clock.js';
import {
  ConnectionError,
  type ErrorFacts,
  type FarthingError,
  type ProblemDocument,
  ProblemError,
  type ProblemFacts,
  TimeoutError,
  UnexpectedAnswerError,
} from './errors.js';
import { InputError } from './input-error.js';
import { PROBLEMS, type ProblemCode, RETRYABLE_CODES } from './problems.js';

/** How a client calls. */
export interface CallOptions {
  /** Calls after the first; 5 by default. */
  readonly retries?: number | undefined;
  /** Before the second call; doubled for each further one. */
  readonly firstDelayMs?: number | undefined;
  /** Never longer than this, whatever `Retry-After` says. */
  readonly maxDelayMs?: number | undefined;
  /** How long one call may take, a long poll's waiting not counted. */
  readonly timeoutMs?: number | undefined;
  /** A replacement of the global `fetch`. */
  readonly fetch?: typeof fetch | undefined;
}

/** One call, before it is made for the first time. */
export interface Call {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
  readonly body?: string | undefined;
  /** How long the node was asked to wait. */
  readonly waitMs?: number | undefined;
  /** The Idempotency-Key of a POST; without it, one is drawn for the call and its repeats. */
  readonly idempotencyKey?: string | undefined;
  /** The `Farthing-Signature` of a request that an account's key signs. The node does it once by itself. */
  readonly signature?: string | undefined;
  /** The intent that the body holds. */
  readonly intentId?: string | undefined;
  /** The code of a problem that the caller deals with: the call is not made again after it. */
  readonly ownCode?: ProblemCode | undefined;
}

/** Why an attempt failed, and what follows from it. */
export interface Failure {
  readonly make: (facts: ErrorFacts) => FarthingError;
  readonly again: boolean;
  /** Whether the request may have taken effect. */
  readonly unknown: boolean;
  readonly retryAfterMs?: number | undefined;
  /** The code of the node's problem, if it answered with one. */
  readonly code?: string | undefined;
}

type Attempt = { readonly answer: unknown } | Failure;

/** Problems after which the effect is not known. */
const UNKNOWN_EFFECT = new Set(['deadline_exceeded', 'effect_unknown', 'nonce_undecided']);

/** Makes calls to one node. */
export class Transport {
  readonly base: string;
  readonly retries: number;
  readonly #firstDelayMs: number;
  readonly #maxDelayMs: number;
  readonly #timeoutMs: number;
  readonly #fetch: typeof fetch;
  readonly #clock: ServerClock;

  constructor(node: string, clock: ServerClock, options: CallOptions = {}) {
    this.base = baseUrl(node);
    this.#clock = clock;
    this.retries = options.retries ?? 5;
    this.#firstDelayMs = options.firstDelayMs ?? 100;
    this.#maxDelayMs = options.maxDelayMs ?? 10_000;
    this.#timeoutMs = options.timeoutMs ?? 40_000;
    this.#fetch = options.fetch ?? ((input, init) => globalThis.fetch(input, init));
  }

  get(path: string, waitMs = 0): Promise<unknown> {
    return this.call({ method: 'GET', path, waitMs });
  }

  /** Makes a call, and makes it again as long as that helps. */
  async call(call: Call): Promise<unknown> {
    const key = call.idempotencyKey ?? toHex(crypto.getRandomValues(new Uint8Array(16))).slice(2);
    let unknown = false;
    for (let attempt = 1; ; attempt += 1) {
      const result = await this.#attempt(call, key);
      if ('answer' in result) return result.answer;
      unknown ||= result.unknown;
      const delay = this.delay(attempt, result.retryAfterMs);
      const isOwn = result.code !== undefined && result.code === call.ownCode;
      if (!result.again || delay === undefined || isOwn) {
        // A refusal for good settles it: an intent that was accepted before is answered as such.
        const outcomeUnknown = call.intentId !== undefined && unknown && (result.again || result.unknown);
        throw result.make({ intentId: call.intentId, outcomeUnknown });
      }
      await sleep(delay);
    }
  }

  /** Opens a stream of text, in one attempt; its end and its silences are the caller's. */
  async open(
    path: string,
    headers: Record<string, string>,
    stop: AbortSignal,
  ): Promise<{ readonly body: ReadableStream<Uint8Array> } | Failure> {
    const late = new AbortController();
    const end = (): void => late.abort();
    stop.addEventListener('abort', end);
    const timer = setTimeout(end, this.#timeoutMs);
    try {
      const accept = { Accept: 'text/event-stream, application/json', ...headers };
      const response = await this.#fetch(`${this.base}${path}`, {
        headers: accept,
        signal: late.signal,
        credentials: 'omit',
        redirect: 'error',
      });
      const type = response.headers.get('content-type') ?? '';
      if (response.ok && response.body !== null && type.startsWith('text/event-stream')) {
        return { body: response.body };
      }
      return refused(this.base, response, parse(await response.text()));
    } catch (cause) {
      return unanswered(this.base, cause);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Milliseconds to wait after attempt number `attempt`; `undefined` if it was the last, unless none is. */
  delay(attempt: number, retryAfterMs = 0, endless = false): number | undefined {
    if (attempt > this.retries && !endless) return undefined;
    const backoff = this.#firstDelayMs * 2 ** Math.min(attempt - 1, 30);
    // Clients that failed together are spread over half of the delay.
    const spread = backoff * (0.5 + Math.random() / 2);
    return Math.min(Math.max(retryAfterMs, spread), this.#maxDelayMs);
  }

  async #attempt(call: Call, key: string): Promise<Attempt> {
    const sentMs = this.#clock.localMs();
    let response: Response;
    let text: string;
    try {
      const post = { 'Content-Type': 'application/json' };
      const named = call.signature === undefined ? { 'Idempotency-Key': key } : undefined;
      const signed = call.signature === undefined ? undefined : { 'Farthing-Signature': call.signature };
      response = await this.#fetch(`${this.base}${call.path}`, {
        method: call.method,
        headers: {
          Accept: 'application/json',
          ...(call.body === undefined ? {} : { ...post, ...named }),
          ...signed,
        },
        ...(call.body === undefined ? {} : { body: call.body }),
        signal: AbortSignal.timeout(this.#timeoutMs + (call.waitMs ?? 0)),
        credentials: 'omit',
        redirect: 'error',
      });
      text = await response.text();
    } catch (cause) {
      return unanswered(this.base, cause);
    }
    this.#clock.observe(response.headers.get('date'), sentMs, this.#clock.localMs());
    const json = parse(text);
    if (response.ok && json !== undefined) return { answer: json };
    return refused(this.base, response, json);
  }
}

/** An attempt without an answer: whether it took effect is not known. */
function unanswered(base: string, cause: unknown): Failure {
  const late = cause instanceof Error && (cause.name === 'TimeoutError' || cause.name === 'AbortError');
  const make = (facts: ErrorFacts): FarthingError =>
    late
      ? new TimeoutError(`no answer from ${base} in time`, { ...facts, cause })
      : new ConnectionError(`no answer from ${base}: ${reasonOf(cause)}`, { ...facts, cause });
  return { make, again: true, unknown: true };
}

function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  const inner = cause.cause instanceof Error ? `: ${cause.cause.message}` : '';
  return `${cause.message}${inner}`;
}

function refused(base: string, response: Response, json: unknown): Failure {
  const { status, headers } = response;
  const retryAfterMs = secondsOf(headers.get('retry-after'));
  const advised = headers.get('x-should-retry');
  const decide = (usual: boolean): boolean => (advised === null ? usual : advised === 'true');
  if (!response.ok && isProblem(json)) {
    const again = decide(RETRYABLE_CODES.has(json.code));
    const docsUrl = json.type.startsWith('/') ? `${base}${json.type}` : json.type;
    const make = (facts: ErrorFacts): FarthingError =>
      problemError(json, { ...facts, retryable: again, docsUrl, retryAfterMs });
    return { make, again, unknown: UNKNOWN_EFFECT.has(json.code), retryAfterMs, code: json.code };
  }
  // A proxy in between speaks for itself, or an answer was cut.
  const again = decide(response.ok || status === 408 || status === 429 || status >= 500);
  const make = (facts: ErrorFacts): FarthingError =>
    new UnexpectedAnswerError(status, `status ${status} from ${base}, and a body that is not the API's`, {
      ...facts,
      retryable: again,
    });
  return { make, again, unknown: response.ok || status >= 500, retryAfterMs };
}

/** The error of a problem, of the class of its code. */
export function problemError(problem: ProblemDocument, facts: ProblemFacts = {}): ProblemError {
  const known = Object.hasOwn(PROBLEMS, problem.code);
  const Class = known ? PROBLEMS[problem.code as keyof typeof PROBLEMS] : ProblemError;
  return new Class(problem, facts);
}

function isProblem(value: unknown): value is ProblemDocument {
  if (typeof value !== 'object' || value === null) return false;
  const { type, title, status, code } = value as Record<string, unknown>;
  const texts = [type, title, code].every((text) => typeof text === 'string');
  return texts && typeof status === 'number';
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Seconds only: a date would need a clock that agrees with the node's. */
function secondsOf(text: string | null): number | undefined {
  return text !== null && /^[0-9]{1,9}$/.test(text) ? Number(text) * 1000 : undefined;
}

function baseUrl(node: string): string {
  let url: URL;
  try {
    url = new URL(node);
  } catch {
    throw new InputError('node: not a URL, expected http(s)://host[:port]');
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new InputError(`node: the URL starts with ${url.protocol}, expected http:// or https://`);
  }
  if (url.username !== '' || url.password !== '') {
    throw new InputError('node: the URL has a user name or a password, which fetch does not send');
  }
  return `${url.origin}${url.pathname}`.replace(/\/+$/, '');
}

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
