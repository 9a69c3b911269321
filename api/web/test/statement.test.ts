import assert from 'node:assert/strict';
import { test } from 'node:test';
import { STATED, StatedL1, statementOf, vectors } from '../../typescript/test/statement-vectors.js';
import type { Provider } from '../src/lib/rollup.js';
import { askL1, checkFile, isConsistent } from '../src/lib/verify.js';

const STEPS = { format: 0, licenses: 1, deployment: 2, openings: 3, batches: 4, claim: 5 } as const;
const place = { contract: STATED.contract, deployedAt: '0' };
const fileOf = (...parameters: Parameters<typeof statementOf>): string =>
  JSON.stringify(statementOf(...parameters));

test('a statement passes step by step, and L1 has the last word', async () => {
  const cases = [
    ['revenue', /license 0 received exactly [0-9.]+ tokens\.$/, /has verified batches \d+ and \d+, as of/],
    ['since the registration', /license 1 received exactly/, /has verified batch \d+, as of L1 block 100/],
    ['share', /and account 1 got [0-9.]+ to [0-9.]+ of them\.$/, /has verified batches/],
    ['total', /2 licenses received exactly [0-9.]+ tokens together\.$/, /has verified batches/],
  ] as const;
  for (const [name, claim, said] of cases) {
    const checked = checkFile(fileOf(name));
    assert.deepEqual(
      checked.steps.map(({ title, outcome }) => `${title} ${outcome}`),
      ['Form good', 'Licenses good', 'Rollup good', 'Paths good', 'Batches good', 'Claim good'],
      name,
    );
    assert.match(checked.steps[STEPS.claim]?.text ?? '', claim);
    assert.ok(isConsistent(checked) && checked.statement !== undefined);
    const step = await askL1(checked, { provider: new StatedL1() }, place);
    assert.equal(step.outcome, 'good', step.text);
    assert.match(step.text, said);
  }
});

test('each forgery is found by its step, which says why, and ends the check', () => {
  for (const { name, of, set, step, error } of vectors.refused) {
    const checked = checkFile(fileOf(of, set));
    const at = STEPS[step];
    assert.deepEqual(
      checked.steps.map(({ outcome }) => outcome),
      Object.values(STEPS).map((index) => (index < at ? 'good' : index === at ? 'bad' : 'skipped')),
      name,
    );
    const { text, reason } = checked.steps[at] ?? { text: '' };
    assert.equal(text.slice(0, 9).toLowerCase(), error.slice(0, 9).toLowerCase(), name);
    assert.ok((reason ?? '').length > 0, name);
    assert.equal(isConsistent(checked), false);
    assert.equal(checked.statement, undefined);
  }
});

test('what L1 has not verified is refused and explained', async () => {
  const checked = checkFile(fileOf('total'));
  const none = Object.assign(new StatedL1(), { final: new Set<string>() });
  const other = { contract: `0x${'11'.repeat(20)}`, deployedAt: '0' };
  const silent: Provider = { request: () => Promise.reject(new Error('no network')) };
  const cases = [
    [none, place, /has not verified batch/, /the statement is made up/],
    [new StatedL1(), other, /expected chain 31337/, /of another rollup/],
    [silent, place, /no network/, /Nothing is known about the file/],
  ] as const;
  for (const [provider, where, text, reason] of cases) {
    const step = await askL1(checked, { provider }, where);
    assert.equal(step.outcome, 'bad');
    assert.match(step.text, text);
    assert.match(step.reason ?? '', reason);
  }
});

test('an opening alone is named', () => {
  const [entry] = statementOf('revenue')['licenses'] as { until: unknown }[];
  const checked = checkFile(JSON.stringify(entry?.until));
  assert.match(checked.steps[0]?.text ?? '', /opening, which claims nothing by itself/);
  assert.equal(isConsistent(checked), false);
});
