import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { L1Error, NotSettledError, StatementError } from '../src/errors.js';
import {
  checkStatement,
  STATEMENT_STEPS,
  type StatementClaim,
  verifyStatement,
} from '../src/revenue-statement.js';
import { verifyStatementOnL1 } from '../src/settlement.js';
import { ServedL1, STATED, StatedL1, statementOf, vectors } from './statement-vectors.js';

type Fields = Record<string, unknown>;

const onL1 = (statement: unknown, change: Partial<StatedL1> = {}) =>
  verifyStatementOnL1(statement, {
    provider: Object.assign(new StatedL1(), change),
    contract: STATED.contract,
  });

/** Words of a message. The command line prints digests without 0x, and addresses without the checksum of EIP-55. */
const plain = (message: string): string => message.toLowerCase().replaceAll('0x', '');

/** A claim as its JSON has it. */
function claimDocument(claim: StatementClaim): Fields {
  const { kind, after, until, received } = claim;
  const period = { ...(after === undefined ? {} : { after: `${after}` }), until: `${until}` };
  const common = { kind, ...period, received: `${received}` };
  switch (claim.kind) {
    case 'revenue':
      return { ...common, license: Number(claim.license) };
    case 'share':
      return {
        ...common,
        license: Number(claim.license),
        account: Number(claim.account),
        shares: Number(claim.shares),
        credited_min: `${claim.creditedMin}`,
        credited_max: `${claim.creditedMax}`,
      };
    case 'total':
      return { ...common, licenses: claim.licenses.map(Number) };
  }
}

test('real statements agree with themselves, and L1 confirms them', async () => {
  for (const name of Object.keys(vectors.statements)) {
    const statement = statementOf(name);
    for (const form of [statement, JSON.stringify(statement)]) {
      const verified = verifyStatement(form, STATED);
      assert.equal(verified.outcome, 'consistent');
      assert.deepEqual(claimDocument(verified.claim), statement['claim'], name);
    }
    const { outcome, l1Block, claim } = await onL1(statement);
    assert.deepEqual(
      [outcome, l1Block, claim.kind],
      ['proven', 100n, (statement['claim'] as Fields)['kind']],
    );
  }
});

test('a statement of a state that never was is consistent, and L1 refuses it', async () => {
  assert.ok(vectors.accepted.length >= 10);
  for (const { name, of, set } of vectors.accepted) {
    const statement = statementOf(of, set);
    assert.deepEqual(claimDocument(verifyStatement(statement).claim), statement['claim'], name);
    const isOfOtherState = Object.keys(set).some((pointer) => pointer.includes('/batch/'));
    if (isOfOtherState) await assert.rejects(onL1(statement), NotSettledError, name);
    else assert.equal((await onL1(statement)).outcome, 'proven', name);
  }
});

test('each forgery is refused by its step, in the words of the command line', () => {
  assert.ok(vectors.refused.length >= 50);
  for (const { name, of, set, step, error } of vectors.refused) {
    const checked = checkStatement(statementOf(of, set));
    assert.ok(checked.outcome === 'refused', name);
    assert.equal(plain(checked.error.message), plain(error), name);
    assert.equal(checked.step, step, name);
    // All steps before it passed: this one alone refuses the statement.
    assert.deepEqual(checked.passed, STATEMENT_STEPS.slice(0, STATEMENT_STEPS.indexOf(step)), name);
  }
  const [{ of, set }] = vectors.refused as [(typeof vectors.refused)[number]];
  assert.throws(() => verifyStatement(statementOf(of, set)), StatementError);
  const steps = new Set(vectors.refused.map(({ step }) => step));
  assert.deepEqual([...STATEMENT_STEPS].sort(), [...steps].sort(), 'each step has a forgery');
});

test('what is not of the format is refused as such', () => {
  for (const { name, of, set } of vectors.malformed) {
    const checked = checkStatement(statementOf(of, set));
    assert.equal(checked.outcome === 'refused' && checked.step, 'format', name);
  }
  for (const value of [
    undefined,
    null,
    1,
    true,
    '',
    '{',
    'null',
    '[]',
    [],
    {},
    '{"type":"farthing.statement"}',
  ]) {
    const checked = checkStatement(value);
    assert.equal(checked.outcome === 'refused' && checked.step, 'format', String(value));
  }
  assert.throws(() => verifyStatement('{'), /^StatementError: not JSON: /);
});

test('every value that is missing or of another kind is refused', () => {
  for (const [path] of leaves(statementOf('share'))) {
    for (const value of [null, {}, [], '', '0x', true, 'x', -1, 1.5]) {
      const statement = statementOf('share', { [path]: value });
      assert.throws(() => verifyStatement(statement), StatementError, `${path} = ${JSON.stringify(value)}`);
    }
  }
});

