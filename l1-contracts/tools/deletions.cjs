#!/usr/bin/env node
// deletions.cjs [--list] [part of a name]…: takes out each check of the verifier in turn and expects its tests to fail;
// a deletion that no test notices fails the run. The checks are found in the sources: every `refuse()`, every
// constraint of a gate, every step of `verify`, every comparison of its lengths. Each takes a compilation and a run of
// the verifier's tests, so all take ten minutes on a quiet core; parts of names choose some.
'use strict';
const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

const root = path.join(__dirname, '..');
const work = path.join(root, 'cache', 'deletions');
const forge = path.join(root, 'node_modules', '@foundry-rs', 'forge-linux-amd64', 'bin', 'forge');
const verifier = 'src/Verifier.sol';
const libraries = ['Transcript', 'Openings', 'Algebra', 'Gates', 'HashGate', 'Queries'].map((name) => `src/verifier/${name}.sol`);
const sources = [
  'src/interfaces/IVerifier.sol',
  'src/libraries/Poseidon2.sol',
  'src/verifier/Constants.sol',
  'test/Verifier.t.sol',
  'test/support/VerifierSteps.sol',
  'test/data',
  verifier,
  ...libraries,
];

/** Where the bracket that opens at `open` closes. */
function close(text, open) {
  const [from, to] = text[open] === '(' ? ['(', ')'] : ['{', '}'];
  for (let depth = 0, i = open; i < text.length; i++) {
    if (text[i] === from) depth++;
    if (text[i] === to && --depth === 0) return i;
  }
  throw new Error(`no end of the bracket at ${open}`);
}

/** Spans of a file to delete, each with what takes its place. */
function checks(file, text) {
  const found = [];
  const add = (from, to, instead = '') => {
    const line = text.slice(0, from).split('\n').length;
    const name = `${path.basename(file)}:${line}: ${text.slice(from, to).replace(/\s+/g, ' ').slice(0, 90)}`;
    found.push({ file, from, to, instead, name });
  };
  const each = (pattern, of) => {
    for (const match of text.matchAll(pattern)) of(match.index, match[0]);
  };
  if (file === verifier) {
    each(/statement\.length != STATEMENT_BYTES \|\| /g, (at, all) => add(at, at + all.length));
    each(/ \|\| proof\.length != PROOF_BYTES/g, (at, all) => add(at, at + all.length));
    each(/(Transcript|Openings|Gates|HashGate|Queries)\.\w+\([^;]*;/g, (at, all) => add(at, at + all.length));
    return found;
  }
  // `if condition { refuse() }`: the condition is one expression without braces.
  each(/\bif [^{}]*\{ refuse\(\) \}/g, (at, all) => add(at, at + all.length));
  // Each half of `or(xor(..), xor(..))` in such a condition.
  each(/or\(xor\(/g, (at) => {
    const [open, first] = [at + 2, at + 3];
    const end = close(text, open);
    const middle = close(text, first + 3) + 1;
    add(at, end + 1, text.slice(first, middle));
    add(at, end + 1, text.slice(middle + 1, end));
  });
  // Statements that add a constraint.
  each(/^ +(Algebra\.)?(constrain|constrainEqual|constrain_equal|equalAlgebra)\(/gm, (at, all) => {
    const end = close(text, at + all.length - 1) + 1;
    add(at, text[end] === ';' ? end + 1 : end);
  });
  return found;
}

function copy(file) {
  const to = path.join(work, file);
  fs.mkdirSync(path.dirname(to), { recursive: true });
  fs.cpSync(path.join(root, file), to, { recursive: true });
}

// Not optimised, which is for gas: it compiles in half the time.
fs.rmSync(work, { recursive: true, force: true });
sources.forEach(copy);
const solc = path.join(root, 'tools', 'solc-wrapper.cjs');
fs.writeFileSync(
  path.join(work, 'foundry.toml'),
  `[profile.default]\nsolc = "${solc}"\noffline = true\nevm_version = "osaka"\nvia_ir = true\noptimizer = true\n` +
    'fs_permissions = [{ access = "read", path = "test/data" }]\n',
);
const run = (command) => spawnSync(forge, [...command, '--root', work], { encoding: 'utf8' });

const all = [verifier, ...libraries].flatMap((file) => checks(file, fs.readFileSync(path.join(root, file), 'utf8')));
const wanted = process.argv.slice(2).filter((argument) => argument !== '--list');
const chosen = all.filter(({ name }) => wanted.length === 0 || wanted.some((part) => name.includes(part)));
if (process.argv.includes('--list')) {
  chosen.forEach(({ name }) => console.log(name));
  process.exit(0);
}
const clean = run(['test']);
if (clean.status !== 0) {
  console.error(`deletions: the tests fail as they are\n${clean.stdout}${clean.stderr}`);
  process.exit(1);
}
let unnoticed = 0;
for (const { file, from, to, instead, name } of chosen) {
  const text = fs.readFileSync(path.join(root, file), 'utf8');
  fs.writeFileSync(path.join(work, file), text.slice(0, from) + instead + text.slice(to));
  const tested = run(['test']);
  copy(file);
  const built = tested.stdout.includes('Ran 1 test suite');
  const verdict = !built ? 'does not compile' : tested.status === 0 ? 'UNNOTICED' : 'noticed';
  if (verdict !== 'noticed') unnoticed++;
  console.log(`${verdict}: ${name}`);
}
console.log(`${chosen.length} deletions, ${unnoticed} not noticed`);
process.exit(unnoticed === 0 ? 0 : 1);
