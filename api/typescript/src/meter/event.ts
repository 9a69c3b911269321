// Usage events: their rules, and the digests by which a memo names them (api/conformance/metering.md).

import { createHash } from 'node:crypto';
import { InputError } from '../input-error.js';
import { type Word, word } from '../operations.js';
import { RANGES, type Whole, whole } from '../quantity.js';
import { InvalidEventError, UnknownModelError } from './errors.js';

/** Bytes of an event's id, and of a model's name. */
const NAME_BYTES_MAX = 200;
/** Units of all uses of one payment stay below 2⁵³, which JSON carries exactly. */
const UNITS_PER_USE_MAX = 1_000_000_000n;
const MEMO_TAG = Buffer.from('farthing metering 1', 'utf8');
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused.
const CONTROL = /[\u0000-\u001f\u007f]/;

/** Something that was used: an inference, a file, a request. It names a license or a model, and not both. */
export interface UsageEvent {
  /** Unique for ever: the same id is the same event, and is paid once. */
  readonly id: string;
  /** How much was used, in units of which a rate says how many are a use. */
  readonly units: bigint | number;
  /** The license whose uses are counted. */
  readonly license?: Whole | undefined;
  /** A name that a rate maps to a license. */
  readonly model?: string | undefined;
  /** Commitment to the platform's own record, 32 bytes. The payment's memo covers it. */
  readonly provenance?: Word | undefined;
  /** Unix seconds; by default the time at which it is recorded. */
  readonly time?: bigint | number | undefined;
}

/** The license of a model, and how many of its units are a use. */
export interface Rate {
  readonly license: Whole;
  readonly unitsPerUse?: bigint | number | undefined;
}

/** A rate whose fields are checked. */
export interface CheckedRate {
  readonly license: bigint;
  readonly unitsPerUse: bigint;
}

/** An event that keeps the rules, with the rate that holds for it. */
export interface MeteredEvent {
  readonly id: string;
  readonly rate: CheckedRate;
  readonly units: bigint;
  readonly provenance: Uint8Array;
  readonly time: bigint;
}

export function checkedRate({ license, unitsPerUse = 1n }: Rate): CheckedRate {
  const units = integer(unitsPerUse, 'units per use');
  if (units < 1n || units > UNITS_PER_USE_MAX) {
    throw new InputError(`units per use are ${units}, expected 1 to ${UNITS_PER_USE_MAX}`);
  }
  return { license: whole(license, 'license'), unitsPerUse: units };
}

/** The most units of an event at a rate: with any carry they are the uses of one payment. */
export function unitsMax({ unitsPerUse }: CheckedRate, usesMax: bigint = RANGES.uses[1]): bigint {
  return usesMax * unitsPerUse - unitsPerUse + 1n;
}

/** Checks an event and finds its rate. */
export function meteredEvent(
  event: UsageEvent,
  rates: ReadonlyMap<string, CheckedRate>,
  now: bigint,
): MeteredEvent {
  const id = name(event.id, 'id');
  const where = `event ${JSON.stringify(id)}`;
  const { license, model } = event;
  if ((license === undefined) === (model === undefined)) {
    throw new InvalidEventError(`${where}: expected a license or a model, and not both`);
  }
  try {
    const rate =
      model === undefined ? checkedRate({ license: license as Whole }) : rateOf(model, rates, where);
    const units = integer(event.units, 'units');
    const most = unitsMax(rate);
    if (units < 0n || units > most) throw new InputError(`units are ${units}, expected 0 to ${most}`);
    const time = event.time === undefined ? now : integer(event.time, 'time');
    const provenance = word(event.provenance, 'provenance');
    return { id, rate, units, provenance, time: whole(time, 'time') };
  } catch (error) {
    if (error instanceof InputError) throw new InvalidEventError(`${where}: ${error.message}`);
    throw error;
  }
}

function rateOf(model: string, rates: ReadonlyMap<string, CheckedRate>, where: string): CheckedRate {
  const rate = rates.get(name(model, 'model'));
  if (rate === undefined) {
    const shown = JSON.stringify(model);
    throw new UnknownModelError(`${where}: no rate for the model ${shown}; add it to the meter's rates`);
  }
  return rate;
}

function name(value: unknown, what: string): string {
  if (typeof value !== 'string') {
    throw new InvalidEventError(`${what} of an event: a value of type ${typeof value}, expected a string`);
  }
  const bytes = Buffer.byteLength(value, 'utf8');
  // Half of a surrogate pair is not text, and two such ids could be written as one.
  const isText = !/[\ud800-\udfff]/.test(value.replace(/[\ud800-\udbff][\udc00-\udfff]/g, ''));
  if (bytes < 1 || bytes > NAME_BYTES_MAX || CONTROL.test(value) || !isText) {
    throw new InvalidEventError(
      `${what} of an event, ${JSON.stringify(value.slice(0, 40))}: expected 1 to ${NAME_BYTES_MAX} bytes of ` +
        'UTF-8 without control characters',
    );
  }
  return value;
}

function integer(value: unknown, what: string): bigint {
  if (typeof value === 'bigint') return value;
  if (typeof value === 'number' && Number.isSafeInteger(value)) return BigInt(value);
  const shown = typeof value === 'number' ? `the number ${value}` : `a value of type ${typeof value}`;
  throw new InputError(`${what}: expected a whole number, got ${shown}`);
}

/** Whether both are one event; the time does not count. */
export function isSameEvent(a: MeteredEvent, b: MeteredEvent): boolean {
  const sameRate = a.rate.license === b.rate.license && a.rate.unitsPerUse === b.rate.unitsPerUse;
  return sameRate && a.id === b.id && a.units === b.units && Buffer.compare(a.provenance, b.provenance) === 0;
}

/** The hash by which a memo names an event. */
export function eventDigest({ id, units, provenance }: MeteredEvent): Uint8Array {
  const text = Buffer.from(id, 'utf8');
  const bytes = Buffer.alloc(2 + text.length + 8 + 32);
  bytes.writeUInt16BE(text.length);
  bytes.set(text, 2);
  bytes.writeBigUInt64BE(units, 2 + text.length);
  bytes.set(provenance, 2 + text.length + 8);
  return createHash('sha256').update(bytes).digest();
}

/** The memo of a payment of events, in order. */
export function paymentMemo(rate: CheckedRate, carryIn: bigint, events: readonly MeteredEvent[]): Uint8Array {
  const head = Buffer.alloc(16);
  for (const [i, value] of [rate.license, rate.unitsPerUse, carryIn, BigInt(events.length)].entries()) {
    head.writeUInt32BE(Number(value), 4 * i);
  }
  const hash = createHash('sha256').update(MEMO_TAG).update(head);
  for (const event of events) hash.update(eventDigest(event));
  return new Uint8Array(hash.digest());
}
