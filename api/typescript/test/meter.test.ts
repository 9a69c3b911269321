import assert from 'node:assert/strict';
import { appendFileSync, copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { IntentDocument } from '../src/api.js';
import { toHex } from '../src/bytes.js';
import { InputError } from '../src/input-error.js';
import { checkedRate, type MeteredEvent, meteredEvent, paymentMemo } from '../src/meter/event.js';
import { Meter, type MeterOptions, type PaymentReport } from '../src/meter/index.js';
import { Journal } from '../src/meter/journal.js';
import { PaidEvents } from '../src/meter/paid-events.js';
import { LedgerNode, recipient } from './ledger-node.js';

/** An outbox of a test, that a meter may open again and again. */
class Bench {
  readonly node = new LedgerNode();
  readonly outbox: string;
  nowMs = 1_000_000;
  #open: Meter | undefined;

  constructor(t: TestContext) {
    const folder = mkdtempSync(join(tmpdir(), 'farthing-meter-'));
    this.outbox = join(folder, 'outbox');
    t.after(async () => {
      await this.#open?.close();
      rmSync(folder, { recursive: true });
    });
  }

  /** The meter, opened again if it is open. */
  async meter(options: Partial<MeterOptions> = {}): Promise<Meter> {
    await this.#open?.close();
    this.#open = undefined;
    const clock = () => this.nowMs;
    const own = { client: this.node.client(), outbox: this.outbox, fold: 'each', clock } as const;
    this.#open = await Meter.open({ ...own, refusedPauseMs: 0, ...options });
    return this.#open;
  }
}

async function paymentsOf(meter: Meter): Promise<PaymentReport[]> {
  const payments: PaymentReport[] = [];
  for await (const payment of meter.payments()) payments.push(payment);
  return payments;
}

const event = (id: string, units = 2) => ({ id, units, license: 5 });

test('each event is paid once, however often it is recorded', async (t) => {
  const bench = new Bench(t);
  const meter = await bench.meter();
  assert.equal(await meter.record(event('a')), true);
  assert.equal(await meter.record(event('a')), false);
  const both = await Promise.all([meter.record(event('b', 3)), meter.record(event('b', 3))]);
  assert.deepEqual(both, [true, false]);
  assert.equal(await meter.recordMany([event('a'), event('c'), event('c')]), 1);
  const report = await meter.flush();
  assert.deepEqual([report.accepted, report.events, report.refused.size], [3, 3, 0]);
  assert.equal(bench.node.uses(5), 7);
  const again = await bench.meter();
  assert.equal(await again.record(event('a')), false);
  assert.ok((await again.flush()).isEmpty);
  assert.equal(bench.node.accepted.size, 3);
  const [payment] = await paymentsOf(again);
  const [metered] = [meteredEvent(event('a'), new Map(), 0n)];
  assert.equal(payment?.memo, toHex(paymentMemo(metered.rate, 0n, [metered])));
  assert.equal(bench.node.paid[0]?.memo, payment?.memo);
});

test('events of an interval are paid together when it has ended', async (t) => {
  const bench = new Bench(t);
  const rates = { llama: { license: 7, unitsPerUse: 1000 } };
  const meter = await bench.meter({ rates, fold: { intervalSeconds: 60 } });
  bench.nowMs = 119_000;
  for (let i = 0; i < 10; i += 1) await meter.record({ id: `g-${i}`, units: 450n, model: 'llama' });
  assert.ok((await meter.flush()).isEmpty);
  assert.equal(meter.counts().waiting, 10);
  bench.nowMs = 120_000;
  await meter.record({ id: 'next', units: 400, model: 'llama' });
  const report = await meter.flush();
  assert.deepEqual([report.accepted, report.events], [1, 10]);
  assert.equal(bench.node.uses(7), 4);
  // 500 units are carried over a restart too; with the next 400 they are not a use yet.
  const again = await bench.meter({ rates, fold: { intervalSeconds: 60 } });
  await again.flush({ all: true });
  assert.deepEqual([bench.node.uses(7), again.counts().waiting], [4, 1]);
  await again.record({ id: 'last', units: 100, model: 'llama' });
  await again.flush({ all: true });
  assert.deepEqual([bench.node.uses(7), again.counts().waiting], [5, 0]);
});

test('an id is one event: another content is refused, and nothing of the call is recorded', async (t) => {
  const bench = new Bench(t);
  const meter = await bench.meter({ rates: { m: { license: 5, unitsPerUse: 2 } } });
  await meter.record({ ...event('a'), time: 5 });
  assert.equal(await meter.record({ ...event('a'), time: 6 }), false, 'the time does not count');
  for (const other of [
    { id: 'a', units: 3, license: 5 },
    { id: 'a', units: 2, license: 6 },
    { id: 'a', units: 2, model: 'm' },
    { id: 'a', units: 2, license: 5, provenance: `0x${'11'.repeat(32)}` },
  ]) {
    await assert.rejects(meter.record(other), { code: 'event_conflict' });
    await assert.rejects(meter.recordMany([event('new'), other]), { code: 'event_conflict' });
  }
  await assert.rejects(meter.recordMany([event('new'), { id: 'x', units: 1, model: 'none' }]), {
    code: 'unknown_model',
  });
  assert.equal(meter.counts().waiting, 1);
  const racing = [meter.record(event('r', 1)), meter.record(event('r', 2))];
  const results = await Promise.allSettled(racing);
  assert.deepEqual(
    results.map(({ status }) => status),
    ['fulfilled', 'rejected'],
  );
});

test('without an answer the same bytes are sent again, also by the next process', async (t) => {
  const bench = new Bench(t);
  for (const silent of ['before', 'after'] as const) {
    const meter = await bench.meter();
    await meter.record(event(silent));
    bench.node.requests.length = 0;
    // The price is asked for first: silence comes with the submission.
    const { fetch } = bench.node;
    bench.node.refuse = () => undefined;
    const client = bench.node.client({
      fetch: async (input, init) => {
        bench.node.silent = init?.method === 'POST' ? silent : undefined;
        return fetch(input, init);
      },
    });
    const quiet = await bench.meter({ client });
    const report = await quiet.flush();
    assert.deepEqual([report.unanswered, report.lastError?.code], [1, 'connection_failed']);
    bench.node.silent = undefined;
    const [signed] = await paymentsOf(quiet).then((all) => all.filter(({ state }) => state === 'signed'));
    const next = await bench.meter();
    assert.equal((await next.flush()).accepted, 1);
    assert.deepEqual(bench.node.requests.at(-1), [signed?.intent]);
  }
  assert.equal(bench.node.uses(5), 4);
  assert.equal(bench.node.accepted.size, 2);
});

const SAME_NONCE = ['expired', 'valid_too_long', 'fee_too_low', 'amount_mismatch'];
for (const code of [...SAME_NONCE, 'nonce_too_low', 'nonce_used']) {
  test(`refused with ${code}, a payment is signed again`, async (t) => {
    const bench = new Bench(t);
    const meter = await bench.meter();
    await meter.record(event('a'));
    const refused: { id: string; nonce: string }[] = [];
    bench.node.refuse = ({ nonce }, id) => {
      if (refused.length > 0) return undefined;
      refused.push({ id, nonce });
      if (code.startsWith('nonce')) bench.node.settledNonce = BigInt(nonce) + 5_000_000n;
      return code;
    };
    const report = await meter.flush();
    assert.equal(report.accepted, 1);
    const [[id, document]] = [...bench.node.accepted] as [[string, IntentDocument], ...unknown[]];
    assert.notEqual(id, refused[0]?.id);
    if (SAME_NONCE.includes(code)) assert.equal(document.nonce, refused[0]?.nonce);
    else assert.ok(BigInt(document.nonce) > bench.node.settledNonce);
    assert.equal(bench.node.uses(5), 2);
  });
}

test('a nonce that an intent of the payment itself used is not signed again', async (t) => {
  const bench = new Bench(t);
  const meter = await bench.meter();
  await meter.record(event('a'));
  // The first intent was taken by another node of the operator, and this one does not know it at once.
  bench.node.refuse = (document, id) => {
    bench.node.accepted.set(id, document);
    return 'nonce_used';
  };
  const report = await meter.flush();
  assert.deepEqual([report.accepted, bench.node.requests.length, bench.node.accepted.size], [1, 1, 1]);
});

for (const [name, prepare] of [
  [
    'nonce_undecided',
    (node: LedgerNode) => {
      node.refuse = () => 'nonce_undecided';
    },
  ],
  [
    'a nonce that was passed, of a node that was rebuilt',
    (node: LedgerNode) => {
      node.refuse = () => 'nonce_too_low';
      node.historyIsKept = false;
    },
  ],
  [
    'dropped because its nonce is settled',
    (node: LedgerNode) => {
      node.refuse = (_, id) => {
        node.dropped.set(id, 'nonce_settled');
        return 'intent_dropped';
      };
    },
  ],
] as const) {
  test(`undecided: ${name}; a person decides`, async (t) => {
    const bench = new Bench(t);
    for (const paid of [true, false]) {
      const meter = await bench.meter();
      await meter.record(event(`paid ${paid}`));
      prepare(bench.node);
      assert.equal((await meter.flush()).undecided, 1);
      const again = await bench.meter();
      const requests = bench.node.requests.length;
      await again.flush();
      await again.confirm();
      assert.equal(bench.node.requests.length, requests, 'it is never paid again by itself');
      bench.node.refuse = () => undefined;
      const found = (await paymentsOf(again)).find(({ state }) => state === 'undecided');
      await assert.rejects(again.resolve(999, { paid }), /not undecided/);
      await again.resolve(found?.number as number, { paid });
      bench.node.historyIsKept = true;
      assert.deepEqual([again.counts().undecided, bench.node.accepted.size], [0, paid ? 0 : 1]);
    }
  });
}

test('other refusals leave the payment signed, and the same bytes are sent after a pause', async (t) => {
  const bench = new Bench(t);
  const meter = await bench.meter({ refusedPauseMs: 100 });
  await meter.record(event('a'));
  bench.node.refuse = () => 'insufficient_funds';
  const report = await meter.flush();
  assert.equal(report.refused.get('insufficient_funds')?.count, 1);
  await meter.flush();
  assert.equal(bench.node.requests.length, 1, 'the pause is kept');
  bench.node.refuse = () => undefined;
  await new Promise((resolve) => setTimeout(resolve, 120));
  assert.equal((await meter.flush()).accepted, 1);
  assert.deepEqual(bench.node.requests[1], bench.node.requests[0]);
});

test('events of a license whose recipient changed wait, and the others do not', async (t) => {
  const bench = new Bench(t);
  const client = bench.node.client().withRecipient({ license: 6 }, recipient('6'));
  const meter = await bench.meter({ client });
  bench.node.recipients['6'] = recipient('9');
  await meter.recordMany([
    { id: 'changed', units: 1, license: 6 },
    { id: 'same', units: 1, license: 5 },
  ]);
  const report = await meter.flush();
  assert.deepEqual([report.accepted, report.refused.get('recipient_changed')?.count], [1, 1]);
  assert.equal(meter.counts().waiting, 1);
  assert.equal(bench.node.requests.flat().length, 1, 'nothing is signed for another recipient');
  delete bench.node.recipients['6'];
  await meter.flush();
  assert.equal(bench.node.uses(6), 1);
});

test('a folded payment is signed for the recipient that the client knows, or waits', async (t) => {
  const bench = new Bench(t);
  const client = bench.node.client();
  const meter = await bench.meter({ client });
  await meter.record(event('a'));
  await meter.flush();
  await meter.record(event('b'));
  // The node refuses the price once, and names another recipient when it is asked for the new one.
  let asked = 0;
  bench.node.refuse = () => {
    asked += 1;
    if (asked === 1) bench.node.recipients['5'] = recipient('9');
    return asked === 1 ? 'amount_mismatch' : undefined;
  };
  const report = await meter.flush();
  assert.deepEqual([report.accepted, report.refused.get('recipient_changed')?.count], [0, 1]);
  assert.deepEqual([asked, meter.counts().signed], [1, 1]);
  delete bench.node.recipients['5'];
  assert.equal((await meter.flush()).accepted, 1);
  assert.equal(bench.node.uses(5), 4);
});

test('an event that no payment can pay waits, and is reported', async (t) => {
  const bench = new Bench(t);
  const meter = await bench.meter();
  bench.node.prices['6'] = '1099511627775';
  await meter.recordMany([
    { id: 'large', units: 65, license: 6 },
    { id: 'small', units: 64, license: 6 },
  ]);
  const report = await meter.flush();
  assert.deepEqual([report.accepted, report.refused.get('event_too_large')?.count], [1, 1]);
  assert.equal(meter.counts().waiting, 1);
});

test('a dropped payment is replaced with the same nonce; final ones leave the journal', async (t) => {
  const bench = new Bench(t);
  const meter = await bench.meter();
  await meter.recordMany(Array.from({ length: 30 }, (_, i) => event(`e-${i}`)));
  await meter.flush();
  const [[id, document]] = [...bench.node.accepted] as [[string, IntentDocument], ...unknown[]];
  bench.node.drop(id, 'expired');
  await meter.confirm();
  assert.equal(bench.node.accepted.size, 30);
  const nonces = [...bench.node.accepted.values()].map(({ nonce }) => nonce);
  assert.ok(nonces.includes(document.nonce));
  bench.node.stage = 'finalized';
  await meter.confirm();
  assert.deepEqual(
    [meter.counts().accepted, meter.counts().finalized, bench.node.requests.length],
    [0, 30, 2],
  );
});

test('a node that lost an accepted intent gets the same bytes again', async (t) => {
  const bench = new Bench(t);
  const meter = await bench.meter();
  await meter.record(event('a'));
  await meter.flush();
  const [id] = [...bench.node.accepted.keys()];
  bench.node.accepted.clear();
  await meter.confirm();
  await (await bench.meter()).flush();
  assert.deepEqual([...bench.node.accepted.keys()], [id]);
});

test('hundreds of payments go in requests of many, in the order of their nonces', async (t) => {
  const bench = new Bench(t);
  const meter = await bench.meter();
  await meter.recordMany(Array.from({ length: 600 }, (_, i) => event(`e-${i}`, 1)));
  assert.equal((await meter.flush()).accepted, 600);
  const nonces = [...bench.node.accepted.values()].map(({ nonce }) => BigInt(nonce));
  assert.ok(nonces.every((nonce, i) => i === 0 || nonce > (nonces[i - 1] as bigint)));
  assert.ok(bench.node.requests.every(({ length }) => length <= 256));
});

test('an outbox belongs to one account, one deployment, and one process', async (t) => {
  const bench = new Bench(t);
  const meter = await bench.meter();
  await meter.record(event('a'));
  await meter.flush();
  const own = { client: bench.node.client(), outbox: bench.outbox };
  await assert.rejects(Meter.open(own), { code: 'outbox_locked', retryable: true });
  await meter.close();
  const other = { ...own, client: bench.node.client({ account: 8 }) };
  await assert.rejects(Meter.open(other), { code: 'outbox', message: /account 7.*account 8/ });
  bench.node.deployment = { ...bench.node.deployment, chainId: 1 };
  const moved = await bench.meter({ client: bench.node.client() });
  await moved.record(event('b'));
  await assert.rejects(moved.flush(), { code: 'outbox', message: /chain 31337.*chain 1 / });
  const reader = new LedgerNode();
  const { fetch } = reader;
  const { Farthing } = await import('../src/client.js');
  const client = new Farthing({ node: 'http://node.test', fetch });
  await assert.rejects(Meter.open({ ...own, client }), /account and key/);
});

test('at every frame of its journal, a meter goes on and pays each event once', async (t) => {
  const bench = new Bench(t);
  const meter = await bench.meter();
  // The journal after each step, with what the node had by then.
  for (const step of [1, 2, 3]) {
    await meter.recordMany([event(`${step}-a`, step), event(`${step}-b`, step)]);
    await meter.flush();
  }
  await meter.close();
  const bytes = readFileSync(bench.outbox);
  const ends: number[] = [];
  for (
    let at = bytes.indexOf('\xffFJ1', 1, 'latin1');
    at !== -1;
    at = bytes.indexOf('\xffFJ1', at + 1, 'latin1')
  ) {
    ends.push(at);
  }
  assert.ok(ends.length > 10);
  const all = [...bench.node.accepted];
  for (const end of [...ends, bytes.length]) {
    const cut = new Bench(t);
    appendFileSync(cut.outbox, bytes.subarray(0, end));
    // The node may have all that was signed in what is left, and not what was signed later.
    const text = bytes.subarray(0, end).toString('latin1');
    for (const [id, document] of all) if (text.includes(id)) cut.node.accepted.set(id, document);
    const again = await cut.meter();
    for (const step of [1, 2, 3])
      await again.recordMany([event(`${step}-a`, step), event(`${step}-b`, step)]);
    await again.flush();
    assert.deepEqual([cut.node.uses(5), cut.node.accepted.size, again.counts().accepted], [12, 6, 6]);
    await again.close();
  }
});

test('compaction keeps the state, and ids of paid events stay known', async (t) => {
  const bench = new Bench(t);
  const rates = { m: { license: 9, unitsPerUse: 10 } };
  const { Outbox } = await import('../src/meter/outbox.js');
  let meter = await bench.meter({ rates });
  await meter.recordMany(Array.from({ length: 300 }, (_, i) => event(`old-${i}`)));
  await meter.record({ id: 'carry', units: 13, model: 'm' });
  await meter.flush();
  bench.node.stage = 'finalized';
  await meter.confirm();
  bench.node.stage = 'accepted';
  await meter.record(event('accepted'));
  await meter.flush();
  bench.node.refuse = () => 'nonce_undecided';
  await meter.record(event('undecided'));
  await meter.flush();
  bench.node.refuse = () => 'insufficient_funds';
  await meter.record(event('signed'));
  await meter.flush();
  await meter.record({ id: 'waits', units: 3, model: 'm' });
  const before = { counts: meter.counts(), payments: await paymentsOf(meter) };
  await meter.close();
  const size = readFileSync(bench.outbox).length;
  copyFileSync(bench.outbox, `${bench.outbox}.old`);
  for (const _ of [1, 2]) {
    const outbox = await Outbox.open(bench.outbox, 7n, { rememberDays: 400, now: () => 1_000 });
    await outbox.compact();
    await outbox.close();
    assert.ok(readFileSync(bench.outbox).length < size / 4);
    meter = await bench.meter({ rates });
    assert.deepEqual({ counts: meter.counts(), payments: await paymentsOf(meter) }, before);
    await meter.close();
    // A crash between the archive and the journal leaves payments in both.
    if (_ === 1) copyFileSync(`${bench.outbox}.old`, bench.outbox);
  }
  meter = await bench.meter({ rates });
  assert.equal(await meter.record(event('old-7')), false);
  await assert.rejects(meter.record(event('old-7', 3)), { code: 'event_conflict' });
  bench.node.refuse = () => undefined;
  await meter.record({ id: 'more', units: 4, model: 'm' });
  await meter.flush();
  assert.equal(bench.node.uses(9), 2, '3 carried, 3 and 4 are one use');
  assert.equal(bench.node.uses(5), 2 * 302, 'all but the undecided one');
});

test('a set of 100,000 paid events tells the same from others', () => {
  const rate = checkedRate({ license: 5 });
  const make = (i: number, units = 1n): MeteredEvent => {
    return { id: `event-${i}`, rate, units, provenance: new Uint8Array(32), time: 0n };
  };
  const paid = new PaidEvents();
  for (let i = 0; i < 100_000; i += 1) paid.add(make(i), i % 40);
  paid.add(make(7), 7);
  const copy = new PaidEvents();
  for (const part of paid.parts()) copy.addPart(part.part, part.day);
  for (const set of [paid, copy]) {
    assert.equal(set.count, 100_000);
    for (let i = 0; i < 100_000; i += 997) {
      assert.equal(set.find(make(i)), 'same');
      assert.equal(set.find(make(i, 2n)), 'other');
      assert.equal(set.find(make(i + 100_000)), undefined);
    }
  }
  // Days are forgotten sixteen together.
  for (const [before, left] of [
    [15, 100_000],
    [16, 60_000],
    [32, 20_000],
    [48, 0],
  ] as const) {
    copy.forget(before);
    assert.equal(copy.count, left, `before day ${before}`);
  }
});

test('ids of paid events are forgotten when the days have passed, and not before', async (t) => {
  const bench = new Bench(t);
  const day = 24 * 3_600_000;
  let meter = await bench.meter({ rememberDays: 40 });
  await meter.recordMany([event('a'), event('b')]);
  await meter.flush();
  bench.node.stage = 'finalized';
  await meter.confirm();
  await meter.compact();
  bench.nowMs += 40 * day;
  meter = await bench.meter({ rememberDays: 40 });
  await meter.compact();
  meter = await bench.meter({ rememberDays: 40 });
  assert.equal(await meter.record(event('a')), false);
  await assert.rejects(meter.record(event('a', 3)), { code: 'event_conflict' });
  assert.ok((await meter.flush()).isEmpty);
  bench.nowMs += 17 * day;
  await meter.compact();
  assert.equal(await meter.record(event('a')), true, 'as metering.md says');
  meter = await bench.meter({ rememberDays: 40 });
  assert.equal(await meter.record(event('b')), true);
  const patient = await bench.meter({ rememberDays: Number.POSITIVE_INFINITY });
  await patient.flush();
  await patient.confirm();
  await patient.compact();
  bench.nowMs += 100_000 * day;
  await patient.compact();
  assert.equal(await patient.record(event('b')), false);
  for (const rememberDays of [0, Number.NaN]) await assert.rejects(bench.meter({ rememberDays }), InputError);
});

test('a journal without days is read: its events became final no earlier than now', async (t) => {
  const bench = new Bench(t);
  const now = 20_000 * 24 * 3_600;
  const make = (id: string): MeteredEvent => meteredEvent(event(id), new Map(), 0n);
  const paid = new PaidEvents();
  paid.add(make('archived'), 0);
  const [part] = [...paid.parts()];
  const rate = { license: 5, units_per_use: 1 };
  const journal = await Journal.open(bench.outbox, { kind: 'farthing-meter', replay: () => {} });
  const memo = toHex(paymentMemo(make('final').rate, 0n, [make('final')]));
  await journal.append(
    [
      { kind: 'account', account: 7 },
      { kind: 'paid', part: part?.part },
      { kind: 'event', id: 'final', number: 1, ...rate, units: 2, time: 0 },
      { kind: 'folded', number: 1, ...rate, uses: 2, carry_in: 0, carry_out: 0, memo, ranges: [[1, 1]] },
      { kind: 'finalized', payment: 1, intent: '0x1' },
    ],
    () => {},
  );
  await journal.close();
  bench.nowMs = now * 1000;
  const meter = await bench.meter({ rememberDays: 20 });
  await meter.compact();
  bench.nowMs += 20 * 24 * 3_600_000;
  const later = await bench.meter({ rememberDays: 20 });
  await later.compact();
  assert.equal(await later.recordMany([event('archived'), event('final')]), 0);
});

test('start flushes and confirms until close, and reports', async (t) => {
  const bench = new Bench(t);
  const meter = await bench.meter();
  bench.node.stage = 'finalized';
  const accepted = new Promise<number>((resolve) => {
    meter.start({ flushEveryMs: 10, confirmEveryMs: 10, onReport: (report) => resolve(report.accepted) });
  });
  assert.throws(() => meter.start(), /started before/);
  await meter.record(event('a'));
  assert.equal(await accepted, 1);
  while (meter.counts().finalized < 1) await new Promise((resolve) => setTimeout(resolve, 5));
  await meter.close();
  await assert.rejects(meter.flush(), /closed/);
  await assert.rejects(meter.record(event('b')), { code: 'outbox' });
});
