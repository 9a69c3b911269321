// Mutants of the verifier: checks that are not made, and checks that are weaker.
//
// Not made: every `refuse()`, every constraint of a gate, every step of `verify`, every comparison of its lengths, each
// half of a comparison of two coefficients. Weaker: p itself accepted at each place where an element must be below p,
// the high or the low bits only of what is compared, work of one bit less.
'use strict';
const { close } = require('./source.cjs');

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
  each(/sub\(64, POW_BITS\)/g, ({ index, 0: all }) =>
    wrap('weakened', index, index + all.length, () => 'add(', (k) => `, eq(coinbase(), ${k}))`, ', a bit of work less'),
  );
}

module.exports = { find, after: (text) => text };
