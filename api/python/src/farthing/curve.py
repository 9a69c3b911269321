"""EcGFp5 (eprint 2022/274): y² = x³ + 2x² + 263z·x over GF(p⁵), its subgroup of prime order n.

A point is a pair (x, y), the neutral element is None. A point is encoded as w = −y/x, the neutral
element as w = 0. Arithmetic is not constant time.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TypeAlias

from farthing import field
from farthing.field import Element5

N = 0x7FFFFFFD800000077FFFFFF1000000167FFFFFE6CFB80639E8885C39D724A09CE80FD996948BFFE1
"""The order of the group."""

Point: TypeAlias = tuple[Element5, Element5] | None

_B: Element5 = (0, 263, 0, 0, 0)
_TWO: Element5 = (2, 0, 0, 0, 0)
GENERATOR_W: Element5 = (4, 0, 0, 0, 0)

# Fixed-base multiplication: signed digits of so many bits, a table of multiples for each digit.
_WINDOW = 6
_DIGITS = 54
_HALF_WINDOW = 1 << (_WINDOW - 1)
assert N.bit_length() < _WINDOW * _DIGITS, "the last digit takes a carry"


def decode(w: Element5) -> tuple[Element5, Element5] | None:
    """Returns the point with this encoding, or None if there is none; w is not zero.

    x is the root of x² − (w² − 2)x + 263z that is a square: without that rule the sign of the
    point would be free.
    """
    if w == field.ZERO:
        return None
    middle = field.sub(field.square(w), _TWO)
    discriminant = field.sub(field.square(middle), field.scale(_B, 4))
    root = field.sqrt(discriminant)
    if root is None:
        return None
    half = pow(2, -1, field.P)
    for candidate in (field.add(middle, root), field.sub(middle, root)):
        x = field.scale(candidate, half)
        if field.legendre(x) == 1:
            return x, field.neg(field.mul(w, x))
    return None


def encode(point: Point) -> Element5:
    """Returns w = −y/x, zero for the neutral element."""
    if point is None:
        return field.ZERO
    x, y = point
    return field.neg(field.mul(y, field.inverse(x)))


def negate(point: Point) -> Point:
    """Returns −P."""
    return None if point is None else (point[0], field.neg(point[1]))


def _on_line(slope: Element5, a: tuple[Element5, Element5], other_x: Element5) -> Point:
    """Returns the sum of two points on a line with this slope through a."""
    x = field.sub(field.sub(field.sub(field.square(slope), _TWO), a[0]), other_x)
    return x, field.sub(field.mul(slope, field.sub(a[0], x)), a[1])


def double(a: Point) -> Point:
    """Returns 2a."""
    if a is None:
        return None
    x, y = a
    numerator = field.add(field.add(field.scale(field.square(x), 3), field.scale(x, 4)), _B)
    slope = field.mul(numerator, field.inverse(field.add(y, y)))
    return _on_line(slope, a, x)


def add(a: Point, b: Point) -> Point:
    """Returns a + b."""
    if a is None:
        return b
    if b is None:
        return a
    if a[0] == b[0]:
        return double(a) if a[1] == b[1] else None
    slope = field.mul(field.sub(b[1], a[1]), field.inverse(field.sub(b[0], a[0])))
    return _on_line(slope, a, b[0])


def _add_pairs(pairs: list[tuple[Point, Point]]) -> list[Point]:
    """Adds many pairs by one inversion."""
    sums: list[Point] = [None] * len(pairs)
    places, differences = [], []
    for place, (a, b) in enumerate(pairs):
        if a is None or b is None or a[0] == b[0]:
            sums[place] = add(a, b)
        else:
            places.append(place)
            differences.append(field.sub(b[0], a[0]))
    for place, inverse in zip(places, field.inverses(differences)):
        a, b = pairs[place]
        assert a is not None and b is not None
        slope = field.mul(field.sub(b[1], a[1]), inverse)
        sums[place] = _on_line(slope, a, b[0])
    return sums


def _sum(points: list[Point]) -> Point:
    """Adds points in a tree, one inversion a level."""
    while len(points) > 1:
        odd = points[-1:] if len(points) % 2 else []
        points = _add_pairs(list(zip(points[0::2], points[1::2]))) + odd
    return points[0] if points else None


@lru_cache(maxsize=1)
def _generator_table() -> list[list[Point]]:
    """Multiples 1 to 2⁵ of 2^(6i)·G for each digit i."""
    base: Point = decode(GENERATOR_W)
    bases = []
    for _ in range(_DIGITS):
        bases.append(base)
        for _ in range(_WINDOW):
            base = double(base)
    columns = [list(bases)]
    for _ in range(_HALF_WINDOW - 1):
        columns.append(_add_pairs(list(zip(columns[-1], bases))))
    return [[column[digit] for column in columns] for digit in range(_DIGITS)]


def multiply_generator(scalar: int) -> Point:
    """Returns scalar · G for a scalar from 0 to n − 1."""
    points: list[Point] = []
    carry = 0
    for multiples in _generator_table():
        digit = (scalar & (2 * _HALF_WINDOW - 1)) + carry
        scalar >>= _WINDOW
        carry = 0
        if digit > _HALF_WINDOW:
            digit, carry = digit - 2 * _HALF_WINDOW, 1
        if digit > 0:
            points.append(multiples[digit - 1])
        elif digit < 0:
            points.append(negate(multiples[-digit - 1]))
    return _sum(points)


def multiply(scalar: int, point: Point) -> Point:
    """Returns scalar · P for a scalar that is not negative."""
    width = 4
    multiples: list[Point] = [None]
    for _ in range((1 << width) - 1):
        multiples.append(add(multiples[-1], point))
    result: Point = None
    digits = -(-scalar.bit_length() // width)
    for digit in range(digits - 1, -1, -1):
        for _ in range(width):
            result = double(result)
        result = add(result, multiples[(scalar >> (width * digit)) & ((1 << width) - 1)])
    return result
