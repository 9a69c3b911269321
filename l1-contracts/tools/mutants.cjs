#!/usr/bin/env node
// mutants.cjs [--list] [--json] [part of a name]…: takes out each check of the contracts in turn, and makes each weaker,
// and expects a test to fail. A mutant that no test kills fails the run, but for those that mutants/redundant.cjs names
// with the reason. Parts of names choose some.
//
// The checks are found in the sources: mutants/rollup.cjs and mutants/verifier.cjs say which. Everything is compiled
// once, into copies in which mutant k lives where `block.coinbase` is k; then the tests run once for each k.
//
// Most constraints of the verifier are noticed by the honest proof alone, which no longer fits: such mutants are counted
// apart as "for free", since they say nothing of the tests.
'use strict';
const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const rollup = require('./mutants/rollup.cjs');
const verifier = require('./mutants/verifier.cjs');
const redundant = require('./mutants/redundant.cjs');

const root = path.join(__dirname, '..');
const forge = path.join(root, 'node_modules', '@foundry-rs', 'forge-linux-amd64', 'bin', 'forge');

const campaigns = {
  rollup: {
    finder: rollup,
    sources: ['Exits', 'Governance', 'Intake', 'Rollup', 'RollupState', 'RollupTimelock', 'Settlement']
      .concat(['Goldilocks', 'PayoutTree', 'PublicDataReader', 'StateTree', 'Statement'].map((f) => `libraries/${f}`)),
    copied: ['src', 'test'],
    without: ['src/Verifier.sol', 'src/verifier', 'test/Verifier.t.sol', 'test/Poseidon2.t.sol', 'test/support/VerifierSteps.sol'],
    settings: 'via_ir = false\noptimizer = true\ncode_size_limit = 1000000',
  },
  verifier: {
    finder: verifier,
    sources: ['Verifier', ...['Transcript', 'Openings', 'Algebra', 'Gates', 'HashGate', 'Queries'].map((f) => `verifier/${f}`)],
    copied: ['src', 'test/Verifier.t.sol', 'test/support/VerifierSteps.sol', 'test/data'],
    without: ['src/dev', 'src/Rollup.sol', 'src/RollupState.sol', 'src/RollupTimelock.sol', 'src/Intake.sol']
      .concat(['src/Settlement.sol', 'src/Exits.sol', 'src/Governance.sol', 'src/libraries/StateTree.sol'])
      .concat(['src/libraries/Statement.sol', 'src/libraries/PublicDataReader.sol', 'src/libraries/Goldilocks.sol'])
      .concat(['src/libraries/PayoutTree.sol', 'src/libraries/LimbPolynomial.sol']),
    settings: 'via_ir = true\noptimizer = true',
    honest: 'test_accepts_a_real_proof',
  },
};

