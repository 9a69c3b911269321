// What is live: the node's stream of events, pages that follow it, and a node that restarts.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { BrowserContext, Page } from 'playwright-core';
import { settled, shows, Visitor } from './browser.js';
import { actor, type Paid, pay } from './node.js';

let visitor: Visitor;
let paid: Paid;

before(async () => {
  paid = await pay();
  visitor = await Visitor.start();
});
after(() => visitor?.stop());

/** Requests that the test itself breaks. */
const BROKEN = /net::ERR_/;

/** The batches sealed, as the overview has them. */
async function sealed(page: Page): Promise<number> {
  const figure = page.locator('.figure', { hasText: 'Batches sealed' }).locator('.value');
  return Number((await figure.textContent())?.replaceAll(',', ''));
}

/** Waits until the overview has a batch more than before. */
async function grows(page: Page, before: number): Promise<void> {
  await page.waitForFunction((least) => {
    const name = [...document.querySelectorAll('dt')].find((one) => one.textContent === 'Batches sealed');
    const value = name?.parentElement?.querySelector('.value')?.textContent ?? '';
    return Number(value.replaceAll(',', '')) > least;
  }, before);
}

/** An event of the stream: its place and its content. */
interface Told {
  readonly place: string;
  readonly type: string;
  readonly id: string;
  readonly data: Record<string, unknown>;
}

/** Reads a stream from a place on, until a number of events has come. */
async function listen(query: string, place: string | undefined, count: number): Promise<Told[]> {
  const end = new AbortController();
  const headers = new Headers();
  if (place !== undefined) headers.set('Last-Event-ID', place);
  const answer = await fetch(`${visitor.url}v1/events?${query}`, { headers, signal: end.signal });
  assert.equal(answer.headers.get('content-type'), 'text/event-stream');
  const told: Told[] = [];
  let text = '';
  const decoder = new TextDecoder();
  for await (const bytes of answer.body as unknown as AsyncIterable<Uint8Array>) {
    text += decoder.decode(bytes, { stream: true });
    const blocks = text.split('\n\n');
    text = blocks.pop() ?? '';
    for (const block of blocks) {
      const field = (name: string): string | undefined =>
        block
          .split('\n')
          .find((line) => line.startsWith(`${name}:`))
          ?.slice(name.length + 1)
          .trim();
      const data = field('data');
      if (data === undefined) continue;
      const event = JSON.parse(data) as Omit<Told, 'place'>;
      assert.equal(field('event'), event.type);
      told.push({ ...event, place: field('id') ?? '' });
    }
    if (told.length >= count) break;
  }
  end.abort();
  return told;
}

test('the stream tells of batches and payments, and goes on where a client has left it', async () => {
  const query = `license=${paid.derivative}&types=license.paid`;
  const begun = listen(query, undefined, 1);
  const [first, second] = [await actor(1).pay(paid.derivative, 17), await begun];
  const { batch } = await actor(1).status(first.id, { until: 'sequenced' });
  const [told] = second;
  assert.equal(told?.type, 'license.paid');
  assert.deepEqual([told?.data['license'], told?.data['batch']], [paid.derivative, batch]);
  assert.equal(told?.data['received'], '17000000');
  // From the start: the payment of the preparation, then this one, under the same name.
  const [earlier, again] = await listen(`${query}&after=start`, undefined, 2);
  assert.equal(earlier?.data['batch'], paid.batch);
  assert.equal(again?.id, told?.id);
  // From the place of the earlier one on, nothing is told twice.
  const [next] = await listen(query, earlier?.place, 1);
  assert.equal(next?.id, told?.id);
  const refused = await fetch(`${visitor.url}v1/events`, { headers: { 'Last-Event-ID': 'no place' } });
  assert.equal(refused.status, 400);
});

/** Leaves a page without timers of a second and more: it does not ask by itself. */
async function withoutTimers(context: BrowserContext): Promise<void> {
  await context.addInitScript(() => {
    const plain = setTimeout;
    const short = (work: () => void, ms = 0): unknown => (ms >= 1_000 ? 0 : plain(work, ms));
    Object.assign(globalThis, { setTimeout: short });
  });
}

test('the stream of events alone keeps a page up to date', async () => {
  await visitor.visit('', { prepare: withoutTimers }, async (page) => {
    await settled(page);
    const before = await sealed(page);
    const events = await page.evaluate(
      () => performance.getEntriesByType('resource').filter(({ name }) => name.includes('/v1/events')).length,
    );
    assert.ok(events <= 1, 'one stream for a page');
    await actor(1).pay(paid.original, 11);
    await grows(page, before);
  });
});

test('without the stream a page asks by itself', async () => {
  const prepare = (context: BrowserContext): Promise<unknown> =>
    context.route('**/v1/events*', (route) => route.abort());
  await visitor.visit('', { prepare, expected: BROKEN }, async (page) => {
    await settled(page);
    const before = await sealed(page);
    await actor(1).pay(paid.original, 13);
    await grows(page, before);
  });
});

test('a node that restarts is missed, found again, and followed from there', async () => {
  await visitor.visit('', { expected: BROKEN }, async (page) => {
    await settled(page);
    const before = await sealed(page);
    await visitor.proxy.down();
    await shows(page, 'The node does not answer.');
    assert.ok((await sealed(page)) >= before, 'the last figures stay');
    await page.getByRole('link', { name: 'Licenses' }).first().click();
    await page.getByRole('heading', { level: 1, name: 'Licenses' }).waitFor();
    await page.getByRole('alert').first().waitFor();
    const streams = page.waitForResponse((answer) => answer.url().includes('/v1/events') && answer.ok());
    await visitor.proxy.up();
    await streams;
    await page.getByText('The node does not answer.').first().waitFor({ state: 'detached' });
    await page.getByRole('link', { name: 'Overview' }).click();
    await settled(page);
    const now = await sealed(page);
    await actor(1).pay(paid.original, 7);
    await grows(page, now);
  });
});
