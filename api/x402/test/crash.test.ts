// A node that is killed between check and settlement, and after it: a payment that was checked still
// settles, and one that was settled never does so again.

import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { Farthing } from '@farthing/sdk';
import { declarePaymentIdentifierExtension } from '@x402/extensions/payment-identifier';
import { type Banner, banner } from '../../typescript/test/banner.js';
import { PAYMENT_IDENTIFIER } from '../src/purchase.js';
import { accountOf, license, spendable } from './dev-node.js';
import { buyer, openShop, reasonOf, send, settlement, terms } from './shop.js';

const PROGRAM = process.env['FARTHING_BIN'];
const PRICE = 1000n;
const { skip } = banner();

/** A program that runs until it is killed. */
class Program {
  private constructor(private readonly child: ChildProcess) {}

  static start(args: readonly string[], stdout: 'pipe' | 'ignore'): Program {
    const child = spawn(PROGRAM as string, args, { stdio: ['ignore', stdout, 'ignore'] });
    return new Program(child);
  }

  async line(): Promise<string> {
    for await (const line of createInterface({ input: this.child.stdout as NodeJS.ReadableStream }))
      return line;
    throw new Error('the program ended');
  }

  stop(): void {
    this.child.kill('SIGSTOP');
  }

  async kill(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const ended = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await ended;
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (typeof address !== 'object' || address === null) throw new Error('no port');
  return address.port;
}

async function until(what: string, done: () => Promise<boolean>): Promise<void> {
  const start = Date.now();
  while (!(await done().catch(() => false))) {
    if (Date.now() - start > 60_000) throw new Error(`${what}: not within a minute`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

test('kill -9 between check and settlement, and after it', { skip }, async () => {
  assert.ok(PROGRAM !== undefined, 'FARTHING_BIN names the program');
  const folder = mkdtempSync(join(tmpdir(), 'farthing-x402-'));
  const programs: Program[] = [];
  const start = (args: readonly string[], stdout: 'pipe' | 'ignore'): Program => {
    const program = Program.start(args, stdout);
    programs.push(program);
    return program;
  };
  try {
    // A development rollup for its L1 alone: its own node stands still, and one with its own data takes over.
    const contracts = join(process.cwd(), '../../l1-contracts');
    const data = join(folder, 'dev');
    const args = ['dev', '--json', '--listen', '127.0.0.1:0', '--data', data, '--l1-contracts', contracts];
    const dev = start(args, 'pipe');
    const { l1, token, config, accounts } = JSON.parse(await dev.line()) as Banner;
    dev.stop();
    const own = join(folder, 'farthing.toml');
    writeFileSync(own, `${readFileSync(config, 'utf8')}token = '${token}'\n`);
    const mine = setInterval(() => {
      const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'evm_mine', params: [] });
      fetch(l1, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body }).catch(() => {});
    }, 500);
    try {
      await purchases(folder, own, accounts, start);
    } finally {
      clearInterval(mine);
    }
  } finally {
    for (const program of programs.reverse()) await program.kill();
    rmSync(folder, { recursive: true, force: true });
  }
});

async function purchases(
  folder: string,
  config: string,
  accounts: Banner['accounts'],
  start: (args: readonly string[], stdout: 'pipe' | 'ignore') => Program,
): Promise<void> {
  const port = await freePort();
  const rest = `http://127.0.0.1:${port}`;
  const data = join(folder, 'node');
  const args = ['--config', config, 'node', '--no-prover', '--data', data, '--listen', `127.0.0.1:${port}`];
  const reader = new Farthing({ node: rest });
  const [payer, creator] = [accountOf({ rest, accounts }, 0), accountOf({ rest, accounts }, 1)];
  const run = async (): Promise<Program> => {
    const node = start(args, 'ignore');
    await until('the node answers', async () => (await reader.readiness()).ready);
    return node;
  };
  let node = await run();
  await until('the deposits arrive', async () => (await spendable(reader, payer.account)) > 0n);
  const id = await license(new Farthing(creator), creator.account, PRICE);
  const item = { payTo: `license:${id}`, price: '$0.000001' };
  const named = { [PAYMENT_IDENTIFIER]: declarePaymentIdentifierExtension() };
  const shop = await openShop(rest, { '/song': item, '/named': { ...item, extensions: named } });
  const client = await buyer(payer);
  try {
    const payment = await client.createPaymentPayload(await terms(`${shop.url}/song`));
    const repeatable = await client.createPaymentPayload(await terms(`${shop.url}/named`));
    assert.equal((await shop.facilitator.verify(payment, payment.accepted)).isValid, true);
    await node.kill();
    const meanwhile = await send(`${shop.url}/song`, payment);
    assert.equal(meanwhile.status, 402, 'nothing is released while the node is away');
    assert.equal(shop.handled.size, 0);
    node = await run();
    const paid = await send(`${shop.url}/song`, payment);
    assert.equal(paid.status, 200);
    const named = await send(`${shop.url}/named`, repeatable);
    assert.equal(named.status, 200);
    const had = await spendable(reader, payer.account);
    await node.kill();
    node = await run();
    const again = await send(`${shop.url}/song`, payment);
    assert.deepEqual([again.status, reasonOf(again)], [402, 'duplicate_settlement']);
    assert.equal(settlement(again).transaction, settlement(paid).transaction);
    const same = await send(`${shop.url}/named`, repeatable);
    assert.equal(same.status, 200);
    assert.equal(settlement(same).transaction, settlement(named).transaction);
    assert.equal(await spendable(reader, payer.account), had);
  } finally {
    await shop.close();
  }
}
