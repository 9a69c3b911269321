import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Price } from '@x402/core/types';
import { parsePrice } from '../src/price.js';

const options = { asset: '0xtoken', symbol: 'USDC' };

test('prices are whole nano', () => {
  const table: readonly [Price, string][] = [
    ['$0.10', '100000000'],
    ['0.00025', '250000'],
    ['$0.000000001', '1'],
    ['1.5 USDC', '1500000000'],
    ['1.5 usd', '1500000000'],
    ['$0.1000000000000', '100000000'],
    ['70368', '70368000000000'],
    [0.1, '100000000'],
    [1e-9, '1'],
    [4.02, '4020000000'],
    [3, '3000000000'],
    [{ asset: '', amount: '250' }, '250'],
  ];
  for (const [price, amount] of table) {
    assert.deepEqual(parsePrice(price, options), { asset: options.asset, amount }, String(price));
  }
  const full = { asset: '0xother', amount: '7', extra: { a: 1 } };
  assert.deepEqual(parsePrice(full, options), full);
});

test('a price that would be another, or nothing, is refused', () => {
  const table: readonly [Price, RegExp][] = [
    ['$0.0000000001', /10 places/],
    [0.1 + 0.2, /17 places/],
    [1e-10, /10 places/],
    ['$0', /is nothing/],
    ['0.000', /is nothing/],
    [0, /is nothing/],
    [{ asset: '', amount: '0' }, /is nothing/],
    [{ asset: '', amount: '0.5' }, /not a string of decimal digits/],
    [{ asset: '', amount: '007' }, /not a string of decimal digits/],
    ['1.5 EURC', /in EURC, expected USDC/],
    ['-1', /Invalid money format/],
    [-1, /Invalid money format/],
    [Number.NaN, /Invalid money format/],
    ['1e-3', /Invalid money format/],
    ['free', /Invalid money format/],
    ['$70369', /at most 70368744177663 move/],
  ];
  for (const [price, why] of table) assert.throws(() => parsePrice(price, options), why, String(price));
});
