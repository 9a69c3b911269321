// Which sources are mutated, with which tests, and how they are compiled.
'use strict';
const fs = require('node:fs');
const path = require('node:path');
const rollup = require('./rollup.cjs');
const verifier = require('./verifier.cjs');
const { close, code } = require('./source.cjs');

const root = path.join(__dirname, '..', '..');
const state = path.join(root, '..', 'state');

const files = (folder, names) => names.map((name) => (folder === '' ? name : `${folder}/${name}`));
const contracts = ['Exits', 'Governance', 'Intake', 'Rollup', 'RollupState', 'RollupTimelock', 'Settlement'];
const libraries = ['Goldilocks', 'LimbPolynomial', 'PayoutTree', 'PublicDataReader', 'StateTree', 'Statement'];
const steps = ['Transcript', 'Openings', 'Algebra', 'Gates', 'HashGate', 'Queries'];

/** `honest` is the test that a proof that is right passes: a mutant that it kills is killed for free. */
const campaigns = {
  rollup: {
    finder: rollup,
    sources: [...contracts, ...files('libraries', libraries)],
    copied: ['src', 'test'],
    without: ['src/Verifier.sol', 'src/verifier', 'test/Verifier.t.sol', 'test/Poseidon2.t.sol', 'test/support/VerifierSteps.sol'],
    // A mutant may loop for ever: the longest test takes a twentieth of this.
    settings: 'via_ir = false\ngas_limit = 2000000000',
  },
  verifier: {
    finder: verifier,
    sources: ['Verifier', ...files('verifier', steps)],
    copied: ['src', 'test/Verifier.t.sol', 'test/support/VerifierSteps.sol', 'test/data'],
    without: ['src/dev', ...contracts.map((f) => `src/${f}.sol`), ...libraries.map((f) => `src/libraries/${f}.sol`)],
    settings: 'via_ir = true\ngas_limit = 20000000000',
    honest: 'test_accepts_a_real_proof',
  },
};

const config = (settings) => `[profile.default]
solc = "${path.join(root, 'tools', 'solc-wrapper.cjs')}"
libs = ["node_modules"]
remappings = ["@openzeppelin/=node_modules/@openzeppelin/"]
offline = true
evm_version = "osaka"
code_size_limit = 1000000
optimizer = true
${settings}
fs_permissions = [
    { access = "read", path = "../state" },
    { access = "read", path = "${state}" },
    { access = "read", path = "test/data" },
    { access = "read-write", path = "snapshots" },
]
# Always the same inputs: what passes on the contracts as they are fails only because of a mutant.
[profile.default.fuzz]
seed = "0x1"
runs = 16
[profile.default.invariant]
runs = 2
depth = 48
shrink_run_limit = 0
fail_on_revert = true
[lint]
lint_on_build = false
`;

/** The name of the innermost function, modifier or constructor that holds a place; none for what a contract declares. */
function holder(plain, at) {
  let name = '';
  for (const head of plain.matchAll(/\b(?:function|modifier)\s+(\w+)[^;{]*\{|\b(constructor)\b[^;{]*\{/g)) {
    if (head.index > at) break;
    if (at < close(plain, head.index + head[0].length - 1)) name = head[1] ?? head[2];
  }
  return name;
}

/** The mutants of a source, by switch from `first` on, and the source with a switch at each. */
function switched(finder, name, text, first) {
  const plain = code(text, true);
  const [mutants, inserts] = [[], []];
  finder.find(name, text, ({ kind, from, to, before, behind, what, outside }) => {
    let k = 0;
    if (kind) {
      const place = outside ? '' : holder(plain, from);
      const shown = (what ?? text.slice(from, to)).replace(/\s+/g, ' ').slice(0, 140);
      const line = text.slice(0, from).split('\n').length;
      k = first - 1 + mutants.push({ kind, file: `${name}.sol`, line, name: `${kind} ${name}.sol ${place}: ${shown}` });
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
  return { mutants, made: made + text.slice(last) };
}

/** All mutants of a campaign, in the order of their switches, and its sources with switches. */
function find(campaign, { finder, sources }) {
  const [mutants, made] = [[], new Map()];
  for (const source of sources) {
    const text = fs.readFileSync(path.join(root, 'src', `${source}.sol`), 'utf8');
    const found = switched(finder, path.basename(source), text, mutants.length + 1);
    mutants.push(...found.mutants);
    made.set(`src/${source}.sol`, found.made);
  }
  // Two statements of one function may read the same.
  const seen = new Map();
  for (const mutant of mutants) {
    mutant.campaign = campaign;
    const copies = (seen.get(mutant.name) ?? 0) + 1;
    seen.set(mutant.name, copies);
    if (copies > 1) mutant.name += ` (${copies})`;
  }
  return { mutants, made };
}

/** Writes a campaign's project, with the switched sources. What forge made before stays and is used again. */
function write({ finder, copied, without, settings }, made, work) {
  fs.mkdirSync(work, { recursive: true });
  for (const [link, target] of [[path.join(work, 'node_modules'), path.join(root, 'node_modules')], [path.join(work, '..', 'state'), state]]) {
    fs.rmSync(link, { force: true });
    fs.symlinkSync(target, link);
  }
  for (const folder of ['src', 'test']) fs.rmSync(path.join(work, folder), { recursive: true, force: true });
  copied.forEach((file) => fs.cpSync(path.join(root, file), path.join(work, file), { recursive: true }));
  without.forEach((file) => fs.rmSync(path.join(work, file), { recursive: true, force: true }));
  fs.writeFileSync(path.join(work, 'foundry.toml'), config(settings));
  made.forEach((text, file) => fs.writeFileSync(path.join(work, file), text));
  for (const folder of ['src', 'test']) {
    for (const file of fs.readdirSync(path.join(work, folder), { recursive: true })) {
      if (!file.endsWith('.sol')) continue;
      const whole = path.join(work, folder, file);
      // A switch reads the block, which is no matter of pure functions.
      const viewed = fs.readFileSync(whole, 'utf8').replace(/\bpure\b/g, 'view');
      fs.writeFileSync(whole, folder === 'src' ? finder.after(viewed) : viewed);
    }
  }
}

module.exports = { campaigns, find, write };
