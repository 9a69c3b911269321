// Mutants of the rollup: checks that are not made, and checks that are weaker.
//
// Not made: every `require` and `revert`, every modifier at every function, every write of what a
// later check reads, every sum of what is owed, every event. Weaker: each operand of `&&` and `||`, each condition taken
// always or never, each comparison off by one, each equality of numbers as an inequality, each constant of time and range
// off by one in either direction, 32 bytes of which only the first or the last eight are compared, and each field that a
// hash should bind left out.
'use strict';
const { close, sides, trimmed, operandEnd, operands, code } = require('./source.cjs');

const is = (k) => `uint160(address(block.coinbase)) == ${k}`;
const one = (k) => `(${is(k)} ? uint8(1) : uint8(0))`;

/** Comparisons of 32 bytes. */
const COMPARED = [
  ['Exits', 'ctx.compress(accountsRoot, licensesRoot) == stateRoot'],
  ['Exits', 'chain == entry.chain'],
  ['Settlement', 'codehash == verifierCodehash'],
  ['Settlement', 'progress.hash == batch.dataHash'],
  ['Settlement', 'progress.chain == queueChain(batch.queueTo)'],
  ['Settlement', 'batch.oldRoot == root'],
];

/** Equalities of numbers. */
const EQUAL = [
  ['Rollup', 'decimals == DECIMALS'],
  ['Settlement', 'block.chainid == CHAIN_ID'],
  ['Settlement', 'progress.limbs == firstLimb'],
  ['Settlement', 'length == rest'],
  ['Settlement', 'batch.number == number'],
  ['Settlement', 'batch.queueFrom == queueFrom'],
];

/** Fields that a hash binds: file, the call, the type of each argument; the ones of type '' are constants. */
const BOUND = [
  ['Intake', 'abi.encodePacked(DEPOSIT, owner,', ['uint8', 'address', 'uint56', ...Array(5).fill('uint64')]],
  ['Intake', 'abi.encodePacked(FORCED_EXIT, msg.sender,', ['uint8', 'address', 'uint32']],
  ['Intake', 'bytes.concat(queueChain(index), entry)', ['bytes32', '']],
  ['Exits', 'bytes.concat(queueChain(index), depositEntry(', ['bytes32', '']],
  ['Exits', 'PayoutTree.leaf(index, owner,', ['uint256', 'address', 'uint256']],
  [
    'Settlement',
    'abi.encodePacked(\n',
    ['uint64', 'bytes32', 'uint64', 'uint64', 'uint64', 'bytes32', 'bytes32', 'uint64', 'uint64', 'bytes32'],
  ],
  ['StateTree', 'accountLeaf(ctx, account.key,', ['', '', 'address', 'uint64', 'uint64']],
  ['Intake', 'abi.encode(owner, key,', ['address', '', 'bytes32']],
];

const unlessYul = [(k) => 'mul(', (k) => `, iszero(eq(coinbase(), ${k})))`];
const unless = (type) => [(k) => `(${is(k)} ? ${type}(0) : `, () => ')'];

