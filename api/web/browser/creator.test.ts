// A creator's whole way: connect, earn, keep the lines, withdraw, claim.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import type { BrowserContext, Page } from 'playwright-core';
import { tokens } from '../../typescript/src/index.js';
import { settled, shows, Visitor } from './browser.js';
import { actor, FINAL_MS_MAX } from './node.js';
import { TestWallet } from './wallet.js';

const CLICKS_MAX = 4;

let visitor: Visitor;
let wallet: TestWallet;
let account: number;

before(async () => {
  visitor = await Visitor.start();
  wallet = await TestWallet.open(6);
});
after(() => visitor?.stop());

async function connect(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Connect Test wallet <b>' }).click();
}

/** Counts the clicks that a visitor makes. */
async function countClicks(context: BrowserContext): Promise<void> {
  await context.addInitScript(() => {
    const counted = Object.assign(globalThis, { clicks: 0 });
    const count = (event: Event): void => {
      if (event.isTrusted) counted.clicks += 1;
    };
    addEventListener('click', count, true);
  });
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
    await page.locator('dl', { hasText: 'Spendable' }).getByText('2.5', { exact: true }).waitFor();
    await page.getByRole('row', { name: /^\d+ 100 % 2\.500000000$/ }).waitFor();
    // A page that asks again with each answer would never be at rest.
    await settled(page);
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Download CSV' }).click(),
    ]);
    assert.equal(download.suggestedFilename(), `farthing-earnings-${account}.csv`);
    const [head, ...lines] = (await readFile(await download.path(), 'utf8')).trimEnd().split('\r\n');
    assert.equal(head, 'batch,time,account,license,nano');
    const row = new RegExp(`^\\d+,\\d{4}-\\d\\d-\\d\\dT[\\d:.]+Z,${account},${song.registers},2500000000$`);
    assert.match(lines.join('\n'), row, 'the lines sum to the balance, to the last nano');
  });
  assert.deepEqual(
    wallet.asked,
    ['eth_requestAccounts', 'eth_signTypedData_v4'],
    'no gas is paid, nothing else is signed',
  );
});

test('the same wallet has the same account, and takes its money out in at most four clicks', async () => {
  const before = await wallet.tokens();
  wallet.asked.length = 0;
  const prepare = async (context: BrowserContext): Promise<void> => {
    await wallet.install(context);
    await countClicks(context);
  };
  await visitor.visit('#/creator', { prepare }, async (page) => {
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
    await page.getByRole('button', { name: 'Claim', exact: true, disabled: true }).waitFor();
    const clicks = await page.evaluate(() => (globalThis as unknown as { clicks: number }).clicks);
    assert.ok(clicks > 0 && clicks <= CLICKS_MAX, `${clicks} clicks`);
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
