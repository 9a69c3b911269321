// Runs the quick start of the README, as it stands there but for the node's address.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type Banner, banner } from '../../typescript/test/banner.js';

const PACKAGE = fileURLToPath(new URL('../../..', import.meta.url));
const README = readFileSync(join(PACKAGE, 'README.md'), 'utf8');
const { node, skip } = banner();

test('the README has at most 40 lines', () => {
  assert.ok(README.trimEnd().split('\n').length <= 40);
});

test('the quick start runs', { skip }, async () => {
  const { rest, data } = node as Banner;
  const code = /```js\n(.*?)```/s.exec(README)?.[1];
  assert.ok(code !== undefined);
  assert.ok(code.includes('http://127.0.0.1:8080'));
  // Inside the package, so that its name is the package as it is published.
  const program = join(PACKAGE, 'build/x402/test/quick-start.mjs');
  writeFileSync(program, code.replaceAll('http://127.0.0.1:8080', rest));
  const { stdout } = await promisify(execFile)(process.execPath, [program], { cwd: data });
  assert.match(stdout, /^200 \{"song":"la"\} paid by 0x[0-9a-f]{64}\n$/);
});
