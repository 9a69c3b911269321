// A proxy that serves the node under a prefix and nothing else, as an operator's proxy may. It can end all
// connections and refuse new ones, as a node that restarts does.

import { existsSync, readFileSync } from 'node:fs';
import {
  createServer,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  request,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';

const PREFIX = '/rollups/farthing';
const HOST = '127.0.0.1';

/** The node under a prefix. */
export class NodeProxy {
  #server: Server;
  #port = 0;

  private constructor(private readonly node: URL) {
    this.#server = this.#make();
  }

  static async start(node: string): Promise<NodeProxy> {
    const proxy = new NodeProxy(new URL(node));
    await proxy.#listen();
    return proxy;
  }

  /** The address of the application, with the slash at its end. */
  get url(): string {
    return `http://${HOST}:${this.#port}${PREFIX}/`;
  }

  /** Ends all connections and refuses new ones. */
  async down(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }

  /** Serves again, at the same address. */
  async up(): Promise<void> {
    this.#server = this.#make();
    await this.#listen();
  }

  #make(): Server {
    return createServer((incoming, outgoing) => this.#serve(incoming, outgoing));
  }

  async #listen(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject).listen(this.#port, HOST, resolve);
    });
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  #serve(incoming: IncomingMessage, outgoing: ServerResponse): void {
    const url = incoming.url ?? '/';
    if (!url.startsWith(`${PREFIX}/`)) {
      outgoing.writeHead(404).end('not under the prefix');
      return;
    }
    const path = url.slice(PREFIX.length);
    const own = ownFile(path);
    if (own !== undefined) {
      outgoing.writeHead(200, own.headers).end(own.bytes);
      return;
    }
    const { hostname: host, port, host: authority } = this.node;
    const headers = { ...incoming.headers, host: authority };
    const forwarded = request({ host, port, method: incoming.method, path, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    forwarded.on('error', () => outgoing.destroy());
    outgoing.on('close', () => forwarded.destroy());
    incoming.pipe(forwarded);
  }
}

/** A folder whose application is served in place of the one in the binary: the binary may be older than it. */
const DIST = process.env['FARTHING_WEB_DIST'];
const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** A file of that folder, as the node serves its own: compressed, and with the policy of this checkout. */
function ownFile(path: string): { headers: OutgoingHttpHeaders; bytes: Buffer } | undefined {
  if (DIST === undefined || !/^\/(?:assets\/[\w.-]+)?$/.test(path)) return undefined;
  const file = join(DIST, path === '/' ? 'index.html' : path);
  if (!existsSync(file)) return undefined;
  const gzip = existsSync(`${file}.gz`);
  const headers = {
    'Content-Type': TYPES[extname(file)],
    'Content-Security-Policy': policy(),
    ...(gzip ? { 'Content-Encoding': 'gzip' } : {}),
  };
  return { headers, bytes: readFileSync(gzip ? `${file}.gz` : file) };
}

function policy(): string {
  const source = readFileSync('../server/src/web/file.rs', 'utf8');
  const text = /const POLICY: &str = "([^"]*)"/.exec(source)?.[1];
  if (text === undefined) throw new Error('api/server/src/web/file.rs has no POLICY');
  return text.replace(/\\\n\s*/g, '');
}
