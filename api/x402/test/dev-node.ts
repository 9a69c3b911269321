// The development node that tests run against: the file named by FARTHING_DEV has its banner.

import { readFileSync } from 'node:fs';
import { type Farthing, keyFromSeed, type SecretKey } from '@farthing/sdk';

/** The line that `farthing dev --json` prints. */
export interface Banner {
  readonly rest: string;
  readonly l1: string;
  readonly token: string;
  readonly data: string;
  readonly config: string;
  readonly accounts: readonly {
    readonly name: string;
    readonly account: number;
    readonly seed: string;
    readonly owner: string;
  }[];
}

/** The banner, or why what needs a node is left out. */
export function banner(): { node: Banner; skip: false } | { node: undefined; skip: string } {
  const path = process.env['FARTHING_DEV'];
  if (path === undefined) return { node: undefined, skip: 'no FARTHING_DEV: see api/conformance/README.md' };
  return { node: JSON.parse(readFileSync(path, 'utf8')) as Banner, skip: false };
}

/** An account, as the SDK takes it. Recipients are trusted: nothing is final while tests run. */
export interface Account {
  readonly node: string;
  readonly account: number;
  readonly key: SecretKey;
  readonly recipients: 'trusted';
}

/** An account of the banner. */
export function accountOf(node: Pick<Banner, 'accounts' | 'rest'>, index: number): Account {
  const { account, seed } = node.accounts[index] as Banner['accounts'][number];
  return { node: node.rest, account, key: keyFromSeed(seed), recipients: 'trusted' };
}

/** A license of an account, at a price in nano. */
export async function license(owner: Farthing, account: number, price: bigint): Promise<number> {
  const terms = { price, holders: [{ holder: { account }, shares: 1_000_000 }] };
  const { registers } = await owner.registerLicense(terms);
  if (registers == null) throw new Error('the registration names no license');
  return registers;
}

/** The balance that an account can spend. */
export async function spendable(reader: Farthing, account: number): Promise<bigint> {
  return BigInt((await reader.account(account)).spendable);
}
