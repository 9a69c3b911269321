import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InputError } from '../src/input-error.js';
import * as operations from '../src/operations.js';
import { formatTokens, type Money, money, RANGES, tokens, type Whole, whole } from '../src/quantity.js';
import { lineageOf } from '../src/shares.js';

const RECIPIENT = `0x${'00'.repeat(24)}`;
const code = (expected: string) => (error: unknown) => error instanceof InputError && error.code === expected;

test('money is a bigint or decimal digits, never a number', () => {
  assert.equal(money(250n, 'price'), 250n);
  assert.equal(money('70368744177663', 'amount'), RANGES.amount[1]);
  const refused: unknown[] = [
    1,
    0,
    0.1,
    Number.NaN,
    '',
    '1.5',
    '-1',
    '+1',
    '01',
    '1e3',
    ' 1',
    '0x1',
    null,
    undefined,
    {},
  ];
  for (const value of refused) {
    assert.throws(() => money(value as Money, 'amount'), code('invalid_amount'), String(value));
  }
  for (const value of [-1n, RANGES.amount[1] + 1n]) {
    assert.throws(() => money(value, 'amount'), code('invalid_amount'), String(value));
  }
  assert.throws(() => operations.transfer(1, 1.5 as unknown as Money, RECIPIENT), code('invalid_amount'));
});

test('tokens are decimal text', () => {
  for (const [text, nano] of [
    ['0', 0n],
    ['1', 1_000_000_000n],
    ['0.00025', 250_000n],
    ['12.345678901', 12_345_678_901n],
  ] as const) {
    assert.equal(tokens(text), nano);
    assert.equal(formatTokens(nano), text);
  }
  for (const text of ['', '.5', '1.', '1.0000000001', '-1', '1,5', 0.1 as unknown as string]) {
    assert.throws(() => tokens(text), code('invalid_amount'), text);
  }
});

test('whole numbers have their ranges', () => {
  for (const value of [7, 7n, '7']) assert.equal(whole(value, 'account'), 7n);
  for (const [quantity, [least, most]] of Object.entries(RANGES)) {
    const of = quantity as keyof typeof RANGES;
    assert.equal(whole(least, of), least);
    assert.equal(whole(most, of), most);
    assert.throws(() => whole(least - 1n, of), InputError);
    assert.throws(() => whole(most + 1n, of), InputError);
  }
  for (const value of [0.5, 2 ** 53, Number.NaN, '1.0', null]) {
    assert.throws(() => whole(value as Whole, 'nonce'), code('invalid_argument'));
  }
});

test('the first broken rule of a share table is the error', () => {
  const account = (id: number, shares: number) => ({ holder: { account: id }, shares });
  const license = (id: number, shares: number) => ({ holder: { license: id }, shares });
  const register = (holders: Parameters<typeof operations.registerLicense>[0]['holders']) =>
    operations.registerLicense({ price: 1n, holders }, 1, RECIPIENT);
  assert.equal(register([account(2, 1), license(0, 999_999)]).holders.length, 2);
  for (const holders of [
    [],
    Array.from({ length: 17 }, (_, i) => account(i, 1)),
    [account(1, 0), account(2, 1_000_000)],
    [account(2, 500_000), account(1, 500_000)],
    [account(1, 500_000), account(1, 500_000)],
    [license(0, 500_000), account(1, 500_000)],
    [account(1, 999_999)],
    [{ holder: {} as { account: number }, shares: 1_000_000 }],
  ]) {
    assert.throws(() => register(holders), code('invalid_holders'));
  }
  assert.equal(lineageOf([1, 2]), 4n);
  assert.throws(() => lineageOf([32, 32]), code('invalid_holders'));
});

test('a withdrawal is of whole base units', () => {
  assert.equal(operations.withdraw('12000').amount, 12_000n);
  for (const amount of ['0', '999', '1001']) {
    assert.throws(() => operations.withdraw(amount), code('invalid_amount'));
  }
});
