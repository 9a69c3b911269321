// The owner at this browser: wallet, key and account. The key is in memory alone, and gone with the page.

import { type Account, Farthing, keyFromWallet, type SecretKey } from '@farthing/sdk';
import { base, node } from './node.js';
import { Rollup } from './rollup.js';
import { connect, type Wallet } from './wallet.svelte.js';

/** An owner who is connected. */
export interface Owner {
  readonly address: string;
  readonly wallet: Wallet;
  readonly rollup: Rollup;
  readonly key: SecretKey;
}

class Session {
  owner = $state.raw<Owner>();
  /** Their account; it may not be opened yet. */
  account = $state.raw<Account>();

  /** Another address of the wallet is another owner. */
  readonly #changed = (): void => this.end();

  /** The wallet connects and signs the message from which the key follows. */
  async begin(wallet: Wallet): Promise<void> {
    const deployment = await node.deployment();
    const address = await connect(wallet.provider, BigInt(deployment.chainId));
    const key = await keyFromWallet(deployment, async (message) => {
      const params = [address, JSON.stringify(message)];
      return String(await wallet.provider.request({ method: 'eth_signTypedData_v4', params }));
    });
    const account = await node.accountOf(key.publicKey, address);
    wallet.provider.on?.('accountsChanged', this.#changed);
    this.owner = { address, wallet, key, rollup: new Rollup(wallet.provider, deployment.contract, address) };
    this.account = account;
  }

  /** Opens the account; the node asks nothing for it. */
  async open(): Promise<void> {
    if (this.owner === undefined) return;
    const { id } = await node.openAccount(this.owner.key, this.owner.address);
    this.account = await node.account(id);
  }

  /** Asks for the account again. A deposit may have opened it. */
  async refresh(): Promise<void> {
    const { owner, account } = this;
    if (owner === undefined) return;
    const found =
      account === undefined
        ? await node.accountOf(owner.key.publicKey, owner.address)
        : await node.account(account.id);
    // The owner may have left meanwhile.
    if (this.owner === owner) this.account = found;
  }

  /** A client that signs for the account. */
  client(): Farthing {
    if (this.owner === undefined || this.account === undefined) throw new Error('no account is connected');
    return new Farthing({ node: base, account: this.account.id, key: this.owner.key });
  }

  end(): void {
    this.owner?.wallet.provider.removeListener?.('accountsChanged', this.#changed);
    this.owner = undefined;
    this.account = undefined;
  }
}

export const session = new Session();
