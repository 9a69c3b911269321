// Ids of paid events: 24 bytes each, since a program may have paid for hundreds of millions. They are forgotten by
// the days on which their payments became final.

import { createHash } from 'node:crypto';
import type { MeteredEvent } from './event.js';

/** Words of 32 bits: four of the id's hash, two of the content's. */
const WORDS = 6;
const ID_WORDS = 4;
const CAPACITY_LEAST = 1 << 10;
/** Entries of one part in a snapshot. */
const PART_ENTRIES = 4096;

/** Days whose events are forgotten together: each part is looked into for each new event. */
const PART_DAYS = 16;

/** Ids of paid events, and for how long they are remembered. */
export class PaidEvents {
  readonly #parts = new Map<number, PaidSet>();

  get count(): number {
    return [...this.#parts.values()].reduce((sum, { count }) => sum + count, 0);
  }

  /** Adds an event whose payment became final on a day since 1970. */
  add(event: MeteredEvent, day: number): void {
    this.#part(day).add(entryOf(event));
  }

  /** Whether an event was paid: `same`, or another one of its id. */
  find(event: MeteredEvent): 'same' | 'other' | undefined {
    if (this.#parts.size === 0) return undefined;
    const entry = entryOf(event);
    for (const part of this.#parts.values()) {
      const found = part.find(entry);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** Forgets events of which all in their part became final before a day. */
  forget(before: number): void {
    for (const part of this.#parts.keys()) {
      if ((part + 1) * PART_DAYS <= before) this.#parts.delete(part);
    }
  }

  /** All entries as texts with a day each, for a snapshot. */
  *parts(): Generator<{ part: string; day: number }, void> {
    for (const [number, set] of this.#parts) {
      for (const part of set.parts()) yield { part, day: number * PART_DAYS };
    }
  }

  /** Adds the entries of one such text. */
  addPart(text: string, day: number): void {
    this.#part(day).addPart(text);
  }

  #part(day: number): PaidSet {
    const number = Math.floor(day / PART_DAYS);
    const part = this.#parts.get(number) ?? new PaidSet();
    this.#parts.set(number, part);
    return part;
  }
}

/** A set of event ids that also knows the content of each. */
class PaidSet {
  #table = new Uint32Array(CAPACITY_LEAST * WORDS);
  #count = 0;

  get count(): number {
    return this.#count;
  }

  add(entry: Uint32Array): void {
    this.#insert(entry);
  }

  find(entry: Uint32Array): 'same' | 'other' | undefined {
    const at = this.#place(this.#table, entry);
    if (this.#isFree(this.#table, at)) return undefined;
    return this.#table[at + 4] === entry[4] && this.#table[at + 5] === entry[5] ? 'same' : 'other';
  }

  *parts(): Generator<string, void> {
    let part: Uint32Array[] = [];
    for (let at = 0; at < this.#table.length; at += WORDS) {
      if (this.#isFree(this.#table, at)) continue;
      part.push(this.#table.subarray(at, at + WORDS));
      if (part.length < PART_ENTRIES) continue;
      yield textOf(part);
      part = [];
    }
    if (part.length > 0) yield textOf(part);
  }

  addPart(text: string): void {
    const bytes = Buffer.from(text, 'base64');
    for (let at = 0; at + 4 * WORDS <= bytes.length; at += 4 * WORDS) {
      this.#insert(Uint32Array.from({ length: WORDS }, (_, i) => bytes.readUInt32BE(at + 4 * i)));
    }
  }

  #insert(entry: Uint32Array): void {
    if ((this.#count + 1) * WORDS * 3 > this.#table.length * 2) this.#grow();
    const at = this.#place(this.#table, entry);
    if (!this.#isFree(this.#table, at)) return;
    this.#table.set(entry, at);
    this.#count += 1;
  }

  #grow(): void {
    const larger = new Uint32Array(this.#table.length * 2);
    for (let at = 0; at < this.#table.length; at += WORDS) {
      if (this.#isFree(this.#table, at)) continue;
      const entry = this.#table.subarray(at, at + WORDS);
      larger.set(entry, this.#place(larger, entry));
    }
    this.#table = larger;
  }

  /** The place of an entry with the same id, or the free place for it. */
  #place(table: Uint32Array, entry: Uint32Array): number {
    // The number of places is a power of two.
    const places = table.length / WORDS;
    let place = (entry[0] as number) & (places - 1);
    for (;;) {
      const at = place * WORDS;
      let same = true;
      for (let i = 0; i < ID_WORDS; i += 1) same &&= table[at + i] === entry[i];
      if (same || this.#isFree(table, at)) return at;
      place = (place + 1) & (places - 1);
    }
  }

  #isFree(table: Uint32Array, at: number): boolean {
    for (let i = 0; i < ID_WORDS; i += 1) if (table[at + i] !== 0) return false;
    return true;
  }
}

function entryOf({ id, rate, units, provenance }: MeteredEvent): Uint32Array {
  const name = createHash('sha256').update(id, 'utf8').digest();
  const terms = `${rate.license}/${rate.unitsPerUse}/${units}/`;
  const content = createHash('sha256').update(terms, 'utf8').update(provenance).digest();
  const words = [0, 4, 8, 12].map((at) => name.readUInt32BE(at));
  return Uint32Array.of(...words, content.readUInt32BE(0), content.readUInt32BE(4));
}

function textOf(entries: readonly Uint32Array[]): string {
  const bytes = Buffer.alloc(entries.length * WORDS * 4);
  for (const [i, entry] of entries.entries()) {
    for (let j = 0; j < WORDS; j += 1) bytes.writeUInt32BE(entry[j] as number, (i * WORDS + j) * 4);
  }
  return bytes.toString('base64');
}
