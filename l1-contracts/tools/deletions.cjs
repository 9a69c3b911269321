#!/usr/bin/env node
// deletions.cjs [--list] [part of a name]…: takes out each check of the contracts in turn and expects a test to fail; a
// deletion that no test notices fails the run, but for those that EQUIVALENT names with the reason. Parts of names
// choose some.
//
// The checks are found in the sources. Of the verifier: every `refuse()`, every constraint of a gate, every step of
// `verify`, every comparison of its lengths. Of the rollup: every `require`, each half of one that demands two things,
// every modifier at every function (but for nonReentrant), every mark that something was paid.
//
// Everything is compiled once, into copies in which check k is not made where `block.coinbase` is k; then the tests run
// once for each k.
'use strict';
const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

const root = path.join(__dirname, '..');
const forge = path.join(root, 'node_modules', '@foundry-rs', 'forge-linux-amd64', 'bin', 'forge');

/** Deletions that change nothing: file, part of the name, why. */
const EQUIVALENT = [
  ['Exits.sol', 'root != 0', 'no leaf hashes to zero'],
  ['Settlement.sol', 'to - from <= type(uint32).max', 'so long a queue cannot be made'],
  ['Settlement.sol', 'progress.entriesLeft == 0', 'records are done only when no entry is left'],
  ['Statement.sol', 'requireElement(batch.queue', 'the queue is shorter'],
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

/** The start and end of each side of a condition's outermost `&&`. */
function sides(text, from, to) {
  const cuts = [from];
  for (let depth = 0, i = from; i < to; i++) {
    if (text[i] === '(') depth++;
    if (text[i] === ')') depth--;
    if (depth === 0 && text.startsWith('&&', i)) cuts.push(i, i + 2);
    if (depth === 0 && text[i] === ',') return [...cuts, i];
  }
  return [...cuts, to];
}

/** Finds the checks of a file: `check(from, to, before, behind)` wraps a span so that check k is not made. */
const finders = {
  verifier(text, each, check) {
    const yul = (from, to) => check(from, to, (k) => `if xor(coinbase(), ${k}) { `, ' }');
    each(/(statement|proof)\.length != \w+/g, (match) => {
      const to = match.index + match[0].length;
      check(match.index, to, (k) => `(uint160(address(block.coinbase)) != ${k} && `, ')');
    });
    each(/^ {8}(Transcript|Openings|Gates|HashGate|Queries)\.\w+\([^;]*;/gm, ({ index, 0: all }) =>
      check(index, index + all.length, (k) => `if (uint160(address(block.coinbase)) != ${k}) {`, ' }'),
    );
    // `if condition { refuse() }`: the condition is one expression without braces.
    each(/\bif [^{}]*\{ refuse\(\) \}/g, ({ index, 0: all }) => yul(index, index + all.length));
    // Each half of `or(xor(..), xor(..))`.
    each(/or\(xor\(/g, ({ index }) => {
      const middle = close(text, index + 6) + 1;
      const half = (k) => `mul(iszero(iszero(xor(coinbase(), ${k}))), `;
      check(index + 3, middle, half, ')');
      check(middle + 2, close(text, index + 2), half, ')');
    });
    // Statements that add a constraint, in Solidity and in Yul.
    each(/^ +(Algebra\.)?(constrain|constrainEqual|constrain_equal|equalAlgebra)\(/gm, ({ index, 0: all }) => {
      const from = index + all.search(/\S/);
      const to = close(text, index + all.length - 1) + 1;
      if (text[to] !== ';') yul(from, to);
      else check(from, to + 1, (k) => `if (uint160(address(block.coinbase)) != ${k}) { `, ' }');
    });
  },
  rollup(text, each, check) {
    const statement = (from, to) => check(from, to, (k) => `if (uint160(address(block.coinbase)) != ${k}) { `, ' }');
    const modifiers = [];
    each(/modifier (\w+)\(\) \{/g, ({ index, 0: all, 1: name }) => {
      const end = close(text, index + all.length - 1);
      modifiers.push([index, end]);
      insert(index + `modifier ${name}(`.length, 'uint256 k');
      insert(index + all.length, 'if (uint160(address(block.coinbase)) != k) {');
      insert(text.lastIndexOf('_;', end), '} ');
    });
    const inModifier = (at) => modifiers.some(([from, to]) => from < at && at < to);
    each(/\brequire\(/g, ({ index, 0: all }) => {
      if (inModifier(index)) return;
      const open = index + all.length - 1;
      const cuts = sides(text, open + 1, close(text, open));
      if (cuts.length === 2) return statement(index, close(text, open) + 2);
      for (let i = 0; i < cuts.length; i += 2) {
        check(cuts[i], cuts[i + 1], (k) => `(uint160(address(block.coinbase)) == ${k} || (`, '))');
      }
    });
    each(/^ +(Goldilocks\.\w+\([^;]*;|\S+\.set\(.*\);|entry\.refunded = true;|frozen = true;|requireReserve\([^;]*;|outstanding [+-]= [^;]*;|progress\.payoutUnits [^;]*;)/gm, ({ index, 0: all }) =>
      statement(index + all.search(/\S/), index + all.length),
    );
    // Modifiers of functions.
    each(/^ +function [^;{]*\{|^ {4}\w+\s*\([^;{]*\)[^;{]*\{/gm, ({ index, 0: head }) => {
      for (const match of head.matchAll(/\b(notFrozen|notPaused|operatorOrLate|onlyTimelock)\b/g)) {
        const at = index + match.index;
        const name = /function (\w+)/.exec(head)[1];
        check(at, at + match[0].length, () => '', (k) => `(${k})`, `${name}: ${match[0]}`);
      }
    });
    function insert(at, added) {
      check(at, at, () => added, '', null);
    }
  },
};

const campaigns = {
  verifier: {
    sources: ['Verifier', ...['Transcript', 'Openings', 'Algebra', 'Gates', 'HashGate', 'Queries'].map((f) => `verifier/${f}`)],
    copied: ['src', 'test/Verifier.t.sol', 'test/support/VerifierSteps.sol', 'test/data'],
    without: ['src/dev', 'src/Rollup.sol', 'src/RollupState.sol', 'src/RollupTimelock.sol', 'src/Intake.sol']
      .concat(['src/Settlement.sol', 'src/Exits.sol', 'src/Governance.sol', 'src/libraries/StateTree.sol'])
      .concat(['src/libraries/Statement.sol', 'src/libraries/PublicDataReader.sol', 'src/libraries/Goldilocks.sol'])
      .concat(['src/libraries/PayoutTree.sol', 'src/libraries/LimbPolynomial.sol']),
    settings: 'via_ir = true\noptimizer = true',
  },
  rollup: {
    sources: ['Exits', 'Governance', 'Intake', 'Rollup', 'RollupState', 'Settlement']
      .concat(['Goldilocks', 'PublicDataReader', 'StateTree', 'Statement'].map((f) => `libraries/${f}`)),
    copied: ['src', 'test'],
    without: ['src/Verifier.sol', 'src/verifier', 'test/Verifier.t.sol', 'test/Poseidon2.t.sol', 'test/support/VerifierSteps.sol'],
    settings: 'via_ir = false\noptimizer = true\ncode_size_limit = 100000',
  },
};

const state = path.join(root, '..', 'state');
const config = (settings) => `[profile.default]
solc = "${path.join(root, 'tools', 'solc-wrapper.cjs')}"
libs = ["node_modules"]
remappings = ["@openzeppelin/=node_modules/@openzeppelin/"]
offline = true
evm_version = "osaka"
${settings}
fs_permissions = [
    { access = "read", path = "../state" },
    { access = "read", path = "${state}" },
    { access = "read", path = "test/data" },
    { access = "read-write", path = "snapshots" },
]
[profile.default.fuzz]
runs = 16
[profile.default.invariant]
runs = 2
depth = 48
fail_on_revert = true
`;

/** Copies a campaign's sources with a switch at every check; the names of the checks, by switch from 1 on. */
function prepare(name, work) {
  const { sources, copied, without, settings } = campaigns[name];
  fs.rmSync(work, { recursive: true, force: true });
  fs.mkdirSync(work, { recursive: true });
  fs.symlinkSync(path.join(root, 'node_modules'), path.join(work, 'node_modules'));
  // Tests read ../state.
  fs.rmSync(path.join(work, '..', 'state'), { force: true });
  fs.symlinkSync(state, path.join(work, '..', 'state'));
  copied.forEach((file) => fs.cpSync(path.join(root, file), path.join(work, file), { recursive: true }));
  without.forEach((file) => fs.rmSync(path.join(work, file), { recursive: true, force: true }));
  fs.writeFileSync(path.join(work, 'foundry.toml'), config(settings));
  const names = [];
  for (const source of sources) {
    const file = path.join(work, 'src', `${source}.sol`);
    const text = fs.readFileSync(file, 'utf8');
    const inserts = [];
    const each = (pattern, of) => [...text.matchAll(pattern)].forEach(of);
    finders[name](text, each, (from, to, before, behind, what) => {
      let k = 0;
      if (what !== null) {
        const line = text.slice(0, from).split('\n').length;
        const shown = what ?? text.slice(from, to).replace(/\s+/g, ' ').slice(0, 90);
        k = names.push(`${path.basename(file)}:${line}: ${shown}`);
      }
      const end = typeof behind === 'function' ? behind(k) : behind;
      // Of two that begin together the longer is outside; of two that end together the shorter ends first.
      inserts.push({ at: from, order: -to, added: before(k) }, { at: to, order: -1e9 - from, added: end });
    });
    inserts.sort((a, b) => a.at - b.at || a.order - b.order);
    let [made, last] = ['', 0];
    for (const { at, added } of inserts) {
      made += text.slice(last, at) + added;
      last = at;
    }
    fs.writeFileSync(file, made + text.slice(last));
  }
  // A switch reads the block, which is no matter of pure functions.
  for (const file of fs.readdirSync(work, { recursive: true })) {
    if (!file.endsWith('.sol') || file.startsWith('node_modules')) continue;
    const whole = path.join(work, file);
    fs.writeFileSync(whole, fs.readFileSync(whole, 'utf8').replace(/\bpure\b/g, 'view'));
  }
  return names;
}

const wanted = process.argv.slice(2).filter((argument) => argument !== '--list');
const chosen = (name) => wanted.length === 0 || wanted.some((part) => name.includes(part));
let [count, unnoticed, equivalent] = [0, 0, 0];
for (const campaign of Object.keys(campaigns)) {
  const work = path.join(root, 'cache', 'deletions', campaign);
  const names = prepare(campaign, work);
  if (process.argv.includes('--list')) {
    names.filter(chosen).forEach((name) => console.log(name));
    continue;
  }
  if (!names.some(chosen)) continue;
  const test = (k) => {
    const coinbase = `0x${k.toString(16).padStart(40, '0')}`;
    return spawnSync(forge, ['test', '--root', work, '--fail-fast', '--block-coinbase', coinbase], { encoding: 'utf8' });
  };
  const clean = test(0);
  if (clean.status !== 0) {
    console.error(`deletions: the tests of the ${campaign} fail as they are\n${clean.stdout}${clean.stderr}`);
    process.exit(1);
  }
  names.forEach((name, i) => {
    if (!chosen(name)) return;
    count++;
    if (test(i + 1).status !== 0) return console.log(`noticed: ${name}`);
    const reason = EQUIVALENT.find(([file, part]) => name.startsWith(`${file}:`) && name.includes(part));
    if (reason) equivalent++;
    else unnoticed++;
    console.log(`${reason ? `equivalent, ${reason[2]}` : 'UNNOTICED'}: ${name}`);
  });
}
console.log(`${count} deletions, ${equivalent} that change nothing, ${unnoticed} not noticed`);
process.exit(unnoticed === 0 ? 0 : 1);
