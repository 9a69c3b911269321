import assert from 'node:assert/strict';
import { test } from 'node:test';
import { L1Error, NotSettledError, ReceiptError } from '../src/errors.js';
import { verifyReceipt } from '../src/receipt.js';
import { verifyReceiptOnL1 } from '../src/settlement.js';
import { DEPLOYMENT, MadeL1, madeReceipt } from './made-receipt.js';

type Node = Record<string, unknown>;

/** Every leaf of a document, as a path of names. */
function leaves(value: unknown, path: string[] = []): string[][] {
  if (typeof value !== 'object' || value === null) return [path];
  return Object.entries(value).flatMap(([name, next]) => leaves(next, [...path, name]));
}

/** Another value of the same kind. */
function changed(value: unknown): unknown {
  if (typeof value === 'number') return value + 1;
  const text = value as string;
  if (!text.startsWith('0x')) return (BigInt(text) + 1n).toString();
  const digit = text.at(-1) === '0' ? '1' : '0';
  return text.slice(0, -1) + digit;
}

function withChange(path: string[], change: (value: unknown) => unknown): Node {
  const receipt = madeReceipt();
  const last = path.at(-1) as string;
  const parent = path.slice(0, -1).reduce((node, name) => node[name] as Node, receipt);
  parent[last] = change(parent[last]);
  return receipt;
}

/** Fields that nothing in a receipt binds: only L1 knows them. */
const ON_L1_ALONE = [
  'block.number',
  'block.statement.batches',
  'block.statement.timestamp',
  'block.statement.old_root',
  'block.statement.new_root',
  'block.statement.queue_from',
  'block.statement.queue_to',
  'block.l1.transaction',
  'block.l1.block',
];

const l1 = (made: MadeL1) => ({
  url: 'http://l1.test/key',
  contract: DEPLOYMENT.contract,
  fetch: made.fetch,
});

test('a receipt agrees with itself, and L1 confirms it', async () => {
  const verified = verifyReceipt(madeReceipt(), DEPLOYMENT);
  assert.equal(verified.account, 7n);
  assert.equal(verified.batch.number, 11n);
  assert.equal(verified.block?.number, 2n);
  for (const direct of [true, false]) {
    const made = Object.assign(new MadeL1(), { direct });
    const settled = await verifyReceiptOnL1(madeReceipt(), l1(made));
    assert.equal(settled.settled, true);
    assert.equal(settled.l1Block, 100n);
  }
});

test('a receipt without a block, or without a place on L1, is checked for what it has', async () => {
  const early = madeReceipt();
  delete early['block'];
  assert.equal(verifyReceipt(early).block, undefined);
  await verifyReceiptOnL1(early, l1(new MadeL1()));
  const proven = madeReceipt();
  delete (proven['block'] as Node)['l1'];
  await verifyReceiptOnL1(proven, l1(new MadeL1()));
});

test('every field that changes is refused: by the receipt itself, or by L1', async () => {
  for (const path of leaves(madeReceipt())) {
    const name = path.join('.');
    const receipt = withChange(path, changed);
    if (ON_L1_ALONE.includes(name)) {
      verifyReceipt(receipt, DEPLOYMENT);
      for (const direct of [true, false]) {
        const made = Object.assign(new MadeL1(), { direct });
        await assert.rejects(verifyReceiptOnL1(receipt, l1(made)), NotSettledError, name);
      }
    } else {
      assert.throws(() => verifyReceipt(receipt, DEPLOYMENT), ReceiptError, name);
    }
  }
});

test('what is missing, added or of another kind is refused', () => {
  for (const path of leaves(madeReceipt())) {
    for (const value of [null, {}, [], '', '0x', true, 'x', -1, 1.5]) {
      const name = `${path.join('.')} = ${JSON.stringify(value)}`;
      assert.throws(() => verifyReceipt(withChange(path, () => value)), ReceiptError, name);
    }
  }
  assert.throws(() => verifyReceipt({ ...madeReceipt(), more: 1 }), /unknown field more/);
  for (const value of [null, 1, 'x', [], {}]) assert.throws(() => verifyReceipt(value), ReceiptError);
});

test('L1 decides, and an L1 that is silent is not a refusal', async () => {
  const refusedBy = (change: Partial<MadeL1>, Class: new (...parameters: never[]) => Error) =>
    assert.rejects(verifyReceiptOnL1(madeReceipt(), l1(Object.assign(new MadeL1(), change))), Class);
  await refusedBy({ code: '0x' }, NotSettledError);
  await refusedBy({ domain: '' }, NotSettledError);
  await refusedBy({ domain: `0x${'11'.repeat(32)}` }, NotSettledError);
  await refusedBy({ final: new Set() }, NotSettledError);
  await refusedBy({ final: new Set([10n, 11n]) }, NotSettledError);
  const silent: typeof fetch = async () => {
    throw new TypeError('fetch failed to http://l1.test/key');
  };
  await assert.rejects(
    verifyReceiptOnL1(madeReceipt(), { ...l1(new MadeL1()), fetch: silent }),
    (error: unknown) => {
      // The URL of an endpoint may hold an API key.
      return (
        error instanceof L1Error && error.retryable && !`${error.message}${error.cause}`.includes('/key')
      );
    },
  );
  const other = { ...l1(new MadeL1()), contract: `0x${'11'.repeat(20)}` };
  await assert.rejects(verifyReceiptOnL1(madeReceipt(), other), ReceiptError);
});
