// A platform that meters, as a process to be killed: records events, flushes, and prints each event that is on disk.

import { writeSync } from 'node:fs';
import { Farthing } from '../src/client.js';
import { SecretKey } from '../src/keys.js';
import { Meter } from '../src/meter/index.js';

/** The task in the first argument. */
export interface Task {
  readonly url: string;
  readonly account: number;
  readonly seed: string;
  readonly outbox: string;
  readonly run: number;
  readonly license: number;
  readonly modelLicense: number;
  readonly unitsPerUse: number;
  readonly fold: 'each' | { readonly intervalSeconds: number };
  readonly compacts: boolean;
}

const task = JSON.parse(process.argv[2] as string) as Task;
const client = new Farthing({
  node: task.url,
  account: task.account,
  key: SecretKey.fromSeed(task.seed),
  retries: 2,
  firstDelayMs: 5,
  maxDelayMs: 50,
  timeoutMs: 5000,
});
const meter = await Meter.open({
  client,
  outbox: task.outbox,
  rates: { model: { license: task.modelLicense, unitsPerUse: task.unitsPerUse } },
  fold: task.fold,
  refusedPauseMs: 100,
});
const print = (line: string): void => void writeSync(1, `${line}\n`);
print('ready');

async function use(): Promise<never> {
  for (let i = 0; ; i += 1) {
    const burst = Array.from({ length: 1 + (i % 5) }, async (_, j) => {
      const id = `${task.run}-${i}-${j}`;
      const units = 1 + ((i * 7 + j) % 10);
      const what = j % 2 === 0 ? { license: task.license } : { model: 'model' };
      await meter.record({ id, units, ...what });
      print(`on disk ${id} ${units} ${j % 2}`);
    });
    await Promise.all(burst);
    // The same events come again, as after a crash of what feeds the meter.
    if (i > 3)
      await meter.record({
        id: `${task.run}-${i - 3}-0`,
        units: 1 + (((i - 3) * 7) % 10),
        license: task.license,
      });
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

async function pay(): Promise<never> {
  for (let i = 1; ; i += 1) {
    const { accepted } = await meter.flush({ all: true });
    if (accepted > 0) print('paid');
    if (i % 3 === 0) await meter.confirm();
    if (task.compacts && i % 2 === 0) await meter.compact();
  }
}

await Promise.all([use(), pay()]);
