import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DEPLOYMENT, MadeL1, madeReceipt } from '../../typescript/test/made-receipt.js';
import type { Provider } from '../src/lib/rollup.js';
import { askL1, checkFile, isConsistent } from '../src/lib/verify.js';

type Fields = Record<string, unknown>;
const place = { contract: DEPLOYMENT.contract, deployedAt: '0' };

/** A receipt with another value at a path of names. */
function changed(path: string, value: unknown): string {
  const receipt = madeReceipt();
  const names = path.split('.');
  const last = names.pop() as string;
  const parent = names.reduce((fields, name) => fields[name] as Fields, receipt);
  parent[last] = value;
  return JSON.stringify(receipt);
}

const outcomes = (text: string): string[] => checkFile(text).steps.map(({ outcome }) => outcome);

/** A wallet on the made L1. */
function walletOn(l1: MadeL1): Provider {
  return {
    async request({ method, params }) {
      const answer = await l1.fetch('', { body: JSON.stringify({ id: 1, method, params }) });
      const { result, error } = (await answer.json()) as { result?: unknown; error?: { message: string } };
      if (error !== undefined) throw Object.assign(new Error(error.message), { code: -32000 });
      return result;
    },
  };
}

test('a receipt passes step by step, and L1 has the last word', async () => {
  const checked = checkFile(JSON.stringify(madeReceipt()));
  assert.deepEqual(
    checked.steps.map(({ title, outcome }) => `${title} ${outcome}`),
    ['Intent good', 'Signature good', 'Batch good', 'Block good'],
  );
  assert.ok(isConsistent(checked) && checked.intent !== undefined);
  const step = await askL1(checked, { provider: walletOn(new MadeL1()) }, place);
  assert.equal(step.outcome, 'good', step.text);
  assert.match(step.text, /has verified batch 11, as of L1 block 100/);
});

test('a change is found by the step that it concerns, and ends the check', () => {
  const id = `0x${'12'.repeat(32)}`;
  const cases: readonly (readonly [string, unknown, number, RegExp])[] = [
    ['id', id, 0, /has the id 0x/],
    ['chain_id', 1, 0, /has the id 0x/],
    ['contract', 'none', 0, /Contract: expected 0x/],
    ['intent', null, 0, /expected an object/],
    ['intent.nonce', '5', 0, /has the id 0x/],
    ['key', `0x${'00'.repeat(40)}`, 1, /key neutral/],
    ['key', '0x12', 1, /Key: 1 bytes, expected 40/],
    ['receipt_path.index', 6, 2, /receipt path leads to/],
    ['batch.receipts_root', `0x${'00'.repeat(32)}`, 2, /receipt path leads to/],
    ['batch.domain', `0x${'00'.repeat(32)}`, 2, /domain is not that/],
    ['batch.timestamp', 1_900_000_000, 2, /was valid until/],
    ['block.statement.batches_root', `0x${'00'.repeat(32)}`, 3, /batch path leads to/],
    ['block.batch_path.index', 2, 3, /is not at index 2/],
    ['block.statement.version', 1, 3, /protocol version 1/],
  ];
  for (const [path, value, at, text] of cases) {
    const checked = checkFile(changed(path, value));
    const expected = [0, 1, 2, 3].map((step) => (step < at ? 'good' : step === at ? 'bad' : 'skipped'));
    assert.deepEqual(
      checked.steps.map(({ outcome }) => outcome),
      expected,
      path,
    );
    assert.match(checked.steps[at]?.text ?? '', text, path);
    assert.ok((checked.steps[at]?.reason ?? '').length > 0, path);
    assert.equal(isConsistent(checked), false);
    assert.equal(checked.intent === undefined, at < 2, path);
  }
});

test('a receipt from before its proof is open, and L1 can be asked all the same', async () => {
  const checked = checkFile(changed('block', null));
  assert.deepEqual(
    checked.steps.map(({ outcome }) => outcome),
    ['good', 'good', 'good', 'open'],
  );
  const step = await askL1(checked, { provider: walletOn(new MadeL1()) }, place);
  assert.equal(step.outcome, 'good', step.text);
});

test('L1 refuses what it has not verified, and each refusal is explained', async () => {
  const checked = checkFile(JSON.stringify(madeReceipt()));
  const other = { contract: `0x${'11'.repeat(20)}`, deployedAt: '0' };
  const cases = [
    [
      Object.assign(new MadeL1(), { final: new Set<bigint>() }),
      place,
      /has not verified batch 11/,
      /not final/,
    ],
    [Object.assign(new MadeL1(), { code: '0x' }), place, /no contract at/, /not final/],
    [new MadeL1(), other, /expected chain 31337/, /of another rollup/],
  ] as const;
  for (const [l1, where, text, reason] of cases) {
    const step = await askL1(checked, { provider: walletOn(l1) }, where);
    assert.equal(step.outcome, 'bad');
    assert.match(step.text, text);
    assert.match(step.reason ?? '', reason);
  }
  const silent: Provider = { request: () => Promise.reject(new Error('no network')) };
  const step = await askL1(checked, { provider: silent }, place);
  assert.match(step.text, /no network/);
  assert.match(step.reason ?? '', /Nothing is known about the file/);
  const url = await askL1(checked, { url: 'no URL' }, place);
  assert.match(url.text, /not a URL/);
});

test('a file of another kind is named', () => {
  for (const [text, said] of [
    ['', /not JSON/],
    ['{"id":', /not JSON/],
    ['null', /neither a receipt nor a statement/],
    ['[1]', /neither a receipt nor a statement/],
    ['"<b>"', /neither a receipt nor a statement/],
    ['{"number":"1","proof":"0x","statement":"0x"}', /statement with its proof/],
  ] as const) {
    const checked = checkFile(text);
    assert.deepEqual(outcomes(text), ['bad']);
    assert.match(checked.steps[0]?.text ?? '', said);
    assert.equal(isConsistent(checked), false);
  }
});

test('the path of an account that is not one is refused', () => {
  const checked = checkFile(JSON.stringify({ id: 7, licenses_root: '0x', siblings: [] }));
  assert.deepEqual(
    checked.steps.map(({ outcome }) => outcome),
    ['bad'],
  );
});
