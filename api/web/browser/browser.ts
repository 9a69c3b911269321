// Chromium, and pages that are watched: their requests stay at their origin, and their console is silent.

import assert from 'node:assert/strict';
import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  chromium,
  type Page,
  type Request,
} from 'playwright-core';
import { banner } from './node.js';
import { NodeProxy } from './proxy.js';

/** The flags without which Chromium looks for its maker's servers, and with which it runs as root. */
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
/** The machine may be busy with other programs. */
const WAIT_MS_MAX = 300_000;
/** Between two looks at a page that is not complete. */
const LOOK_MS = 50;
export const PHONE = { width: 390, height: 844 };
export const DESKTOP = { width: 1280, height: 860 };

/** How a page is visited. */
interface Options extends BrowserContextOptions {
  /** The browser's state before the page is there, such as a wallet. */
  readonly prepare?: (context: BrowserContext) => Promise<unknown>;
  /** Messages of the console that the test itself causes. */
  readonly expected?: RegExp;
  /** An origin that the visitor names to the page. */
  readonly origin?: string;
}

/** Markup in the place of a name: it would change the title, or the page, if it were taken as such. */
export const HOSTILE = '<img src=x onerror="document.title=1"><b id=injected>b</b>';

/** A browser, and the address of the application behind a proxy. */
export class Visitor {
  private constructor(
    private readonly browser: Browser,
    readonly proxy: NodeProxy,
  ) {}

  static async start(): Promise<Visitor> {
    const proxy = await NodeProxy.start(banner().rest);
    const browser = await chromium.launch({
      executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
      args: FLAGS,
      timeout: WAIT_MS_MAX,
    });
    return new Visitor(browser, proxy);
  }

  get url(): string {
    return this.proxy.url;
  }

  /** Opens a page, lets `use` work with it, and then looks whether it kept the rules. */
  async visit(hash: string, options: Options, use: (page: Page) => Promise<void>): Promise<void> {
    const { prepare, expected, origin, ...rest } = options;
    const context = await this.browser.newContext({ viewport: DESKTOP, ...rest });
    try {
      context.setDefaultTimeout(WAIT_MS_MAX);
      await prepare?.(context);
      const page = await context.newPage();
      const told = this.#watch(page, origin);
      await page.goto(`${this.url}${hash}`);
      await use(page);
      assert.deepEqual(
        told.filter((text) => !isExpected(text) && !expected?.test(text)),
        [],
      );
    } finally {
      // Requests that a test answers itself may still be on their way.
      await context.unrouteAll({ behavior: 'ignoreErrors' });
      await context.close();
    }
  }

  /** Keeps what a page says and where it goes. */
  #watch(page: Page, origin: string | undefined): readonly string[] {
    const told: string[] = [];
    const open = new Set<Request>();
    pending.set(page, open);
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) told.push(`${message.type()}: ${message.text()}`);
    });
    page.on('pageerror', (error) => told.push(`exception: ${error.message}`));
    page.on('request', (sent) => {
      const url = sent.url();
      const allowed = url.startsWith(this.url) || (origin !== undefined && url.startsWith(origin));
      if (!allowed && !/^(data|blob):/.test(url)) told.push(`left: ${url}`);
      // The stream of events does not end.
      if (!url.includes('/v1/events')) open.add(sent);
    });
    page.on('requestfinished', (sent) => open.delete(sent));
    page.on('requestfailed', (sent) => open.delete(sent));
    return told;
  }

  async stop(): Promise<void> {
    await this.browser.close();
    await this.proxy.down();
  }
}

/** The requests of each page that have no answer yet. */
const pending = new WeakMap<Page, ReadonlySet<Request>>();

/** A browser says of every answer of 400 and more that a resource failed; pages ask for what may be absent. */
function isExpected(text: string): boolean {
  return /^error: Failed to load resource: the server responded with a status of 4\d\d/.test(text);
}

/** Waits until a page has a text. */
export async function shows(page: Page, text: string | RegExp): Promise<void> {
  await page.getByText(text).first().waitFor();
}

/** Waits until a page is complete: it has what it loads, and what it loads then. */
export async function settled(page: Page): Promise<void> {
  await page.getByRole('heading', { level: 1 }).waitFor();
  for (const end = Date.now() + WAIT_MS_MAX; Date.now() < end; ) {
    const quiet = (): boolean => pending.get(page)?.size === 0;
    if (quiet() && (await isComplete(page)) && quiet()) return;
    await page.waitForTimeout(LOOK_MS);
  }
  const open = [...(pending.get(page) ?? [])].map((sent) => sent.url());
  throw new Error(`the page was not complete after ${WAIT_MS_MAX} ms; without an answer: ${open.join(', ')}`);
}

/** True if nothing on a page waits, after it had two frames to show what came. */
function isComplete(page: Page): Promise<boolean> {
  return page.evaluate(async () => {
    for (let frames = 0; frames < 2; frames += 1) await new Promise(requestAnimationFrame);
    return document.querySelector('.waiting') === null && !document.body.textContent?.includes('Loading…');
  });
}
