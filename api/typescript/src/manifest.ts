// Canonical bytes and hash of provenance manifests: RFC 8785 and SHA-256. The node and `farthing manifest
// check` check the schema; here is checked only that the text is JSON as manifests use it, so that its hash
// is the same everywhere.

import { sha256 } from '@noble/hashes/sha2.js';
import { toHex, utf8 } from './bytes.js';
import { InputError } from './input-error.js';

/** The bytes of a manifest. */
export const MANIFEST_BYTES_MAX = 64 * 1024;

type Json = boolean | number | string | Json[] | { [name: string]: Json };

/** A text in JSON, with its quotes. */
const TEXTS = /"(?:[^"\\]|\\.)*"/gs;
/** Half of a character above U+FFFF. */
const LONE_SURROGATE = /\p{Surrogate}/u;

/** The canonical form of a manifest; its bytes are UTF-8. */
export function canonicalManifest(text: string | Uint8Array): string {
  const bytes = typeof text === 'string' ? utf8(text) : text;
  if (bytes.length > MANIFEST_BYTES_MAX) {
    throw new InputError(`the manifest has ${bytes.length} bytes, at most ${MANIFEST_BYTES_MAX} are allowed`);
  }
  let json: string;
  let canonical: string;
  let members: number;
  try {
    json = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    const count = { members: 0 };
    canonical = write(JSON.parse(json) as Json, count);
    members = count.members;
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw new InputError(
      `not the JSON of a manifest: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
  // The parser keeps the last of members with one name, and takes every form of a number.
  const marks = json.replace(TEXTS, '""');
  if (marks.split(':').length - 1 !== members) refuse('a member is given twice');
  if (/[-.E]|\de/.test(marks)) refuse('expected whole numbers from 0 to 2^53 - 1');
  return canonical;
}

/** The hash of a manifest, which is the provenance of its license. */
export function manifestHash(text: string | Uint8Array): string {
  return toHex(sha256(utf8(canonicalManifest(text))));
}

function write(value: Json | null, count: { members: number }): string {
  if (value === null) return refuse('null, expected no member instead');
  if (typeof value === 'string') return writeText(value);
  if (typeof value === 'boolean') return String(value);
  if (typeof value === 'number') {
    return Number.isSafeInteger(value) && value >= 0 ? String(value) : refuse(`the number ${value}`);
  }
  if (Array.isArray(value)) return `[${value.map((item) => write(item, count)).join(',')}]`;
  // Sorted by UTF-16 code units, as RFC 8785 has it.
  const names = Object.keys(value).sort();
  count.members += names.length;
  return `{${names.map((name) => `${writeText(name)}:${write(value[name] ?? null, count)}`).join(',')}}`;
}

function writeText(text: string): string {
  if (LONE_SURROGATE.test(text)) refuse('text with half of a character');
  return JSON.stringify(text);
}

function refuse(what: string): never {
  throw new InputError(`not the JSON of a manifest: ${what}`);
}
