// Vectors of revenue statements (api/conformance/statements.json): real ones, forgeries, and the L1 that confirms
// the real ones.

import { existsSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { digestToHex, keccak, toHex, utf8 } from '../src/bytes.js';
import { domainOf } from '../src/deployment.js';
import type { StatementStep } from '../src/revenue-statement.js';
import type { L1Provider } from '../src/rpc.js';

/** A change of a statement: JSON pointers with new values; null takes a field away. */
interface Change {
  readonly name: string;
  readonly of: string;
  readonly set: Readonly<Record<string, unknown>>;
}

interface Vectors {
  readonly format: number;
  readonly chain_id: number;
  readonly contract: string;
  readonly statements: Readonly<Record<string, unknown>>;
  /** What the contract has of each batch. */
  readonly l1: Readonly<Record<string, { readonly id: string; readonly digest: string }>>;
  readonly accepted: readonly Change[];
  readonly malformed: readonly Change[];
  readonly refused: readonly (Change & { readonly step: StatementStep; readonly error: string })[];
}

/** The file, beside a folder above this one: the compiled tests of several packages read it. */
function read(): Vectors {
  for (let folder = dirname(fileURLToPath(import.meta.url)); ; folder = dirname(folder)) {
    const path = join(folder, 'conformance', 'statements.json');
    if (existsSync(path)) return JSON.parse(readFileSync(path, 'utf8')) as Vectors;
    if (dirname(folder) === folder) throw new Error('there is no conformance/statements.json');
  }
}

export const vectors = read();
if (vectors.format !== 1) throw new Error(`format ${vectors.format} of statements.json, expected 1`);
export const STATED = { chainId: vectors.chain_id, contract: vectors.contract };

/** A statement with changes, as a document that a test may change. */
export function statementOf(
  of: string,
  set: Readonly<Record<string, unknown>> = {},
): Record<string, unknown> {
  const statement = structuredClone(vectors.statements[of]) as Record<string, unknown>;
  for (const [pointer, value] of Object.entries(set)) {
    const names = pointer.split('/').slice(1);
    const last = names.pop() as string;
    const parent = names.reduce<Record<string, unknown>>(
      (place, name) => place[name] as Record<string, unknown>,
      statement,
    );
    if (value === null) delete parent[last];
    else parent[last] = structuredClone(value);
  }
  return statement;
}

/** An L1 with the contract of the statements. */
export class StatedL1 implements L1Provider {
  chainId = vectors.chain_id;
  code = '0x60';
  domain = digestToHex(domainOf(STATED));
  /** The batches that are final. */
  final = new Set(Object.keys(vectors.l1));

  async request({ method, params = [] }: Parameters<L1Provider['request']>[0]): Promise<unknown> {
    switch (method) {
      case 'eth_chainId':
        return `0x${this.chainId.toString(16)}`;
      case 'eth_blockNumber':
        return '0x64';
      case 'eth_getCode':
        return this.code;
      case 'eth_call':
        return this.#view((params[0] as { data: string }).data);
      default:
        throw new Error(`no ${method}`);
    }
  }

  #view(data: string): string {
    const argument = `0x${data.slice(10)}`;
    switch (data.slice(0, 10)) {
      case selector('domain()'):
        return this.domain;
      case selector('finalBatch(uint64)'): {
        const batch = BigInt(argument).toString();
        return (this.final.has(batch) && vectors.l1[batch]?.id) || `0x${'00'.repeat(32)}`;
      }
      case selector('committedDigest(bytes32)'): {
        const batch = Object.values(vectors.l1).find(({ id }) => id === argument);
        return batch?.digest ?? `0x${'00'.repeat(32)}`;
      }
      default:
        throw new Error('no such view');
    }
  }
}

const selector = (signature: string): string => toHex(keccak(utf8(signature))).slice(0, 10);

/** The same behind a URL. */
export class ServedL1 {
  private constructor(
    private readonly server: Server,
    readonly url: string,
  ) {}

  static async start(): Promise<ServedL1> {
    const l1 = new StatedL1();
    const server = createServer(async (request, response) => {
      let body = '';
      for await (const chunk of request) body += chunk;
      const { id, ...call } = JSON.parse(body);
      response.end(JSON.stringify({ jsonrpc: '2.0', id, result: await l1.request(call) }));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new ServedL1(server, `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  }

  stop(): void {
    this.server.close();
    this.server.closeAllConnections();
  }
}
