// What holds for every page: accessible, of a phone's width, small, quick, and plain about failures.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { after, before, test } from 'node:test';
import type { Page } from 'playwright-core';
import { PHONE, settled, shows, Visitor } from './browser.js';
import { accountOf, banner, type Paid, pay } from './node.js';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
/** The most that the browser loads for the application, compressed. */
const BYTES_MAX = 150_000;
const PAINT_MS_MAX = 1_000;

let visitor: Visitor;
let paid: Paid;
let pages: readonly (readonly [string, string])[];

before(async () => {
  paid = await pay();
  visitor = await Visitor.start();
  pages = [
    ['overview', ''],
    ['batches', '#/batches'],
    ['blocks', '#/blocks'],
    ['licenses', '#/licenses'],
    ['accounts', '#/accounts'],
    ['batch', `#/batches/${paid.batch}`],
    ['license', `#/licenses/${paid.derivative}`],
    ['account', `#/accounts/${accountOf(3)}`],
    ['intent', `#/intents/${paid.intent}`],
    ['owner', `#/owners/${banner().accounts[1]?.owner}`],
    ['search', `#/search/${paid.original}`],
    ['creator', '#/creator'],
    ['exit', '#/exit'],
    ['platform', '#/platform'],
    ['absent', '#/licenses/4294967295'],
    ['missing', '#/nowhere'],
  ];
});
after(() => visitor?.stop());

/** What axe-core finds wrong. */
async function findings(page: Page): Promise<string[]> {
  await page.evaluate(AXE);
  return page.evaluate(async () => {
    type Found = { violations: { id: string; nodes: { html: string; failureSummary: string }[] }[] };
    const { axe } = globalThis as unknown as { axe: { run: () => Promise<Found> } };
    const { violations } = await axe.run();
    return violations.flatMap(({ id, nodes }) =>
      nodes.map((node) => `${id}: ${node.html} ${node.failureSummary}`),
    );
  });
}

for (const colorScheme of ['light', 'dark'] as const) {
  test(`axe-core finds nothing, ${colorScheme}`, async () => {
    for (const [name, hash] of pages) {
      // Without motion, so that no colour is on its way when it is measured.
      await visitor.visit(hash, { colorScheme, reducedMotion: 'reduce' }, async (page) => {
        await settled(page);
        await screenshot(page, `${name}-${colorScheme}`);
        assert.deepEqual(await findings(page), [], name);
      });
    }
  });
}

test('on a phone nothing is wider than the page', async () => {
  for (const [name, hash] of pages) {
    await visitor.visit(hash, { viewport: PHONE, reducedMotion: 'reduce' }, async (page) => {
      await settled(page);
      await screenshot(page, `${name}-phone`);
      const beyond = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      assert.ok(beyond <= 0, `${name}: ${beyond} pixels too wide`);
    });
  }
});

test('the application is small, and shows itself at once', async () => {
  let quickest = Number.POSITIVE_INFINITY;
  // The machine may be busy with other programs: the best of some counts.
  for (let attempt = 0; attempt < 5; attempt += 1) {
    await visitor.visit('', {}, async (page) => {
      await page.getByRole('heading', { level: 1 }).waitFor();
      const { paint, bytes } = await page.evaluate(() => {
        const files = performance.getEntriesByType('resource') as PerformanceResourceTiming[];
        const own = files.filter((file) => file.name.includes('/assets/'));
        return {
          paint:
            performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? Number.POSITIVE_INFINITY,
          bytes: own.reduce((sum, file) => sum + file.encodedBodySize, 0),
        };
      });
      assert.ok(bytes > 10_000 && bytes <= BYTES_MAX, `${bytes} bytes`);
      quickest = Math.min(quickest, paint);
    });
  }
  assert.ok(quickest < PAINT_MS_MAX, `first paint after ${quickest} ms`);
});

test('a node that does not answer is said so, and seen again when it does', async () => {
  await visitor
    .visit('', {}, async (page) => {
      await shows(page, 'Batches sealed');
      const lost = (route: { abort: () => Promise<void> }): Promise<void> => route.abort();
      await page.route('**/v1/**', lost);
      await shows(page, 'The node does not answer.');
      await page.unroute('**/v1/**', lost);
      await page.getByText('The node does not answer.').waitFor({ state: 'detached' });
    })
    .catch(onlyOfRequests);
});

/** Chromium reports requests that the test itself broke. */
function onlyOfRequests(error: unknown): void {
  if (!(error instanceof assert.AssertionError) || !Array.isArray(error.actual)) throw error;
  for (const text of error.actual) assert.match(String(text), /net::ERR_FAILED/);
}

test('text of strangers is never markup', async () => {
  const text = '<img src=x onerror="document.title=1"><b id=injected>b</b>';
  await visitor.visit(`#/search/${encodeURIComponent(text)}`, {}, async (page) => {
    await page.getByText(text).waitFor();
    assert.equal(await page.locator('#injected').count(), 0);
    assert.equal(await page.title(), 'Search · Farthing');
  });
});

test('light and dark follow the system, and the choice is kept', async () => {
  const background = (page: Page): Promise<string> =>
    page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
  await visitor.visit('', { colorScheme: 'dark' }, async (page) => {
    const theme = page.getByRole('button', { name: /^Theme/ });
    const dark = await background(page);
    await theme.click();
    const light = await background(page);
    assert.notEqual(light, dark);
    await page.reload();
    assert.equal(await background(page), light);
    await theme.click();
    assert.equal(await background(page), dark);
  });
});

/** Kept for people where FARTHING_SCREENSHOTS names a folder. */
async function screenshot(page: Page, name: string): Promise<void> {
  const folder = process.env['FARTHING_SCREENSHOTS'];
  if (folder !== undefined) await page.screenshot({ path: `${folder}/${name}.png`, fullPage: true });
}
