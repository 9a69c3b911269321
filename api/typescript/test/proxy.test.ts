// 500 payments through a proxy that loses, delays, duplicates and resets: nothing is paid twice, nothing is lost.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Farthing, type FarthingOptions } from '../src/client.js';
import { SecretKey } from '../src/keys.js';
import { type Banner, banner } from './banner.js';
import { throughProxy } from './proxy.js';

const PAYMENTS = 500;
const WRITERS = 10;
const PRICE = 250n;
const SEED = 16;

const { node, skip } = banner();

test('nothing is paid twice and nothing is lost through a hostile proxy', { skip }, async (t) => {
  const { rest, accounts } = node as Banner;
  const funded = accounts.find(({ name }) => name === 'dev-3') as Banner['accounts'][number];
  const { key } = SecretKey.generate();
  const reader = new Farthing({ node: rest });
  const { id: account } = await reader.openAccount(key, funded.owner);
  const bank = new Farthing({
    node: rest,
    account: funded.account,
    key: SecretKey.fromSeed(funded.seed),
  });
  const balance = BigInt(PAYMENTS) * PRICE + 1n;
  await bank.transfer(account, balance);
  const holders = [{ holder: { account: funded.account }, shares: 1_000_000 }];
  const { registers } = await bank.registerLicense({ price: PRICE, holders });
  const license = registers as number;

  const ids: string[] = [];
  const fates = await throughProxy(rest, { seed: SEED }, async (url) => {
    const options: FarthingOptions = {
      node: url,
      account,
      key,
      retries: 40,
      firstDelayMs: 5,
      maxDelayMs: 200,
      timeoutMs: 10_000,
    };
    // Each writer is a client of its own: they share the account, and nothing else.
    const writers = Array.from({ length: WRITERS }, async (_, writer) => {
      const client = new Farthing(options);
      const each = PAYMENTS / WRITERS;
      if (writer === 0) {
        const results = await client.payMany(Array.from({ length: each }, () => ({ license, uses: 1 })));
        for (const result of results) {
          assert.ok('accepted' in result, JSON.stringify(result));
          ids.push(result.accepted.id);
        }
        return;
      }
      for (let i = 0; i < each; i += 1) ids.push((await client.pay(license, 1)).id);
    });
    await Promise.all(writers);
  });

  assert.equal(ids.length, PAYMENTS);
  assert.equal(new Set(ids).size, PAYMENTS, 'each payment is an intent of its own');
  const { spendable } = await reader.account(account);
  assert.equal(spendable, '1', 'the account paid for each once');
  const stages = await Promise.all(ids.map(async (id) => (await reader.status(id)).status));
  assert.ok(!stages.includes('dropped'));
  for (const fate of ['lose_request', 'lose_reply', 'reset', 'duplicate', 'refuse']) {
    assert.ok((fates[fate] ?? 0) > 0, `${fate} was drawn`);
  }
  t.diagnostic(JSON.stringify(fates));
});
