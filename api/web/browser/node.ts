// The development node beside the tests, and payments on it. The file named by FARTHING_DEV has its banner.

import { readFileSync } from 'node:fs';
import {
  Farthing,
  type IntentStatus,
  keyFromSeed,
  ProblemError,
  tokens,
} from '../../typescript/src/index.js';

/** As much of the line of `farthing dev --json` as is used here. */
interface Banner {
  readonly rest: string;
  readonly l1: string;
  readonly token: string;
  readonly accounts: readonly { readonly account: number; readonly seed: string; readonly owner: string }[];
}

/** The banner. These tests are nothing without a node: they fail rather than leave themselves out. */
export function banner(): Banner {
  const path = process.env['FARTHING_DEV'];
  if (path === undefined) throw new Error('no FARTHING_DEV: run api/conformance/with_node npm run browser');
  return JSON.parse(readFileSync(path, 'utf8')) as Banner;
}

/** A funded account of the node. */
export function actor(index: number): Farthing {
  const { rest, accounts } = banner();
  const { account, seed } = accounts[index - 1] ?? fail(`the node has no account ${index}`);
  const key = keyFromSeed(Uint8Array.from(Buffer.from(seed.slice(2), 'hex')));
  return new Farthing({ node: rest, account, key });
}

/** The number of a funded account. */
export function accountOf(index: number): number {
  return banner().accounts[index - 1]?.account ?? fail(`the node has no account ${index}`);
}

function fail(what: string): never {
  throw new Error(what);
}

/** Between two looks at what changes by itself. */
const LOOK_MS = 500;
/** Two proofs: a batch is in the next block, which begins once the one at work is proven. Other programs may slow both. */
export const FINAL_MS_MAX = 1_500_000;

/** Looks until there is something that is not false. The node's problems count as nothing yet. */
export async function until<T>(what: string, look: () => Promise<T | false>): Promise<T> {
  for (const end = Date.now() + FINAL_MS_MAX; Date.now() < end; ) {
    const found = await look().catch((error: unknown) => {
      if (error instanceof ProblemError) return false as const;
      throw error;
    });
    if (found !== false) return found;
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
  throw new Error(`after ${FINAL_MS_MAX} ms it does not hold that ${what}`);
}

/** An original, a derivative that leaves it two fifths, and a payment to the derivative in a sealed batch. */
export interface Paid {
  readonly original: number;
  readonly derivative: number;
  readonly intent: string;
  readonly batch: string;
}

/** Waits until a payment is final. */
export async function final(intent: string): Promise<IntentStatus> {
  const status = await actor(1).status(intent, { until: 'finalized', timeoutMs: FINAL_MS_MAX });
  if (status.status !== 'finalized')
    fail(`the intent ${intent} is ${status.status} after ${FINAL_MS_MAX} ms`);
  return status;
}

/** Registers both licenses, and pays. */
export async function pay(): Promise<Paid> {
  const [payer, artist, remixer] = [actor(1), actor(2), actor(3)];
  const first = await artist.registerLicense({
    price: tokens('0.00025'),
    derivativeShares: 250_000,
    holders: [{ holder: { account: accountOf(2) }, shares: 1_000_000 }],
  });
  const original = first.registers ?? fail('no license was registered');
  await artist.status(first.id, { until: 'sequenced' });
  const second = await remixer.registerLicense({
    price: tokens('0.001'),
    holders: [
      { holder: { account: accountOf(3) }, shares: 600_000 },
      { holder: { license: original }, shares: 400_000 },
    ],
  });
  const derivative = second.registers ?? fail('no license was registered');
  await remixer.status(second.id, { until: 'sequenced' });
  const { id } = await payer.pay(derivative, 1_000);
  const { batch } = await payer.status(id, { until: 'sequenced' });
  return { original, derivative, intent: id, batch };
}
