import assert from 'node:assert/strict';
import { test } from 'node:test';
import { amountParts, bytesText, grouped, ratioText, sharesText, tokensText } from '../src/lib/amount.js';

/** The largest balance of the protocol: no JavaScript number holds it. */
const MOST = (1n << 62n) - 1n;

function joined(nano: bigint | string): string {
  const { sign, whole, fraction, zeros } = amountParts(nano);
  return `${sign}${whole}.${fraction}${zeros}`;
}

test('amounts are exact to the last nano', () => {
  assert.equal(tokensText(0n), '0');
  assert.equal(tokensText(1n), '0.000000001');
  assert.equal(tokensText('250000'), '0.00025');
  assert.equal(tokensText(1_000_000_000n), '1');
  assert.equal(tokensText(1_234_500_000_000n), '1,234.5');
  assert.equal(tokensText(-1n), '−0.000000001');
  assert.equal(tokensText(MOST), '4,611,686,018.427387903');
});

test('the pieces of an amount are the amount, with nine digits behind the point', () => {
  for (const nano of [0n, 1n, 10n, 999_999_999n, 1_000_000_000n, 1_500_000_000n, -25n, MOST]) {
    const text = joined(nano);
    assert.match(text, /^−?[\d,]+\.\d{9}$/);
    assert.equal(BigInt(text.replace(/[,.]/g, '').replace('−', '-')), nano);
  }
});

test('no number that rounds is accepted as an amount', () => {
  assert.throws(() => tokensText('1.5'));
  assert.throws(() => tokensText('1e9'));
});

test('counts, shares, ratios and sizes', () => {
  assert.equal(grouped('1234567'), '1,234,567');
  assert.equal(grouped(999), '999');
  assert.equal(sharesText(1_000_000), '100 %');
  assert.equal(sharesText(1), '0.0001 %');
  assert.equal(sharesText(125_000), '12.5 %');
  assert.equal(ratioText(0), '0 %');
  assert.equal(ratioText(0.123456), '12.3 %');
  assert.equal(ratioText(0.000001), '< 0.001 %');
  assert.equal(bytesText(999), '999 B');
  assert.equal(bytesText(89_428), '89.4 kB');
  assert.equal(bytesText(2_500_000), '2.50 MB');
});