const state = path.join(root, '..', 'state');
const config = (settings) => `[profile.default]
solc = "${path.join(root, 'tools', 'solc-wrapper.cjs')}"
libs = ["node_modules"]
remappings = ["@openzeppelin/=node_modules/@openzeppelin/"]
offline = true
evm_version = "osaka"
gas_limit = "18446744073709551615"
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

/** A copy of a source with a switch at every mutant; the mutants are appended to `mutants`. */
function prepareSource(finder, file, name, mutants) {
  const text = fs.readFileSync(file, 'utf8');
  const inserts = [];
  finder.find(name, text, ({ kind, from, to, before, behind, what }) => {
    let k = 0;
    if (kind) {
      const line = text.slice(0, from).split('\n').length;
      const shown = (what ?? text.slice(from, to)).replace(/\s+/g, ' ').slice(0, 110);
      k = mutants.push({ kind, name: `${name}.sol:${line}: ${shown}` });
    }
    const seq = inserts.length;
    // Of two that begin together the longer is outside; of two that end together the shorter ends first.
    inserts.push({ at: from, order: [1, -to, seq], added: before(k) });
    if (behind) inserts.push({ at: to, order: [0, -from, -seq], added: behind(k) });
  });
  const compare = (a, b) => a.at - b.at || a.order.map((x, i) => x - b.order[i]).find((x) => x !== 0) || 0;
  let [made, last] = ['', 0];
  for (const { at, added } of inserts.sort(compare)) {
    made += text.slice(last, at) + added;
    last = at;
  }
  fs.writeFileSync(file, made + text.slice(last));
}

/** Copies a campaign's sources; its mutants, by switch from 1 on. */
function prepare({ finder, sources, copied, without, settings }, work) {
  fs.rmSync(work, { recursive: true, force: true });
  fs.mkdirSync(work, { recursive: true });
  fs.symlinkSync(path.join(root, 'node_modules'), path.join(work, 'node_modules'));
  // Tests read ../state.
  fs.rmSync(path.join(work, '..', 'state'), { force: true });
  fs.symlinkSync(state, path.join(work, '..', 'state'));
  copied.forEach((file) => fs.cpSync(path.join(root, file), path.join(work, file), { recursive: true }));
  without.forEach((file) => fs.rmSync(path.join(work, file), { recursive: true, force: true }));
  fs.writeFileSync(path.join(work, 'foundry.toml'), config(settings));
  const mutants = [];
  sources.forEach((source) =>
    prepareSource(finder, path.join(work, 'src', `${source}.sol`), path.basename(source), mutants),
  );
  for (const file of fs.readdirSync(work, { recursive: true })) {
    if (!file.endsWith('.sol') || file.startsWith('node_modules')) continue;
    const whole = path.join(work, file);
    const text = fs.readFileSync(whole, 'utf8');
    // A switch reads the block, which is no matter of pure functions.
    const viewed = text.replace(/\bpure\b/g, 'view');
    fs.writeFileSync(whole, file.startsWith('src') ? finder.after(viewed) : viewed);
  }
  return mutants;
}

/** Whether the tests pass where mutant k lives; with a pattern, those alone that it names. */
function passes(work, k, pattern) {
  const coinbase = `0x${k.toString(16).padStart(40, '0')}`;
  const only = pattern ? ['--match-test', pattern] : [];
  const command = ['test', '--root', work, '--fail-fast', '--block-coinbase', coinbase, ...only];
  const { status, stdout, stderr } = spawnSync(forge, command, { encoding: 'utf8', maxBuffer: 1 << 28 });
  if (status === 0) return true;
  // A compiler or a tool that failed has killed nothing.
  if (k !== 0 && /^\[FAIL/m.test(stdout)) return false;
  console.error(`mutants: forge failed${k === 0 ? ' on the contracts as they are' : ''}\n${stdout}${stderr}`);
  process.exit(1);
}

const options = process.argv.slice(2).filter((argument) => argument.startsWith('--'));
const wanted = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));
const json = options.includes('--json');
const chosen = ({ name }) => wanted.length === 0 || wanted.some((part) => name.includes(part));
const say = (line) => (json ? console.error(line) : console.log(line));
const counts = { statements: 0, deleted: 0, weakened: 0, killed: 0, free: 0, redundant: 0, survived: 0 };
for (const [campaign, settings] of Object.entries(campaigns)) {
  const work = path.join(root, 'cache', 'mutants', campaign);
  const mutants = prepare(settings, work);
  if (options.includes('--list')) {
    mutants.filter(chosen).forEach(({ kind, name }) => console.log(`${kind}: ${name}`));
    continue;
  }
  if (!mutants.some(chosen)) continue;
  passes(work, 0);
  mutants.forEach((mutant, i) => {
    if (!chosen(mutant)) return;
    counts.statements++;
    counts[mutant.kind]++;
    let fate = 'survived';
    const reason = redundant.find(([file, part]) => mutant.name.startsWith(`${file}:`) && mutant.name.includes(part));
    if (settings.honest && !passes(work, i + 1, settings.honest)) fate = 'free';
    else if (!passes(work, i + 1)) fate = 'killed';
    else if (reason) fate = 'redundant';
    counts[fate]++;
    const shown = { killed: 'killed', free: 'killed, for free', redundant: `redundant, ${reason?.[2]}`, survived: 'SURVIVED' };
    say(`${shown[fate]}: ${mutant.kind}: ${mutant.name}`);
  });
}
if (!options.includes('--list')) {
  const { statements, killed, free, redundant: without, survived, deleted, weakened } = counts;
  say(`${deleted} checks taken out, ${weakened} made weaker; ${survived} survived`);
  if (json) console.log(JSON.stringify({ floor: 'contracts', ...counts }));
  else console.log(`contracts: ${statements} statements, ${killed + free} killed (${free} for free), ${without} redundant`);
  process.exitCode = survived === 0 ? 0 : 1;
}
