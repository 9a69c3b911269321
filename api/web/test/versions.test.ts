import assert from 'node:assert/strict';
import { test } from 'node:test';
import { priceCourse, readHistory, restriction, statusText, type Version } from '../src/lib/versions.js';

const REGISTERED: Version = {
  batch: '2',
  price: '250000',
  derivative_shares: 100_000,
  status: 'active',
  licensee: null,
  provenance: `0x${'aa'.repeat(32)}`,
};

async function* list(...lines: readonly Version[]): AsyncGenerator<Version, void> {
  yield* lines;
}

test('an update counts from the next batch on, a registration in its own', async () => {
  const updated = { ...REGISTERED, batch: '5', price: '300000', licensee: 9 };
  const { versions, complete } = await readHistory(list(updated, REGISTERED), 10);
  assert.ok(complete);
  assert.deepEqual(
    versions.map(({ from, changes }) => [from, changes]),
    [
      [6n, ['price', 'licensee']],
      [2n, []],
    ],
  );
});

test('every field that a licensor sets is a change', async () => {
  const fields: [Partial<Version>, string][] = [
    [{ price: '1' }, 'price'],
    [{ status: 'paused' }, 'status'],
    [{ licensee: 9 }, 'licensee'],
    [{ derivative_shares: 0 }, 'derivative shares'],
    [{ provenance: `0x${'bb'.repeat(32)}` }, 'provenance'],
  ];
  for (const [changed, name] of fields) {
    const { versions } = await readHistory(list({ ...REGISTERED, ...changed, batch: '3' }, REGISTERED), 10);
    assert.deepEqual(versions[0]?.changes, [name]);
  }
  const absent = { ...REGISTERED, batch: '3' };
  delete (absent as { licensee?: unknown }).licensee;
  const { versions } = await readHistory(list(absent, REGISTERED), 10);
  assert.deepEqual(versions[0]?.changes, [], 'an absent licensee is none');
});

test('a history that is cut ends with an update, not with the registration', async () => {
  const lines = ['9', '7', '5'].map((batch) => ({ ...REGISTERED, batch }));
  const { versions, complete } = await readHistory(list(...lines, REGISTERED), 3);
  assert.equal(complete, false);
  assert.deepEqual(
    versions.map(({ from }) => from),
    [10n, 8n, 6n],
  );
});

test('the course of a price has a point for each change, and one for now', async () => {
  const lines: Version[] = [
    { ...REGISTERED, batch: '9', price: '200000' },
    { ...REGISTERED, batch: '7', price: '300000', status: 'paused' },
    { ...REGISTERED, batch: '5', price: '300000' },
    REGISTERED,
  ];
  const { versions } = await readHistory(list(...lines), 10);
  assert.deepEqual(priceCourse(versions, 20n), [
    { batch: 2, tokens: 0.00025 },
    { batch: 6, tokens: 0.0003 },
    { batch: 10, tokens: 0.0002 },
    { batch: 20, tokens: 0.0002 },
  ]);
  assert.equal(
    priceCourse(versions, 9n).length,
    3,
    'the newest version counts from a batch that is not sealed',
  );
  assert.deepEqual(priceCourse([], 20n), []);
});

test('a license says why payments to it are refused', () => {
  assert.equal(restriction(REGISTERED), undefined);
  assert.equal(restriction({ status: 'active', licensee: null }), undefined);
  assert.match(restriction({ status: 'paused', licensee: 9 })?.title ?? '', /paused/);
  assert.match(restriction({ status: 'retired', licensee: null })?.title ?? '', /retired/);
  assert.match(restriction({ status: 'active', licensee: 9 })?.text ?? '', /Account 9 alone/);
  assert.equal(statusText('paused'), 'Paused');
});
