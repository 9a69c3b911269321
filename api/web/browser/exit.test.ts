// The ways out of the rollup: a forced exit that the operator serves, and the escape where nothing is served.

import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Page } from 'playwright-core';
import { Farthing, keyFromSeed, tokens } from '../../typescript/src/index.js';
import { signatureHash, uint } from '../src/lib/abi.js';
import { settled, shows, Visitor } from './browser.js';
import { accountOf, actor, banner, FINAL_MS_MAX, until } from './node.js';
import { type Call, TestWallet } from './wallet.js';

const DAY_SECONDS = 86_400;

let visitor: Visitor;

before(async () => {
  visitor = await Visitor.start();
});
after(() => visitor?.stop());

async function connect(page: Page, account: number): Promise<void> {
  await page.getByLabel('Account', { exact: true }).fill(String(account));
  await page.getByRole('button', { name: 'Connect Test wallet <b>' }).click();
}

test('an owner leaves by a forced exit, which the operator must serve', async () => {
  const wallet = await TestWallet.open(7);
  const seed = crypto.getRandomValues(new Uint8Array(32));
  const reader = new Farthing({ node: banner().rest });
  const { id: account } = await reader.openAccount(keyFromSeed(seed), wallet.address);
  const transfer = await actor(1).transfer(account, tokens('1.25'));
  await actor(1).status(transfer.id, { until: 'sequenced' });
  const before = await wallet.tokens();
  await visitor.visit('#/exit', { prepare: wallet.install }, async (page) => {
    await connect(page, account);
    await page.getByRole('button', { name: `Request the exit of account ${account}` }).click();
    await shows(page, /in 6 days|in 7 days/);
    await page.getByText('The operator has served the request').waitFor({ timeout: FINAL_MS_MAX });
    // L1 has the batch, and the node says so once no reorganisation can remove it.
    await until('the payout is final', async () => {
      for await (const payout of reader.payouts(wallet.address)) if (payout.claim != null) return true;
      return false;
    });
    await page.getByRole('button', { name: 'Claim', exact: true }).click();
    await shows(page, 'The tokens are in your wallet.');
  });
  assert.equal((await wallet.tokens()) - before, 1_250_000n);
  assert.deepEqual(wallet.asked, ['eth_requestAccounts', 'eth_sendTransaction', 'eth_sendTransaction']);
  await visitor.visit(`#/accounts/${account}`, {}, async (page) => {
    await settled(page);
    const value = page.locator('dl', { hasText: 'Balance' }).locator('.value').first();
    assert.equal(await value.textContent(), '0');
  });
});

/** The L1 of a rollup whose operator serves nothing, as the contract would answer there. */
class UnservedL1 {
  frozen = false;
  escaped = false;
  readonly sent: string[] = [];

  constructor(private readonly stateRoot: string) {}

  readonly answer = ({ method, params }: Call): unknown => {
    const now = Math.floor(Date.now() / 1000);
    switch (method) {
      case 'eth_getBlockByNumber':
        return { timestamp: `0x${now.toString(16)}` };
      case 'eth_getLogs':
        return [{ topics: ['0x', `0x${uint(4)}`] }];
      case 'eth_call':
        return this.#view((params[0] as { data: string }).data.slice(0, 10), now);
      case 'eth_sendTransaction':
        return this.#send((params[0] as { data: string }).data);
      case 'eth_getTransactionReceipt':
        return { status: '0x1' };
      default:
        return undefined;
    }
  };

  #view(selector: string, now: number): string {
    const views: Readonly<Record<string, bigint>> = {
      'frozen()': BigInt(this.frozen),
      'hasEscaped(uint32)': BigInt(this.escaped),
      'stateRoot()': BigInt(this.stateRoot),
      'queueNext()': 4n,
      'deadline(uint64)': BigInt(now - DAY_SECONDS),
    };
    const [, value] = Object.entries(views).find(([name]) => selectorOf(name) === selector) ?? [];
    return `0x${uint(value ?? 0n)}`;
  }

  #send(data: string): string {
    this.sent.push(data.slice(0, 10));
    this.escaped = this.frozen;
    this.frozen = true;
    return `0x${uint(this.sent.length)}`;
  }
}

function selectorOf(signature: string): string {
  return signatureHash(signature).slice(0, 10);
}

test('where nothing is served, the owner freezes the rollup and escapes, without the node', async () => {
  const number = accountOf(4);
  const proof = await until('the account is in a final state', () => actor(4).accountProof(number));
  const wallet = await TestWallet.open(8);
  const l1 = new UnservedL1(proof.state_root);
  wallet.instead = l1.answer;
  const file = join(tmpdir(), `farthing-way-out-${number}-${process.pid}.json`);
  await writeFile(file, JSON.stringify(proof));
  const expected = /net::ERR_/;
  await visitor.visit('#/exit', { prepare: wallet.install, expected }, async (page) => {
    await page.getByLabel('Account', { exact: true }).fill(String(number));
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: "Save the account's path" }).click(),
    ]);
    assert.equal(download.suggestedFilename(), `farthing-way-out-${number}.json`);
    await visitor.proxy.down();
    await connect(page, number);
    await page.getByRole('button', { name: 'Freeze the rollup' }).click();
    await shows(page, 'The rollup is frozen.');
    await page.getByLabel(/A path that you have saved/).setInputFiles({
      name: 'other.json',
      mimeType: 'application/json',
      buffer: Buffer.from('{}'),
    });
    await page.getByRole('button', { name: 'Escape' }).click();
    await shows(page, 'It did not work');
    assert.deepEqual(l1.sent, [selectorOf('freeze()')], 'a file that is no path is not sent');
    await page.getByLabel(/A path that you have saved/).setInputFiles(file);
    await page.getByRole('button', { name: 'Escape' }).click();
    await shows(page, `Account ${number} has left the rollup`);
    await visitor.proxy.up();
  });
  const leaf = '(uint32,uint64[5],address,uint64,uint64,bytes32[32])';
  assert.deepEqual(l1.sent, [selectorOf('freeze()'), selectorOf(`escape(${leaf},bytes32)`)]);
});
