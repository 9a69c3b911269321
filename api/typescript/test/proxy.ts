// The hostile proxy of api/conformance, as a process beside the test.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { REPOSITORY } from './vectors.js';

/** Runs `use` with the URL of a proxy before `upstream`; returns how often each fate was drawn. */
export async function throughProxy(
  upstream: string,
  { seed, faults = 0.4 }: { seed: number; faults?: number },
  use: (url: string) => Promise<void>,
): Promise<Record<string, number>> {
  const program = join(REPOSITORY, 'api/conformance/proxy.py');
  const parameters = [program, '--upstream', upstream, '--seed', String(seed), '--faults', String(faults)];
  const proxy = spawn('python3', parameters, { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: proxy.stdout })[Symbol.asyncIterator]();
  const line = async (): Promise<string> => {
    const { value, done } = await lines.next();
    assert.ok(!done, 'the proxy prints a line');
    return value as string;
  };
  const ended = once(proxy, 'exit');
  try {
    await use(await line());
    proxy.stdin.end();
    return JSON.parse(await line());
  } finally {
    proxy.stdin.end();
    await ended;
  }
}
