// A process that meters is killed a hundred times at random, behind a proxy that loses, delays, duplicates and
// resets. Afterwards each event is in exactly one payment, and each license has received what its events cost.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Farthing } from '../src/client.js';
import { SecretKey } from '../src/keys.js';
import { Meter, type PaymentReport } from '../src/meter/index.js';
import { type Banner, banner } from './banner.js';
import type { Task } from './meter-child.js';
import { throughProxy } from './proxy.js';

const KILLS = Number(process.env['FARTHING_KILLS'] ?? 100);
/** Lines of the platform until it is killed: it is ready, an event is on disk, a flush has paid. */
const LINES_MAX = 100;
/** And milliseconds after that line. */
const AFTER_MS_MAX = 60;
/** Or so many after it was ready: a busy machine may be slow. */
const RUN_MS_MAX = 5000;
const SEED = 17;
const PRICE = 250n;
const UNITS_PER_USE = 3;
const CHILD = fileURLToPath(new URL('meter-child.js', import.meta.url));

const { node, skip } = banner();

/** Numbers from 0 to 1, the same in every run. */
function draws(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** When a run ends: after so many lines of the platform and so many milliseconds. */
interface End {
  readonly lines: number;
  readonly afterMs: number;
}

/** Runs the platform until it is killed; gives each line that it prints to `see`. */
async function runAndKill(task: Task, end: End, see: (line: string) => void): Promise<void> {
  const child = spawn(process.execPath, [CHILD, JSON.stringify(task)], { stdio: ['ignore', 'pipe', 'pipe'] });
  let errors = '';
  child.stderr.on('data', (text) => {
    errors += text;
  });
  let lines = 0;
  const timers: NodeJS.Timeout[] = [];
  const killAfter = (ms: number): void => void timers.push(setTimeout(() => child.kill('SIGKILL'), ms));
  createInterface({ input: child.stdout }).on('line', (line) => {
    see(line);
    lines += 1;
    if (line === 'ready') killAfter(RUN_MS_MAX);
    if (lines === end.lines) killAfter(end.afterMs);
  });
  const [, signal] = await once(child, 'close');
  for (const timer of timers) clearTimeout(timer);
  assert.equal(signal, 'SIGKILL', `the platform ended by itself: ${errors}`);
}

test(`each event is paid once after ${KILLS} kills`, { skip }, async (t) => {
  const { rest, accounts } = node as Banner;
  const folder = mkdtempSync(join(tmpdir(), 'farthing-kill-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const outbox = join(folder, 'outbox');
  const funded = accounts.find(({ name }) => name === 'dev-4') as Banner['accounts'][number];
  const bank = new Farthing({ node: rest, account: funded.account, key: SecretKey.fromSeed(funded.seed) });
  const { key, seed } = SecretKey.generate();
  const { id: account } = await bank.openAccount(key, funded.owner);
  const start = 500_000_000n;
  await bank.transfer(account, start);
  const holders = [{ holder: { account: funded.account }, shares: 1_000_000 }];
  const register = async () => (await bank.registerLicense({ price: PRICE, holders })).registers as number;
  const [license, modelLicense] = [await register(), await register()];

  const draw = draws(SEED);
  const onDisk = new Map<string, { units: bigint; ofModel: boolean }>();
  const see = (line: string): void => {
    const found = /^on disk (\S+) ([0-9]+) ([01])$/.exec(line);
    if (found !== null)
      onDisk.set(found[1] as string, { units: BigInt(found[2] as string), ofModel: found[3] === '1' });
  };
  const base = { account, seed: Buffer.from(seed).toString('hex'), outbox, license, modelLicense };
  const fates = await throughProxy(rest, { seed: SEED, faults: 0.3 }, async (url) => {
    for (let run = 0; run < KILLS; run += 1) {
      const fold = run % 2 === 0 ? 'each' : { intervalSeconds: 1 };
      const task: Task = { ...base, url, run, unitsPerUse: UNITS_PER_USE, fold, compacts: run % 3 === 0 };
      // By the platform's progress, so that a slow machine is killed at as many places as a fast one.
      await runAndKill(task, { lines: Math.ceil(draw() * LINES_MAX), afterMs: draw() * AFTER_MS_MAX }, see);
    }
  });

  // A last run without faults pays what is left.
  const client = new Farthing({ node: rest, account, key });
  const rates = { model: { license: modelLicense, unitsPerUse: UNITS_PER_USE } };
  const meter = await Meter.open({ client, outbox, rates, fold: 'each', refusedPauseMs: 0 });
  for (let i = 0; i < 50; i += 1) {
    await meter.flush({ all: true });
    await meter.confirm();
    const { waiting, signed, folded } = meter.counts();
    if (waiting + signed + folded === 0) break;
    // Fewer units than a use wait for more of them.
    if (signed + folded === 0) await meter.record({ id: `last-${i}`, units: 1, model: 'model' });
  }
  const payments: PaymentReport[] = [];
  for await (const payment of meter.payments()) payments.push(payment);
  await meter.close();

  const paidBy = new Map<string, number>();
  const units = { license: 0n, model: 0n };
  const uses = { license: 0n, model: 0n };
  for (const payment of payments) {
    const kind = payment.license === BigInt(license) ? 'license' : 'model';
    assert.ok(
      payment.state === 'accepted' || payment.state === 'finalized',
      `${payment.number}: ${payment.state}`,
    );
    uses[kind] += payment.uses;
    for (const event of payment.events) {
      assert.ok(
        !paidBy.has(event.id),
        `${event.id} is in payments ${paidBy.get(event.id)} and ${payment.number}`,
      );
      paidBy.set(event.id, payment.number);
      units[kind] += event.units;
      const printed = onDisk.get(event.id);
      if (printed !== undefined) assert.deepEqual(printed, { units: event.units, ofModel: kind === 'model' });
    }
  }
  for (const id of onDisk.keys()) assert.ok(paidBy.has(id), `${id} was on disk and is not paid`);
  assert.equal(uses.license, units.license);
  assert.equal(uses.model, units.model / BigInt(UNITS_PER_USE));
  const intents = payments.map(({ intent }) => intent as string);
  assert.equal(new Set(intents).size, intents.length, 'each payment has an intent of its own');

  // The node agrees: what the licenses received and what the account paid is that, and not more.
  for (const id of intents) {
    const { status } = await client.status(id, { until: 'sequenced', timeoutMs: 60_000 });
    assert.notEqual(status, 'dropped');
  }
  const { spendable } = await client.account(account);
  assert.equal(BigInt(spendable), start - PRICE * (uses.license + uses.model));
  for (const [id, paid] of [
    [license, uses.license],
    [modelLicense, uses.model],
  ] as const) {
    let received = 0n;
    for await (const line of client.earnings(id)) received += BigInt(line.received);
    assert.equal(received, PRICE * paid, `license ${id} received ${received}`);
  }
  t.diagnostic(
    `${paidBy.size} events in ${payments.length} payments, ${onDisk.size} printed; ${JSON.stringify(fates)}`,
  );
  assert.ok(onDisk.size > 0, 'the runs did something');
});
