// The way out without the operator, as the contract on L1 has it: what was done, and what comes next.

import { type AccountProof, verifyAccountProof } from '@farthing/sdk';
import type { ExitState } from './exit-step.js';
import { node } from './node.js';
import { Rollup } from './rollup.js';
import { connect, type Wallet } from './wallet.svelte.js';

/** An owner on the way out: a wallet, a contract, an account. The node need not answer. */
export class Exit {
  private constructor(
    readonly account: number,
    readonly rollup: Rollup,
  ) {}

  static async begin(wallet: Wallet, chainId: bigint, contract: string, account: number): Promise<Exit> {
    const owner = await connect(wallet.provider, chainId);
    return new Exit(account, new Rollup(wallet.provider, contract, owner));
  }

  async look(): Promise<ExitState> {
    const { rollup, account } = this;
    const [time, frozen, escaped, requests, stateRoot] = await Promise.all([
      rollup.time(),
      rollup.frozen(),
      rollup.hasEscaped(account),
      rollup.exitRequests(account),
      rollup.stateRoot(),
    ]);
    return { time, frozen, escaped, request: requests[0], stateRoot };
  }

  /** The account's path, from the node or from a file that was saved before; checked against L1. */
  async escape(file: string | undefined, stateRoot: string): Promise<void> {
    const proof = file === undefined ? await node.accountProof(this.account) : readProof(this.account, file);
    if (proof.state_root.toLowerCase() !== stateRoot.toLowerCase()) {
      throw new Error(
        'This path is of another state than the one that L1 has now: `farthing exit` makes one from L1.',
      );
    }
    await this.rollup.escape(proof);
  }
}

/** Reads and checks the file of an account's path. */
export function readProof(account: number, text: string): AccountProof {
  let proof: AccountProof;
  try {
    proof = JSON.parse(text) as AccountProof;
  } catch {
    throw new Error('This file is not JSON: take the one that this page or the API has saved.');
  }
  verifyAccountProof(BigInt(account), proof);
  return proof;
}
