// An append-only file of records. Records that wait at the same time are written as one frame, which a single
// flush to the disk makes durable. A frame is a mark, the length and the checksum of its content, and the
// content: a line of JSON for each record. A crash can cut the last frame alone, since the next one is written
// only after it is durable.

import { type FileHandle, mkdir, open, rename, stat, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fromHex } from '../bytes.js';
import { crc32 } from './crc32.js';
import { OutboxError } from './errors.js';
import { FileLock } from './lock.js';

/** A record: any value that JSON has. */
export type JournalRecord = { readonly [field: string]: unknown };

/** Begins a frame. The byte 0xff is in no UTF-8 text, so no content holds the mark. */
const MARK = fromHex('0xff464a31', 'mark');
/** Mark, length, checksum. */
const HEAD_BYTES = 12;
/** The content of one frame ends with the record that reaches this. */
const CONTENT_BYTES_AIM = 1 << 20;
/** The longest content: more is damage. */
const CONTENT_BYTES_MAX = 1 << 26;
/** The most bytes of records that are taken at once; with others in the frame, they stay below its limit. */
const APPEND_BYTES_MAX = CONTENT_BYTES_MAX - CONTENT_BYTES_AIM;
/** Bytes of one read at the start. */
const READ_BYTES = 1 << 20;

/** A journal that cannot be read: its start, or a place before its end, is not what was written. */
function damaged(path: string, offset: number, why: string): OutboxError {
  return new OutboxError(
    `${path}, byte ${offset}: ${why}: restore the file from a copy, nothing was changed`,
  );
}

interface Waiting {
  readonly lines: readonly Uint8Array[];
  readonly apply: () => void;
  readonly done: () => void;
  readonly failed: (error: unknown) => void;
}

/** What a journal's owner gives. */
export interface JournalOptions {
  /** Names the content; a file of another kind is refused. */
  readonly kind: string;
  /** Called for each record, oldest first. */
  readonly replay: (record: JournalRecord) => void;
}

/** An open journal, locked against other processes. */
export class Journal {
  #waiting: Waiting[] = [];
  #writing: Promise<void> | undefined;
  #snapshot: { records: () => Iterable<JournalRecord>; done: () => void } | undefined;
  #broken: OutboxError | undefined;
  #closed = false;

  private constructor(
    readonly path: string,
    private readonly kind: string,
    private readonly lock: FileLock,
    private file: FileHandle,
    private length: number,
    /** Bytes that were cut at the start: of a frame that a crash kept from being whole. */
    readonly cutBytes: number,
  ) {}

  /** Opens a journal, or makes it, and replays its records. */
  static async open(path: string, { kind, replay }: JournalOptions): Promise<Journal> {
    await mkdir(dirname(path), { recursive: true });
    const lock = await FileLock.acquire(path);
    let file: FileHandle | undefined;
    try {
      await unlink(newName(path)).catch(() => undefined);
      const found = await stat(path).catch(() => undefined);
      if (found === undefined || found.size === 0) {
        const size = await writeNew(path, kind, []);
        await publish(path);
        return new Journal(path, kind, lock, await open(path, 'r+'), size, 0);
      }
      file = await open(path, 'r+');
      const length = await replayAll(path, file, found.size, kind, replay);
      if (length < found.size) {
        await file.truncate(length);
        await file.datasync();
      }
      return new Journal(path, kind, lock, file, length, found.size - length);
    } catch (error) {
      await file?.close();
      await lock.release();
      throw error;
    }
  }

  /** Bytes of the file. */
  get size(): number {
    return this.length;
  }

