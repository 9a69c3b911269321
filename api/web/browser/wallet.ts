// A wallet of the browser (EIP-6963, EIP-1193), whose key the development L1 has. It signs without
// a question, and keeps what it was asked to sign.

import type { BrowserContext } from 'playwright-core';
import { banner } from './node.js';

/** Methods that need the owner's consent. */
const CONSENT = ['eth_requestAccounts', 'eth_signTypedData_v4', 'eth_sendTransaction'];

/** A call of EIP-1193. */
export interface Call {
  readonly method: string;
  readonly params: readonly unknown[];
}

/** A wallet, beside the browser. */
export class TestWallet {
  /** Methods that need the owner's consent, in their order. */
  readonly asked: string[] = [];
  /** Answers in place of L1; `undefined` leaves a call to L1. */
  instead: (call: Call) => unknown = () => undefined;

  private constructor(readonly address: string) {}

  /** The wallet of one of the development L1's own accounts. The node uses the first two. */
  static async open(account: number): Promise<TestWallet> {
    const accounts = (await askL1('eth_accounts', [])) as string[];
    const address = accounts[account];
    if (address === undefined) throw new Error(`the L1 has no account ${account}`);
    return new TestWallet(address);
  }

  /** Puts the wallet into a browser: the page reaches L1 by it alone. */
  readonly install = async (context: BrowserContext): Promise<void> => {
    await context.exposeFunction('walletRequest', (method: string, params: unknown[]) =>
      this.#answer({ method, params }),
    );
    await context.addInitScript(() => {
      type Request = { method: string; params?: unknown[] };
      const { walletRequest } = globalThis as unknown as {
        walletRequest: (method: string, params: unknown[]) => Promise<unknown>;
      };
      const detail = {
        info: { uuid: '6f9a', name: 'Test wallet <b>', icon: 'data:,', rdns: 'example.wallet' },
        provider: { request: ({ method, params }: Request) => walletRequest(method, params ?? []) },
      };
      const announce = (): unknown => dispatchEvent(new CustomEvent('eip6963:announceProvider', { detail }));
      addEventListener('eip6963:requestProvider', announce);
      announce();
    });
  };

  async #answer(call: Call): Promise<unknown> {
    if (CONSENT.includes(call.method)) this.asked.push(call.method);
    const answer = this.instead(call);
    if (answer !== undefined) return answer;
    return call.method === 'eth_requestAccounts' ? [this.address] : askL1(call.method, call.params);
  }

  /** The tokens that it has, in base units. */
  async tokens(): Promise<bigint> {
    const data = `0x70a08231${this.address.slice(2).padStart(64, '0')}`;
    return BigInt((await askL1('eth_call', [{ to: banner().token, data }, 'latest'])) as string);
  }
}

/** Asks the development L1. */
export async function askL1(method: string, params: readonly unknown[]): Promise<unknown> {
  const response = await fetch(banner().l1, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
  });
  const answer = (await response.json()) as { result?: unknown; error?: { message: string } };
  if (answer.error !== undefined) throw new Error(answer.error.message);
  return answer.result;
}
