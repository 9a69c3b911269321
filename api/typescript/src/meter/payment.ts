// Payments of an outbox and their states (api/conformance/metering.md).

import type { IntentDocument } from '../api.js';
import { toHex } from '../bytes.js';
import type { SignedIntent } from '../intent.js';
import type { CheckedRate, MeteredEvent } from './event.js';

/** How far a payment is. */
export type PaymentState = 'folded' | 'signed' | 'accepted' | 'finalized' | 'undecided';

/** An intent of a payment, as it is sent. */
export interface StoredIntent {
  readonly id: string;
  readonly document: IntentDocument;
  /** The intent that the document describes, if this process signed it. */
  readonly signed?: SignedIntent | undefined;
}

/** An event with its place in the outbox. */
export interface StoredEvent extends MeteredEvent {
  readonly number: number;
}

/** A payment of an outbox. */
export interface OutboxPayment {
  readonly number: number;
  readonly rate: CheckedRate;
  readonly carryIn: bigint;
  readonly uses: bigint;
  readonly carryOut: bigint;
  readonly memo: Uint8Array;
  readonly events: readonly StoredEvent[];
  readonly state: PaymentState;
  /** All that were signed for it, the latest last. Those of one nonce cannot settle twice. */
  readonly intents: readonly StoredIntent[];
  /** The intent that the node acknowledged, or that L1 has. */
  readonly settling: string | undefined;
  /** Unix seconds at which it became final, if it is. */
  readonly finalAt: number | undefined;
}

/** A payment as a meter reports it. */
export interface PaymentReport {
  readonly number: number;
  readonly license: bigint;
  readonly unitsPerUse: bigint;
  readonly carryIn: bigint;
  readonly uses: bigint;
  /** `0x` and 64 hexadecimal digits. */
  readonly memo: string;
  readonly state: PaymentState;
  /** The intent that the node acknowledged, or else the latest. */
  readonly intent: string | undefined;
  readonly events: readonly {
    readonly id: string;
    readonly units: bigint;
    readonly provenance: string;
    readonly time: bigint;
  }[];
}

export function paymentReport(payment: OutboxPayment): PaymentReport {
  return {
    number: payment.number,
    license: payment.rate.license,
    unitsPerUse: payment.rate.unitsPerUse,
    carryIn: payment.carryIn,
    uses: payment.uses,
    memo: toHex(payment.memo),
    state: payment.state,
    intent: payment.settling ?? payment.intents.at(-1)?.id,
    events: payment.events.map(({ id, units, provenance, time }) => ({
      id,
      units,
      provenance: toHex(provenance),
      time,
    })),
  };
}

/** Characters that some readers of lines take for the end of one: they are escaped in the archive. */
const OTHER_LINE_ENDS = /[\u0085\u2028\u2029]/g;

/** The line of a payment in the archive: integers are decimal strings. */
export function archiveLine(payment: OutboxPayment): string {
  const write = (_: string, value: unknown) => (typeof value === 'bigint' ? value.toString() : value);
  const line = JSON.stringify(paymentReport(payment), write);
  const escaped = (end: string): string => `\\u${end.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return `${line.replace(OTHER_LINE_ENDS, escaped)}\n`;
}

/** Reads a line of the archive; `undefined` if a crash cut it. */
export function readArchiveLine(line: string): PaymentReport | undefined {
  try {
    const read = JSON.parse(line);
    return {
      ...read,
      license: BigInt(read.license),
      unitsPerUse: BigInt(read.unitsPerUse),
      carryIn: BigInt(read.carryIn),
      uses: BigInt(read.uses),
      events: read.events.map((event: Record<string, string>) => ({
        ...event,
        units: BigInt(event['units'] as string),
        time: BigInt(event['time'] as string),
      })),
    };
  } catch {
    return undefined;
  }
}
