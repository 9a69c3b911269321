// The Goldilocks field GF(p). Elements are bigints. Arithmetic elsewhere may leave values unreduced or
// negative; `reduce` gives the canonical one.

/** p = 2⁶⁴ − 2³² + 1. */
export const P = 0xffffffff00000001n;

/** The canonical representative, 0 … p − 1. */
export function reduce(value: bigint): bigint {
  const rest = value % P;
  return rest < 0n ? rest + P : rest;
}

/** `base` to the power `exponent`. */
export function power(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  let square = reduce(base);
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = (result * square) % P;
    square = (square * square) % P;
  }
  return result;
}

/** The inverse, by Fermat; 0 for 0. */
export function inverse(value: bigint): bigint {
  return power(value, P - 2n);
}

/** The Legendre symbol: 1, −1, or 0 for 0. */
export function legendre(value: bigint): -1 | 0 | 1 {
  const symbol = power(value, (P - 1n) / 2n);
  if (symbol === 0n) return 0;
  return symbol === 1n ? 1 : -1;
}

/** An element of order 2³². */
const ROOT_OF_UNITY = power(7n, 0xffffffffn);

/** A square root by Tonelli and Shanks; `undefined` if there is none. Variable time. */
export function squareRoot(value: bigint): bigint | undefined {
  const target = reduce(value);
  if (target === 0n) return 0n;
  if (legendre(target) !== 1) return undefined;
  // p − 1 = 2³²·(2³² − 1), and (2³² − 1 + 1) / 2 = 2³¹.
  let order = 32;
  let generator = ROOT_OF_UNITY;
  let root = power(target, 1n << 31n);
  let rest = power(target, 0xffffffffn);
  while (rest !== 1n) {
    let exponent = 0;
    for (let square = rest; square !== 1n; square = (square * square) % P) exponent += 1;
    let factor = generator;
    for (let i = order - exponent - 1; i > 0; i -= 1) factor = (factor * factor) % P;
    order = exponent;
    generator = (factor * factor) % P;
    root = (root * factor) % P;
    rest = (rest * generator) % P;
  }
  return root;
}
