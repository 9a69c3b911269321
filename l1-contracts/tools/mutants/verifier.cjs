// Mutants of the verifier: checks that are not made, and checks that are weaker.
//
// Not made: every `refuse()`, every constraint of a gate and of the permutation argument, every step of `verify`, every
// comparison of its lengths, each half of a comparison of two coefficients, the paths of each tree, reduced elements in
// each of the parts of a proof. Weaker: p itself accepted at each place where an element must be below p, the high or the
// low bits only of what is compared, one equation of the two, work of one bit less, one query less.
'use strict';
const { close } = require('./source.cjs');

/** The parts of a proof that a check of reduced elements sees, each by where its loop ends: file, function, parts. */
const PARTS = [
  ['Openings', 'copy', { 'an opening': 'iszero(gt(to, M_FINAL_POLY))', 'a coefficient': 'gt(to, M_FINAL_POLY)' }],
  [
    'Queries',
    'combine',
    {
      'a fixed polynomial': 'eq(power, add(M_POWERS, shl(6, LEAF_FIXED)))',
      'a wire': 'eq(power, add(M_POWERS, shl(6, add(LEAF_FIXED, LEAF_WIRES))))',
      'a partial product': 'eq(power, add(M_POWERS, shl(6, add(LEAF_FIXED, add(LEAF_WIRES, LEAF_PERMUTATION)))))',
      'a quotient': 'eq(power, M_POWERS_END)',
    },
  ],
  ['Queries', 'fold', { 'the first fold': 'eq(factor, M_FOLD_FACTORS)', 'the last fold': 'gt(factor, M_FOLD_FACTORS)' }],
];

/** The arguments of the call whose bracket opens at `open`. */
function argumentsOf(text, open) {
  const [found, end] = [[''], close(text, open)];
  for (let depth = 0, i = open + 1; i < end; i++) {
    if (text[i] === '(') depth++;
    if (text[i] === ')') depth--;
    if (depth === 0 && text[i] === ',') found.push('');
    else found[found.length - 1] += text[i];
  }
  return found.map((argument) => argument.trim());
}

