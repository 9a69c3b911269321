// A creator's whole way: connect, earn, withdraw, claim; and out of the rollup without the operator's help.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { BrowserContext, Page } from 'playwright-core';
import { tokens } from '../../typescript/src/index.js';
import { settled, shows, Visitor } from './browser.js';
import { actor } from './node.js';
import { TestWallet } from './wallet.js';

/** Blocks are final some time after the batch; the node may share its processor. */
const FINAL_MS_MAX = 600_000;

let visitor: Visitor;
let wallet: TestWallet;
let account: number;

before(async () => {
  visitor = await Visitor.start();
  wallet = await TestWallet.open();
});
after(() => visitor?.stop());

async function connect(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Connect Test wallet <b>' }).click();
}

test('a creator without an account opens one, and sees what the licenses earn', async () => {
  await visitor.visit('#/creator', { prepare: wallet.install }, async (page) => {
    await connect(page);
    await page.getByRole('button', { name: 'Open an account' }).click();
    await shows(page, /tokens in account \d+/);
    const text = (await page.getByText(/tokens in account \d+/).textContent()) ?? '';
    account = Number(/\d+$/.exec(text.trim())?.[0]);
    const song = await actor(2).registerLicense({
      price: tokens('0.5'),
      holders: [{ holder: { account }, shares: 1_000_000 }],
    });
    await actor(2).status(song.id, { until: 'sequenced' });
    const { id } = await actor(1).pay(song.registers ?? 0, 5);
    await actor(1).status(id, { until: 'sequenced' });
    await page
      .locator('dl', { hasText: 'Spendable' })
      .getByText('2.5', { exact: true })
      .waitFor({ timeout: 20_000 });
    await page.getByRole('row', { name: /^\d+ 100 % 2\.500000000$/ }).waitFor({ timeout: 20_000 });
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Download CSV' }).click(),
    ]);
    assert.equal(download.suggestedFilename(), `farthing-earnings-${account}.csv`);
  });
  assert.deepEqual(
    wallet.asked,
    ['eth_requestAccounts', 'eth_signTypedData_v4'],
    'no gas is paid, nothing else is signed',
  );
});

test('the same wallet has the same account, and takes its money out in three clicks', async () => {
  const before = await wallet.tokens();
  wallet.asked.length = 0;
  await visitor.visit('#/creator', { prepare: wallet.install }, async (page) => {
    await connect(page);
    await shows(page, `tokens in account ${account}`);
    const amount = page.getByLabel('From the rollup to L1');
    assert.equal(await amount.inputValue(), '2.5');
    for (const [text, reason] of [
      ['1.2345678', 'L1 has six digits behind the point, no more.'],
      ['2.6', 'At most 2.5 tokens.'],
      ['two', 'Write an amount of tokens, such as 12.5.'],
    ] as const) {
      await amount.fill(text);
      await shows(page, reason);
      assert.ok(await page.getByRole('button', { name: 'Withdraw' }).isDisabled());
    }
    await amount.fill('1.25');
    await page.getByRole('button', { name: 'Withdraw' }).click();
    await shows(page, 'Withdrawal of 1.25 tokens');
    await page.getByRole('button', { name: 'Claim 1.25 tokens' }).click({ timeout: FINAL_MS_MAX });
    await shows(page, '1.25 tokens are in your wallet');
    assert.ok(await page.getByRole('button', { name: 'Claim', exact: true }).isDisabled());
  });
  assert.equal((await wallet.tokens()) - before, 1_250_000n);
  assert.deepEqual(wallet.asked, ['eth_requestAccounts', 'eth_signTypedData_v4', 'eth_sendTransaction']);
});

test('a wallet that refuses changes nothing, and the page says so', async () => {
  const refusing = async (context: BrowserContext): Promise<void> => {
    await context.addInitScript(() => {
      const request = (): Promise<never> => Promise.reject(Object.assign(new Error('no'), { code: 4001 }));
      Object.assign(globalThis, { ethereum: { request } });
    });
  };
  await visitor.visit('#/creator', { prepare: refusing }, async (page) => {
    await page.getByRole('button', { name: 'Connect the wallet of this browser' }).click();
    await shows(page, 'You refused it in the wallet. Nothing has changed.');
  });
  await visitor.visit('#/creator', {}, async (page) => {
    await shows(page, 'This browser has no wallet');
  });
});

test('an owner leaves by a forced exit, which the operator must serve', async () => {
  const before = await wallet.tokens();
  await visitor.visit('#/exit', { prepare: wallet.install }, async (page) => {
    await page.getByLabel('Account').fill(String(account));
    await connect(page);
    await page.getByRole('button', { name: `Request the exit of account ${account}` }).click();
    await page.getByText('The operator has served the request').waitFor({ timeout: FINAL_MS_MAX });
    // L1 has the batch, and the node says so once no reorganisation can remove it.
    const paid = page.getByText('The tokens are in your wallet.');
    const early = page.getByText('Nothing can be claimed now');
    for (const end = Date.now() + FINAL_MS_MAX; !(await paid.isVisible()) && Date.now() < end; ) {
      await page.getByRole('button', { name: 'Claim', exact: true }).click();
      await paid.or(early).waitFor();
      await page.waitForTimeout(1_000);
    }
    assert.ok(await paid.isVisible());
  });
  assert.equal((await wallet.tokens()) - before, 1_250_000n);
  await visitor.visit(`#/accounts/${account}`, {}, async (page) => {
    await settled(page);
    assert.equal(
      await page.locator('dl', { hasText: 'Balance' }).locator('.value').first().textContent(),
      '0',
    );
  });
});