/** Values that are 0 under their mutant: file, a text before, the value, how it is wrapped, what is said of it. */
const DROPPED = [
  ['Statement', 'mstore(out, dataHash)', 'dataHash', unlessYul, 'r without h'],
  ['Statement', 'r0 :=', 'mod(shr(128, d), 0xffffffff00000001)', unlessYul, 'the first half of r'],
  ['Statement', 'r1 :=', 'mod(and(d, 0xffffffffffffffffffffffffffffffff), 0xffffffff00000001)', unlessYul, 'the second half of r'],
  ['Settlement', '(statement[30], statement[31])', 'progress.y0', unless('uint64'), 'the first half of y'],
  ['Settlement', '(statement[30], statement[31])', 'progress.y1', unless('uint64'), 'the second half of y'],
  ['Exits', 'requireReserve(unconsumedDeposits()', 'unconsumedDeposits()', unless('uint256'), 'an escape that reaches deposits'],
  ['Exits', 'requireReserve(unconsumedDeposits() + units)', 'units', unless('uint256'), 'an escape that is not counted'],
  ['Settlement', 'requireReserve(', 'unconsumedDeposits()', unless('uint256'), 'a block that reaches deposits'],
  ['RollupState', 'return depositedBefore(queueLength)', 'depositedBefore(queueNext)', unless('uint128'), 'consumed deposits counted'],
  ['RollupState', 'return depositedBefore(queueLength)', 'refundedUnits', unless('uint256'), 'refunds counted'],
  ['Intake', 'bytes32 nonce =', 'key', [(k) => `zeroed(${k}, `, () => ')'], 'an authorization for every key'],
  ['Intake', 'uint128 deposited =', 'depositedBefore(index)', unless('uint128'), 'the last deposit alone'],
  ['Intake', 'uint128 deposited =', 'uint128(units)', unless('uint128'), 'deposits not counted'],
  ['PublicDataReader', 'let follows :=', 'iszero(iszero(first))', unlessYul, 'h of the last chunk alone'],
  ['PublicDataReader', 'function chainDeposit', 'mload(add(ptr, DEPOSIT_OWNER))', unlessYul, "the chain without a deposit's owner"],
  ['PublicDataReader', 'function chainDeposit', 'byte(0, mload(add(ptr, add(DEPOSIT_KEY, i))))', unlessYul, 'the chain without the top bytes of keys'],
  ['PublicDataReader', 'function chainDeposit', 'mload(add(ptr, add(DEPOSIT_KEY_WORDS, mul(LIMB_BYTES, i))))', unlessYul, 'the chain without the words of keys'],
  ['PublicDataReader', 'function chainForcedExit', 'mload(add(ptr, FORCED_EXIT_REQUESTER))', unlessYul, 'the chain without a requester'],
  ['PublicDataReader', 'function chainForcedExit', 'mload(add(ptr, FORCED_EXIT_ACCOUNT))', unlessYul, 'the chain without an account'],
  ['PayoutTree', 'mstore(ptr, index)', 'index', unlessYul, 'a payout without its number'],
  ['PayoutTree', 'mstore(add(ptr, 0x20)', 'and(owner, 0xffffffffffffffffffffffffffffffffffffffff)', unlessYul, 'a payout without its owner'],
  ['PayoutTree', 'mstore(add(ptr, 0x40), units)', 'units', unlessYul, 'a payout without its amount'],
  ...[0, 1, 2, 3, 4].map((j) => [
    'StateTree',
    'e[i] = key[i]',
    'key[i]',
    [(k) => `(i == ${j} && ${is(k)} ? uint64(0) : `, () => ')'],
    `an account's leaf without word ${j} of its key`,
  ]),
];

/** Constants that are no limits, but what the specification or the field says: vectors hold them. */
const CONSTANTS = /^(P|DECIMALS|DELEGATION|DEPOSIT|FORCED_EXIT|OPENED_ACCOUNT|WITHDRAWAL|\w+_LIMBS|\w+_BYTES|CREDITED|DEPTH|\w*ELEMENTS|STEP|PROTOCOL_VERSION)$/;

/** Constants that are limits: file, names. */
const LIMITS = [
  ['RollupState', ['FREEZE_DELAY', 'OPERATOR_GRACE', 'RESCUE_AGE', 'PAUSE_MAX', 'PAUSE_INTERVAL', 'EXIT_WINDOW', 'UPGRADE_DELAY']],
  ['RollupState', ['BATCH_AGE_MAX', 'FIRST_BATCH_LEAD', 'NANO_PER_UNIT']],
  ['RollupTimelock', ['READY_PERIOD']],
  ['Intake', ['DEPOSIT_LIMIT_NANO', 'SUPPLY_LIMIT_NANO']],
  ['PublicDataReader', ['NANO_PER_UNIT']],
  ['StateTree', ['QUANTITY_LIMIT']],
  ['Statement', ['TIME_LIMIT']],
];

/** `nonReentrant` with a switch: OpenZeppelin's cannot be entered in part. */
const GUARDED = `modifier guarded(uint256 k) {
    guard(k, 1);
    _;
    guard(k, 0);
}
function guard(uint256 k, uint256 to) private {
    if (uint160(address(block.coinbase)) == k) return;
    uint256 inside;
    assembly ("memory-safe") { inside := tload(0x6d7574616e74) }
    if (inside == to) revert ReentrancyGuardReentrantCall();
    assembly ("memory-safe") { tstore(0x6d7574616e74, to) }
}
`;

/** An account's key that is 0 under a mutant. */
const ZEROED = `function zeroed(uint256 k, uint64[5] calldata key) private view returns (uint64[5] memory words) {
    if (uint160(address(block.coinbase)) != k) words = key;
}
`;

