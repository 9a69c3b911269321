// The explorer, page by page, beside a node on which payments are made.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { formatTokens } from '../../typescript/src/index.js';
import { settled, shows, Visitor } from './browser.js';
import { accountOf, actor, final, type Paid, pay } from './node.js';

let visitor: Visitor;
let paid: Paid;

before(async () => {
  paid = await pay();
  visitor = await Visitor.start();
});
after(() => visitor?.stop());

test('the overview has batches, L1 and the deployment', async () => {
  await visitor.visit('', {}, async (page) => {
    await settled(page);
    await shows(page, 'Contract, code and history on L1 are those of this node.');
    await shows(page, /Rollup 0x/);
    const sealed = page.locator('.figure', { hasText: 'Batches sealed' }).locator('.value');
    const batches = Number((await sealed.textContent())?.replaceAll(',', ''));
    assert.ok(batches > Number(paid.batch), `${batches} batches`);
    assert.ok((await page.locator('svg[aria-labelledby=tape-title] rect').count()) > 0);
  });
});

test('a license has its split as a picture to scale, and what it earned to the last nano', async () => {
  const license = await actor(1).license(paid.derivative);
  await visitor.visit(`#/licenses/${paid.derivative}`, {}, async (page) => {
    await settled(page);
    const picture = page.getByRole('region', { name: `Picture of the split of license ${paid.derivative}` });
    const height = async (name: string): Promise<number> => {
      const node = picture.getByRole('link', { name: new RegExp(`^${name} `) }).locator('rect.node');
      return Number(await node.getAttribute('height'));
    };
    const whole = await height(`License ${paid.derivative}`);
    assert.ok(Math.abs((await height(`License ${paid.original}`)) / whole - 0.4) < 0.001);
    assert.ok(Math.abs((await height(`Account ${accountOf(3)}`)) / whole - 0.6) < 0.001);
    assert.equal(await picture.locator('path.ribbon').count(), 3);
    await shows(page, formatTokens(license.received));
    const row = page.getByRole('region', { name: 'Newest earnings' }).locator('tbody tr').first();
    assert.match((await row.textContent()) ?? '', /1\.000000000/);
    const version = page.getByRole('region', { name: 'Versions' }).locator('tbody tr').first();
    assert.match((await version.textContent()) ?? '', /Active.*all.*as registered/);
    await picture
      .getByRole('link', { name: /^License/ })
      .nth(1)
      .click();
    await page.getByRole('heading', { level: 1, name: `License ${paid.original}` }).waitFor();
    await shows(page, `License ${paid.derivative}`);
  });
});

test('an intent is followed from its acceptance to its batch, and its receipt is checked', async () => {
  const payer = actor(1);
  const { id } = await payer.pay(paid.original, 3);
  await visitor.visit(`#/intents/${id}`, {}, async (page) => {
    const stages = page.locator('ol');
    await stages.getByText('Accepted').waitFor();
    await shows(page, 'Consistent, checked in this browser');
    await shows(page, '0.00075');
    assert.ok((await stages.locator('li.done').count()) >= 2);
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Download' }).click(),
    ]);
    assert.match(download.suggestedFilename(), /^receipt-[0-9a-f]{10}\.json$/);
    await stages.getByRole('link', { name: /^batch/ }).click();
    await page.getByRole('heading', { level: 1, name: /^Batch/ }).waitFor();
  });
});

test('an account has its exact balance, its shares and its owner', async () => {
  const number = accountOf(2);
  await visitor.visit(`#/accounts/${number}`, {}, async (page) => {
    await settled(page);
    const { balance, owner } = await actor(2).account(number);
    const whole = formatTokens(balance).replace(/^\d+/, (digits) => Number(digits).toLocaleString('en-US'));
    await shows(page, whole);
    const shares = page.locator('section', { hasText: 'Shares held' });
    await shares.getByRole('link', { name: String(paid.original), exact: true }).waitFor();
    await page.locator(`a[href="#/owners/${owner}"]`).first().click();
    await page.getByRole('heading', { level: 1, name: 'Owner on L1' }).waitFor();
    await page.getByRole('link', { name: `Account ${number}`, exact: true }).waitFor();
  });
});

test('a batch leads to its neighbours, and a block to its proof and batches', async () => {
  await visitor.visit(`#/batches/${paid.batch}`, {}, async (page) => {
    await settled(page);
    await page.getByText('Statement of its proof').waitFor();
    await page.getByRole('link', { name: /→$/ }).click();
    await page.getByRole('heading', { level: 1, name: `Batch ${Number(paid.batch) + 1}` }).waitFor();
  });
  const { block, l1 } = await final(paid.intent);
  await visitor.visit(`#/blocks/${block}`, {}, async (page) => {
    await settled(page);
    await shows(page, `in L1 block ${Number(l1?.block).toLocaleString('en-US')}`);
    await page.getByRole('link', { name: paid.batch, exact: true }).waitFor();
    await page.getByRole('link', { name: 'Download statement and proof' }).waitFor();
  });
});

test('one box finds all, by the keyboard alone', async () => {
  await visitor.visit('', {}, async (page) => {
    await page.getByRole('heading', { level: 1 }).waitFor();
    await page.keyboard.press('/');
    await page.keyboard.type(String(paid.derivative));
    await page.keyboard.press('Enter');
    await page.getByRole('link', { name: `License ${paid.derivative}` }).waitFor();
    await page.keyboard.press('/');
    await page.keyboard.type(paid.intent);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'Intent' }).waitFor();
    await page.keyboard.press('/');
    await page.keyboard.type('a song');
    await page.keyboard.press('Enter');
    await shows(page, /Search for a number, an L1 address/);
  });
});

test('lists lead to their items', async () => {
  await visitor.visit('#/licenses', {}, async (page) => {
    await page
      .getByRole('link', { name: String(paid.original), exact: true })
      .first()
      .click();
    await page.getByRole('heading', { level: 1, name: `License ${paid.original}` }).waitFor();
    await page.getByRole('link', { name: 'Accounts' }).first().click();
    await page
      .getByRole('link', { name: String(accountOf(1)), exact: true })
      .first()
      .waitFor();
    await page.getByRole('link', { name: 'Blocks' }).first().click();
    await page.getByRole('link', { name: 'batches', exact: true }).click();
    await page.getByRole('link', { name: paid.batch, exact: true }).first().waitFor();
  });
});