  /**
   * Writes records: all of them or none. They are durable on return. `apply` is called in the order of the
   * records in the file, before anything later is durable.
   */
  append(records: readonly JournalRecord[], apply: () => void = () => {}): Promise<void> {
    if (this.#closed) return Promise.reject(new OutboxError(`${this.path}: the journal is closed`));
    if (this.#broken !== undefined) return Promise.reject(this.#broken);
    const lines = records.map(lineOf);
    const bytes = lines.reduce((sum, line) => sum + line.length, 0);
    if (bytes > APPEND_BYTES_MAX) {
      return Promise.reject(
        new OutboxError(`${bytes} bytes of records at once, at most ${APPEND_BYTES_MAX} are taken`),
      );
    }
    return new Promise((done, failed) => {
      this.#waiting.push({ lines, apply, done, failed });
      this.#start();
    });
  }

  /**
   * Replaces the content by `records`, which is called when everything before is durable: the state at that moment.
   * A crash leaves the old file or the new one.
   */
  compact(records: () => Iterable<JournalRecord>): Promise<void> {
    if (this.#closed) return Promise.reject(new OutboxError(`${this.path}: the journal is closed`));
    return new Promise((done) => {
      this.#snapshot = { records, done };
      this.#start();
    });
  }

  /** Ends it, after what waits is durable. */
  async close(): Promise<void> {
    this.#closed = true;
    while (this.#writing !== undefined) await this.#writing;
    await this.file.close();
    await this.lock.release();
  }

  #start(): void {
    this.#writing ??= this.#run().finally(() => {
      this.#writing = undefined;
      if (this.#waiting.length > 0 || this.#snapshot !== undefined) this.#start();
    });
  }

  async #run(): Promise<void> {
    // Records of the same turn share a frame.
    await undefined;
    while (this.#waiting.length > 0 || this.#snapshot !== undefined) {
      const snapshot = this.#snapshot;
      if (snapshot !== undefined) {
        this.#snapshot = undefined;
        await this.#replace(snapshot.records());
        snapshot.done();
        continue;
      }
      const group = this.#takeGroup();
      try {
        if (this.#broken !== undefined) throw this.#broken;
        await this.#write(group);
        for (const { apply } of group) apply();
      } catch (error) {
        for (const { failed } of group) failed(error);
        continue;
      }
      for (const { done } of group) done();
    }
  }

  #takeGroup(): Waiting[] {
    let [count, bytes] = [0, 0];
    for (const { lines } of this.#waiting) {
      if (count > 0 && bytes >= CONTENT_BYTES_AIM) break;
      bytes += lines.reduce((sum, line) => sum + line.length, 0);
      count += 1;
    }
    return this.#waiting.splice(0, count);
  }

  async #write(group: readonly Waiting[]): Promise<void> {
    const bytes = frameOf(group.flatMap(({ lines }) => lines));
    try {
      await this.lock.check();
      await writeAll(this.file, bytes, this.length);
      await this.file.datasync();
    } catch (error) {
      // What was written in part is taken back. If that fails too, only a new start can tell what is there.
      try {
        await this.file.truncate(this.length);
        await this.file.datasync();
      } catch {
        this.#broken = brokenBy(this.path, error);
        throw this.#broken;
      }
      throw error instanceof OutboxError ? error : notWritten(this.path, error);
    }
    this.length += bytes.length;
  }

  async #replace(records: Iterable<JournalRecord>): Promise<void> {
    let size: number;
    try {
      await this.lock.check();
      size = await writeNew(this.path, this.kind, records);
    } catch {
      // Without room for the new file, the old one serves.
      return;
    }
    try {
      await publish(this.path);
      const before = this.file;
      this.file = await open(this.path, 'r+');
      this.length = size;
      await before.close();
    } catch (error) {
      this.#broken = brokenBy(this.path, error);
    }
  }
}

function notWritten(path: string, cause: unknown): OutboxError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new OutboxError(`${path}: nothing was recorded, the file cannot be written (${reason})`, cause);
}

function brokenBy(path: string, cause: unknown): OutboxError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new OutboxError(`${path}: not writable, open it again (${reason})`, cause);
}

function lineOf(record: JournalRecord): Uint8Array {
  return Buffer.from(`${JSON.stringify(record)}\n`, 'utf8');
}

function frameOf(lines: readonly Uint8Array[]): Uint8Array {
  const content = Buffer.concat(lines);
  const head = Buffer.alloc(HEAD_BYTES);
  head.set(MARK);
  head.writeUInt32BE(content.length, 4);
  head.writeUInt32BE(crc32(content), 8);
  return Buffer.concat([head, content]);
}

async function writeAll(file: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let at = 0; at < bytes.length; ) {
    at += (await file.write(bytes, at, bytes.length - at, position + at)).bytesWritten;
  }
}

function newName(path: string): string {
  return `${path}.new`;
}

