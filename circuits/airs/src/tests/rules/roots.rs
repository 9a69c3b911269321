//! Roots of cubics over GF(p⁵).

use p3_field::{Field, PrimeCharacteristicRing};

use farthing_protocol::{FP5_ELEMENTS, Fp5, MODULUS};

/// a + b·X + c·X².
type Poly = [Fp5; 3];

/// The root of X³ + bX + a, if it has exactly one.
pub(super) fn root_of_cubic([a, b]: [Fp5; 2]) -> Option<Fp5> {
    // Xq − X has every element as a root: its common divisor with the cubic has the cubic's.
    let mut power = [Fp5::ZERO, Fp5::ONE, Fp5::ZERO];
    for _ in 0..FP5_ELEMENTS {
        power = raise(power, MODULUS, a, b);
    }
    let [c0, c1, c2] = [power[0], power[1] - Fp5::ONE, power[2]];
    if c2 == Fp5::ZERO {
        return (c1 != Fp5::ZERO)
            .then(|| -c0 * c1.inverse())
            .filter(|x| value(*x, a, b) == Fp5::ZERO);
    }
    // The cubic modulo c2·X² + c1·X + c0, with X² = s·X + t.
    let inverse = c2.inverse();
    let (s, t) = (-c1 * inverse, -c0 * inverse);
    let (d1, d0) = (s * s + t + b, s * t + a);
    if d1 == Fp5::ZERO {
        return None;
    }
    let root = -d0 * d1.inverse();
    (value(root, a, b) == Fp5::ZERO).then_some(root)
}

fn value(x: Fp5, a: Fp5, b: Fp5) -> Fp5 {
    x * x * x + b * x + a
}

fn raise(base: Poly, exponent: u64, a: Fp5, b: Fp5) -> Poly {
    let mut power = [Fp5::ONE, Fp5::ZERO, Fp5::ZERO];
    for bit in (0..u64::BITS).rev() {
        power = times(power, power, a, b);
        if exponent >> bit & 1 == 1 {
            power = times(power, base, a, b);
        }
    }
    power
}

/// The product modulo X³ + bX + a.
fn times(f: Poly, g: Poly, a: Fp5, b: Fp5) -> Poly {
    let mut product = [Fp5::ZERO; 5];
    for (i, f) in f.iter().enumerate() {
        for (j, g) in g.iter().enumerate() {
            product[i + j] += *f * *g;
        }
    }
    for i in [4, 3] {
        let top = product[i];
        product[i - 2] -= top * b;
        product[i - 3] -= top * a;
    }
    [product[0], product[1], product[2]]
}