function find(name, text, mutate) {
  const plain = code(text, false);
  const each = (pattern, of, where = plain) => [...where.matchAll(pattern)].forEach(of);
  const deleted = (from, to) =>
    mutate({ kind: 'deleted', from, to, before: (k) => `if (uint160(address(block.coinbase)) != ${k}) { `, behind: () => ' }' });
  const modifiers = [];
  each(/modifier (\w+)\(\) \{/g, ({ index, 0: all, 1: modifier }) => {
    const end = close(text, index + all.length - 1);
    modifiers.push([index, end]);
    const insert = (at, added) => mutate({ from: at, to: at, before: () => added });
    insert(index + `modifier ${modifier}(`.length, 'uint256 k');
    insert(index + all.length, 'if (uint160(address(block.coinbase)) != k) {');
    insert(text.lastIndexOf('_;', end), '} ');
  });
  const inModifier = (at) => modifiers.some(([from, to]) => from < at && at < to);
  each(/\brequire\(/g, ({ index, 0: all }) => {
    const open = index + all.length - 1;
    if (inModifier(index) || sides(text, open + 1, close(text, open)).length !== 2) return;
    deleted(index, close(text, open) + 2);
  });
  const marks = [
    'Goldilocks\\.\\w+\\([^;]*;',
    '\\S+\\.set\\(.*\\);',
    'entry\\.refunded = true;',
    'frozen = true;',
    'requireReserve\\([^;]*;',
    '(?:outstanding|refundedUnits) [+-]= [^;]*;',
    'progress\\.payoutUnits [^;]*;',
    '(?:committedDigest|committed|finalBatch|queue)\\[\\w+\\] = [^;]*;',
    'staged\\[id\\]\\[msg\\.sender\\] = [^;]*;',
    '(?:pauseBegan|pausedUntil|operator|guardian|blockVerifier|verifierCodehash|queueLength) = [^;]*;',
    '\\((?:stateRoot|lastTimestamp), \\w+\\) = [^;]*;',
    'emit [^;]*;',
  ];
  each(new RegExp(`^ +(?:${marks.join('|')})`, 'gm'), ({ index, 0: all }) => deleted(index + all.search(/\S/), index + all.length));
  each(/\belse (?=revert )/g, ({ index, 0: all }) => deleted(index + all.length, plain.indexOf(';', index) + 1));

  // Conditions of one operand.
  each(/\bif \(/g, ({ index, 0: all }) => {
    const [from, to] = [index + all.length, close(text, index + all.length - 1)];
    if (/&&|\|\|/.test(plain.slice(from, to))) return;
    const what = `if ${text.slice(from, to)}`;
    const kind = plain.startsWith(' revert', to + 1) ? 'deleted' : 'weakened';
    mutate({ kind, from, to, before: (k) => `!(${is(k)}) && (`, behind: () => ')', what: `${what}, never` });
    if (kind === 'deleted') return;
    mutate({ kind, from, to, before: (k) => `${is(k)} || (`, behind: () => ')', what: `${what}, always` });
  });
  each(/^ +function [^;{]*\{|^ {4}\w+\s*\([^;{]*\)[^;{]*\{/gm, ({ index, 0: head }) => {
    for (const match of head.matchAll(/\b(notFrozen|notPaused|operatorOrLate|onlyTimelock)\b/g)) {
      const [at, end] = [index + match.index, index + match.index + match[0].length];
      mutate({ kind: 'deleted', from: at, to: end, before: () => '', behind: (k) => `(${k})` });
    }
  });

  each(/\bnonReentrant\b/g, ({ index, 0: all }) => {
    const to = index + all.length;
    mutate({ kind: 'deleted', from: index, to, before: (k) => `guarded(${k}) /* `, behind: () => ' */' });
  });
  if (name === 'RollupState') {
    const at = text.indexOf('modifier notFrozen');
    mutate({ from: at, to: at, before: () => GUARDED });
  }
  if (name === 'Intake') {
    const at = text.indexOf('/// @inheritdoc');
    mutate({ from: at, to: at, before: () => ZEROED });
  }

  // Operands of && and ||.
  const seen = new Set();
  each(/&&|\|\|/g, ({ index, 0: operator }) => {
    const stops = operator === '&&' ? ['&&', '||'] : ['||'];
    for (const [from, to] of operands(plain, index, 2, stops)) {
      if (seen.has(`${from} ${to} ${operator}`)) continue;
      seen.add(`${from} ${to} ${operator}`);
      const what = `${text.slice(from, to)} of ${operator}`;
      const before = (k) => (operator === '&&' ? `(${is(k)} || (` : `(!(${is(k)}) && (`);
      mutate({ kind: 'weakened', from, to, before, behind: () => '))', what });
    }
  });
  // Comparisons off by one; loops over a number of things are no checks.
  each(/ (<=|>=|<|>) /g, ({ index, 1: operator }) => {
    const line = plain.slice(plain.lastIndexOf('\n', index) + 1, index);
    if (/\bfor \(/.test(line)) return;
    const [left, right] = operands(plain, index, operator.length + 2, ['&&', '||']);
    const [from, to] = operator === '<' || operator === '>=' ? right : left;
    const what = `${text.slice(left[0], right[1])}, by one`;
    mutate({ kind: 'weakened', from, to, before: () => '((', behind: (k) => `) + ${one(k)})`, what });
  });
  for (const [, comparison] of COMPARED.filter(([file]) => file === name)) {
    const from = plain.indexOf(comparison);
    if (from < 0) throw new Error(`${name}.sol has no comparison ${comparison}`);
    const [a, b] = comparison.split(' == ');
    for (const [part, shift] of [['first', '>>'], ['last', '<<']]) {
      const what = `${comparison}, the ${part} eight bytes`;
      const before = (k) => `((${is(k)} && (${a}) ${shift} 192 == (${b}) ${shift} 192) || `;
      mutate({ kind: 'weakened', from, to: from + comparison.length, before, behind: () => ')', what });
    }
  }
  for (const [, comparison] of EQUAL.filter(([file]) => file === name)) {
    const from = plain.indexOf(comparison);
    if (from < 0) throw new Error(`${name}.sol has no comparison ${comparison}`);
    const [a, b] = comparison.split(' == ');
    for (const [relation, words] of [['<', 'less too'], ['>', 'more too']]) {
      const before = (k) => `((${is(k)} && (${a}) ${relation} (${b})) || `;
      mutate({ kind: 'weakened', from, to: from + comparison.length, before, behind: () => ')', what: `${comparison}, ${words}` });
    }
  }
  for (const [, call, types] of BOUND.filter(([file]) => file === name)) {
    const at = plain.indexOf(call);
    if (at < 0) throw new Error(`${name}.sol has no call ${call}`);
    let from = plain.indexOf('(', at) + 1;
    for (const type of types) {
      const [start, end] = trimmed(plain, from, operandEnd(plain, from, []));
      from = operandEnd(plain, from, []) + 1;
      if (type === '') continue;
      const what = `${call.trim()} …) without ${text.slice(start, end)}`;
      const [before, behind] = unless(type);
      mutate({ kind: 'weakened', from: start, to: end, before, behind, what });
    }
  }
  for (const [, context, value, [before, behind], what] of DROPPED.filter(([file]) => file === name)) {
    const from = text.indexOf(value, text.indexOf(context));
    if (from < 0 || !text.includes(context)) throw new Error(`${name}.sol has no ${value} behind ${context}`);
    mutate({ kind: 'weakened', from, to: from + value.length, before, behind, what });
  }
  // Every element of a statement's digest, and of what the challenge depends on.
  if (name === 'Statement') {
    const element = 'mload(add(e, shl(5, i)))';
    const from = text.indexOf(element);
    for (let j = 0; j < 28; j++) {
      const what = `r without element ${j} of the header`;
      const before = (k) => `mul(iszero(and(eq(coinbase(), ${k}), eq(i, ${j}))), `;
      mutate({ kind: 'weakened', from, to: from + element.length, before, behind: () => ')', what });
    }
    const start = text.indexOf('{', text.indexOf('function batchDigest')) + 1;
    for (let j = 0; j < 32; j++) {
      const what = `digest without element ${j}`;
      mutate({ kind: 'weakened', from: start, to: start, before: (k) => `if (${is(k)}) e[${j}] = 0; `, what });
    }
  }
  if (name === 'Goldilocks') {
    for (const { index, 0: head } of text.matchAll(/\blt\(/g)) {
      const end = close(text, index + head.length - 1);
      const what = `${text.slice(index, end + 1)}, by one`;
      mutate({ kind: 'weakened', from: end - 1, to: end, before: () => 'add(', behind: (k) => `, eq(coinbase(), ${k}))`, what });
    }
  }
  each(/\bconstant (\w+) =/g, ({ 1: constant }) => {
    const isLimit = LIMITS.some(([file, names]) => file === name && names.includes(constant));
    if (!isLimit && !CONSTANTS.test(constant)) throw new Error(`${name}.sol: is ${constant} a limit? Add it to LIMITS or CONSTANTS`);
  });
  for (const [, names] of LIMITS.filter(([file]) => file === name)) {
    for (const limit of names) {
      const declared = new RegExp(`(\\w+) (public|private|internal) constant ${limit} = ([^;]*);`).exec(text);
      if (!declared) throw new Error(`${name}.sol has no constant ${limit}`);
      const { index, 0: all, 1: type, 2: visibility, 3: value } = declared;
      const at = index + all.length;
      const made = `function ${limit}() ${visibility} view returns (${type} value) { value = ${value}; `;
      mutate({ from: index, to: at, before: () => '/* ', behind: () => ` */ ${made}` });
      const step = (sign) => (k) => `if (${is(k)}) value ${sign}= 1; `;
      mutate({ kind: 'weakened', from: at, to: at, before: step('+'), what: `${limit} + 1` });
      mutate({ kind: 'weakened', from: at, to: at, before: step('-'), what: `${limit} - 1` });
      mutate({ from: at, to: at, before: () => '}' });
    }
  }
}

/** Constants that became functions are called. */
function after(text) {
  for (const limit of LIMITS.flatMap(([, names]) => names)) {
    text = text.replace(new RegExp(`(?<!function |\\.)\\b${limit}\\b(?!\\()`, 'g'), `${limit}()`);
  }
  return text;
}

module.exports = { find, after };
