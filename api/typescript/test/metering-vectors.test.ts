// The definition of metering as data: api/conformance/metering.md.

import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { toHex } from '../src/bytes.js';
import {
  type CheckedRate,
  checkedRate,
  meteredEvent,
  paymentMemo,
  type UsageEvent,
} from '../src/meter/event.js';
import { type FoldPolicy, fold } from '../src/meter/fold.js';
import { archiveLine, readArchiveLine } from '../src/meter/payment.js';
import { InvalidTraceError, readTrace, type Target } from '../src/traces/index.js';
import { REPOSITORY } from './vectors.js';

interface RateDocument {
  readonly license: number;
  readonly units_per_use: number;
}

interface Vectors {
  readonly format: number;
  readonly fold: readonly {
    readonly name: string;
    readonly rates: Readonly<Record<string, RateDocument>>;
    readonly prices: Readonly<Record<string, string>>;
    readonly policy: { readonly each: true } | { readonly interval: number };
    readonly carries: readonly (RateDocument & { readonly carry: number })[];
    readonly events: readonly UsageEvent[];
    readonly now: number | null;
    readonly payments: readonly object[];
    readonly waiting: readonly string[];
    readonly carries_after: readonly object[];
  }[];
  readonly refused: readonly { readonly name: string; readonly event: UsageEvent; readonly code: string }[];
  readonly archive: readonly {
    readonly payment: RateDocument & {
      readonly number: number;
      readonly carry_in: number;
      readonly uses: number;
      readonly intent: string;
    };
    readonly events: readonly UsageEvent[];
    readonly line: string;
  }[];
  readonly traces: readonly {
    readonly name: string;
    readonly source: string;
    readonly text?: string;
    readonly base64?: string;
    readonly options: {
      readonly license?: number;
      readonly model?: string;
      readonly units?: 'total';
      readonly images?: Target;
    };
    readonly events?: readonly object[];
    readonly skipped?: number;
    readonly line?: number;
  }[];
}

const vectors = JSON.parse(
  readFileSync(join(REPOSITORY, 'api/conformance/metering.json'), 'utf8'),
) as Vectors;

function ratesOf(documents: Readonly<Record<string, RateDocument>>): Map<string, CheckedRate> {
  const read = ([model, { license, units_per_use: unitsPerUse }]: [string, RateDocument]) =>
    [model, checkedRate({ license, unitsPerUse })] as const;
  return new Map(Object.entries(documents).map(read));
}

test('the format is known, and each list has vectors', () => {
  assert.equal(vectors.format, 1);
  assert.ok(vectors.fold.length > 0 && vectors.refused.length > 0 && vectors.traces.length > 0);
});

for (const vector of vectors.fold) {
  test(`fold: ${vector.name}`, () => {
    const rates = ratesOf(vector.rates);
    const events = vector.events.map((event) => meteredEvent(event, rates, 0n));
    const policy: FoldPolicy = 'each' in vector.policy ? 'each' : { intervalSeconds: vector.policy.interval };
    const key = (rate: CheckedRate) => `${rate.license}/${rate.unitsPerUse}`;
    const carries = new Map<string, { rate: CheckedRate; carry: bigint }>();
    for (const { license, units_per_use: unitsPerUse, carry } of vector.carries) {
      const rate = checkedRate({ license, unitsPerUse });
      carries.set(key(rate), { rate, carry: BigInt(carry) });
    }
    for (const { rate } of events) if (!carries.has(key(rate))) carries.set(key(rate), { rate, carry: 0n });
    const sorted = [...carries.values()].sort(
      ({ rate: a }, { rate: b }) => Number(a.license - b.license) || Number(a.unitsPerUse - b.unitsPerUse),
    );
    const [payments, paid, after]: [object[], Set<string>, object[]] = [[], new Set(), []];
    for (const { rate, carry } of sorted) {
      const own = events.filter((event) => key(event.rate) === key(rate));
      const price = BigInt(vector.prices[rate.license.toString()] as string);
      const now = vector.now === null ? undefined : BigInt(vector.now);
      const folded = fold(rate, own, carry, policy, price, now);
      const named = { license: Number(rate.license), units_per_use: Number(rate.unitsPerUse) };
      for (const { carryIn, uses, carryOut, events: covered, memo } of folded) {
        const ids = covered.map(({ id }) => id);
        for (const id of ids) paid.add(id);
        const [carry_in, carry_out] = [Number(carryIn), Number(carryOut)];
        payments.push({ ...named, carry_in, uses: Number(uses), carry_out, events: ids, memo: toHex(memo) });
      }
      const left = folded.at(-1)?.carryOut ?? carry;
      if (left > 0n) after.push({ ...named, carry: Number(left) });
    }
    assert.deepEqual(payments, vector.payments);
    const waiting = events.map(({ id }) => id).filter((id) => !paid.has(id));
    assert.deepEqual(waiting, vector.waiting);
    assert.deepEqual(after, vector.carries_after);
  });
}

