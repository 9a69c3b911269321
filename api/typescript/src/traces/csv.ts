// Records of CSV (RFC 4180): fields may be quoted, and a quoted one may hold commas, quotes and line ends.

import { withoutBlanks, withoutSpaces } from './blanks.js';
import { InvalidTraceError } from './errors.js';
import { type Line, RECORD_BYTES_MAX, tooLong } from './lines.js';

/** A record of a file: a line of it, or several that a quoted field joins. */
export interface TextRecord {
  /** The number of its first line. */
  readonly line: number;
  /** Without its line end. */
  readonly text: string;
}

/** A record of CSV. */
export interface CsvRecord extends TextRecord {
  readonly fields: readonly string[];
}

/** Records of CSV from their lines. Blank lines are passed over. */
export async function* csvRecords(lines: AsyncIterable<Line>, name: string): AsyncGenerator<CsvRecord, void> {
  let open: { line: number; text: string; bytes: number } | undefined;
  let end = '';
  for await (const next of lines) {
    if (open === undefined && withoutBlanks(next.text) === '') continue;
    const line: number = open?.line ?? next.number;
    const [whole, bytes]: [string, number] =
      open === undefined ? [next.text, 0] : [`${open.text}${end}${next.text}`, open.bytes + end.length];
    const length = bytes + Buffer.byteLength(next.text);
    if (length > RECORD_BYTES_MAX) throw tooLong(name, line);
    // Without a quote, a line leaves a quoted field open.
    const goesOn = open !== undefined && !next.text.includes('"');
    const fields = goesOn ? undefined : fieldsOf(whole, (what) => new InvalidTraceError(name, line, what));
    open = fields === undefined ? { line, text: whole, bytes: length } : undefined;
    end = next.end;
    if (fields !== undefined) yield { line, text: whole, fields };
  }
  if (open !== undefined) throw new InvalidTraceError(name, open.line, 'a quoted field does not end');
}

/** The fields of a record, without blanks around them; `undefined` if a quoted one goes on in the next line. */
function fieldsOf(record: string, error: (what: string) => InvalidTraceError): string[] | undefined {
  const text = withoutSpaces(record);
  if (!text.includes('"')) return text.split(',').map(withoutBlanks);
  const fields: string[] = [];
  for (let at = 0; ; at += 1) {
    let field: string;
    if (text[at] === '"') {
      const quoted = quotedField(text, at + 1);
      if (quoted === undefined) return undefined;
      [field, at] = quoted;
    } else {
      const end = text.indexOf(',', at);
      field = text.slice(at, end === -1 ? text.length : end);
      at += field.length;
      // Such a field could be read in two ways.
      if (field.includes('"')) throw error(`column ${fields.length + 1}: a quote in a field without quotes`);
    }
    fields.push(withoutBlanks(field));
    if (at === text.length) return fields;
    if (text[at] !== ',') throw error(`column ${fields.length}: a quoted field goes on after its end`);
  }
}

/** The field whose opening quote is before `from`, and the place after its closing quote. */
function quotedField(text: string, from: number): [string, number] | undefined {
  let field = '';
  for (let at = from; ; ) {
    const quote = text.indexOf('"', at);
    if (quote === -1) return undefined;
    field += text.slice(at, quote);
    if (text[quote + 1] !== '"') return [field, quote + 1];
    field += '"';
    at = quote + 2;
  }
}
