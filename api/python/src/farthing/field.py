"""The Goldilocks field GF(p) and its extension of degree five, GF(p)[z]/(z⁵ − 3).

An element of GF(p) is an integer from 0 to p − 1; an element of the extension is a tuple of the
coefficients of z⁰ to z⁴. Arithmetic of Python's integers is not constant time.
"""

from __future__ import annotations

from typing import TypeAlias

P = 2**64 - 2**32 + 1
"""The modulus."""

Element5: TypeAlias = tuple[int, int, int, int, int]
"""An element of the extension."""

ZERO: Element5 = (0, 0, 0, 0, 0)
ONE: Element5 = (1, 0, 0, 0, 0)

# z^p = z · 3^((p − 1) / 5): the Frobenius map multiplies the coefficient of zⁱ by the i-th power.
_FROBENIUS = pow(3, (P - 1) // 5, P)
_FROBENIUS_1 = tuple(pow(_FROBENIUS, i, P) for i in range(5))
_FROBENIUS_2 = tuple(pow(_FROBENIUS, 2 * i, P) for i in range(5))
_NON_RESIDUE = 7


def add(a: Element5, b: Element5) -> Element5:
    """Returns a + b."""
    return (
        (a[0] + b[0]) % P,
        (a[1] + b[1]) % P,
        (a[2] + b[2]) % P,
        (a[3] + b[3]) % P,
        (a[4] + b[4]) % P,
    )


def sub(a: Element5, b: Element5) -> Element5:
    """Returns a − b."""
    return (
        (a[0] - b[0]) % P,
        (a[1] - b[1]) % P,
        (a[2] - b[2]) % P,
        (a[3] - b[3]) % P,
        (a[4] - b[4]) % P,
    )


def neg(a: Element5) -> Element5:
    """Returns −a."""
    return (-a[0] % P, -a[1] % P, -a[2] % P, -a[3] % P, -a[4] % P)


def mul(a: Element5, b: Element5) -> Element5:
    """Returns a · b."""
    a0, a1, a2, a3, a4 = a
    b0, b1, b2, b3, b4 = b
    return (
        (a0 * b0 + 3 * (a1 * b4 + a2 * b3 + a3 * b2 + a4 * b1)) % P,
        (a0 * b1 + a1 * b0 + 3 * (a2 * b4 + a3 * b3 + a4 * b2)) % P,
        (a0 * b2 + a1 * b1 + a2 * b0 + 3 * (a3 * b4 + a4 * b3)) % P,
        (a0 * b3 + a1 * b2 + a2 * b1 + a3 * b0 + 3 * a4 * b4) % P,
        (a0 * b4 + a1 * b3 + a2 * b2 + a3 * b1 + a4 * b0) % P,
    )


def square(a: Element5) -> Element5:
    """Returns a²."""
    a0, a1, a2, a3, a4 = a
    d0, d1 = a0 + a0, a1 + a1
    return (
        (a0 * a0 + 6 * (a1 * a4 + a2 * a3)) % P,
        (d0 * a1 + 3 * (2 * a2 * a4 + a3 * a3)) % P,
        (d0 * a2 + a1 * a1 + 6 * a3 * a4) % P,
        (d0 * a3 + d1 * a2 + 3 * a4 * a4) % P,
        (d0 * a4 + d1 * a3 + a2 * a2) % P,
    )


def scale(a: Element5, k: int) -> Element5:
    """Returns k · a for an element k of GF(p)."""
    return (a[0] * k % P, a[1] * k % P, a[2] * k % P, a[3] * k % P, a[4] * k % P)


def _frobenius(a: Element5, powers: tuple[int, ...]) -> Element5:
    return (
        a[0],
        a[1] * powers[1] % P,
        a[2] * powers[2] % P,
        a[3] * powers[3] % P,
        a[4] * powers[4] % P,
    )


def _conjugates(a: Element5) -> Element5:
    """Returns the product of the four conjugates of a: a^(p + p² + p³ + p⁴)."""
    first = _frobenius(a, _FROBENIUS_1)
    pair = mul(first, _frobenius(first, _FROBENIUS_1))
    return mul(pair, _frobenius(pair, _FROBENIUS_2))


def _constant(a: Element5, b: Element5) -> int:
    """Returns the coefficient of z⁰ of a · b."""
    return (a[0] * b[0] + 3 * (a[1] * b[4] + a[2] * b[3] + a[3] * b[2] + a[4] * b[1])) % P


def norm(a: Element5) -> int:
    """Returns the norm of a, an element of GF(p)."""
    return _constant(a, _conjugates(a))


def inverse(a: Element5) -> Element5:
    """Returns 1 / a.

    Raises:
        ZeroDivisionError: if a is zero.
    """
    conjugates = _conjugates(a)
    value = _constant(a, conjugates)
    if value == 0:
        raise ZeroDivisionError("zero has no inverse")
    return scale(conjugates, pow(value, -1, P))


def legendre(a: Element5) -> int:
    """Returns 1 if a is a square, −1 if not, 0 for zero."""
    value = pow(norm(a), (P - 1) // 2, P)
    return -1 if value == P - 1 else value


def _sqrt_base(a: int) -> int | None:
    """Returns a square root in GF(p), or None (Tonelli and Shanks; p − 1 = 2³² · odd)."""
    if a == 0:
        return 0
    odd, bits = 2**32 - 1, 32
    root, rest = pow(a, (odd + 1) // 2, P), pow(a, odd, P)
    generator = pow(_NON_RESIDUE, odd, P)
    while rest != 1:
        order, value = 0, rest
        while value != 1:
            value = value * value % P
            order += 1
        if order == bits:
            return None
        factor = pow(generator, 1 << (bits - order - 1), P)
        root, generator, bits = root * factor % P, factor * factor % P, order
        rest = rest * generator % P
    return root


def sqrt(a: Element5) -> Element5 | None:
    """Returns a square root of a, or None if a is not a square.

    With r = 1 + p + p² + p³ + p⁴ the norm a^r is in GF(p), and a = a^(r + 1) / a^r.
    """
    if a == ZERO:
        return ZERO
    root_of_norm = _sqrt_base(norm(a))
    if root_of_norm is None:
        return None
    # a^((p + 1) / 2) by (p + 1) / 2 = 2⁶³ − 2³¹ + 1.
    low = a
    for _ in range(31):
        low = square(low)
    high = low
    for _ in range(32):
        high = square(high)
    half = mul(mul(high, inverse(low)), a)
    # (r + 1) / 2 = 1 + p · (1 + p²) · (p + 1) / 2.
    power = _frobenius(mul(half, _frobenius(half, _FROBENIUS_2)), _FROBENIUS_1)
    return scale(mul(power, a), pow(root_of_norm, -1, P))


def inverses(values: list[Element5]) -> list[Element5]:
    """Returns the inverses of values that are not zero, by one inversion (Montgomery)."""
    if not values:
        return []
    products = [values[0]]
    for value in values[1:]:
        products.append(mul(products[-1], value))
    running = inverse(products[-1])
    result = [ZERO] * len(values)
    for index in range(len(values) - 1, 0, -1):
        result[index] = mul(running, products[index - 1])
        running = mul(running, values[index])
    result[0] = running
    return result
