import assert from 'node:assert/strict';
import { test } from 'node:test';
import { byDay, course, type IncomeLine, incomeCsv, partOf } from '../src/lib/earnings.js';
import { shortHex } from '../src/lib/names.js';
import { throughput } from '../src/lib/throughput.js';
import { agoText, momentText, spanText } from '../src/lib/time.js';

const sealed = (timestamp: number, intents: number) => ({
  public_data_bytes: 3 * intents,
  statement: { timestamp, intents },
});

test('times are said in their largest unit', () => {
  assert.equal(spanText(1), '1 second');
  assert.equal(spanText(119), '1 minute');
  assert.equal(spanText(7_200), '2 hours');
  assert.equal(spanText(600_000), '6 days');
  assert.equal(agoText(100, 100), 'now');
  assert.equal(agoText(100, 160), '1 minute ago');
  assert.equal(agoText(160, 100), 'in 1 minute');
  assert.equal(momentText(1_764_450_247), '2025-11-29 21:04:07 UTC');
});

test('a speed needs two batches, and the first only begins the span', () => {
  assert.equal(throughput([]), undefined);
  assert.equal(throughput([sealed(100, 50)])?.perSecond, 0);
  const speed = throughput([sealed(130, 200), sealed(110, 100), sealed(100, 70)]);
  assert.equal(speed?.perSecond, 10);
  assert.equal(speed?.seconds, 30);
  assert.equal(speed?.intents, 370);
  assert.equal(speed?.bytesPerIntent, 3);
  assert.deepEqual(speed?.series, [
    { time: 110, perSecond: 10 },
    { time: 130, perSecond: 10 },
  ]);
});

test('batches of one second are one point', () => {
  const speed = throughput([sealed(102, 30), sealed(101, 20), sealed(101, 10), sealed(101, 5)]);
  assert.deepEqual(speed?.series, [{ time: 102, perSecond: 60 }]);
  assert.equal(throughput([sealed(101, 20), sealed(101, 10)])?.perSecond, 0);
});

test('earnings add up to the last nano', () => {
  const line = (batch: string, received: string, amount: string) => ({
    batch,
    received,
    parts: [
      { holder: { account: 3 }, amount },
      { holder: { license: 3 }, amount: '1' },
    ],
  });
  const most = ((1n << 61n) - 1n).toString();
  const lines = [line('1', '5', most), line('4', '7', '2')];
  assert.equal(partOf(lines, 3), (1n << 61n) + 1n);
  assert.equal(partOf(lines, 4), 0n);
  assert.deepEqual(
    course(lines).map((point) => point.batch),
    [1, 4],
  );
});

test('bytes are shortened so that both ends can be compared', () => {
  assert.equal(shortHex(`0x123456${'0'.repeat(28)}abcdef`), '0x123456…abcdef');
  assert.equal(shortHex('0x12345678'), '0x12345678');
});

test('income is summed by day, and its file has every line', () => {
  const lines: IncomeLine[] = [
    { batch: '9', license: 2, nano: 3n, time: 86_400 },
    { batch: '8', license: 1, nano: 1n << 61n, time: 86_399 },
    { batch: '7', license: 1, nano: 1n, time: 0 },
    { batch: '1', license: 1, nano: 5n, time: undefined },
  ];
  assert.deepEqual(byDay(lines), [
    { day: '1970-01-01', nano: (1n << 61n) + 1n },
    { day: '1970-01-02', nano: 3n },
  ]);
  const rows = incomeCsv(lines, 7).split('\r\n');
  assert.equal(rows[0], 'batch,time,account,license,nano');
  assert.equal(rows[2], '8,1970-01-01T23:59:59.000Z,7,1,2305843009213693952');
  assert.equal(rows[4], '1,,7,1,5');
  assert.equal(rows.length, 6);
});
