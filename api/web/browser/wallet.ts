// A wallet of the browser (EIP-6963, EIP-1193), whose key the development L1 has. It refuses nothing and asks
// nobody, but counts what it was asked to sign.

import type { BrowserContext } from 'playwright-core';
import { banner } from './node.js';

/** Which of the development L1's own accounts the wallet has: one that the node does not use. */
const ACCOUNT = 6;

/** A wallet, beside the browser. */
export class TestWallet {
  /** Methods that need the owner's consent, in their order. */
  readonly asked: string[] = [];

  private constructor(readonly address: string) {}

  static async open(): Promise<TestWallet> {
    const accounts = (await ask('eth_accounts', [])) as string[];
    return new TestWallet(accounts[ACCOUNT] ?? '');
  }

  /** Puts the wallet into a browser: the page reaches L1 by it alone. */
  readonly install = async (context: BrowserContext): Promise<void> => {
    await context.exposeFunction('walletRequest', async (method: string, params: unknown[]) => {
      if (['eth_requestAccounts', 'eth_signTypedData_v4', 'eth_sendTransaction'].includes(method))
        this.asked.push(method);
      return method === 'eth_requestAccounts' ? [this.address] : ask(method, params);
    });
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

  /** The tokens that it has, in base units. */
  async tokens(): Promise<bigint> {
    const data = `0x70a08231${this.address.slice(2).padStart(64, '0')}`;
    return BigInt((await ask('eth_call', [{ to: banner().token, data }, 'latest'])) as string);
  }
}

async function ask(method: string, params: readonly unknown[]): Promise<unknown> {
  const response = await fetch(banner().l1, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
  });
  const answer = (await response.json()) as { result?: unknown; error?: { message: string } };
  if (answer.error !== undefined) throw new Error(answer.error.message);
  return answer.result;
}
