// Runs the code of the README, as it is there but for the addresses.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type Banner, banner } from './banner.js';
import { ServedL1, STATED, statementOf } from './statement-vectors.js';

const PACKAGE = fileURLToPath(new URL('../..', import.meta.url));
const { node, skip } = banner();

function codeOf(section: string): string {
  const readme = readFileSync(join(PACKAGE, 'README.md'), 'utf8');
  const code = /```js\n(.*?)```/s.exec(readme.slice(readme.indexOf(`## ${section}`)))?.[1];
  assert.ok(code !== undefined, `${section} has code`);
  return code;
}

test('the quick start has at most 40 lines', () => {
  assert.ok(codeOf('Quick start').split('\n').length <= 40);
});

test('the quick start runs', { skip }, async () => {
  const { rest, contract, data } = node as Banner;
  // Metering goes on where the quick start ends.
  let code = codeOf('Quick start') + codeOf('Metering');
  for (const [text, own] of [
    ['http://127.0.0.1:8080', rest],
    ['0xCONTRACT', contract],
  ] as const) {
    assert.ok(code.includes(text), text);
    code = code.replaceAll(text, own);
  }
  // Inside the package, so that its name is the package as it is published.
  const program = join(dirname(fileURLToPath(import.meta.url)), 'quick-start.mjs');
  writeFileSync(program, code);
  const { stdout } = await promisify(execFile)(process.execPath, [program], { cwd: data });
  assert.match(stdout, /paid 0\.005 tokens, intent 0x[0-9a-f]{64}\n.*batch [0-9]+\npaid for 1 events\n/s);
});

test('the check of a statement runs', async () => {
  const l1 = await ServedL1.start();
  const folder = mkdtempSync(join(tmpdir(), 'farthing-readme-'));
  const program = join(dirname(fileURLToPath(import.meta.url)), 'statement.mjs');
  try {
    let code = codeOf('Statements');
    for (const [text, own] of [
      ['http://127.0.0.1:8545', l1.url],
      ['0xCONTRACT', STATED.contract],
    ] as const) {
      assert.ok(code.includes(text), text);
      code = code.replaceAll(text, own);
    }
    writeFileSync(program, code);
    writeFileSync(join(folder, 'revenue.json'), JSON.stringify(statementOf('revenue')));
    const { stdout } = await promisify(execFile)(process.execPath, [program], { cwd: folder });
    assert.match(stdout, /^license 0 received 0\.[0-9]+ tokens\n$/);
  } finally {
    l1.stop();
    rmSync(folder, { recursive: true });
  }
});
