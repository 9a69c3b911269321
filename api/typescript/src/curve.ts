// EcGFp5 (eprint 2022/274): y² = x³ + 2x² + 263z·x over GF(p⁵), its subgroup of prime order n, encoded as
// w = −y/x. Sums are computed on the representatives outside the subgroup, by complete formulas: no
// case is exceptional, the neutral element included.

import {
  add,
  canonical,
  double,
  equal,
  type Fp5,
  inverse,
  inverseOfAll,
  isZero,
  legendreSymbol,
  multiply,
  negate,
  ONE,
  scale,
  square,
  squareRoot,
  subtract,
  ZERO,
} from './extension.js';

/** The prime order of the group, 319 bits. */
export const ORDER = 0x7ffffffd800000077ffffff1000000167fffffe6cfb80639e8885c39d724a09ce80fd996948bffe1n;

/** A point in fractional coordinates: x = b·X/Z and u = x/y = U/T; Z and T are never zero. */
export interface Point {
  readonly x: Fp5;
  readonly z: Fp5;
  readonly u: Fp5;
  readonly t: Fp5;
}

/** X and U of a point with Z = T = 1, of which the neutral one is (0, 0). */
interface Normalized {
  readonly x: Fp5;
  readonly u: Fp5;
}

export const NEUTRAL: Point = { x: ZERO, z: ONE, u: ZERO, t: ONE };

/** The curve's b is 263·z. */
const B1 = 263n;
const TWO: Fp5 = [2n, 0n, 0n, 0n, 0n];

function timesB(a: Fp5): Fp5 {
  return [a[4] * (3n * B1), a[0] * B1, a[1] * B1, a[2] * B1, a[3] * B1];
}

function sumOfProducts(xx: Fp5, zz: Fp5, uu: Fp5, tt: Fp5, xz: Fp5, ut: Fp5): Point {
  const bXx = timesB(xx);
  const sum = add(bXx, zz);
  const direct = multiply(tt, sum);
  const twoUu = double(uu);
  const crossed = multiply(twoUu, add(timesB(xz), sum));
  return {
    x: subtract(multiply(add(tt, twoUu), add(xz, sum)), direct),
    z: subtract(direct, crossed),
    u: multiply(ut, subtract(zz, bXx)),
    t: add(direct, crossed),
  };
}

/** The sum of two points; 10 products. */
export function addPoints(a: Point, b: Point): Point {
  const xx = multiply(a.x, b.x);
  const zz = multiply(a.z, b.z);
  const uu = multiply(a.u, b.u);
  const tt = multiply(a.t, b.t);
  const xz = subtract(multiply(add(a.x, a.z), add(b.x, b.z)), add(xx, zz));
  const ut = subtract(multiply(add(a.u, a.t), add(b.u, b.t)), add(uu, tt));
  return sumOfProducts(xx, zz, uu, tt, xz, ut);
}

/** The same with a normalized point; 8 products. */
function addNormalized(a: Point, b: Normalized): Point {
  const xx = multiply(a.x, b.x);
  const uu = multiply(a.u, b.u);
  const xz = add(a.x, multiply(a.z, b.x));
  const ut = add(a.u, multiply(a.t, b.u));
  return sumOfProducts(xx, a.z, uu, a.t, xz, ut);
}

export function negatePoint(a: Point): Point {
  return { ...a, u: negate(a.u) };
}

/** The canonical encoding w; zero for the neutral element. */
export function encode(point: Point): Fp5 {
  return canonical(multiply(point.t, inverse(point.u)));
}

/** The point that w encodes; `undefined` if w is zero or belongs to no element. Variable time. */
export function decode(w: Fp5): Point | undefined {
  if (isZero(w)) return undefined;
  const sum = subtract(square(w), TWO);
  const discriminant = subtract(square(sum), scale(timesB(ONE), 4n));
  const difference = squareRoot(discriminant);
  if (difference === undefined) return undefined;
  const half = (1n << 63n) - (1n << 31n) + 1n;
  const first = scale(add(sum, difference), half);
  // The product of the roots, b, is no square: exactly one of them is.
  const x = legendreSymbol(first) !== -1 ? first : scale(subtract(sum, difference), half);
  return { x: ONE, z: x, u: negate(x), t: negate(multiply(w, x)) };
}

/** Whether two points are the same element. */
export function samePoint(a: Point, b: Point): boolean {
  return equal(multiply(a.u, b.t), multiply(b.u, a.t));
}

/** Bits of a digit of a multiplier of the generator, and its digits. */
const WIDTH = 5;
const ROW = 1 << (WIDTH - 1);
const DIGITS = 64;

/** Row i holds 0, 1, …, 16 times 2^(5i)·G. Made at the first use. */
let table: Normalized[][] | undefined;

function generatorTable(): Normalized[][] {
  if (table !== undefined) return table;
  const generator = decode([4n, 0n, 0n, 0n, 0n]);
  if (generator === undefined) throw new Error('the generator does not decode');
  const multiples: Point[] = [];
  let base = generator;
  for (let row = 0; row < DIGITS; row += 1) {
    let multiple = base;
    for (let i = 0; i < ROW; i += 1) {
      multiples.push(multiple);
      multiple = addPoints(multiple, base);
    }
    // The last one pushed is 16 times the base.
    const last = multiples[multiples.length - 1] as Point;
    base = addPoints(last, last);
  }
  const inverses = inverseOfAll(multiples.map((point) => multiply(point.z, point.t)));
  const normalized = multiples.map((point, i): Normalized => {
    const factor = inverses[i] as Fp5;
    return {
      x: canonical(multiply(multiply(point.x, point.t), factor)),
      u: canonical(multiply(multiply(point.u, point.z), factor)),
    };
  });
  table = Array.from({ length: DIGITS }, (_, row) => [
    { x: ZERO, u: ZERO },
    ...normalized.slice(row * ROW, (row + 1) * ROW),
  ]);
  return table;
}

/** The scalar times the generator: the same sequence of operations for every scalar. */
export function multiplyGenerator(scalar: bigint): Point {
  let sum = NEUTRAL;
  let rest = scalar;
  for (const row of generatorTable()) {
    // Digits from −15 to 16; the last one leaves no carry, since 5·64 > 319.
    let digit = Number(rest & 31n);
    rest >>= BigInt(WIDTH);
    const negative = digit > ROW ? 1 : 0;
    digit -= negative * 2 * ROW;
    rest += BigInt(negative);
    const entry = row[digit * (1 - 2 * negative)] as Normalized;
    const opposite = negate(entry.u);
    sum = addNormalized(sum, { x: entry.x, u: negative ? opposite : entry.u });
  }
  return sum;
}

/** A scalar times a point. Variable time: for verifying. */
export function multiplyPoint(scalar: bigint, point: Point): Point {
  const multiples: Point[] = [NEUTRAL];
  for (let i = 1; i < 16; i += 1) multiples.push(addPoints(multiples[i - 1] as Point, point));
  let sum = NEUTRAL;
  for (const digit of scalar.toString(16)) {
    for (let i = 0; i < 4; i += 1) sum = addPoints(sum, sum);
    const value = Number.parseInt(digit, 16);
    if (value > 0) sum = addPoints(sum, multiples[value] as Point);
  }
  return sum;
}
