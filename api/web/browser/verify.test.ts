// The page that checks files: without a network, against L1 by a wallet and by a URL, and what it says of
// files that are wrong.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Page } from 'playwright-core';
import { madeReceipt } from '../../typescript/test/made-receipt.js';
import { HOSTILE, shows, Visitor } from './browser.js';
import { accountOf, actor, banner, final, type Paid, pay, until } from './node.js';
import { TestWallet } from './wallet.js';

let visitor: Visitor;
let paid: Paid;
let receipt: Record<string, unknown>;

before(async () => {
  paid = await pay();
  visitor = await Visitor.start();
  await final(paid.intent);
  receipt = { ...(await actor(1).receipt(paid.intent)) };
});
after(() => visitor?.stop());

/** Gives the page a file, as the dialog of the browser does. */
async function choose(page: Page, document: unknown, name = 'receipt.json'): Promise<void> {
  const text = typeof document === 'string' ? document : JSON.stringify(document);
  await page
    .getByLabel(/Drop a receipt/)
    .setInputFiles({ name, mimeType: 'application/json', buffer: Buffer.from(text) });
  await page.getByRole('heading', { name: `Checks of ${name}` }).waitFor();
}

/** The steps that the page shows, such as `Batch right`. */
function steps(page: Page): Promise<string[]> {
  return page.getByRole('region', { name: 'Checks' }).getByRole('heading', { level: 3 }).allTextContents();
}

test('a receipt is checked without a network, then against L1 by a URL', async () => {
  const { l1 } = banner();
  const options = { expected: /net::ERR_/, origin: new URL(l1).origin };
  await visitor.visit('#/verify', options, async (page) => {
    const contract = page.getByLabel('Rollup on L1');
    await choose(page, receipt);
    await page.waitForFunction(() => document.querySelector<HTMLInputElement>('input.mono')?.value !== '');
    assert.equal((await contract.inputValue()).toLowerCase(), String(receipt['contract']).toLowerCase());
    await page.context().setOffline(true);
    await choose(page, receipt, 'again.json');
    assert.deepEqual(await steps(page), ['Intent right', 'Signature right', 'Batch right', 'Block right']);
    await shows(page, 'It agrees with itself');
    await page.getByRole('link', { name: `License ${paid.derivative}` }).waitFor();
    await page.getByLabel('JSON-RPC URL').fill(l1);
    await page.getByRole('button', { name: 'Ask this URL' }).click();
    await shows(page, /No answer from the L1 endpoint/);
    await shows(page, 'Nothing is known about the file by this.');
    await page.context().setOffline(false);
    await page.getByRole('button', { name: 'Ask this URL' }).click();
    await shows(page, 'L1 confirms it');
    await shows(page, `The contract has verified batch ${Number(paid.batch).toLocaleString('en-US')}`);
  });
});

test('a wallet asks L1, and signs nothing for it', async () => {
  const wallet = await TestWallet.open(9);
  await visitor.visit(`#/intents/${paid.intent}`, { prepare: wallet.install }, async (page) => {
    await page.getByRole('link', { name: 'Check it against L1' }).click();
    await page.getByRole('heading', { name: 'Checks of the receipt that this node has' }).waitFor();
    await page.getByRole('button', { name: 'Ask by Test wallet <b>' }).click();
    await shows(page, 'L1 confirms it');
    assert.equal((await steps(page)).at(-1), 'L1 right');
    await page.getByLabel('Rollup on L1').fill(banner().token);
    await page.getByRole('button', { name: 'Ask by Test wallet <b>' }).click();
    await shows(page, 'The file is of another rollup than the one that was named');
  });
  assert.deepEqual(wallet.asked, []);
});

/** What the derivative received since its registration: the node opens it, and the claim is the total. */
async function statement(): Promise<Record<string, unknown>> {
  const answer = await fetch(`${banner().rest}/v1/licenses/${paid.derivative}/proof`);
  const opening = (await answer.json()) as { received: string; batch: { number: string } };
  const { received, batch } = opening;
  const claim = { kind: 'revenue', license: paid.derivative, until: batch.number, received };
  return { type: 'farthing.statement', version: 1, claim, licenses: [{ until: opening }] };
}

