// Public data of batches: streams of records, in limbs of seven bytes (state/SPEC.md, section 12).

import { addressLimbs, bigEndian, concat, fromBigEndian, keccak, wordLimbs } from './bytes.js';
import { P } from './field.js';
import { InputError } from './input-error.js';
import type { RegisteredTerms } from './leaves.js';
import { LICENSE_STATUSES, type LicenseStatus } from './operations.js';
import { type Digest, hash, Tag } from './poseidon2.js';
import { NANO_PER_BASE_UNIT, RANGES, whole } from './quantity.js';
import type { QueueEntry } from './queue.js';
import { HOLDERS_MAX, packedLine, type ShareLine, shareTable } from './shares.js';

/** The result of a queue entry. */
export type QueueOutcome =
  | { readonly kind: 'credited' | 'refused_by_balance'; readonly account: bigint }
  | { readonly kind: 'refused_by_amount' | 'exits' | 'no_effect' };

/** The version of a license from the next batch on. */
export interface UpdatedLicense {
  readonly kind: 'updated_license';
  readonly id: bigint;
  readonly price: bigint;
  readonly derivativeShares: bigint;
  readonly status: LicenseStatus;
  /** The account that alone may pay; `undefined` if any account may. */
  readonly licensee: bigint | undefined;
  readonly provenance: Uint8Array;
}

/** One record. */
export type PublicRecord =
  | { readonly kind: 'queue'; readonly entry: QueueEntry; readonly outcome: QueueOutcome }
  | {
      readonly kind: 'opened_account';
      readonly id: bigint;
      readonly key: readonly bigint[];
      readonly owner: Uint8Array;
    }
  | { readonly kind: 'withdrawal'; readonly owner: Uint8Array; readonly baseUnits: bigint }
  | {
      readonly kind: 'account';
      readonly id: bigint;
      readonly balance: bigint;
      /** Its new nonce, if an intent of it was settled. */
      readonly nonce?: bigint;
    }
  | {
      readonly kind: 'new_license';
      readonly id: bigint;
      readonly price: bigint;
      readonly terms: RegisteredTerms;
    }
  | UpdatedLicense
  | { readonly kind: 'license'; readonly id: bigint; readonly vault: bigint; readonly received: bigint };

const LIMB_BYTES = 7;
const CHUNK_LIMBS = 4096;
const OUTCOMES = {
  credited: 1n,
  refused_by_balance: 2n,
  refused_by_amount: 0n,
  exits: 1n,
  no_effect: 0n,
} as const;

const low = (value: bigint, bits: number): bigint => value & ((1n << BigInt(bits)) - 1n);
const bits = (value: bigint, from: number, count: number): bigint => low(value >> BigInt(from), count);
const head = (kind: bigint, id: bigint, rest: bigint): bigint => (kind << 48n) | (id << 16n) | rest;

/** Five words as six limbs: the top bytes, then the low 56 bits of each. */
function keyLimbs(words: readonly bigint[]): bigint[] {
  const high = words.reduce((limb, value) => (limb << 8n) | (value >> 56n), 0n);
  return [high, ...words.map((value) => low(value, 56))];
}

function recordLimbs(record: PublicRecord): bigint[] {
  switch (record.kind) {
    case 'queue': {
      const { entry, outcome } = record;
      const account =
        entry.kind === 'forced_exit' ? entry.account : 'account' in outcome ? outcome.account : 0n;
      const code = (OUTCOMES[outcome.kind] << 40n) | (account << 8n);
      return entry.kind === 'forced_exit'
        ? [(2n << 48n) | code, ...addressLimbs(entry.requester)]
        : [(1n << 48n) | code, ...addressLimbs(entry.owner), entry.amount, ...keyLimbs(entry.key)];
    }
    case 'opened_account':
      return [head(3n, record.id, 0n), ...addressLimbs(record.owner), ...keyLimbs(record.key)];
    case 'withdrawal': {
      const [first, ...others] = addressLimbs(record.owner);
      return [(4n << 48n) | (first as bigint), ...others, record.baseUnits];
    }
    case 'account': {
      const { id, balance, nonce } = record;
      const rest = low(balance, 48);
      if (nonce === undefined) return [head(5n, id, balance >> 48n), rest];
      return [head(6n, id, balance >> 48n), (rest << 8n) | (nonce >> 54n), low(nonce, 54)];
    }
    case 'new_license': {
      const { licensor, derivativeShares, lineage, provenance, holders } = record.terms;
      return [
        head(7n, record.id, BigInt(holders.length) << 8n),
        (licensor << 20n) | derivativeShares,
        (record.price << 16n) | lineage,
        ...wordLimbs(provenance),
        ...holders.map(packedLine),
      ];
    }
    case 'updated_license':
      return [
        head(9n, record.id, LICENSE_STATUSES[record.status] << 8n),
        ((record.licensee ?? 0n) << 20n) | record.derivativeShares,
        record.price << 16n,
        ...wordLimbs(record.provenance),
      ];
    case 'license':
      return [head(8n, record.id, (record.vault << 8n) | (record.received >> 54n)), low(record.received, 54)];
  }
}

