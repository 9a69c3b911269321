// What a page shows of a slow or failing API, of thousands of licenses, and of strangers who write markup.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { BrowserContext, Route } from 'playwright-core';
import { HOSTILE, settled, shows, Visitor } from './browser.js';
import { accountOf, actor, type Paid, pay } from './node.js';

const LICENSES = 5_000;

let visitor: Visitor;
let paid: Paid;

before(async () => {
  paid = await pay();
  visitor = await Visitor.start();
});
after(() => visitor?.stop());

/** Requests that the test itself breaks. */
const BROKEN = /net::ERR_|status of 5\d\d/;

test('a slow API is waited for, and the page can be used meanwhile', async () => {
  let release = (): void => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  const hold = async (route: Route): Promise<void> => {
    await released;
    // The page may have given the request up meanwhile.
    await route.continue().catch(() => undefined);
  };
  const prepare = (context: BrowserContext): Promise<unknown> => context.route('**/v1/licenses/**', hold);
  await visitor.visit(`#/licenses/${paid.derivative}`, { prepare }, async (page) => {
    await page.getByRole('heading', { level: 1, name: `License ${paid.derivative}` }).waitFor();
    await page.getByRole('status').getByText('Loading').first().waitFor({ state: 'attached' });
    await page.getByRole('link', { name: 'Accounts' }).first().click();
    await page
      .getByRole('link', { name: String(accountOf(1)), exact: true })
      .first()
      .waitFor();
    await page.goBack();
    await page.getByRole('heading', { level: 1, name: `License ${paid.derivative}` }).waitFor();
    release();
    await shows(page, 'Where a payment goes');
  });
});

test('an API that fails is quoted, and a proxy that answers something else is named', async () => {
  const problem = {
    type: 'about:blank',
    title: 'The store cannot be read',
    status: 500,
    code: 'internal',
    detail: `Ask the operator ${HOSTILE}`,
    request_id: 'r-17',
  };
  const fails = (context: BrowserContext): Promise<unknown> =>
    context.route('**/v1/licenses/**', (route) =>
      route.fulfill({ status: 500, contentType: 'application/problem+json', body: JSON.stringify(problem) }),
    );
  await visitor.visit(`#/licenses/${paid.original}`, { prepare: fails, expected: BROKEN }, async (page) => {
    await shows(page, 'The store cannot be read');
    await page.getByText(HOSTILE).first().waitFor();
    await shows(page, /code internal/);
    assert.equal(await page.locator('#injected').count(), 0);
  });
  const other = (context: BrowserContext): Promise<unknown> =>
    context.route('**/v1/licenses/**', (route) =>
      route.fulfill({ status: 200, contentType: 'text/html', body: '<h1>Welcome</h1>' }),
    );
  await visitor.visit(`#/licenses/${paid.original}`, { prepare: other, expected: BROKEN }, async (page) => {
    await page.getByRole('alert').first().waitFor();
    assert.doesNotMatch((await page.locator('main').textContent()) ?? '', /This page has failed|undefined/);
  });
});

/** Answers for the list of licenses, as of a node that has thousands. */
async function thousands(context: BrowserContext): Promise<void> {
  const model = await actor(1).license(paid.original);
  await context.route('**/v1/licenses?*', async (route) => {
    const query = new URL(route.request().url()).searchParams;
    const first = Number(query.get('cursor') ?? 0);
    const end = Math.min(first + Number(query.get('limit') ?? 100), LICENSES);
    const items = Array.from({ length: end - first }, (_, index) => ({ ...model, id: first + index }));
    await route.fulfill({ json: { items, next_cursor: end < LICENSES ? String(end) : null } });
  });
}

test('thousands of licenses are shown page by page, and counted whole', async () => {
  await visitor.visit('#/licenses', { prepare: thousands }, async (page) => {
    const rows = page.locator('tbody tr');
    await rows.nth(99).waitFor();
    assert.equal(await rows.count(), 100);
    await page.getByRole('button', { name: 'Show more' }).click();
    await rows.nth(199).waitFor();
  });
  await visitor.visit(`#/accounts/${accountOf(2)}`, { prepare: thousands }, async (page) => {
    const figure = page.locator('.figure', { hasText: 'Shares in' }).locator('.value');
    await figure.getByText('5,000', { exact: true }).waitFor();
    await shows(page, `and ${(LICENSES - 50).toLocaleString('en-US')} more`);
    const shares = page.locator('section', { hasText: 'Shares held' }).getByRole('row');
    assert.equal(await shares.count(), 51);
  });
});

/** Every text of a document that has letters, with markup in its place. */
function hostile(value: unknown): unknown {
  if (typeof value === 'string') return /^(?:0x)?\d*$/.test(value) ? value : HOSTILE;
  if (Array.isArray(value)) return value.map(hostile);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, hostile(one)]));
}

test('markup of strangers is text on every page', async () => {
  const prepare = (context: BrowserContext): Promise<unknown> =>
    context.route(/\/(?:v1\/(?!events)|version)/, async (route) => {
      const answer = await route.fetch();
      await route.fulfill({ response: answer, json: hostile(await answer.json()) });
    });
  const search = `#/search/${encodeURIComponent(HOSTILE)}`;
  const { batch, block } = await actor(1).status(paid.intent);
  const hashes = [
    '',
    search,
    `#/nowhere/${encodeURIComponent(HOSTILE)}`,
    '#/batches',
    '#/blocks',
    `#/batches/${batch}`,
    `#/blocks/${block ?? 1}`,
    '#/licenses',
    `#/licenses/${paid.derivative}`,
    '#/accounts',
    `#/accounts/${accountOf(2)}`,
    `#/intents/${paid.intent}`,
    '#/platform',
    `#/verify/${paid.intent}`,
    '#/exit',
  ];
  // Documents that are wrong may end in an error that the page shows: only markup counts here.
  for (const hash of hashes) {
    await visitor.visit(hash, { prepare, expected: /./ }, async (page) => {
      await settled(page);
      assert.equal(await page.locator('#injected, main img').count(), 0, hash);
      assert.match(await page.title(), /Farthing$/, hash);
      if (hash === search) await page.getByText(HOSTILE).first().waitFor();
    });
  }
});