/** Writes a head and records to a new file beside `path`; returns its size. It is durable on return. */
async function writeNew(path: string, kind: string, records: Iterable<JournalRecord>): Promise<number> {
  const file = await open(newName(path), 'w', 0o600);
  let size = 0;
  const flush = async (lines: readonly Uint8Array[]): Promise<void> => {
    const bytes = frameOf(lines);
    await writeAll(file, bytes, size);
    size += bytes.length;
  };
  try {
    await flush([lineOf({ journal: kind, version: 1 })]);
    let [lines, bytes]: [Uint8Array[], number] = [[], 0];
    for (const record of records) {
      const line = lineOf(record);
      lines.push(line);
      bytes += line.length;
      if (bytes < CONTENT_BYTES_AIM) continue;
      await flush(lines);
      [lines, bytes] = [[], 0];
    }
    if (lines.length > 0) await flush(lines);
    await file.sync();
  } finally {
    await file.close();
  }
  return size;
}

/** Gives the new file its name, durably. */
async function publish(path: string): Promise<void> {
  await rename(newName(path), path);
  const folder = await open(dirname(path), 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** Calls `replay` for all records; returns where the last whole frame ends. */
async function replayAll(
  path: string,
  file: FileHandle,
  size: number,
  kind: string,
  replay: (record: JournalRecord) => void,
): Promise<number> {
  let at = 0;
  let buffered = Buffer.alloc(0);
  const have = async (bytes: number): Promise<boolean> => {
    if (buffered.length >= bytes) return true;
    const wanted = Math.min(Math.max(bytes, READ_BYTES), size - at) - buffered.length;
    const more = Buffer.alloc(Math.max(wanted, 0));
    let got = 0;
    while (got < more.length) {
      const { bytesRead } = await file.read(more, got, more.length - got, at + buffered.length + got);
      if (bytesRead === 0) break;
      got += bytesRead;
    }
    buffered = Buffer.concat([buffered, more.subarray(0, got)]);
    return buffered.length >= bytes;
  };
  while (at < size) {
    const length = (await have(HEAD_BYTES)) ? contentLength(buffered) : undefined;
    const whole = length !== undefined && (await have(HEAD_BYTES + length));
    const content = whole ? contentOf(buffered, length) : undefined;
    if (content === undefined) break;
    const records = recordsOf(path, at, content);
    if (at === 0) checkHead(path, kind, records.shift());
    for (const record of records) replay(record);
    at += HEAD_BYTES + content.length;
    buffered = buffered.subarray(HEAD_BYTES + content.length);
  }
  if (at === 0) throw damaged(path, 0, 'this is not a journal');
  if (at < size && !(await isCutFrame(file, at, size))) {
    throw damaged(path, at, 'the frame here is damaged, and later ones are whole');
  }
  return at;
}

/** The length in a frame's head; `undefined` if it has none. */
function contentLength(bytes: Buffer): number | undefined {
  if (!bytes.subarray(0, MARK.length).equals(MARK)) return undefined;
  const length = bytes.readUInt32BE(4);
  return length > 0 && length <= CONTENT_BYTES_MAX ? length : undefined;
}

/** A frame's content; `undefined` if the checksum is another. */
function contentOf(bytes: Buffer, length: number): Buffer | undefined {
  const content = bytes.subarray(HEAD_BYTES, HEAD_BYTES + length);
  return content.length === length && crc32(content) === bytes.readUInt32BE(8) ? content : undefined;
}

/** Whether the rest of the file can be the one frame that a crash cut: no whole frame is in it. */
async function isCutFrame(file: FileHandle, from: number, size: number): Promise<boolean> {
  if (size - from > HEAD_BYTES + CONTENT_BYTES_MAX) return false;
  const rest = Buffer.alloc(size - from);
  await file.read(rest, 0, rest.length, from);
  for (let at = rest.indexOf(MARK, 1); at !== -1; at = rest.indexOf(MARK, at + 1)) {
    const frame = rest.subarray(at);
    const length = frame.length >= HEAD_BYTES ? contentLength(frame) : undefined;
    if (length !== undefined && contentOf(frame, length) !== undefined) return false;
  }
  return true;
}

function recordsOf(path: string, at: number, content: Buffer): JournalRecord[] {
  try {
    const lines = content.toString('utf8').split('\n');
    return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as JournalRecord);
  } catch {
    throw damaged(path, at, 'the frame here is not JSON');
  }
}

function checkHead(path: string, kind: string, head: JournalRecord | undefined): void {
  if (head?.['journal'] !== kind) throw damaged(path, 0, `this is not a journal of ${kind}`);
  if (head['version'] !== 1) {
    throw damaged(path, 0, `version ${String(head['version'])} is not read by this SDK`);
  }
}