for (const { name, event, code } of vectors.refused) {
  test(`refused: ${name}`, () => {
    const rates = ratesOf({ llama: { license: 7, units_per_use: 1000 } });
    assert.throws(() => meteredEvent(event, rates, 0n), { code });
  });
}

/** An event as the vectors have it. */
function document({ id, units, license, model, provenance, time }: UsageEvent): object {
  return {
    id,
    units: Number(units),
    ...(license === undefined ? {} : { license }),
    ...(model === undefined ? {} : { model }),
    ...(time === undefined ? {} : { time: Number(time) }),
    provenance: toHex(provenance as Uint8Array),
  };
}

/** One part of the bytes after another: parts of a file come as they like. */
async function* inParts(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array, void> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

test('the archive has the form of all SDKs', () => {
  assert.ok(vectors.archive.length > 0);
  for (const { payment, events, line } of vectors.archive) {
    const { license, units_per_use, carry_in, intent, ...facts } = payment;
    const rate = checkedRate({ license, unitsPerUse: units_per_use });
    const metered = events.map((event, i) => {
      return { ...meteredEvent({ ...event, license }, new Map(), 0n), rate, number: i + 1 };
    });
    const [carryIn, carryOut, uses] = [BigInt(carry_in), 0n, BigInt(facts.uses)];
    const memo = paymentMemo(rate, carryIn, metered);
    const own = { number: facts.number, rate, carryIn, uses, carryOut, memo, events: metered, intents: [] };
    const made = archiveLine({ ...own, state: 'finalized', settling: intent, finalAt: 0 });
    assert.equal(made, `${line}\n`);
    assert.deepEqual(
      readArchiveLine(line)?.events.map(({ id }) => id),
      metered.map(({ id }) => id),
    );
  }
});

for (const { name, source, text, base64, options, events, skipped, line } of vectors.traces) {
  test(`trace: ${name}`, async () => {
    const bytes = base64 === undefined ? Buffer.from(text as string, 'utf8') : Buffer.from(base64, 'base64');
    const folder = mkdtempSync(join(tmpdir(), 'farthing-trace-'));
    try {
      const path = join(folder, `${source}.gz`);
      writeFileSync(path, bytes);
      const files: Parameters<typeof readTrace>[0][] = [path, inParts(bytes, 1), inParts(bytes, 7)];
      if (base64 === undefined) files.push(inParts(gzipSync(bytes), 5));
      for (const file of files) {
        const trace = readTrace(file, typeof file === 'string' ? options : { ...options, source });
        const found: object[] = [];
        const reading = (async () => {
          for await (const event of trace) found.push(document(event));
        })();
        if (line === undefined) {
          await reading;
          assert.deepEqual(found, events);
          assert.equal(trace.skipped, skipped);
        } else {
          const isIt = (error: unknown) => error instanceof InvalidTraceError && error.line === line;
          await assert.rejects(reading, isIt);
        }
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
}
