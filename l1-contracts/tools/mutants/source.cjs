// Spans of Solidity source: brackets, operands, what is code.
'use strict';

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

/** Spans without white space at either end. */
function trimmed(text, from, to) {
  while (/\s/.test(text[from])) from++;
  while (/\s/.test(text[to - 1])) to--;
  return [from, to];
}

/** The end of the operand that begins at `from`: up to one of `stops`, or to what ends every operand. */
function operandEnd(text, from, stops) {
  for (let depth = 0, i = from; i < text.length; i++) {
    if ('([{'.includes(text[i])) depth++;
    if (depth === 0 && (')]};,?:'.includes(text[i]) || stops.some((stop) => text.startsWith(stop, i)))) return i;
    if (')]}'.includes(text[i])) depth--;
  }
  throw new Error(`no end of the operand at ${from}`);
}

/** The start of the operand that ends at `to`. */
function operandStart(text, to, stops) {
  for (let depth = 0, i = to - 1; i >= 0; i--) {
    if (')]}'.includes(text[i])) depth++;
    if (depth === 0) {
      if ('([{};,?:'.includes(text[i])) return i + 1;
      if (text.startsWith(' = ', i)) return i + 3;
      if (text.startsWith('return ', i)) return i + 7;
      if (stops.some((stop) => text.startsWith(stop, i))) return i + 2;
    }
    if ('([{'.includes(text[i])) depth--;
  }
  throw new Error(`no start of the operand before ${to}`);
}

/** Both operands of the operator at `at`, of `size` characters. */
function operands(text, at, size, stops) {
  return [
    trimmed(text, operandStart(text, at, stops), at),
    trimmed(text, at + size, operandEnd(text, at + size, stops)),
  ];
}

/** The text with comments and strings blanked; with `assembly` blanked too if asked. */
function code(text, withAssembly) {
  const blank = (found) => found.replace(/[^\n]/g, ' ');
  let plain = text.replace(/\/\/.*|\/\*[\s\S]*?\*\/|"[^"\n]*"/g, blank);
  if (withAssembly) return plain;
  for (const { index, 0: head } of [...plain.matchAll(/assembly\b[^{]*\{/g)]) {
    const end = close(plain, index + head.length - 1) + 1;
    plain = plain.slice(0, index) + blank(plain.slice(index, end)) + plain.slice(end);
  }
  return plain;
}

module.exports = { close, sides, trimmed, operandEnd, operands, code };
