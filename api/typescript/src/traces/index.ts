// Files of usage: inference traces and activity exports as usage events (api/conformance/metering.md). CSV is read
// by the names of its header: Azure 2023, 2024 and LMM 2025, BurstGPT, the OpenRouter activity export, and others
// with the same columns. JSON Lines are Mooncake's. Either may be in gzip.

import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import { InputError } from '../input-error.js';
import type { UsageEvent } from '../meter/event.js';
import { RANGES, type Whole } from '../quantity.js';
import { withoutBlanks } from './blanks.js';
import { type CsvRecord, csvRecords, type TextRecord } from './csv.js';
import { InvalidTraceError } from './errors.js';
import { type Line, linesOf } from './lines.js';
import { secondsOf } from './time.js';

export { InvalidTraceError } from './errors.js';

/** License or model of events. */
export type Target = { readonly license: Whole } | { readonly model: string };

/** How a file is read. */
export interface TraceOptions {
  /** The license of all rows. */
  readonly license?: Whole | undefined;
  /** The model of all rows; without license and model, the one in the row. */
  readonly model?: string | undefined;
  /** Tokens that count: the generated ones by default, or those of the context too. */
  readonly units?: 'generated' | 'total' | undefined;
  /** Makes events of the images of a row. */
  readonly images?: Target | undefined;
  /** Names the file in the ids of rows without an id of their own; by default the file's name. */
  readonly source?: string | undefined;
}

type Role = 'time' | 'context' | 'generated' | 'id' | 'model' | 'images' | 'finish';

/** Names of each column, without spaces, `-` and `_`, in small letters. */
const NAMES: Readonly<Record<Role, readonly string[]>> = {
  time: ['timestamp', 'time', 'date', 'datetime', 'arrivaltime', 'createdat'],
  context: [
    'context',
    'contexttokens',
    'prompttokens',
    'requesttokens',
    'inputtokens',
    'numprefilltokens',
    'tokensprompt',
    'inputlength',
  ],
  generated: [
    'generated',
    'generatedtokens',
    'completiontokens',
    'responsetokens',
    'outputtokens',
    'numdecodetokens',
    'tokenscompletion',
    'outputlength',
  ],
  id: ['generationid', 'requestid', 'id'],
  model: ['model', 'modelpermaslug'],
  images: ['numimages'],
  finish: ['finishreasonnormalized'],
};
const ROLES = new Map(
  Object.entries(NAMES).flatMap(([role, names]) => names.map((name) => [name, role as Role])),
);
/** Columns of a file without a header. */
const POSITIONS: readonly Role[] = ['time', 'context', 'generated'];
/** Letters of a value that an error repeats. */
const SHOWN_LETTERS = 40;

type Row = Partial<Record<Role, unknown>>;

/** Events of a file. It is read as the events are taken; the counts grow meanwhile. */
export class Trace implements AsyncIterable<UsageEvent> {
  /** Names the file in errors and in the ids of rows. */
  readonly source: string;
  /** Rows that have events. */
  billed = 0;
  /** Rows of failed calls: they generated nothing, or ended in an error. They are not billed. */
  skipped = 0;
  readonly #content: string | AsyncIterable<Uint8Array>;
  readonly #options: TraceOptions;
  #line = 1;

  constructor(content: string | AsyncIterable<Uint8Array>, options: TraceOptions) {
    const { license, model, units = 'generated', source } = options;
    if (license !== undefined && model !== undefined) {
      throw new InputError('a trace: expected a license or a model, and not both');
    }
    if (units !== 'generated' && units !== 'total') {
      throw new InputError(`units is "${String(units)}", expected "generated" or "total"`);
    }
    this.#content = content;
    this.#options = options;
    const name = typeof content === 'string' ? basename(content).replace(/\.gz$/, '') : '';
    this.source = source ?? (name === '' ? 'trace' : name);
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<UsageEvent, void> {
    [this.billed, this.skipped] = [0, 0];
    for await (const { record, row } of this.#rows()) {
      this.#line = record.line;
      yield* this.#eventsOf(row, record.text);
    }
  }

  #error(what: string, line = this.#line): InvalidTraceError {
    return new InvalidTraceError(this.source, line, what);
  }

  async *#rows(): AsyncGenerator<{ record: TextRecord; row: Row }, void> {
    const lines = linesOf(this.#content, this.source);
    let first = await lines.next();
    while (first.done !== true && withoutBlanks(first.value.text) === '') first = await lines.next();
    if (first.done === true) return;
    const start = first.value;
    const all = async function* (): AsyncGenerator<Line, void> {
      yield start;
      yield* lines;
    };
    yield* withoutBlanks(start.text).startsWith('{') ? this.#jsonRows(all()) : this.#csvRows(all());
  }

