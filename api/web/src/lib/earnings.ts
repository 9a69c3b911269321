// Earnings lines, summed up. Sums are exact; only the points of a chart are numbers.

import { dayText } from './time.js';

/** As much of a line as counts here. */
interface Line {
  readonly batch: string;
  readonly received: string;
  readonly parts: readonly { readonly holder: Holder; readonly amount: string }[];
}
type Holder = { readonly account: number } | { readonly license: number };

const NANO_PER_TOKEN = 1e9;

/** What was received up to each batch, in tokens: for pictures. */
export function course(lines: readonly Line[]): { batch: number; tokens: number }[] {
  let sum = 0n;
  return lines.map(({ batch, received }) => {
    sum += BigInt(received);
    return { batch: Number(batch), tokens: Number(sum) / NANO_PER_TOKEN };
  });
}

/** What an account got of these lines, in nano. */
export function partOf(lines: readonly Line[], account: number): bigint {
  let sum = 0n;
  for (const { parts } of lines) {
    for (const { holder, amount } of parts) {
      if ('account' in holder && holder.account === account) sum += BigInt(amount);
    }
  }
  return sum;
}

/** One part of a batch: a row of the file for accountants. */
export interface IncomeLine {
  readonly batch: string;
  readonly license: number;
  readonly nano: bigint;
  /** Unix seconds, where it was asked for. */
  readonly time: number | undefined;
}

/** Sums by day, ascending. Lines without a time are left out. */
export function byDay(lines: readonly IncomeLine[]): { day: string; nano: bigint }[] {
  const days = new Map<string, bigint>();
  for (const { time, nano } of lines) {
    if (time === undefined) continue;
    const day = dayText(time);
    days.set(day, (days.get(day) ?? 0n) + nano);
  }
  return [...days].map(([day, nano]) => ({ day, nano })).sort((a, b) => (a.day < b.day ? -1 : 1));
}

/** The lines as CSV (RFC 4180). Nano are whole numbers, so that sums are exact in every program. */
export function incomeCsv(lines: readonly IncomeLine[], account: number): string {
  const rows = lines.map(({ batch, license, nano, time }) => {
    const moment = time === undefined ? '' : new Date(time * 1000).toISOString();
    return [batch, moment, account, license, nano].join(',');
  });
  return `${['batch,time,account,license,nano', ...rows].join('\r\n')}\r\n`;
}
