// JSON-RPC of an L1 endpoint: the few calls that a receipt or a statement needs.

import { fromHex } from './bytes.js';
import { L1Error } from './errors.js';

/** How long one call may take. */
const TIMEOUT_MS = 30_000;

/** A log of a contract. */
export interface Log {
  readonly topics: readonly string[];
  readonly data: Uint8Array;
  readonly transaction: string;
  readonly block: bigint;
  readonly index: bigint;
}

/** An error that the endpoint answered with, as when it refuses a range or a call reverts. */
export class RpcRefusal extends L1Error {}

/** A wallet, or another provider of EIP-1193. */
export interface L1Provider {
  request(call: { readonly method: string; readonly params?: readonly unknown[] }): Promise<unknown>;
}

/** An L1 endpoint that the caller trusts: any JSON-RPC URL, or a provider. */
export type L1Endpoint =
  | {
      readonly url: string;
      /** A replacement of the global `fetch`. */
      readonly fetch?: typeof fetch;
    }
  | { readonly provider: L1Provider };

type Ask = (method: string, params: readonly unknown[]) => Promise<unknown>;

/** Asks a URL. It may hold an API key: errors name the host alone. */
function askUrl(url: string, fetchWith: typeof fetch | undefined): Ask {
  const fetchIt = fetchWith ?? ((input, init) => globalThis.fetch(input, init));
  let host: string;
  try {
    host = new URL(url).host;
  } catch {
    throw new L1Error('l1: not a URL, expected http(s)://host[:port]');
  }
  let id = 0;
  return async (method, params) => {
    id += 1;
    let answer: { result?: unknown; error?: { message?: string } };
    try {
      const response = await fetchIt(url, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ jsonrpc: '2.0', id, method, params }),
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      answer = (await response.json()) as typeof answer;
    } catch (cause) {
      const reason = cause instanceof Error ? cause.name : 'error';
      throw new L1Error(`no answer from the L1 endpoint at ${host} to ${method} (${reason})`);
    }
    if (typeof answer !== 'object' || answer === null || !('result' in answer || 'error' in answer)) {
      throw new L1Error(`the L1 endpoint at ${host} gave no JSON-RPC answer to ${method}`);
    }
    if (answer.error != null) {
      throw new RpcRefusal(`the L1 endpoint at ${host} refused ${method}: ${answer.error.message ?? ''}`);
    }
    return answer.result;
  };
}

/** Asks a provider, whose errors are objects with a message. */
function askProvider(provider: L1Provider): Ask {
  return async (method, params) => {
    try {
      return await provider.request({ method, params });
    } catch (error) {
      const message = (error as { message?: unknown } | null)?.message;
      throw new RpcRefusal(`the L1 provider refused ${method}: ${String(message ?? error)}`);
    }
  };
}

/** Speaks to one endpoint. */
export class Rpc {
  readonly request: Ask;

  constructor(endpoint: L1Endpoint) {
    this.request =
      'provider' in endpoint ? askProvider(endpoint.provider) : askUrl(endpoint.url, endpoint.fetch);
  }

  async integer(method: string): Promise<bigint> {
    return toInteger(await this.request(method, []), method);
  }

  async code(address: string): Promise<Uint8Array> {
    return fromHex(await this.request('eth_getCode', [address, 'latest']), 'code');
  }

  /** The first 32 bytes that a view of a contract returns. */
  async view(to: string, data: string): Promise<string> {
    const result = await this.request('eth_call', [{ to, data }, 'latest']);
    return typeof result === 'string' ? result.slice(0, 66).toLowerCase() : '';
  }

  async transactionInput(hash: string): Promise<Uint8Array> {
    const found = (await this.request('eth_getTransactionByHash', [hash])) as { input?: unknown } | null;
    return found === null ? new Uint8Array() : fromHex(found.input, 'input of a transaction');
  }

  /**
   * The logs of L1 blocks `from` to `to`, in order. What an endpoint refuses at once is asked for in halves, down
   * to single blocks.
   */
  async logs(address: string, topics: readonly string[], from: bigint, to: bigint): Promise<Log[]> {
    const logs: Log[] = [];
    const ranges: [bigint, bigint][] = [[from, to]];
    for (let range = ranges.pop(); range !== undefined; range = ranges.pop()) {
      const [first, last] = range;
      const filter = { address, topics, fromBlock: quantity(first), toBlock: quantity(last) };
      try {
        const found = await this.request('eth_getLogs', [filter]);
        if (!Array.isArray(found)) throw new L1Error('eth_getLogs gave no list');
        logs.push(...found.map(readLog));
      } catch (error) {
        if (!(error instanceof L1Error) || first >= last) throw error;
        const middle = (first + last) / 2n;
        ranges.push([middle + 1n, last], [first, middle]);
      }
    }
    return logs;
  }
}

export function quantity(value: bigint): string {
  return `0x${value.toString(16)}`;
}

function toInteger(value: unknown, what: string): bigint {
  if (typeof value !== 'string' || !/^0x[0-9a-fA-F]+$/.test(value)) {
    throw new L1Error(`${what}: expected an integer, got something else`);
  }
  return BigInt(value);
}

function readLog(value: unknown): Log {
  const log = value as Record<string, unknown>;
  if (!Array.isArray(log['topics']) || typeof log['transactionHash'] !== 'string') {
    throw new L1Error('L1 gave a log without its place: ask another endpoint');
  }
  return {
    topics: log['topics'].map(String),
    data: fromHex(log['data'], 'data of a log'),
    transaction: log['transactionHash'].toLowerCase(),
    block: toInteger(log['blockNumber'], 'block of a log'),
    index: toInteger(log['logIndex'], 'index of a log'),
  };
}