/** The limbs of records. */
export function writePublicData(records: readonly PublicRecord[]): bigint[] {
  return records.flatMap(recordLimbs);
}

/** Seven bytes for each limb. */
export function limbBytes(limbs: readonly bigint[]): Uint8Array {
  return concat(...limbs.map((limb) => bigEndian(limb, LIMB_BYTES)));
}

/** Limbs from bytes. */
export function limbsOf(bytes: Uint8Array): bigint[] {
  if (bytes.length % LIMB_BYTES !== 0) {
    throw new InputError(`${bytes.length} bytes are no whole number of 7-byte limbs`);
  }
  return Array.from({ length: bytes.length / LIMB_BYTES }, (_, i) =>
    fromBigEndian(bytes.subarray(i * LIMB_BYTES, (i + 1) * LIMB_BYTES)),
  );
}

/** c: the circuit's commitment. */
export function publicDataCommitment(limbs: readonly bigint[]): Digest {
  return hash(Tag.PublicData, limbs);
}

/** h: the keccak chain over chunks of 4096 limbs. */
export function publicDataHash(bytes: Uint8Array): Uint8Array {
  const chunk = CHUNK_LIMBS * LIMB_BYTES;
  let chain = keccak(bytes.subarray(0, chunk));
  for (let at = chunk; at < bytes.length; at += chunk) {
    chain = keccak(chain, bytes.subarray(at, at + chunk));
  }
  return chain;
}

/** Reads limbs one by one; every fault names the record's first limb. */
class LimbReader {
  next = 0;
  record = 0;

  constructor(private readonly limbs: readonly bigint[]) {}

  get done(): boolean {
    return this.next >= this.limbs.length;
  }

  one(): bigint {
    const limb = this.limbs[this.next];
    if (limb === undefined) throw new InputError(`the record at limb ${this.record} is cut off`);
    this.next += 1;
    this.require(limb >> 56n === 0n, 'limb');
    return limb;
  }

  require(condition: boolean, field: string): void {
    if (!condition) this.refuse(field);
  }

  refuse(field: string): never {
    throw new InputError(`the record at limb ${this.record} has no valid ${field}`);
  }

  address(first: bigint): Uint8Array {
    this.require(first >> 48n === 0n, 'address');
    return concat(bigEndian(first, 6), bigEndian(this.one(), 7), bigEndian(this.one(), 7));
  }

  word(): Uint8Array {
    const first = this.one();
    this.require(first >> 32n === 0n, 'provenance');
    const rest = [this.one(), this.one(), this.one(), this.one()];
    return concat(bigEndian(first, 4), ...rest.map((limb) => bigEndian(limb, 7)));
  }

  key(): bigint[] {
    const high = this.one();
    this.require(high >> 40n === 0n, 'key');
    return [32, 24, 16, 8, 0].map((shift) => (bits(high, shift, 8) << 56n) | this.one());
  }
}

function readQueue(reader: LimbReader, first: bigint): PublicRecord {
  const code = bits(first, 40, 8);
  const account = bits(first, 8, 32);
  reader.require(low(first, 8) === 0n, 'head');
  const owner = reader.address(reader.one());
  if (first >> 48n === 2n) {
    reader.require(code < 2n, 'outcome');
    const entry = { kind: 'forced_exit', requester: owner, account } as const;
    return { kind: 'queue', entry, outcome: { kind: code === 1n ? 'exits' : 'no_effect' } };
  }
  const amount = reader.one();
  const entry = { kind: 'deposit', owner, amount, key: reader.key() } as const;
  const payable = amount <= RANGES.amount[1];
  if (code === 0n) {
    reader.require(!payable && account === 0n, 'outcome');
    return { kind: 'queue', entry, outcome: { kind: 'refused_by_amount' } };
  }
  reader.require(payable && code < 3n, 'outcome');
  const kind = code === 1n ? 'credited' : 'refused_by_balance';
  return { kind: 'queue', entry, outcome: { kind, account } };
}

