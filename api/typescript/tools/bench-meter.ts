// Measures the meter from end to end against a development node; the README has the figures.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { Farthing } from '../src/client.js';
import { SecretKey } from '../src/keys.js';
import { type FoldPolicy, Meter } from '../src/meter/index.js';

interface Account {
  readonly name: string;
  readonly account: number;
  readonly seed: string;
}

const path = process.env['FARTHING_DEV'];
if (path === undefined) throw new Error('no FARTHING_DEV: run it by ../conformance/with_node');
const { rest, accounts } = JSON.parse(readFileSync(path, 'utf8')) as { rest: string; accounts: Account[] };
const { account, seed } = accounts.find(({ name }) => name === 'dev-1') as Account;
const client = new Farthing({ node: rest, account, key: SecretKey.fromSeed(seed) });
const { registers } = await client.registerLicense({
  price: 1n,
  holders: [{ holder: { account }, shares: 1_000_000 }],
});
const license = registers as number;
const folder = mkdtempSync(join(tmpdir(), 'farthing-bench-'));

/** Records events, as many at a time as `together`, and pays for them; returns events a second. */
async function rate(name: string, fold: FoldPolicy, count: number, together: number): Promise<void> {
  const meter = await Meter.open({ client, outbox: join(folder, name), fold });
  const begin = performance.now();
  for (let from = 0; from < count; from += together) {
    const some = Array.from({ length: together }, (_, i) => ({
      id: `${name}-${from + i}`,
      units: 1,
      license,
    }));
    await Promise.all(some.map((event) => meter.record(event)));
  }
  const recorded = performance.now();
  const { events, lastError } = await meter.flush({ all: true });
  const end = performance.now();
  await meter.close();
  if (events !== count) throw lastError ?? new Error(`${events} of ${count} events are paid`);
  const perSecond = (from: number, to: number): string => ((count * 1000) / (to - from)).toFixed(0);
  console.log(`${name.padEnd(24)} recorded ${perSecond(begin, recorded)}/s, paid ${perSecond(begin, end)}/s`);
}

try {
  console.log(`node ${process.version}`);
  await rate('folded by interval', { intervalSeconds: 60 }, 50_000, 100);
  await rate('each for itself', 'each', 3000, 100);
} finally {
  rmSync(folder, { recursive: true });
}
