// The fate of every mutant when it was run last: results.txt, a line for each, in the order of the sources.
//
//   killed by TEST: MUTANT       a test fails
//   free by TEST: MUTANT         the test that a right proof passes fails: it says nothing of the others
//   redundant: MUTANT            nothing changes; redundant.cjs has the reason
//   survived: MUTANT             no test fails: not held
'use strict';
const fs = require('node:fs');
const path = require('node:path');
const redundant = require('./redundant.cjs');

const file = path.join(__dirname, 'results.txt');

/** The entry of redundant.cjs that speaks of a mutant. */
const reasonOf = (mutant) => redundant.find(([source, part]) => mutant.file === source && mutant.name.includes(part));

/** Name of a mutant → its fate, and the test that killed it. */
function read() {
  const results = new Map();
  if (!fs.existsSync(file)) return results;
  for (const line of fs.readFileSync(file, 'utf8').split('\n').filter((line) => line !== '')) {
    const [, fate, test, name] = /^(killed|free|redundant|survived)(?: by (\S+))?: (.*)$/.exec(line) ?? [];
    if (!fate) throw new Error(`results.txt has a line that is no result: ${line}`);
    results.set(name, { fate, test });
  }
  return results;
}

function write(mutants, results) {
  const known = mutants.filter(({ name }) => results.has(name));
  const line = ({ name }) => {
    const { fate, test } = results.get(name);
    return `${fate}${test ? ` by ${test}` : ''}: ${name}\n`;
  };
  fs.writeFileSync(file, known.map(line).join(''));
}

/** The scoreboard, whose first line has a fixed form. */
function scoreboard(mutants, results) {
  const count = (of) => mutants.filter((mutant) => of(results.get(mutant.name)?.fate, mutant)).length;
  const free = count((fate) => fate === 'free');
  const killed = count((fate) => fate === 'killed') + free;
  const without = count((fate) => fate === 'redundant');
  const deleted = count((_, { kind }) => kind === 'deleted');
  const open = mutants.length - killed - without;
  return {
    open,
    lines: [
      `contracts: statements ${mutants.length}, killed ${killed}, redundant ${without}, not held ${open}`,
      `contracts: checks taken out ${deleted}, made weaker ${mutants.length - deleted}; killed for free ${free}`,
    ],
  };
}

/** What does not fit between sources, results and reasons, in words; without a compiler, in a moment. */
function faults(all, results, chosen) {
  const found = [];
  const mutants = all.filter(chosen);
  const names = new Set(all.map(({ name }) => name));
  for (const { name, file: source, line } of mutants) {
    if (!results.has(name)) found.push(`no result: ${name} (line ${line} of ${source}): run tools/mutants.cjs ${source}`);
  }
  for (const [name, { fate }] of results) {
    if (!names.has(name)) found.push(`a result without a statement: ${name}: run tools/mutants.cjs with a part of a name, which drops it`);
    if (fate === 'survived') found.push(`not held by a test: ${name}: write the test, or a reason in tools/mutants/redundant.cjs`);
  }
  for (const mutant of mutants) {
    const fate = results.get(mutant.name)?.fate;
    if (fate === 'redundant' && !reasonOf(mutant)) found.push(`redundant without a reason in redundant.cjs: ${mutant.name}`);
  }
  for (const [source, part, why] of redundant) {
    const meant = all.filter((mutant) => mutant.file === source && mutant.name.includes(part));
    if (meant.length === 0) found.push(`redundant.cjs speaks of no mutant: ${source}, ${part}`);
    for (const { name } of meant) {
      const fate = results.get(name)?.fate;
      if (fate === 'killed' || fate === 'free') found.push(`redundant.cjs says "${why}", but a test kills it: ${name}`);
    }
  }
  return found;
}

module.exports = { read, write, scoreboard, faults, reasonOf };
