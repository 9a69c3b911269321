// Middleware of Express: records the usage that answers report.
//
//     app.use(usageMiddleware(meter))
//
// It passes every byte on as it comes. Of a JSON answer it keeps a copy of at most `bodyBytesMax`, of a stream of
// server-sent events only the line at hand. An answer is billed when it is handed over whole, if its status is
// below 400; a stream that the client broke off is billed for what it had reported.

import type { IncomingMessage, OutgoingHttpHeader, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { UsageEvent } from '../meter/event.js';
import {
  type OnError,
  type Recorder,
  recordOr,
  tell,
  type Units,
  UsageReport,
  warnOfLoss,
} from './usage-report.js';

export { type OnError, type Recorder, type Units, UsageReport } from './usage-report.js';

const BODY_BYTES_MAX = 1 << 20;
/** The media types that are read. */
const FORMS: Readonly<Record<string, 'json' | 'events'>> = {
  'application/json': 'json',
  'text/event-stream': 'events',
};
/** Statuses from here on are errors. */
const FAILED_STATUS = 400;

/** An answer and what it reported. */
export interface Answered<Request, Response> {
  readonly request: Request;
  readonly response: Response;
  readonly report: UsageReport;
}

/** Choices of the middleware. */
export interface UsageMiddlewareOptions<Request, Response> {
  /**
   * The events of an answer; without any it is not billed. By default one: what the answer reports, by its own id
   * and model. An id that the client can choose, such as that of a request header, lets it pay once for many calls.
   */
  readonly extract?:
    | ((answered: Answered<Request, Response>) => UsageEvent | readonly UsageEvent[] | undefined)
    | undefined;
  /** Tokens that count by default. */
  readonly units?: Units | undefined;
  /** The model of all events by default, in place of the answer's. */
  readonly model?: string | undefined;
  readonly bodyBytesMax?: number | undefined;
  readonly onError?: OnError | undefined;
}

/** A handler as Express takes it. */
export type Middleware<Request, Response> = (
  request: Request,
  response: Response,
  next: (error?: unknown) => void,
) => void;

/** Records the usage that answers report. */
export function usageMiddleware<
  Request extends IncomingMessage = IncomingMessage,
  Response extends ServerResponse = ServerResponse,
>(meter: Recorder, options: UsageMiddlewareOptions<Request, Response> = {}): Middleware<Request, Response> {
  const { bodyBytesMax = BODY_BYTES_MAX, onError = warnOfLoss } = options;
  const extract = options.extract ?? (({ report }) => reported(report, options.units, options.model));
  return (request, response, next) => {
    const documents = new Documents(bodyBytesMax);
    observe(response, documents);
    const eventsOf = (report: UsageReport): UsageEvent[] => {
      try {
        return [extract({ request, response, report }) ?? []].flat() as UsageEvent[];
      } catch (error) {
        // It would end the process: nothing waits for the end of an answer.
        tell(onError, error, undefined);
        return [];
      }
    };
    let isDone = false;
    const done = (): void => {
      if (isDone) return;
      isDone = true;
      if (response.statusCode >= FAILED_STATUS || !response.headersSent) return;
      // Of what was broken off only a stream is billed.
      if (!response.writableEnded && !documents.isStream) return;
      documents.end();
      for (const event of eventsOf(documents.report)) void recordOr(onError, meter, event);
    };
    response.once('finish', done);
    response.once('close', done);
    next();
  };
}

function reported(report: UsageReport, units?: Units, model?: string): UsageEvent | undefined {
  if (report.failed || report.generated === 0 || report.id === undefined) return undefined;
  return { id: report.id, units: report.units(units), model: model ?? report.model ?? '' };
}

/** Gives a copy of what is written to `documents`. */
function observe(response: ServerResponse, documents: Documents): void {
  const own = { write: response.write, end: response.end, writeHead: response.writeHead };
  let headers: OutgoingHttpHeaders = {};
  const see = (chunk: unknown, encoding: unknown): void => {
    if (typeof chunk !== 'string' && !(chunk instanceof Uint8Array)) return;
    // What comes after the end is no part of the answer.
    if (response.writableEnded) return;
    documents.start((name) => headers[name] ?? response.getHeader(name));
    const isText = typeof encoding === 'string' && Buffer.isEncoding(encoding);
    documents.feed(typeof chunk === 'string' ? Buffer.from(chunk, isText ? encoding : 'utf8') : chunk);
  };
  const replacement = {
    // Headers that come with the status are not among those that `getHeader` knows.
    writeHead: (...parameters: unknown[]): unknown => {
      headers = headersOf(parameters.at(-1));
      return Reflect.apply(own.writeHead, response, parameters);
    },
    write: (...parameters: unknown[]): unknown => {
      see(parameters[0], parameters[1]);
      return Reflect.apply(own.write, response, parameters);
    },
    end: (...parameters: unknown[]): unknown => {
      see(parameters[0], parameters[1]);
      return Reflect.apply(own.end, response, parameters);
    },
  };
  Object.assign(response, replacement);
}

/** Headers as `writeHead` takes them, by names in small letters. */
function headersOf(value: unknown): OutgoingHttpHeaders {
  if (typeof value !== 'object' || value === null) return {};
  const entries: [unknown, unknown][] = [];
  if (!Array.isArray(value)) entries.push(...Object.entries(value));
  else if (Array.isArray(value[0])) entries.push(...(value as [unknown, unknown][]));
  else for (let i = 0; i + 1 < value.length; i += 2) entries.push([value[i], value[i + 1]]);
  return Object.fromEntries(
    entries.map(([name, of]) => [String(name).toLowerCase(), of as OutgoingHttpHeader]),
  );
}

/** JSON documents of an answer. */
class Documents {
  readonly report = new UsageReport();
  #form: 'json' | 'events' | 'other' | undefined;
  #kept: Uint8Array[] = [];
  #bytes = 0;

  constructor(private readonly most: number) {}

  get isStream(): boolean {
    return this.#form === 'events';
  }

  /** Learns the form of the answer, once its headers are known. */
  start(header: (name: string) => OutgoingHttpHeader | undefined): void {
    if (this.#form !== undefined) return;
    const text = (name: string): string => String(header(name) ?? '').toLowerCase();
    const [type = ''] = text('content-type').split(';');
    this.#form = FORMS[type.trim()] ?? 'other';
    if (this.#form === 'other' || ['', 'identity'].includes(text('content-encoding'))) return;
    this.#form = 'other';
    warn('an encoded answer is not read for usage: put usageMiddleware after what compresses');
  }

  feed(bytes: Uint8Array): void {
    if (this.#form === 'other') return;
    if (this.#form === 'json') {
      this.#keep(bytes);
      return;
    }
    let from = 0;
    for (let end = bytes.indexOf(0x0a); end !== -1; end = bytes.indexOf(0x0a, from)) {
      this.#keep(bytes.subarray(from, end));
      this.#line();
      from = end + 1;
    }
    this.#keep(bytes.subarray(from));
  }

  /** Reads what is left. */
  end(): void {
    if (this.#form === 'events') this.#line();
    if (this.#form === 'json') this.#document(this.#take('an answer'));
  }

  #keep(bytes: Uint8Array): void {
    this.#bytes += bytes.length;
    if (this.#bytes > this.most) this.#kept = [];
    // The caller may use its buffer again.
    else this.#kept.push(new Uint8Array(bytes));
  }

  #line(): void {
    const line = this.#take('an event').trim();
    if (line.startsWith('data:')) this.#document(line.slice('data:'.length));
  }

  #take(what: string): string {
    const isWhole = this.#bytes <= this.most;
    const text = isWhole ? Buffer.concat(this.#kept).toString('utf8') : '';
    if (!isWhole) warn(`${what} of more than ${this.most} bytes is not read for usage`);
    [this.#kept, this.#bytes] = [[], 0];
    return text;
  }

  #document(text: string): void {
    try {
      this.report.feed(JSON.parse(text));
    } catch {
      // `[DONE]`, or text that is not JSON.
    }
  }
}

function warn(message: string): void {
  process.emitWarning(message, 'FarthingWarning');
}
