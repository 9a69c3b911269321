import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { REPOSITORY } from './vectors.js';

const PACKAGE = join(REPOSITORY, 'api/typescript');
const SOURCE = join(PACKAGE, 'src');

interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly exports: Readonly<Record<string, { readonly default: string }>>;
}

const manifest = JSON.parse(readFileSync(join(PACKAGE, 'package.json'), 'utf8')) as Manifest;

/** A module's text and what it imports: modules of the package by path, and other names. */
function moduleOf(path: string): { text: string; own: string[]; others: string[] } {
  const text = readFileSync(join(SOURCE, path), 'utf8');
  const imports = /^(?:import|export)\s[^;']*from '([^']+)';|import\('([^']+)'\)/gm;
  const found = [...text.matchAll(imports)].map(([, name, loaded]) => (name ?? loaded) as string);
  const own = found.filter((name) => name.startsWith('.'));
  return {
    text,
    own: own.map((name) => join(dirname(path), name.replace(/\.js$/, '.ts'))),
    others: found.filter((name) => !name.startsWith('.')),
  };
}

/** The modules that an entry of the package loads. */
function reachable(entry: string): Set<string> {
  const seen = new Set([entry]);
  for (const path of seen) for (const next of moduleOf(path).own) seen.add(next);
  return seen;
}

function sourceOf(entry: string): string {
  const path = (manifest.exports[entry] as { default: string }).default;
  return path.replace('./dist/', '').replace(/\.js$/, '.ts');
}

test('what browsers load uses nothing that browsers lack', () => {
  for (const entry of ['.', './protocol']) {
    for (const path of reachable(sourceOf(entry))) {
      assert.doesNotMatch(
        moduleOf(path).text,
        /from 'node:|\bBuffer\b|\bprocess\./,
        `${entry} loads ${path}`,
      );
    }
  }
});

test('every module belongs to an entry, and loads only hashes and Node', () => {
  const loaded = new Set(Object.keys(manifest.exports).flatMap((entry) => [...reachable(sourceOf(entry))]));
  const all = readdirSync(SOURCE, { recursive: true, encoding: 'utf8' }).filter((path) =>
    path.endsWith('.ts'),
  );
  assert.deepEqual([...loaded].sort(), all.sort());
  for (const path of all) {
    const others = moduleOf(path).others.filter((name) => !/^(@noble\/hashes\/|node:)/.test(name));
    assert.deepEqual(others, [], path);
  }
});

test('adapters load no other module at run time than their own', () => {
  for (const entry of ['./adapters/express', './adapters/opentelemetry']) {
    const { text } = moduleOf(sourceOf(entry));
    const lines = [...text.matchAll(/^import (?!type)[^;]*;$/gm)].map(([line]) => line);
    assert.equal(lines.length, 1, entry);
    assert.match(lines[0] as string, /'\.\/usage-report\.js'/);
  }
});

test('there is one dependency, and the lock file names no registry', () => {
  assert.deepEqual(Object.keys(manifest.dependencies), ['@noble/hashes']);
  const lock = readFileSync(join(PACKAGE, 'package-lock.json'), 'utf8');
  assert.doesNotMatch(lock, /"resolved"/);
});
