#!/usr/bin/env node
// mutants.cjs [--list | --check] [campaign | part of a name]…: takes out each check of the contracts in turn, and makes each weaker,
// and expects a test to fail. A mutant that no test kills fails the run, but for those that mutants/redundant.cjs names
// with the reason. Parts of names choose some; the campaigns are rollup and verifier.
//
// --list   names the mutants and runs nothing.
// --check  compares the sources with the results of the last runs, mutants/results.txt, in a moment and without a
//          compiler: every statement has its result, none is left without a test, and no result is of a statement that is
//          gone. A new check without a result fails.
//
// The checks are found in the sources: mutants/rollup.cjs and mutants/verifier.cjs say which. Everything is compiled
// once, into copies in which mutant k lives where `block.coinbase` is k; then the tests run once for each k, first the
// one that killed it the last time.
//
// Most constraints of the verifier are noticed by the honest proof alone, which no longer fits: such mutants are counted
// apart as "for free", since they say nothing of the tests.
'use strict';
const { spawnSync } = require('node:child_process');
const path = require('node:path');
const { campaigns, find, write } = require('./mutants/campaigns.cjs');
const results = require('./mutants/results.cjs');

const root = path.join(__dirname, '..');
const forge = path.join(root, 'node_modules', '@foundry-rs', 'forge-linux-amd64', 'bin', 'forge');

/** Runs the tests where mutant k lives, all or those that `only` names; the first that fails, or none. */
function failing(work, k, only) {
  const coinbase = `0x${k.toString(16).padStart(40, '0')}`;
  const chosen = only ? ['--match-test', `^${only}\\(`] : [];
  const command = ['test', '--root', work, '--fail-fast', '--block-coinbase', coinbase, ...chosen];
  const { status, stdout, stderr } = spawnSync(forge, command, { encoding: 'utf8', maxBuffer: 1 << 28 });
  if (status === 0) return undefined;
  // A compiler or a tool that failed has killed nothing.
  const failure = /^\[FAIL[^]*?\b((?:test|invariant|setUp)\w*)\(/m.exec(stdout);
  if (k !== 0 && failure) return failure[1];
  console.error(`mutants: forge failed${k === 0 ? ' on the contracts as they are' : ''}\n${stdout}${stderr}`);
  process.exit(1);
}

/** The fate of mutant k: by the test that killed it before, by the honest one, by any. */
function fateOf(work, k, mutant, honest, before) {
  if (honest && failing(work, k, honest)) return { fate: 'free', test: honest };
  const test = (before?.fate === 'killed' && failing(work, k, before.test)) || failing(work, k);
  if (test) return { fate: 'killed', test };
  return { fate: results.reasonOf(mutant) ? 'redundant' : 'survived' };
}

function run(chosen) {
  const found = Object.entries(campaigns).map(([name, campaign]) => ({ name, campaign, ...find(name, campaign) }));
  const all = found.flatMap(({ mutants }) => mutants);
  for (const { name, campaign, mutants, made } of found) {
    if (!mutants.some(chosen)) continue;
    const work = path.join(root, 'cache', 'mutants', name);
    write(campaign, made, work);
    failing(work, 0);
    mutants.forEach((mutant, i) => {
      if (!chosen(mutant)) return;
      const fate = fateOf(work, i + 1, mutant, campaign.honest, results.read().get(mutant.name));
      // Read again: another campaign may run beside this one.
      results.write(all, results.read().set(mutant.name, fate));
      console.log(`${fate.fate}${fate.test ? ` by ${fate.test}` : ''}: ${mutant.name} (line ${mutant.line})`);
    });
  }
  return { all, known: results.read() };
}

/** Prints the scoreboard and what is wrong, and sets how the process ends. */
function report(mutants, known, faults) {
  const { open, lines } = results.scoreboard(mutants, known);
  faults.forEach((fault) => console.error(`mutants: ${fault}`));
  lines.forEach((line) => console.log(line));
  process.exitCode = open === 0 && faults.length === 0 ? 0 : 1;
}

const options = process.argv.slice(2).filter((argument) => argument.startsWith('--'));
const parts = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));
const unknown = options.find((option) => !['--list', '--check'].includes(option));
const chosen = ({ campaign, name }) => parts.length === 0 || parts.some((part) => campaign === part || name.includes(part));
if (unknown) {
  console.error(`mutants: unknown option ${unknown}, known are --list and --check`);
  process.exitCode = 2;
} else if (options.length > 0) {
  const all = Object.entries(campaigns).flatMap(([name, campaign]) => find(name, campaign).mutants);
  const mutants = all.filter(chosen);
  if (options.includes('--list')) mutants.forEach(({ name, line }) => console.log(`${name} (line ${line})`));
  else report(mutants, results.read(), results.faults(all, results.read(), chosen));
} else {
  const { all, known } = run(chosen);
  // Of a part of the mutants nothing can be said but what became of them.
  const ran = all.filter(chosen);
  const open = ran.filter(({ name }) => known.get(name).fate === 'survived').map(({ name }) => `survived: ${name}`);
  report(ran, known, parts.length === 0 ? results.faults(all, known, chosen) : open);
}
