// Lines of a file, compressed with gzip or not, as bytes: what is not UTF-8 is an error of its own line.

import { createReadStream } from 'node:fs';
import { createGunzip } from 'node:zlib';
import { InvalidTraceError } from './errors.js';

/** The longest line: a record of an inference has a few hundred letters. */
export const RECORD_BYTES_MAX = 1 << 16;
/** Unpacked bytes that wait to be read. */
const QUEUE_BYTES_MAX = 1 << 20;
const [LINE_FEED, CARRIAGE_RETURN] = [0x0a, 0x0d];

/** A line of a file and its number from 1. */
export interface Line {
  readonly number: number;
  /** Without its end, and without the mark of UTF-8 at the start of the file. */
  readonly text: string;
  /** Its end: a line feed, with a carriage return before it or not, or nothing in the last line. */
  readonly end: string;
}

/** Lines of a file that `name` names in errors. */
export async function* linesOf(
  content: string | AsyncIterable<Uint8Array>,
  name: string,
): AsyncGenerator<Line, void> {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  let number = 0;
  let rest = Buffer.alloc(0);
  const lineOf = (bytes: Uint8Array, ended: boolean): Line => {
    number += 1;
    const returns = ended && bytes.at(-1) === CARRIAGE_RETURN;
    const own = returns ? bytes.subarray(0, -1) : bytes;
    if (own.length > RECORD_BYTES_MAX) throw tooLong(name, number);
    const text = textOf(decoder, own);
    if (text === undefined) throw new InvalidTraceError(name, number, 'not UTF-8');
    const end = `${returns ? '\r' : ''}${ended ? '\n' : ''}`;
    return { number, text: number === 1 && text.startsWith('\ufeff') ? text.slice(1) : text, end };
  };
  try {
    for await (const bytes of unpacked(typeof content === 'string' ? createReadStream(content) : content)) {
      rest = rest.length === 0 ? Buffer.from(bytes) : Buffer.concat([rest, bytes]);
      let from = 0;
      for (let end = rest.indexOf(LINE_FEED); end !== -1; end = rest.indexOf(LINE_FEED, from)) {
        yield lineOf(rest.subarray(from, end), true);
        from = end + 1;
      }
      rest = rest.subarray(from);
      if (rest.length > RECORD_BYTES_MAX + 1) throw tooLong(name, number + 1);
    }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (error instanceof InvalidTraceError) throw error;
    const what = code?.startsWith('Z_') ? 'the gzip stream is damaged or cut off' : 'cannot be read';
    throw new InvalidTraceError(name, number + 1, `${what} (${code ?? message})`);
  }
  if (rest.length > 0) yield lineOf(rest, false);
}

function textOf(decoder: TextDecoder, bytes: Uint8Array): string | undefined {
  try {
    const text = decoder.decode(bytes);
    // UTF-16 without its mark, or not text at all.
    return text.includes('\0') ? undefined : text;
  } catch {
    return undefined;
  }
}

export function tooLong(name: string, line: number): InvalidTraceError {
  return new InvalidTraceError(name, line, `a record of more than ${RECORD_BYTES_MAX} bytes`);
}

/** The bytes, unpacked if the first two are those of gzip. */
async function* unpacked(content: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void> {
  let first = Buffer.alloc(0);
  const chunks = content[Symbol.asyncIterator]();
  let next = await chunks.next();
  while (next.done !== true && first.length < 2) {
    first = Buffer.concat([first, next.value]);
    next = await chunks.next();
  }
  const all = async function* (): AsyncGenerator<Uint8Array, void> {
    yield first;
    for (; next.done !== true; next = await chunks.next()) yield next.value;
  };
  try {
    yield* first[0] === 0x1f && first[1] === 0x8b ? gunzipped(all()) : all();
  } finally {
    await chunks.return?.();
  }
}

/** Unpacks a stream. What was unpacked before an error comes before the error. */
async function* gunzipped(packed: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void> {
  const gunzip = createGunzip();
  let queue: Uint8Array[] = [];
  let [waiting, failure, wake]: [number, unknown, () => void] = [0, undefined, () => {}];
  let ended = false;
  gunzip.on('data', (bytes: Uint8Array) => {
    queue.push(bytes);
    waiting += bytes.length;
    if (waiting > QUEUE_BYTES_MAX) gunzip.pause();
    wake();
  });
  const finish = (error?: unknown): void => {
    [ended, failure] = [true, failure ?? error];
    wake();
  };
  gunzip.on('end', () => finish());
  gunzip.on('error', finish);
  const feeding = (async () => {
    for await (const bytes of packed) {
      if (ended) return;
      if (!gunzip.write(bytes))
        await new Promise<void>((resolve) => {
          const go = (): void => resolve();
          gunzip.once('drain', go);
          gunzip.once('close', go);
        });
    }
    gunzip.end();
  })().catch((error: unknown) => {
    gunzip.destroy();
    finish(error);
  });
  try {
    for (;;) {
      const ready = queue;
      [queue, waiting] = [[], 0];
      gunzip.resume();
      yield* ready;
      if (queue.length > 0) continue;
      if (ended) break;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
    if (failure !== undefined) throw failure;
  } finally {
    gunzip.destroy();
    await feeding;
  }
}