function readNewLicense(reader: LimbReader, id: bigint, rest: bigint): PublicRecord {
  const count = Number(rest >> 8n);
  reader.require(low(rest, 8) === 0n, 'head');
  reader.require(count >= 1 && count <= HOLDERS_MAX, 'number of holders');
  const licensorShares = reader.one();
  reader.require(licensorShares >> 52n === 0n, 'licensor');
  const priceLineage = reader.one();
  const provenance = reader.word();
  const lines: ShareLine[] = Array.from({ length: count }, () => {
    const packed = reader.one();
    reader.require(packed >> 53n === 0n, 'holder');
    const kind = packed >> 52n === 1n ? 'license' : 'account';
    return { kind, id: low(packed, 32), shares: bits(packed, 32, 20) };
  });
  const holders = shareTable(
    lines.map(({ kind, id: holder, shares }) => ({
      holder: kind === 'license' ? { license: holder } : { account: holder },
      shares,
    })),
  );
  const terms = {
    licensor: licensorShares >> 20n,
    derivativeShares: whole(low(licensorShares, 20), 'shares', 'derivative shares'),
    lineage: whole(low(priceLineage, 16), 'lineage'),
    provenance,
    holders,
  };
  return { kind: 'new_license', id, price: priceLineage >> 16n, terms };
}

function readUpdatedLicense(reader: LimbReader, id: bigint, rest: bigint): PublicRecord {
  const statuses = Object.keys(LICENSE_STATUSES) as LicenseStatus[];
  const status = statuses.find((name) => LICENSE_STATUSES[name] === rest >> 8n);
  reader.require(low(rest, 8) === 0n, 'head');
  if (status === undefined) return reader.refuse('status');
  const licenseeShares = reader.one();
  const licensee = licenseeShares >> 20n;
  reader.require(licensee <= RANGES.licensee[1], 'licensee');
  const derivativeShares = whole(low(licenseeShares, 20), 'shares', 'derivative shares');
  reader.require(status !== 'retired' || licenseeShares === 0n, 'version of a retired license');
  const price = reader.one();
  reader.require(low(price, 16) === 0n, 'price');
  return {
    kind: 'updated_license',
    id,
    price: price >> 16n,
    derivativeShares,
    status,
    licensee: licensee === 0n ? undefined : licensee,
    provenance: reader.word(),
  };
}

function readRecord(reader: LimbReader): PublicRecord {
  const first = reader.one();
  const id = bits(first, 16, 32);
  const rest = low(first, 16);
  switch (first >> 48n) {
    case 1n:
    case 2n:
      return readQueue(reader, first);
    case 3n: {
      reader.require(rest === 0n, 'head');
      const owner = reader.address(reader.one());
      const key = reader.key();
      reader.require(
        key.every((element) => element < P),
        'key',
      );
      return { kind: 'opened_account', id, key, owner };
    }
    case 4n: {
      const owner = reader.address(low(first, 48));
      const baseUnits = reader.one();
      reader.require(baseUnits <= RANGES.nano[1] / NANO_PER_BASE_UNIT, 'withdrawal amount');
      return { kind: 'withdrawal', owner, baseUnits };
    }
    case 5n: {
      const balance = reader.one();
      reader.require(rest >> 14n === 0n && balance >> 48n === 0n, 'balance');
      return { kind: 'account', id, balance: (rest << 48n) | balance };
    }
    case 6n: {
      const middle = reader.one();
      const lowNonce = reader.one();
      reader.require(rest >> 14n === 0n, 'balance');
      reader.require(lowNonce >> 54n === 0n && low(middle, 8) < 256n, 'nonce');
      const nonce = whole((low(middle, 8) << 54n) | lowNonce, 'nonce');
      return { kind: 'account', id, balance: (rest << 48n) | (middle >> 8n), nonce };
    }
    case 7n:
      return readNewLicense(reader, id, rest);
    case 8n: {
      const lowReceived = reader.one();
      reader.require(lowReceived >> 54n === 0n, 'received');
      reader.require(rest >> 8n < BigInt(HOLDERS_MAX), 'vault');
      const received = whole((low(rest, 8) << 54n) | lowReceived, 'nano', 'received');
      return { kind: 'license', id, vault: rest >> 8n, received };
    }
    case 9n:
      return readUpdatedLicense(reader, id, rest);
    default:
      return reader.refuse('kind');
  }
}

/** The rank of a record's kind, and its id where ids must ascend. */
function order(record: PublicRecord): bigint {
  const ranks = {
    queue: 0n,
    opened_account: 1n,
    withdrawal: 2n,
    account: 3n,
    new_license: 4n,
    updated_license: 5n,
    license: 6n,
  } as const;
  const rank = ranks[record.kind] << 33n;
  // Ids count from 1 here, so that they come after the rank alone.
  return 'id' in record ? rank | (record.id + 1n) : rank;
}

/** The records of limbs: strict, one stream has one encoding. */
export function readPublicData(limbs: readonly bigint[]): PublicRecord[] {
  const reader = new LimbReader(limbs);
  const records: PublicRecord[] = [];
  let previous = 0n;
  while (!reader.done) {
    reader.record = reader.next;
    const record = readRecord(reader);
    const current = order(record);
    const ascends = 'id' in record ? current > previous : current >> 33n >= previous >> 33n;
    if (!ascends) throw new InputError(`the record at limb ${reader.record} is out of order`);
    previous = current;
    records.push(record);
  }
  return records;
}