test('a statement is checked without a network, then against L1 by a URL and by a wallet', async () => {
  const { l1 } = banner();
  const [wallet, made] = [await TestWallet.open(9), await statement()];
  const options = { prepare: wallet.install, expected: /net::ERR_/, origin: new URL(l1).origin };
  await visitor.visit('#/verify', options, async (page) => {
    await choose(page, made, 'statement.json');
    await page.waitForFunction(() => document.querySelector<HTMLInputElement>('input.mono')?.value !== '');
    await page.context().setOffline(true);
    await choose(page, JSON.stringify(made, undefined, 2), 'again.json');
    const right = ['Form', 'Licenses', 'Rollup', 'Paths', 'Batches', 'Claim'].map((step) => `${step} right`);
    assert.deepEqual(await steps(page), right);
    await shows(page, 'It agrees with itself');
    await shows(page, 'Claim, true if L1 confirms it');
    await page.getByRole('link', { name: `License ${paid.derivative}` }).waitFor();
    await page.getByLabel('JSON-RPC URL').fill(l1);
    await page.getByRole('button', { name: 'Ask this URL' }).click();
    await shows(page, 'Nothing is known about the file by this.');
    await page.context().setOffline(false);
    await page.getByRole('button', { name: 'Ask this URL' }).click();
    await shows(page, 'L1 confirms it');
    await shows(page, 'Proven claim');
    await page.getByRole('button', { name: 'Ask by Test wallet <b>' }).click();
    await shows(page, 'L1 confirms it');
    assert.deepEqual(await steps(page), [...right, 'L1 right']);
  });
  assert.deepEqual(wallet.asked, []);
});

test('what is wrong with a statement is shown at its step, and a made-up one is refused by L1', async () => {
  const wallet = await TestWallet.open(9);
  const made = await statement();
  await visitor.visit('#/verify', { prepare: wallet.install }, async (page) => {
    const claim = { ...(made['claim'] as object), received: '1' };
    await choose(page, { ...made, claim }, 'other-sum.json');
    assert.deepEqual((await steps(page)).slice(-2), ['Batches right', 'Claim wrong']);
    await shows(page, /the claim says 1\./);
    await shows(page, 'The claim was changed, or its sum was made up.');
    await choose(page, { ...made, version: HOSTILE }, 'hostile.json');
    assert.deepEqual((await steps(page)).slice(0, 2), ['Form wrong', 'Licenses not checked']);
    assert.equal(await page.locator('#injected').count(), 0);
    const changed = structuredClone(made) as { licenses: [{ until: { batch: { intents: number } } }] };
    changed.licenses[0].until.batch.intents += 1;
    await choose(page, changed, 'made-up.json');
    await shows(page, 'It agrees with itself');
    await page.waitForFunction(() => document.querySelector<HTMLInputElement>('input.mono')?.value !== '');
    await page.getByRole('button', { name: 'Ask by Test wallet <b>' }).click();
    await shows(page, /The contract has not verified batch/);
    await shows(page, 'or the statement is made up');
  });
});

test('what is wrong with a file is shown at its step, and explained', async () => {
  const changed = (change: (file: Record<string, never>) => void): unknown => {
    const file = structuredClone(receipt) as Record<string, never>;
    change(file);
    return file;
  };
  const cases: readonly (readonly [unknown, string, string | RegExp])[] = [
    [changed((file) => Object.assign(file['intent'] ?? {}, { nonce: '1' })), 'Intent wrong', /has the id 0x/],
    [
      changed((file) => Object.assign(file, { key: `0x${'00'.repeat(40)}` })),
      'Signature wrong',
      /key neutral/,
    ],
    [
      changed((file) => Object.assign(file['batch'] ?? {}, { receipts_root: `0x${'00'.repeat(32)}` })),
      'Batch wrong',
      /The receipt path leads to/,
    ],
    [
      changed((file) =>
        Object.assign((file['block'] ?? { statement: {} })['statement'], {
          batches_root: `0x${'00'.repeat(32)}`,
        }),
      ),
      'Block wrong',
      /The batch path leads to/,
    ],
    [
      changed((file) => Object.assign(file, { block: null })),
      'Block not there yet',
      /before its batch was in a block/,
    ],
    ['{"id":', 'File wrong', 'The file is not JSON.'],
    [{ number: '1' }, 'File wrong', /neither a receipt nor a statement/],
  ];
  await visitor.visit('#/verify', {}, async (page) => {
    let file = 0;
    for (const [document, step, text] of cases) {
      file += 1;
      await choose(page, document, `file-${file}.json`);
      assert.ok((await steps(page)).includes(step), `${step}: ${await steps(page)}`);
      await shows(page, text);
    }
    await choose(page, { ...receipt, id: HOSTILE }, 'hostile.json');
    await page.getByText(HOSTILE).first().waitFor();
    await choose(page, 'x', `${HOSTILE}.json`);
    assert.equal(await page.locator('#injected').count(), 0);
    assert.equal(await page.title(), 'Verify · Farthing');
  });
});