test('every value that changes is refused: by the statement itself, or by L1', async () => {
  let [alone, onL1Alone] = [0, 0];
  for (const [path, value] of leaves(statementOf('share'))) {
    if (ABOUT_THE_BLOCK.test(path) || (typeof value === 'string' && !/^(0x|\d)/.test(value))) continue;
    const statement = statementOf('share', { [path]: changed(value) });
    if (checkStatement(statement, STATED).outcome === 'refused') {
      alone += 1;
    } else {
      onL1Alone += 1;
      assert.match(path, /\/batch\//);
      await assert.rejects(onL1(statement), NotSettledError, path);
    }
  }
  assert.ok(alone > 20 && onL1Alone > 20, `${alone} and ${onL1Alone}`);
});

/** The block that proved a batch, which no claim needs. */
const ABOUT_THE_BLOCK = /\/(block|l1\/transaction|l1\/block)$/;

/** Another value of the same kind. */
function changed(value: unknown): unknown {
  if (typeof value === 'number') return value + 1;
  const text = value as string;
  if (!text.startsWith('0x')) return (BigInt(text) + 1n).toString();
  return text.slice(0, -1) + (text.at(-1) === '0' ? '1' : '0');
}

/** The values of a document by their JSON pointers; of many siblings the outer ones. */
function leaves(value: unknown, path = ''): [string, unknown][] {
  if (/siblings\/([1-9]|[12]\d|30)$/.test(path) || value === null) return [];
  if (typeof value !== 'object') return [[path, value]];
  return Object.entries(value).flatMap(([name, next]) => leaves(next, `${path}/${name}`));
}

test('more licenses than a statement may have are refused', () => {
  const [entry] = statementOf('revenue')['licenses'] as unknown[];
  const statement = { ...statementOf('total'), licenses: new Array(1_001).fill(entry) };
  assert.throws(() => verifyStatement(statement), /^StatementError: 1001 licenses, expected 1 to 1000$/);
});

test('a statement of another deployment than the one asked for is refused', async () => {
  for (const other of [
    { ...STATED, chainId: 1 },
    { ...STATED, contract: `0x${'23'.repeat(20)}` },
  ]) {
    const checked = checkStatement(statementOf('total'), other);
    assert.equal(checked.outcome === 'refused' && checked.step, 'deployment');
  }
  await assert.rejects(onL1(statementOf('total'), { chainId: 1 }), /expected chain 1 and contract/);
  const options = { provider: new StatedL1(), contract: `0x${'23'.repeat(20)}` };
  await assert.rejects(verifyStatementOnL1(statementOf('total'), options), StatementError);
});

test('L1 must have verified each batch, and these very batches', async () => {
  const [after, until] = Object.keys(vectors.l1) as [string, string];
  const refused = (batch: string) =>
    new RegExp(`has not verified batch ${batch}, or has verified another batch with its number$`);
  await assert.rejects(onL1(statementOf('revenue'), { final: new Set([until]) }), refused(after));
  await assert.rejects(onL1(statementOf('revenue'), { final: new Set([after]) }), refused(until));
  await onL1(statementOf('since the registration'), { final: new Set([until]) });
  for (const [opening, batch] of [
    ['after', after],
    ['until', until],
  ] as const) {
    // A batch's statement beside its state root, which nothing in the document binds.
    const set = { [`/licenses/0/${opening}/batch/intents`]: 77 };
    verifyStatement(statementOf('revenue', set));
    await assert.rejects(onL1(statementOf('revenue', set)), refused(batch));
  }
  await assert.rejects(onL1(statementOf('revenue'), { code: '0x' }), /there is no contract at/);
  await assert.rejects(onL1(statementOf('revenue'), { domain: `0x${'11'.repeat(32)}` }), NotSettledError);
});

test('a URL is asked as a provider is, and silence is no refusal', async () => {
  const l1 = await ServedL1.start();
  const { url } = l1;
  const { contract } = STATED;
  try {
    assert.equal((await verifyStatementOnL1(statementOf('share'), { url, contract })).outcome, 'proven');
  } finally {
    l1.stop();
  }
  await assert.rejects(verifyStatementOnL1(statementOf('share'), { url, contract }), L1Error);
  const silent = { request: () => Promise.reject(new Error('no network')) };
  await assert.rejects(
    verifyStatementOnL1(statementOf('share'), { provider: silent, contract }),
    /no network/,
  );
});

test('the command line says the same', { skip: skipped() }, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'farthing-statement-'));
  const file = join(folder, 'statement.json');
  const verify = async (statement: unknown): Promise<string> => {
    writeFileSync(file, JSON.stringify(statement));
    const command = ['--json', 'statement', 'verify', file, '--offline'];
    const run = promisify(execFile)(process.env['FARTHING_BIN'] as string, command, { cwd: folder });
    return run.then(
      () => '',
      ({ stderr }) => JSON.parse(stderr).error.message,
    );
  };
  try {
    for (const { name, of, set } of vectors.accepted)
      assert.equal(await verify(statementOf(of, set)), '', name);
    for (const { name, of, set } of vectors.malformed)
      assert.notEqual(await verify(statementOf(of, set)), '', name);
    for (const { name, of, set, error } of vectors.refused)
      assert.equal(await verify(statementOf(of, set)), `the statement is invalid: ${error}`, name);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

function skipped(): string | false {
  return process.env['FARTHING_BIN'] === undefined && 'no FARTHING_BIN: see api/conformance/README.md';
}
