// Chromium, a proxy that serves the node under a prefix, and pages that are watched: their requests stay at
// their origin, and their console is silent.

import assert from 'node:assert/strict';
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  chromium,
  type Page,
} from 'playwright-core';
import { banner } from './node.js';

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
const WAIT_MS_MAX = 90_000;
const PREFIX = '/rollups/farthing';
export const PHONE = { width: 390, height: 844 };
export const DESKTOP = { width: 1280, height: 860 };

/** How a page is visited. */
interface Options extends BrowserContextOptions {
  /** What the browser has before the page is there, such as a wallet. */
  readonly prepare?: (context: BrowserContext) => Promise<void>;
}

/** A browser, and the address of the application behind a proxy. */
export class Visitor {
  private constructor(
    readonly url: string,
    private readonly browser: Browser,
    private readonly proxy: Server,
  ) {}

  static async start(): Promise<Visitor> {
    const proxy = await startProxy(banner().rest);
    const { port } = proxy.address() as AddressInfo;
    const browser = await chromium.launch({
      executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
      args: FLAGS,
    });
    return new Visitor(`http://127.0.0.1:${port}${PREFIX}/`, browser, proxy);
  }

  /** Opens a page, lets `use` work with it, and then looks whether it kept the rules. */
  async visit(hash: string, options: Options, use: (page: Page) => Promise<void>): Promise<void> {
    const { prepare, ...rest } = options;
    const context = await this.browser.newContext({ viewport: DESKTOP, ...rest });
    await prepare?.(context);
    context.setDefaultTimeout(WAIT_MS_MAX);
    const page = await context.newPage();
    const told: string[] = [];
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) told.push(`${message.type()}: ${message.text()}`);
    });
    page.on('pageerror', (error) => told.push(`exception: ${error.message}`));
    page.on('request', (sent) => {
      if (!sent.url().startsWith(this.url) && !/^(data|blob):/.test(sent.url()))
        told.push(`left: ${sent.url()}`);
    });
    try {
      await page.goto(`${this.url}${hash}`);
      await use(page);
      assert.deepEqual(
        told.filter((text) => !isExpected(text)),
        [],
      );
    } finally {
      await context.close();
    }
  }

  async stop(): Promise<void> {
    await this.browser.close();
    this.proxy.closeAllConnections();
    this.proxy.close();
  }
}

/** A browser says of every answer of 400 and more that a resource failed; pages ask for what may be absent. */
function isExpected(text: string): boolean {
  return /^error: Failed to load resource: the server responded with a status of 4\d\d/.test(text);
}

/** Serves the node under the prefix and nothing else, as an operator's proxy may. */
async function startProxy(node: string): Promise<Server> {
  const upstream = new URL(node);
  const server = createServer((incoming, outgoing) => {
    const path = incoming.url ?? '/';
    if (!path.startsWith(`${PREFIX}/`)) {
      outgoing.writeHead(404).end('not under the prefix');
      return;
    }
    const forwarded = request(
      {
        host: upstream.hostname,
        port: upstream.port,
        method: incoming.method,
        path: path.slice(PREFIX.length),
        headers: { ...incoming.headers, host: upstream.host },
      },
      (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(outgoing);
      },
    );
    forwarded.on('error', () => outgoing.destroy());
    outgoing.on('close', () => forwarded.destroy());
    incoming.pipe(forwarded);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

/** Waits until a page has a text. */
export async function shows(page: Page, text: string | RegExp): Promise<void> {
  await page.getByText(text).first().waitFor({ timeout: 20_000 });
}

/** Waits until a page is complete: what it loads is there, also what it loads then. */
export async function settled(page: Page): Promise<void> {
  await page.getByRole('heading', { level: 1 }).waitFor();
  for (let looks = 0; looks < 2; looks += 1) {
    await page.waitForFunction(
      () => document.querySelector('.waiting') === null && !document.body.textContent?.includes('Loading…'),
    );
    await page.waitForTimeout(150);
  }
}
