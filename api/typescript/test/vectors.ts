// The vectors of state/protocol/vectors, and a count of what was compared: a part of a file that no test
// reads fails the test of that file.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Digest } from '../src/poseidon2.js';

export const REPOSITORY = fileURLToPath(new URL('../../../..', import.meta.url));
export const VECTORS = join(REPOSITORY, 'state/protocol/vectors');

/** Wraps a JSON value and notes which leaves are read. */
export class Vector {
  constructor(
    private readonly value: unknown,
    private readonly path: string,
    private readonly unread: Set<string>,
  ) {}

  static file(name: string): { root: Vector; unread: Set<string>; count: number } {
    const value: unknown = JSON.parse(readFileSync(join(VECTORS, name), 'utf8'));
    const unread = new Set<string>();
    collect(value, '', unread);
    for (const words of ['/note', '/regenerate']) unread.delete(words);
    return { root: new Vector(value, '', unread), unread, count: unread.size };
  }

  at(key: string | number): Vector {
    const next = (this.value as Record<string | number, unknown>)[key];
    assert.notEqual(next, undefined, `${this.path}/${key}`);
    return new Vector(next, `${this.path}/${key}`, this.unread);
  }

  get items(): Vector[] {
    return (this.value as unknown[]).map((_, i) => this.at(i));
  }

  get keys(): string[] {
    return Object.keys(this.value as object);
  }

  get text(): string {
    this.unread.delete(this.path);
    assert.equal(typeof this.value, 'string', this.path);
    return this.value as string;
  }

  get flag(): boolean {
    this.unread.delete(this.path);
    assert.equal(typeof this.value, 'boolean', this.path);
    return this.value as boolean;
  }

  get optionalText(): string | undefined {
    if (this.value === null) {
      this.unread.delete(this.path);
      return undefined;
    }
    return this.text;
  }

  get integer(): bigint {
    return BigInt(this.text);
  }

  get integers(): bigint[] {
    return this.items.map((item) => item.integer);
  }

  get digest(): Digest {
    const integers = this.integers;
    assert.equal(integers.length, 4, this.path);
    return integers as unknown as Digest;
  }
}

function collect(value: unknown, path: string, paths: Set<string>): void {
  if (typeof value === 'object' && value !== null) {
    for (const [key, next] of Object.entries(value)) collect(next, `${path}/${key}`, paths);
  } else {
    paths.add(path);
  }
}

/** Runs `compare` over a file of vectors; everything in the file must have been read. */
export function covers(name: string, compare: (root: Vector) => void): void {
  const { root, unread, count } = Vector.file(name);
  compare(root);
  assert.deepEqual(
    [...unread].slice(0, 10),
    [],
    `${name} has ${unread.size} of ${count} values that no test reads`,
  );
}
