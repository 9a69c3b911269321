// The contract on L1, through a wallet: what it says, and calls that the wallet sends.

import type { AccountProof, Payout } from '@farthing/sdk';
import { address, array, bytes32, call, signatureHash, tuple, uint } from './abi.js';

/** A wallet or another endpoint of EIP-1193. */
export interface Provider {
  request(call: { readonly method: string; readonly params?: readonly unknown[] }): Promise<unknown>;
  on?(event: string, listener: (value: unknown) => void): void;
  removeListener?(event: string, listener: (value: unknown) => void): void;
}

/** A transaction that L1 has refused: it is in a block and had no effect. */
export class RevertedError extends Error {
  constructor(readonly hash: string) {
    super(`the transaction ${hash} had no effect: the contract has refused it`);
  }
}

/** A request for a forced exit, as it is in the queue. */
export interface ExitRequest {
  readonly index: bigint;
  /** Unix seconds: from then on anyone may freeze the rollup, unless the entry was consumed. */
  readonly deadline: number;
  readonly consumed: boolean;
}

const CLAIM = '(uint64,uint32,uint32,address,uint256,bytes32[])';
const LEAF = '(uint32,uint64[5],address,uint64,uint64,bytes32[32])';
const EXIT_REQUESTED = 'ForcedExitRequested(uint64,address,uint32,bytes32)';
/** Levels of the accounts tree. */
const TREE_DEPTH = 32;
const RECEIPT_PAUSE_MS = 1_000;

/** The rollup at an address. Each call that changes something is confirmed in the wallet. */
export class Rollup {
  constructor(
    readonly provider: Provider,
    readonly contract: string,
    readonly sender: string,
  ) {}

  /** Whether a payout was paid. */
  async isClaimed(payout: Payout): Promise<boolean> {
    return (
      (await this.#integer(call('isClaimed(uint64,uint32)', uint(payout.batch), uint(payout.index)))) !== 0n
    );
  }

  async frozen(): Promise<boolean> {
    return (await this.#integer(call('frozen()'))) !== 0n;
  }

  async hasEscaped(account: number): Promise<boolean> {
    return (await this.#integer(call('hasEscaped(uint32)', uint(account)))) !== 0n;
  }

  async stateRoot(): Promise<string> {
    return uintHex(await this.#integer(call('stateRoot()')));
  }

  /** The requests of an account that its owner made, the newest first. */
  async exitRequests(account: number): Promise<ExitRequest[]> {
    const topics = [signatureHash(EXIT_REQUESTED), null, `0x${address(this.sender)}`, `0x${uint(account)}`];
    const filter = { address: this.contract, topics, fromBlock: '0x0', toBlock: 'latest' };
    const logs = (await this.#ask('eth_getLogs', [filter])) as { topics: string[] }[];
    const next = await this.#integer(call('queueNext()'));
    const requests = logs.map(async ({ topics }): Promise<ExitRequest> => {
      const index = BigInt(topics[1] ?? '0x0');
      const deadline = Number(await this.#integer(call('deadline(uint64)', uint(index))));
      return { index, deadline, consumed: index < next };
    });
    return (await Promise.all(requests)).reverse();
  }

  /** The time of L1's newest block: the contract's deadlines are by it, not by this machine's clock. */
  async time(): Promise<number> {
    const block = (await this.#ask('eth_getBlockByNumber', ['latest', false])) as { timestamp: string };
    return Number(BigInt(block.timestamp));
  }

  /** Pays payouts of final batches to their owners. */
  claim(payouts: readonly Payout[]): Promise<string> {
    return this.send(
      call(`claimMany(${CLAIM}[])`, array(payouts.map((payout) => ({ apart: claimWords(payout) })))),
    );
  }

  /** The token that it holds. */
  async token(): Promise<string> {
    return `0x${uint(await this.#integer(call('token()'))).slice(24)}`;
  }

  /** Base units of the token that the sender has. */
  async tokens(): Promise<bigint> {
    return this.#integer(call('balanceOf(address)', address(this.sender)), await this.token());
  }

  /** Pays base units into the sender's account with this key, which L2 opens if there is none. */
  async deposit(publicKey: string, units: bigint): Promise<string> {
    const token = await this.token();
    const spender = address(this.contract);
    const allowed = call('allowance(address,address)', address(this.sender), spender);
    // The token moves nothing without the owner's consent, which is a transaction of its own.
    if ((await this.#integer(allowed, token)) < units)
      await this.send(call('approve(address,uint256)', spender, uint(units)), token);
    const words = [address(this.sender), ...keyWords(publicKey), uint(units)];
    return this.send(call('deposit(address,uint64[5],uint256)', ...words));
  }

  requestExit(account: number): Promise<string> {
    return this.send(call('requestForcedExit(uint32)', uint(account)));
  }

  freeze(): Promise<string> {
    return this.send(call('freeze()'));
  }

  /** Pays an account of a frozen rollup to its owner. */
  escape(proof: AccountProof): Promise<string> {
    return this.send(call(`escape(${LEAF},bytes32)`, leafWords(proof), bytes32(proof.licenses_root)));
  }

  /** Has the wallet send a call, and waits until a block has it. */
  async send(data: string, to = this.contract): Promise<string> {
    // A wallet may have changed its chain. Where the contract is not, every call succeeds and has no effect.
    await this.frozen();
    const transaction = { from: this.sender, to, data };
    const hash = String(await this.#ask('eth_sendTransaction', [transaction]));
    for (;;) {
      const receipt = (await this.#ask('eth_getTransactionReceipt', [hash])) as { status: string } | null;
      if (receipt?.status === '0x1') return hash;
      if (receipt !== null) throw new RevertedError(hash);
      await new Promise((resolve) => setTimeout(resolve, RECEIPT_PAUSE_MS));
    }
  }

  async #integer(data: string, to = this.contract): Promise<bigint> {
    const result = String(await this.#ask('eth_call', [{ to, data }, 'latest']));
    if (!/^0x[0-9a-fA-F]{64}/.test(result))
      throw new Error(`${to} is no rollup: is the wallet on its chain?`);
    return BigInt(result.slice(0, 66));
  }

  #ask(method: string, params: readonly unknown[]): Promise<unknown> {
    return this.provider.request({ method, params });
  }
}

function claimWords({ batch, chunk, index, owner, base_units, claim }: Payout): string {
  if (claim == null) throw new Error(`payout ${index} of batch ${batch} is not final`);
  const path = array(claim.path.map(bytes32));
  return tuple(uint(batch), uint(chunk), uint(index), address(owner), uint(base_units), path);
}

function leafWords({ id, key, owner, balance, nonce, siblings }: AccountProof): string {
  if (siblings.length !== TREE_DEPTH)
    throw new Error(`the path has ${siblings.length} siblings, expected ${TREE_DEPTH}`);
  const path = siblings.map(bytes32);
  return tuple(uint(id), ...keyWords(key), address(owner), uint(balance), uint(nonce), ...path);
}

/** The five elements of a public key, a word each. */
function keyWords(key: string): string[] {
  return [0, 1, 2, 3, 4].map((at) => uint(`0x${key.slice(2 + at * 16, 18 + at * 16)}`));
}

function uintHex(value: bigint): string {
  return `0x${uint(value)}`;
}
