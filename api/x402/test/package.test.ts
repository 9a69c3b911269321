import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const PACKAGE = fileURLToPath(new URL('../../..', import.meta.url));
const read = (name: string) => JSON.parse(readFileSync(join(PACKAGE, name), 'utf8'));

test('every export is there once the package is built', async () => {
  const names = Object.keys(read('package.json').exports);
  assert.deepEqual(names, ['.', './exact/client', './exact/server', './exact/facilitator']);
  for (const name of names) {
    const found = await import(join('@farthing/x402', name));
    if (name === '.') assert.equal(found.DECIMALS, 9);
    else assert.ok(found.ExactFarthingScheme && found.registerExactFarthingScheme, name);
  }
});

test('x402 is pinned to one minor release, and the lock file names no registry', () => {
  const { dependencies, peerDependencies, devDependencies } = read('package.json');
  assert.deepEqual(Object.keys(dependencies), ['@noble/hashes']);
  assert.equal(peerDependencies['@x402/core'], '~2.27.0');
  for (const name of ['core', 'express', 'extensions', 'fetch']) {
    assert.equal(devDependencies[`@x402/${name}`], '2.27.0');
  }
  const lock = readFileSync(join(PACKAGE, 'package-lock.json'), 'utf8');
  assert.doesNotMatch(lock, /"resolved": "http/);
});
