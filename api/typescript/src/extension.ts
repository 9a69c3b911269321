// GF(p⁵) = GF(p)[z]/(z⁵ − 3). Sums and differences are left unreduced, products are reduced without
// regard to sign: `canonical` gives the one representative that is compared and encoded.

import { inverse as inverseInField, legendre, P, reduce, squareRoot as rootInField } from './field.js';

/** Coefficients of z⁰ to z⁴. */
export type Fp5 = readonly [bigint, bigint, bigint, bigint, bigint];

export const ZERO: Fp5 = [0n, 0n, 0n, 0n, 0n];
export const ONE: Fp5 = [1n, 0n, 0n, 0n, 0n];

/** zᵖ = c·z; these are the powers of c. */
const FROBENIUS: Fp5 = [
  1n,
  1041288259238279555n,
  15820824984080659046n,
  211587555138949697n,
  1373043270956696022n,
];
/** The same for z^(p²). */
const FROBENIUS_TWICE: Fp5 = [
  1n,
  15820824984080659046n,
  1373043270956696022n,
  1041288259238279555n,
  211587555138949697n,
];

export function canonical(a: Fp5): Fp5 {
  return [reduce(a[0]), reduce(a[1]), reduce(a[2]), reduce(a[3]), reduce(a[4])];
}

export function add(a: Fp5, b: Fp5): Fp5 {
  return [a[0] + b[0], a[1] + b[1], a[2] + b[2], a[3] + b[3], a[4] + b[4]];
}

export function subtract(a: Fp5, b: Fp5): Fp5 {
  return [a[0] - b[0], a[1] - b[1], a[2] - b[2], a[3] - b[3], a[4] - b[4]];
}

export function negate(a: Fp5): Fp5 {
  return [-a[0], -a[1], -a[2], -a[3], -a[4]];
}

export function double(a: Fp5): Fp5 {
  return [a[0] << 1n, a[1] << 1n, a[2] << 1n, a[3] << 1n, a[4] << 1n];
}

export function multiply(a: Fp5, b: Fp5): Fp5 {
  const [a0, a1, a2, a3, a4] = a;
  const [b0, b1, b2, b3, b4] = b;
  return [
    (a0 * b0 + 3n * (a1 * b4 + a2 * b3 + a3 * b2 + a4 * b1)) % P,
    (a0 * b1 + a1 * b0 + 3n * (a2 * b4 + a3 * b3 + a4 * b2)) % P,
    (a0 * b2 + a1 * b1 + a2 * b0 + 3n * (a3 * b4 + a4 * b3)) % P,
    (a0 * b3 + a1 * b2 + a2 * b1 + a3 * b0 + 3n * a4 * b4) % P,
    (a0 * b4 + a1 * b3 + a2 * b2 + a3 * b1 + a4 * b0) % P,
  ];
}

export function square(a: Fp5): Fp5 {
  const [a0, a1, a2, a3, a4] = a;
  return [
    (a0 * a0 + 6n * (a1 * a4 + a2 * a3)) % P,
    (2n * a0 * a1 + 3n * (2n * a2 * a4 + a3 * a3)) % P,
    (2n * a0 * a2 + a1 * a1 + 6n * a3 * a4) % P,
    (2n * (a0 * a3 + a1 * a2) + 3n * a4 * a4) % P,
    (2n * (a0 * a4 + a1 * a3) + a2 * a2) % P,
  ];
}

/** The element times a scalar of GF(p). */
export function scale(a: Fp5, factor: bigint): Fp5 {
  return [
    (a[0] * factor) % P,
    (a[1] * factor) % P,
    (a[2] * factor) % P,
    (a[3] * factor) % P,
    (a[4] * factor) % P,
  ];
}

function scaleEach(a: Fp5, factors: Fp5): Fp5 {
  return [
    a[0],
    (a[1] * factors[1]) % P,
    (a[2] * factors[2]) % P,
    (a[3] * factors[3]) % P,
    (a[4] * factors[4]) % P,
  ];
}

export function equal(a: Fp5, b: Fp5): boolean {
  return a.every((coefficient, i) => (coefficient - (b[i] as bigint)) % P === 0n);
}

export function isZero(a: Fp5): boolean {
  return a.every((coefficient) => coefficient % P === 0n);
}

/** x^(r−1) with r = 1 + p + p² + p³ + p⁴: the product of the four other conjugates. */
function normOverSelf(a: Fp5): Fp5 {
  const two = scaleEach(multiply(a, scaleEach(a, FROBENIUS)), FROBENIUS);
  return multiply(two, scaleEach(two, FROBENIUS_TWICE));
}

/** x^r, the norm to GF(p). */
function norm(a: Fp5): bigint {
  return multiply(a, normOverSelf(a))[0];
}

/** The inverse; zero for zero. */
export function inverse(a: Fp5): Fp5 {
  const cofactor = normOverSelf(a);
  return scale(cofactor, inverseInField(multiply(a, cofactor)[0]));
}

/** The inverses of nonzero elements: one inversion and three products each. */
export function inverseOfAll(elements: readonly Fp5[]): Fp5[] {
  const prefixes: Fp5[] = [];
  let product = ONE;
  for (const element of elements) {
    prefixes.push(product);
    product = multiply(product, element);
  }
  let suffix = inverse(product);
  const inverses: Fp5[] = new Array(elements.length);
  for (let i = elements.length - 1; i >= 0; i -= 1) {
    inverses[i] = multiply(prefixes[i] as Fp5, suffix);
    suffix = multiply(suffix, elements[i] as Fp5);
  }
  return inverses;
}

/** The Legendre symbol in GF(p⁵): that of the norm. */
export function legendreSymbol(a: Fp5): -1 | 0 | 1 {
  return legendre(norm(a));
}

/** A square root; `undefined` if there is none. Variable time. */
export function squareRoot(a: Fp5): Fp5 | undefined {
  if (isZero(a)) return ZERO;
  const root = rootInField(norm(a));
  if (root === undefined) return undefined;
  // (r + 1)/2 = 1 + p(1 + p²)·(p + 1)/2: x^((r+1)/2) squared is x times the norm.
  const half = powerOf(a, (P + 1n) / 2n);
  const conjugates = scaleEach(multiply(half, scaleEach(half, FROBENIUS_TWICE)), FROBENIUS);
  return scale(multiply(a, conjugates), inverseInField(root));
}

function powerOf(base: Fp5, exponent: bigint): Fp5 {
  let result = ONE;
  let power = base;
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = multiply(result, power);
    power = square(power);
  }
  return result;
}