  async *#jsonRows(lines: AsyncIterable<Line>): AsyncGenerator<{ record: TextRecord; row: Row }, void> {
    for await (const { number: line, text } of lines) {
      if (withoutBlanks(text) === '') continue;
      this.#line = line;
      const row = this.#jsonRow(text);
      this.#checkRoles(Object.keys(row) as Role[]);
      yield { record: { line, text }, row };
    }
  }

  /** A line of Mooncake's form, whose times are milliseconds. */
  #jsonRow(text: string): Row {
    let data: unknown;
    try {
      data = JSON.parse(text);
    } catch (error) {
      throw this.#error(`not JSON: ${(error as Error).message.slice(0, 2 * SHOWN_LETTERS)}`);
    }
    const fields = data as Record<string, unknown>;
    if (
      typeof data !== 'object' ||
      data === null ||
      !('timestamp' in fields) ||
      !('output_length' in fields)
    ) {
      throw this.#error('expected an object with timestamp and output_length');
    }
    const row: Row = { time: fields['timestamp'], generated: fields['output_length'] };
    if ('input_length' in fields) row.context = fields['input_length'];
    if (typeof fields['model'] === 'string') row.model = fields['model'];
    return row;
  }

  async *#csvRows(lines: AsyncIterable<Line>): AsyncGenerator<{ record: TextRecord; row: Row }, void> {
    let columns: (Role | undefined)[] | undefined;
    for await (const record of csvRecords(lines, this.source)) {
      this.#line = record.line;
      if (columns === undefined) {
        const { found, isRow } = this.#header(record);
        columns = found;
        if (!isRow) continue;
      }
      const { fields } = record;
      if (fields.length !== columns.length) {
        throw this.#error(`${fields.length} columns, expected ${columns.length}`);
      }
      const row: Row = {};
      for (const [at, role] of columns.entries()) if (role !== undefined) row[role] = fields[at];
      yield { record, row };
    }
  }

  /** The columns that the first record names; without a header it is a row itself. */
  #header({ fields }: CsvRecord): { found: (Role | undefined)[]; isRow: boolean } {
    const found = fields.map((name) => ROLES.get(name.replace(/[ _-]/g, '').toLowerCase()));
    for (const [at, role] of found.entries()) {
      if (role !== undefined && found.indexOf(role) < at) {
        throw this.#error(`column ${at + 1}: a second column of ${role}`);
      }
    }
    if (found.includes('generated')) {
      this.#checkRoles(found);
      return { found, isRow: false };
    }
    const [time = '', context = ''] = fields;
    if (fields.length !== POSITIONS.length || secondsOf(time) === undefined || !/^[0-9]+$/.test(context)) {
      throw this.#error(
        'neither a header that names a column of generated tokens nor time,context,generated',
      );
    }
    this.#checkRoles(POSITIONS);
    return { found: [...POSITIONS], isRow: true };
  }

  #checkRoles(roles: readonly (Role | undefined)[]): void {
    const { license, model, units } = this.#options;
    if (units === 'total' && !roles.includes('context')) {
      throw this.#error("no column of context tokens, which units 'total' needs");
    }
    if (license === undefined && model === undefined && !roles.includes('model')) {
      throw this.#error('no column of models: name a license or a model for all rows');
    }
  }

  *#eventsOf(row: Row, text: string): Generator<UsageEvent, void> {
    const generated = this.#count(row.generated, 'generated tokens');
    const context = 'context' in row ? this.#count(row.context, 'context tokens') : 0n;
    const pictures = 'images' in row ? this.#count(row.images, 'images') : 0n;
    const time = 'time' in row ? this.#time(row.time) : undefined;
    const finish = typeof row.finish === 'string' ? row.finish.toLowerCase() : '';
    if (generated === 0n || finish === 'error') {
      this.skipped += 1;
      return;
    }
    const id = 'id' in row ? String(row.id) : `${this.source}:${this.#line}`;
    if (id === '') throw this.#error('an empty id');
    const { images, units } = this.#options;
    const provenance = new Uint8Array(createHash('sha256').update(text, 'utf8').digest());
    const common = { provenance, ...(time === undefined ? {} : { time }) };
    const count = units === 'total' ? generated + context : generated;
    const target = this.#target(row);
    this.billed += 1;
    yield { id, units: count, ...target, ...common };
    if (images !== undefined && pictures > 0n)
      yield { id: `${id}#images`, units: pictures, ...images, ...common };
  }

  #target(row: Row): Target {
    const { license, model } = this.#options;
    if (license !== undefined) return { license };
    const name = model ?? row.model;
    if (typeof name !== 'string' || name === '') throw this.#error('an empty model');
    return { model: name };
  }

  #count(value: unknown, what: string): bigint {
    const digits = typeof value === 'string' ? /^([0-9]{1,16})(?:\.0*)?$/.exec(value)?.[1] : undefined;
    const number = digits === undefined ? value : Number(digits);
    if (typeof number !== 'number' || !Number.isSafeInteger(number) || number < 0) {
      throw this.#error(`${what}: ${shown(value)}, expected a whole number`);
    }
    return BigInt(number);
  }

  /** Seconds; a number is milliseconds. */
  #time(value: unknown): bigint {
    const isMillis = typeof value === 'number' && value >= 0 && value <= Number.MAX_SAFE_INTEGER;
    const seconds = isMillis ? Math.floor(value / 1000) : secondsOf(typeof value === 'string' ? value : '');
    const [least, most] = RANGES.time;
    if (seconds === undefined || seconds < least || seconds > most) {
      const expected = 'seconds, or a date and a time such as 2023-11-16 18:15:46.68';
      throw this.#error(`time: ${shown(value)}, expected ${expected}`);
    }
    return BigInt(seconds);
  }
}

function shown(value: unknown): string {
  const text = typeof value === 'string' ? `"${value.slice(0, SHOWN_LETTERS)}"` : String(value);
  return text.slice(0, SHOWN_LETTERS + 2);
}

/** Opens a file of usage, by its path or as a stream of bytes. It is read as the events are taken. */
export function readTrace(content: string | AsyncIterable<Uint8Array>, options: TraceOptions = {}): Trace {
  return new Trace(content, options);
}
