import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AccountProof, Payout } from '../../typescript/src/index.js';
import { address, bytes32, signatureHash, tuple, uint } from '../src/lib/abi.js';
import { type Provider, RevertedError, Rollup } from '../src/lib/rollup.js';

const CONTRACT = `0x${'cc'.repeat(20)}`;
const OWNER = `0x${'00'.repeat(19)}aa`;
const word = (digits: string): string => digits.padStart(64, '0');
const FALSE = `0x${word('0')}`;

/** An endpoint that answers from a table and keeps what was sent. */
function endpoint(answers: Record<string, unknown>): { provider: Provider; sent: unknown[] } {
  const sent: unknown[] = [];
  const request = async ({
    method,
    params,
  }: {
    method: string;
    params?: readonly unknown[];
  }): Promise<unknown> => {
    if (method === 'eth_sendTransaction') sent.push(params?.[0]);
    return answers[method];
  };
  return { provider: { request }, sent };
}

const payout = (batch: string, chunk: number, index: number, units: string, path: string[]): Payout => ({
  batch,
  chunk,
  index,
  owner: OWNER,
  base_units: units,
  reason: 'withdrawal',
  status: 'finalized',
  claim: { chain_id: 1, contract: CONTRACT, path },
});

// As `cast calldata "claimMany((uint64,uint32,uint32,address,uint256,bytes32[])[])"` gives it.
const CLAIM_MANY = [
  '0x53f1dc0d',
  ...['20', '2', '40', '160'].map(word),
  ...['3', '1', '2', 'aa', '1388', 'c0', '2'].map(word),
  '11'.repeat(32),
  '22'.repeat(32),
  ...['4', '0', '0', 'aa', '7', 'c0', '0'].map(word),
].join('');

test('a claim of several payouts is the call that the contract reads', async () => {
  const { provider, sent } = endpoint({
    eth_call: FALSE,
    eth_sendTransaction: '0x01',
    eth_getTransactionReceipt: { status: '0x1' },
  });
  const paths = [`0x${'11'.repeat(32)}`, `0x${'22'.repeat(32)}`];
  const hash = await new Rollup(provider, CONTRACT, OWNER).claim([
    payout('3', 1, 2, '5000', paths),
    payout('4', 0, 0, '7', []),
  ]);
  assert.equal(hash, '0x01');
  assert.deepEqual(sent, [{ from: OWNER, to: CONTRACT, data: CLAIM_MANY }]);
});

test('an escape gives leaf and path in place', async () => {
  const { provider, sent } = endpoint({
    eth_call: FALSE,
    eth_sendTransaction: '0x01',
    eth_getTransactionReceipt: { status: '0x1' },
  });
  const siblings = Array.from({ length: 32 }, (_, index) => `0x${word(index.toString(16))}`);
  const elements = ['1', '2', '3', '4', 'ffffffff00000000'];
  const proof = {
    id: 9,
    key: `0x${elements.map((element) => element.padStart(16, '0')).join('')}`,
    owner: OWNER,
    balance: '123',
    nonce: '456',
    siblings,
    licenses_root: `0x${'11'.repeat(32)}`,
  } as AccountProof;
  await new Rollup(provider, CONTRACT, OWNER).escape(proof);
  const expected = [
    '0xeb461e90',
    ...['9', ...elements, 'aa', '7b', '1c8'].map(word),
    ...siblings.map((sibling) => sibling.slice(2)),
    '11'.repeat(32),
  ].join('');
  assert.equal((sent[0] as { data: string }).data, expected);
});

test('a deposit asks the token for its consent, where that lacks, and then pays', async () => {
  const sent: { to: string; data: string }[] = [];
  const token = `0x${'dd'.repeat(20)}`;
  let allowed = 0;
  const provider: Provider = {
    async request({ method, params = [] }) {
      const { data, to } = params[0] as { data: string; to: string };
      if (method === 'eth_getTransactionReceipt') return { status: '0x1' };
      if (method === 'eth_sendTransaction') return sent.push({ to, data });
      if (data.startsWith('0xfc0c546a')) return `0x${word('dd'.repeat(20))}`;
      return data.startsWith('0xdd62ed3e') ? `0x${word(allowed.toString(16))}` : FALSE;
    },
  };
  const elements = ['1', '2', '3', '4', 'ffffffff00000000'];
  const key = `0x${elements.map((element) => element.padStart(16, '0')).join('')}`;
  // As `cast calldata "deposit(address,uint64[5],uint256)"` gives it.
  const deposit = ['0x35778397', ...['aa', ...elements, '1388'].map(word)].join('');
  const rollup = new Rollup(provider, CONTRACT, OWNER);
  await rollup.deposit(key, 5000n);
  const approve = ['0x095ea7b3', word('cc'.repeat(20)), word('1388')].join('');
  assert.deepEqual(sent.splice(0), [
    { to: token, data: approve },
    { to: CONTRACT, data: deposit },
  ]);
  allowed = 5000;
  await rollup.deposit(key, 5000n);
  assert.deepEqual(sent, [{ to: CONTRACT, data: deposit }]);
});

test('a transaction without effect is an error that names it', async () => {
  const { provider } = endpoint({
    eth_call: FALSE,
    eth_sendTransaction: '0x0f',
    eth_getTransactionReceipt: { status: '0x0' },
  });
  await assert.rejects(new Rollup(provider, CONTRACT, OWNER).freeze(), (error) => {
    return error instanceof RevertedError && error.hash === '0x0f';
  });
});

test('a payout that is not final is not claimed', async () => {
  const { provider, sent } = endpoint({ eth_sendTransaction: '0x01' });
  const early = { ...payout('3', 0, 0, '1', []), claim: null };
  assert.throws(() => new Rollup(provider, CONTRACT, OWNER).claim([early]), /is not final/);
  assert.deepEqual(sent, []);
});

test('an address without the rollup is no rollup, and nothing is sent to it', async () => {
  const { provider, sent } = endpoint({ eth_call: '0x', eth_sendTransaction: '0x01' });
  const rollup = new Rollup(provider, CONTRACT, OWNER);
  await assert.rejects(rollup.frozen(), /is no rollup/);
  await assert.rejects(rollup.claim([payout('4', 0, 0, '7', [])]), /is no rollup/);
  assert.deepEqual(sent, []);
});

test('words are checked before they are sent', () => {
  assert.equal(uint(255), word('ff'));
  assert.throws(() => uint(-1));
  assert.throws(() => uint(1n << 256n));
  assert.throws(() => address('0x12'));
  assert.throws(() => bytes32(OWNER));
  assert.equal(tuple(uint(1), { apart: uint(9) }, uint(2)), word('1') + word('60') + word('2') + word('9'));
  const topic = '0x564f0b9c58d44117db895f5cf3c344b6d65c207cfe3b77abd9b3fbd07449e8e3';
  assert.equal(signatureHash('ForcedExitRequested(uint64,address,uint32,bytes32)'), topic);
});
