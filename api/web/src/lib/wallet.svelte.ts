// Wallets of this browser: those that announce themselves (EIP-6963), else the one that is simply there.

import type { Provider } from './rollup.js';

/** A wallet. Its name is its own word: it is shown as text and trusted for nothing. */
export interface Wallet {
  readonly id: string;
  readonly name: string;
  readonly provider: Provider;
}

class Wallets {
  found = $state.raw<readonly Wallet[]>([]);

  constructor() {
    addEventListener('eip6963:announceProvider', (event) => {
      const { info, provider } = (event as CustomEvent).detail as {
        info: { uuid: string; name: string };
        provider: Provider;
      };
      const known = this.found.some((wallet) => wallet.id === info.uuid);
      if (!known) this.found = [...this.found, { id: info.uuid, name: info.name, provider }];
    });
    dispatchEvent(new Event('eip6963:requestProvider'));
    const { ethereum } = globalThis as { ethereum?: Provider };
    if (this.found.length === 0 && ethereum !== undefined) {
      this.found = [{ id: 'ethereum', name: 'the wallet of this browser', provider: ethereum }];
    }
  }
}

/** The code of EIP-1193 for a request that the user refused. */
const REFUSED = 4001;
/** The code of EIP-3326 for a chain that the wallet does not know. */
const UNKNOWN_CHAIN = 4902;

/** What a wallet's error says to people. */
export function walletError(error: unknown): string {
  const { code, message } = (error ?? {}) as { code?: number; message?: string };
  if (code === REFUSED) return 'You refused it in the wallet. Nothing has changed.';
  if (code === UNKNOWN_CHAIN) return 'The wallet does not know the chain of this rollup: add it there first.';
  return message ?? String(error);
}

/** Connects: the wallet is on the chain, and shows one address. */
export async function connect(provider: Provider, chainId: bigint): Promise<string> {
  const [owner] = (await provider.request({ method: 'eth_requestAccounts' })) as string[];
  if (owner === undefined) throw new Error('the wallet shows no address');
  const wanted = `0x${chainId.toString(16)}`;
  if (BigInt(String(await provider.request({ method: 'eth_chainId' }))) !== chainId) {
    await provider.request({ method: 'wallet_switchEthereumChain', params: [{ chainId: wanted }] });
  }
  return owner;
}

export const wallets = new Wallets();