test('a receipt that somebody made up agrees with itself, and L1 refuses it', async () => {
  const made = madeReceipt();
  const wallet = await TestWallet.open(9);
  await visitor.visit('#/verify', { prepare: wallet.install }, async (page) => {
    await page.getByRole('heading', { level: 1 }).waitFor();
    await drop(page, JSON.stringify(made));
    await shows(page, 'It agrees with itself');
    await page.getByLabel('Rollup on L1').fill(String(made['contract']));
    await page.getByRole('button', { name: 'Ask by Test wallet <b>' }).click();
    await shows(page, /There is no contract at 0x/i);
    await shows(page, 'or the receipt is made up');
  });
});

/** Drops a file on the page, as from a folder. */
async function drop(page: Page, text: string): Promise<void> {
  const dataTransfer = await page.evaluateHandle((content) => {
    const transfer = new DataTransfer();
    transfer.items.add(new File([content], 'dropped.json', { type: 'application/json' }));
    return transfer;
  }, text);
  await page.getByText('Drop a receipt').dispatchEvent('drop', { dataTransfer });
  await page.getByRole('heading', { name: 'Checks of dropped.json' }).waitFor();
}

test('the path of an account is checked against the state root of the contract', async () => {
  const wallet = await TestWallet.open(9);
  const number = accountOf(2);
  await visitor.visit('#/verify', { prepare: wallet.install }, async (page) => {
    let looks = 0;
    // A block of the rollup may move the state between the node's answer and L1's.
    await until('L1 has the state of the path', async () => {
      looks += 1;
      await choose(page, await actor(2).accountProof(number), `path-${looks}.json`);
      await page.getByRole('button', { name: 'Ask by Test wallet <b>' }).click();
      const confirmed = page.getByText('L1 confirms it');
      const moved = page.getByText('Each block of the rollup moves the state.');
      await confirmed.or(moved).waitFor();
      return confirmed.isVisible();
    });
    assert.deepEqual(await steps(page), ['Path right', 'L1 right']);
    const proof = await actor(2).accountProof(number);
    await choose(page, { ...proof, balance: `${BigInt(proof.balance) + 1n}` }, 'richer.json');
    assert.deepEqual(await steps(page), ['Path wrong']);
    await shows(page, 'Balance, nonce, key or owner were changed');
  });
});

test('by the keyboard alone a file is chosen and L1 is asked', async () => {
  const { l1 } = banner();
  await visitor.visit('#/verify', { origin: new URL(l1).origin }, async (page) => {
    const file = page.getByLabel(/Drop a receipt/);
    const chooser = page.waitForEvent('filechooser');
    await reach(page, () => file.evaluate((input) => input === document.activeElement));
    await page.keyboard.press('Enter');
    await (await chooser).setFiles({
      name: 'receipt.json',
      mimeType: 'application/json',
      buffer: Buffer.from(JSON.stringify(receipt)),
    });
    await shows(page, 'It agrees with itself');
    const url = page.getByLabel('JSON-RPC URL');
    await reach(page, () => url.evaluate((input) => input === document.activeElement));
    await page.keyboard.type(l1);
    await page.keyboard.press('Enter');
    await shows(page, 'L1 confirms it');
  });
});

/** Presses the tabulator until a condition holds. */
async function reach(page: Page, holds: () => Promise<boolean>): Promise<void> {
  for (let presses = 0; presses < 60; presses += 1) {
    await page.keyboard.press('Tab');
    if (await holds()) return;
  }
  throw new Error('60 tabs did not reach it');
}
