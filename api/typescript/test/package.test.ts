import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { REPOSITORY } from './vectors.js';

const PACKAGE = join(REPOSITORY, 'api/typescript');

test('only the module for Node uses what browsers lack', () => {
  for (const name of readdirSync(join(PACKAGE, 'src'))) {
    const text = readFileSync(join(PACKAGE, 'src', name), 'utf8');
    if (name !== 'node.ts') assert.doesNotMatch(text, /from 'node:|\bBuffer\b|\bprocess\./, name);
    const packages = [...text.matchAll(/from '([^.'][^']*)'/g)].map(([, found]) => found as string);
    const others = packages.filter(
      (found) => !found.startsWith('@noble/hashes/') && !found.startsWith('node:'),
    );
    assert.deepEqual(others, [], name);
  }
});

test('there is one dependency, and the lock file names no registry', () => {
  const read = (name: string) => JSON.parse(readFileSync(join(PACKAGE, name), 'utf8'));
  assert.deepEqual(Object.keys(read('package.json').dependencies), ['@noble/hashes']);
  const lock = readFileSync(join(PACKAGE, 'package-lock.json'), 'utf8');
  assert.doesNotMatch(lock, /"resolved"/);
});
