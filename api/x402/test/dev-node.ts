// Accounts and licenses of the development node that tests run against.

import { type Farthing, keyFromSeed, type SecretKey } from '@farthing/sdk';
import type { Banner } from '../../typescript/test/banner.js';

/** An account, as the SDK takes it. */
export interface Account {
  readonly node: string;
  readonly account: number;
  readonly key: SecretKey;
}

/** An account of the banner. */
export function accountOf(node: Pick<Banner, 'accounts' | 'rest'>, index: number): Account {
  const { account, seed } = node.accounts[index] as Banner['accounts'][number];
  return { node: node.rest, account, key: keyFromSeed(seed) };
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
