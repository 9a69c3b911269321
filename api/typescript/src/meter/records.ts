// Records of an outbox's journal, as values and as JSON. Integers are JSON numbers: all are below 2⁵³.

import { fromHex, toHex } from '../bytes.js';
import type { Deployment } from '../deployment.js';
import type { CheckedRate } from './event.js';
import type { JournalRecord } from './journal.js';
import type { OutboxPayment, StoredEvent, StoredIntent } from './payment.js';

/** A payment before anything is signed for it; its events by their numbers. */
export type FoldedRecord = Omit<OutboxPayment, 'events' | 'state' | 'intents' | 'settling' | 'finalAt'> & {
  readonly ranges: Ranges;
};

/** Something that happened in an outbox, or, in a snapshot, something that is so. */
export type OutboxRecord =
  | { readonly kind: 'account'; readonly account: bigint }
  | { readonly kind: 'deployment'; readonly deployment: Deployment }
  | { readonly kind: 'event'; readonly event: StoredEvent }
  | { readonly kind: 'folded'; readonly payment: FoldedRecord }
  | { readonly kind: 'signed'; readonly payment: number; readonly intent: StoredIntent }
  | { readonly kind: 'accepted'; readonly payment: number; readonly intent: string }
  | {
      readonly kind: 'finalized';
      readonly payment: number;
      readonly intent: string;
      /** Unix seconds; absent in journals of earlier versions. */
      readonly time?: number | undefined;
    }
  | { readonly kind: 'resend' | 'undecided'; readonly payment: number }
  | { readonly kind: 'carry'; readonly rate: CheckedRate; readonly carry: bigint }
  | {
      readonly kind: 'paid';
      readonly part: string;
      /** The day since 1970 on which the last of them may have become final; absent in journals of earlier versions. */
      readonly day?: number | undefined;
    }
  | { readonly kind: 'counts'; readonly counts: Counts };

/** Numbers that a snapshot keeps. */
export interface Counts {
  readonly nextEvent: number;
  readonly nextPayment: number;
  readonly archived: number;
}

/** Numbers of events, in order: first and last of each run. */
export type Ranges = readonly (readonly [number, number])[];

export function rangesOf(events: readonly { readonly number: number }[]): Ranges {
  const ranges: [number, number][] = [];
  for (const { number } of events) {
    const last = ranges.at(-1);
    if (last !== undefined && last[1] + 1 === number) last[1] = number;
    else ranges.push([number, number]);
  }
  return ranges;
}

export function* numbersOf(ranges: Ranges): Generator<number, void> {
  for (const [first, last] of ranges) for (let number = first; number <= last; number += 1) yield number;
}

const NO_PROVENANCE = toHex(new Uint8Array(32));

/** The JSON of a record. */
export function toJournal(record: OutboxRecord): JournalRecord {
  const { kind } = record;
  switch (kind) {
    case 'account':
      return { kind, account: Number(record.account) };
    case 'event': {
      const { id, number, rate, units, time } = record.event;
      const provenance = toHex(record.event.provenance);
      const known = provenance === NO_PROVENANCE ? {} : { provenance };
      return { kind, id, number, ...rateFields(rate), units: Number(units), time: Number(time), ...known };
    }
    case 'folded': {
      const { number, rate, carryIn, uses, carryOut, memo, ranges } = record.payment;
      const carries = { carry_in: Number(carryIn), carry_out: Number(carryOut) };
      return { kind, number, ...rateFields(rate), uses: Number(uses), ...carries, memo: toHex(memo), ranges };
    }
    case 'carry':
      return { kind, ...rateFields(record.rate), carry: Number(record.carry) };
    case 'signed': {
      const { id, document } = record.intent;
      return { kind, payment: record.payment, intent: { id, document } };
    }
    default:
      // The others are JSON as they are.
      return { ...record };
  }
}

function rateFields({ license, unitsPerUse }: CheckedRate): { license: number; units_per_use: number } {
  return { license: Number(license), units_per_use: Number(unitsPerUse) };
}

/** Reads the JSON of a record. The journal's checksums hold, so a known kind has the form that was written. */
export function fromJournal(json: JournalRecord): OutboxRecord {
  const integer = (name: string): bigint => BigInt(json[name] as number);
  const rate = (): CheckedRate => ({ license: integer('license'), unitsPerUse: integer('units_per_use') });
  const { kind } = json;
  switch (kind) {
    case 'account':
      return { kind, account: integer('account') };
    case 'event': {
      const provenance = fromHex(json['provenance'] ?? NO_PROVENANCE, 'provenance', 32);
      const [units, time] = [integer('units'), integer('time')];
      const [id, number] = [json['id'] as string, json['number'] as number];
      return { kind, event: { id, number, rate: rate(), units, provenance, time } };
    }
    case 'folded': {
      const [carryIn, uses, carryOut] = [integer('carry_in'), integer('uses'), integer('carry_out')];
      const memo = fromHex(json['memo'], 'memo', 32);
      const [number, ranges] = [json['number'] as number, json['ranges'] as Ranges];
      return { kind, payment: { number, rate: rate(), carryIn, uses, carryOut, memo, ranges } };
    }
    case 'carry':
      return { kind, rate: rate(), carry: integer('carry') };
    case 'deployment':
    case 'signed':
    case 'accepted':
    case 'finalized':
    case 'resend':
    case 'undecided':
    case 'paid':
    case 'counts':
      return json as unknown as OutboxRecord;
    default:
      throw new TypeError(`a record of the kind ${String(kind)}`);
  }
}