function find(name, text, mutate) {
  const each = (pattern, of) => [...text.matchAll(pattern)].forEach(of);
  const yul = (from, to) =>
    mutate({ kind: 'deleted', from, to, before: (k) => `if xor(coinbase(), ${k}) { `, behind: () => ' }' });
  const solidity = (from, to) =>
    mutate({ kind: 'deleted', from, to, before: (k) => `if (uint160(address(block.coinbase)) != ${k}) { `, behind: () => ' }' });
  each(/(statement|proof)\.length != \w+/g, ({ index, 0: all }) => {
    const before = (k) => `(uint160(address(block.coinbase)) != ${k} && `;
    const [from, to] = [index, index + all.length];
    mutate({ kind: 'deleted', from, to, before, behind: () => ')' });
    for (const [relation, words] of [['<', 'less too'], ['>', 'more too']]) {
      const behind = (k) => ` && !(uint160(address(block.coinbase)) == ${k} && ${all.replace('!=', relation)}))`;
      mutate({ kind: 'weakened', from, to, before: () => '(', behind, what: `${all}, ${words}` });
    }
  });
  each(/^ {8}(Transcript|Openings|Gates|HashGate|Queries)\.\w+\([^;]*;/gm, ({ index, 0: all }) =>
    solidity(index + 8, index + all.length),
  );
  // `if condition { refuse() }`: the condition is one expression without braces.
  each(/\bif [^{}]*\{ refuse\(\) \}/g, ({ index, 0: all }) => yul(index, index + all.length));
  // Statements that add a constraint, in Solidity and in Yul.
  each(/^ +(Algebra\.)?(constrain|constrainEqual|constrain_equal|equalAlgebra)\(/gm, ({ index, 0: all }) => {
    const from = index + all.search(/\S/);
    const to = close(text, index + all.length - 1) + 1;
    if (text[to] === ';') solidity(from, to + 1);
    else yul(from, to);
  });
  const wrap = (kind, from, to, before, behind, what) =>
    mutate({ kind, from, to, before, behind, what: `${text.slice(from, to)}${what}` });
  // Each half of `or(xor(..), xor(..))`.
  each(/or\(xor\(/g, ({ index }) => {
    const middle = close(text, index + 6) + 1;
    for (const [from, to] of [[index + 3, middle], [middle + 2, close(text, index + 2)]]) {
      wrap('deleted', from, to, (k) => `mul(iszero(iszero(xor(coinbase(), ${k}))), `, () => ')', '');
      wrap('weakened', from, to, (k) => `shr(shl(5, eq(coinbase(), ${k})), `, () => ')', ', the high half');
      const mask = (k) => `sub(shl(add(32, shl(8, xor(coinbase(), ${k}))), 1), 1)`;
      wrap('weakened', from, to, () => 'and(', (k) => `, ${mask(k)})`, ', the low half');
    }
  });
  each(/shr\(DIGEST_UNUSED_BITS, xor\(/g, ({ index, 0: all }) => {
    const open = index + all.length - 1;
    const [from, to] = [index + all.length - 4, close(text, open) + 1];
    wrap('weakened', from, to, (k) => `shr(shl(7, eq(coinbase(), ${k})), `, () => ')', ', the first half of a digest');
    wrap('weakened', from, to, (k) => `shl(shl(7, eq(coinbase(), ${k})), `, () => ')', ', the second half of a digest');
  });
  each(/gt\((x|y|shr\(192, calldataload\(add\(proof, P_NONCE\)\)\)), sub\(P, 1\)\)/g, ({ index, 0: all }) => {
    const from = index + all.length - 3;
    const what = `${all}, by one`;
    mutate({ kind: 'weakened', from, to: from + 1, before: (k) => `sub(`, behind: (k) => `, eq(coinbase(), ${k}))`, what });
  });
  // One value instead of another where the mutant lives.
  const less = (index, value, what) =>
    wrap('weakened', index, index + value.length, () => 'sub(', (k) => `, eq(coinbase(), ${k}))`, what);
  each(/shl\(5, QUERIES\)\)\)/g, ({ index }) => less(index + 7, 'QUERIES', ', the last query'));
  each(/lt\(i, 2\) \{[^{}]*\}\s*\{\s*let alpha/g, ({ index }) => less(index + 6, '2', ' equations, the second'));
  // The paths of one tree are stepped over.
  each(/from := committed\(/g, ({ index, 0: all }) => {
    const open = index + all.length - 1;
    const [from, size, , depth, cap] = argumentsOf(text, open);
    const before = (k) =>
      `switch eq(coinbase(), ${k}) case 1 { from := add(add(${from}, ${size}), mul(DIGEST_BYTES, ${depth})) } default { `;
    mutate({ kind: 'deleted', from: index, to: close(text, open) + 1, before, behind: () => ' }', what: `paths to ${cap}` });
  });
  // Elements of one part are taken as they are.
  for (const [, owner, parts] of PARTS.filter(([file]) => file === name)) {
    const index = text.indexOf('if bad { refuse() }', text.indexOf(`function ${owner}(`)) + 3;
    for (const [part, place] of Object.entries(parts)) {
      const behind = (k) => `, iszero(and(eq(coinbase(), ${k}), ${place})))`;
      mutate({ kind: 'deleted', from: index, to: index + 3, before: () => 'and(', behind, what: `${owner}: ${part} is reduced` });
    }
  }
  // The permutation argument's constraints, in one function of `Openings`.
  each(/^ +mstore\((?:add\(M_CONSTRAINTS, |constraint, |add\(constraint, )/gm, ({ index, 0: all }) => {
    const from = index + all.search(/\S/);
    yul(from, close(text, from + 'mstore'.length) + 1);
  });
  each(/^ +assert\([^;]*;/gm, ({ index, 0: all }) => solidity(index + all.search(/\S/), index + all.length));
  each(/sub\(64, POW_BITS\)/g, ({ index, 0: all }) =>
    wrap('weakened', index, index + all.length, () => 'add(', (k) => `, eq(coinbase(), ${k}))`, ', a bit of work less'),
  );
}

module.exports = { find, after: (text) => text };
