// The JSON of batch and block statements, as receipts and openings have it. Reading is strict.

import { digestFromHex, elementsOf, fromHex, toHex } from './bytes.js';
import { fields } from './documents.js';
import { InputError } from './input-error.js';
import type { Digest } from './poseidon2.js';
import { type Quantity, whole } from './quantity.js';
import type { BatchStatement, BlockStatement, Quadratic } from './statement.js';

/** Reads fields of a document by their kinds. */
export class DocumentReader {
  readonly #fields: Record<string, unknown>;

  constructor(value: unknown, what: string, names: readonly string[], optional: readonly string[] = []) {
    this.#fields = fields(value, what, names, optional);
  }

  /** A field as it is; `undefined` if it is absent or null. */
  field(name: string): unknown {
    return this.#fields[name] ?? undefined;
  }

  /** The names of the fields that are there. */
  names(): string[] {
    return Object.keys(this.#fields);
  }

  /** An integer that is a JSON number. */
  integer(name: string, quantity: Quantity): bigint {
    const value = this.#fields[name];
    if (typeof value !== 'number') throw new InputError(`${name}: expected a number`);
    return whole(value, quantity, name);
  }

  /** An integer that is a decimal string, since JavaScript would round a number above 2⁵³. */
  decimal(name: string, quantity: Quantity): bigint {
    const value = this.#fields[name];
    if (typeof value !== 'string') throw new InputError(`${name}: expected a string of decimal digits`);
    return whole(value, quantity, name);
  }

  digest(name: string): Digest {
    return digestFromHex(this.#fields[name], name);
  }

  bytes(name: string, length: number): Uint8Array {
    return fromHex(this.#fields[name], name, length);
  }

  list(name: string): unknown[] {
    const value = this.#fields[name];
    if (!Array.isArray(value)) throw new InputError(`${name}: expected a list`);
    return value;
  }

  pair(name: string): Quadratic {
    const elements = this.list(name).map((item: unknown) => elementsOf(fromHex(item, name, 8))?.[0]);
    const [first, second] = elements;
    if (elements.length !== 2 || first === undefined || second === undefined) {
      throw new InputError(`${name}: expected two field elements`);
    }
    return [first, second];
  }
}

const BATCH_FIELDS = [
  'domain',
  'class',
  'number',
  'timestamp',
  'old_root',
  'new_root',
  'receipts_root',
  'intents',
  'queue_from',
  'queue_to',
  'public_data',
  'public_data_limbs',
  'challenge',
  'evaluation',
];

/** Reads a batch statement. */
export function readBatch(value: unknown): BatchStatement {
  const read = new DocumentReader(value, 'batch', BATCH_FIELDS);
  return {
    domain: read.digest('domain'),
    class: read.integer('class', 'class'),
    number: read.decimal('number', 'batch'),
    timestamp: read.integer('timestamp', 'time'),
    oldRoot: read.digest('old_root'),
    newRoot: read.digest('new_root'),
    receiptsRoot: read.digest('receipts_root'),
    intents: read.integer('intents', 'count'),
    queueFrom: read.decimal('queue_from', 'queueIndex'),
    queueTo: read.decimal('queue_to', 'queueIndex'),
    publicData: read.digest('public_data'),
    publicDataLimbs: read.integer('public_data_limbs', 'count'),
    challenge: read.pair('challenge'),
    evaluation: read.pair('evaluation'),
  };
}

const BLOCK_FIELDS = [
  'version',
  'domain',
  'first_batch',
  'batches',
  'timestamp',
  'old_root',
  'new_root',
  'queue_from',
  'queue_to',
  'batches_root',
];

/** Reads a block statement, and the protocol version that it names. */
export function readBlockStatement(value: unknown): { version: bigint; statement: BlockStatement } {
  const read = new DocumentReader(value, 'block statement', BLOCK_FIELDS);
  const statement = {
    domain: read.digest('domain'),
    firstBatch: read.decimal('first_batch', 'batch'),
    batches: read.integer('batches', 'count'),
    timestamp: read.integer('timestamp', 'time'),
    oldRoot: read.digest('old_root'),
    newRoot: read.digest('new_root'),
    queueFrom: read.decimal('queue_from', 'queueIndex'),
    queueTo: read.decimal('queue_to', 'queueIndex'),
    batchesRoot: read.digest('batches_root'),
  };
  return { version: read.integer('version', 'count'), statement };
}

/** The place on L1 where a block was verified, by the document's word. */
export interface L1Place {
  readonly transaction: string;
  readonly block: bigint;
}

/** Reads such a place. */
export function readPlace(value: unknown): L1Place {
  const read = new DocumentReader(value, 'l1', ['transaction', 'block']);
  return { transaction: toHex(read.bytes('transaction', 32)), block: read.integer('block', 'u64') };
}
