"""Poseidon2 over Goldilocks, width 12, as state/SPEC.md defines it in section 4.

It is not the HorizenLabs instance: the 4 × 4 matrix and the internal diagonal differ.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum
from typing import TypeAlias

from farthing.accelerator import accelerated
from farthing.field import P
from farthing.round_constants import EXTERNAL_FINAL, EXTERNAL_INITIAL, INTERNAL

WIDTH = 12
RATE = 8

Digest: TypeAlias = tuple[int, int, int, int]
"""Four elements."""

ZERO_DIGEST: Digest = (0, 0, 0, 0)

_HALF = pow(2, -1, P)
_QUARTER = pow(4, -1, P)
_EIGHTH = pow(8, -1, P)

INTERNAL_DIAGONAL = (
    P - 2, 1, 2, _HALF, 3, 4, P - _HALF, P - 3, P - 4, _QUARTER, P - _QUARTER, _EIGHTH,
)  # fmt: skip
"""The diagonal d of the internal layer, J + diag(d)."""


class Tag(IntEnum):
    """Kind of what is hashed, in the capacity of the sponge."""

    DOMAIN = 1
    ACCOUNT_IDENTITY = 2
    ACCOUNT_LEAF = 3
    LICENSE_ORIGIN = 4
    SHARE_TABLE = 5
    LICENSE_LEAF = 6
    BATCH_STATEMENT = 7
    BLOCK_STATEMENT = 8
    PUBLIC_DATA = 9
    SIGNATURE_WEIGHTS = 10
    SECRET_KEY = 11
    SIGNATURE_NONCE = 12
    INTENT_ID = 13
    LICENSE_TERMS = 14
    ACCOUNT_OPENING = 15
    HOLDER_CHAIN = 16
    ACCOUNT_REQUEST = 17


def _external_layer(x: list[int]) -> list[int]:
    """Multiplies by E: 2·M4 on the diagonal, M4 elsewhere. Sums are not reduced."""
    a0, a1, a2, a3, b0, b1, b2, b3, c0, c1, c2, c3 = x
    a, b, c = a0 + a1 + a2 + a3, b0 + b1 + b2 + b3, c0 + c1 + c2 + c3
    a0, a1, a2, a3 = a + a0 + 2 * a1, a + a1 + 2 * a2, a + a2 + 2 * a3, a + a3 + 2 * a0
    b0, b1, b2, b3 = b + b0 + 2 * b1, b + b1 + 2 * b2, b + b2 + 2 * b3, b + b3 + 2 * b0
    c0, c1, c2, c3 = c + c0 + 2 * c1, c + c1 + 2 * c2, c + c2 + 2 * c3, c + c3 + 2 * c0
    s0, s1, s2, s3 = a0 + b0 + c0, a1 + b1 + c1, a2 + b2 + c2, a3 + b3 + c3
    return [
        a0 + s0, a1 + s1, a2 + s2, a3 + s3,
        b0 + s0, b1 + s1, b2 + s2, b3 + s3,
        c0 + s0, c1 + s1, c2 + s2, c3 + s3,
    ]  # fmt: skip


def _external_rounds(x: list[int], rounds: Sequence[Sequence[int]]) -> list[int]:
    for constants in rounds:
        powers = []
        for element, constant in zip(x, constants):
            value = (element + constant) % P
            second = value * value % P
            powers.append(second * second * second * value % P)
        x = _external_layer(powers)
    return x


@accelerated
def permute(state: Sequence[int]) -> list[int]:
    """Returns the permuted state of twelve elements."""
    x = _external_rounds(_external_layer(list(state)), EXTERNAL_INITIAL)
    x0, x1, x2, x3, x4, x5, x6, x7, x8, x9, x10, x11 = x
    for constant in INTERNAL:
        x0 = (x0 + constant) % P
        second = x0 * x0 % P
        x0 = second * second * second * x0 % P
        s = (x0 + x1 + x2 + x3 + x4 + x5 + x6 + x7 + x8 + x9 + x10 + x11) % P
        # Multiples by small numbers stay unreduced: in 22 rounds they grow by some 44 bits.
        x0 = s - 2 * x0
        x1 += s
        x2 = s + 2 * x2
        x3 = (s + _HALF * x3) % P
        x4 = s + 3 * x4
        x5 = s + 4 * x5
        x6 = (s - _HALF * x6) % P
        x7 = s - 3 * x7
        x8 = s - 4 * x8
        x9 = (s + _QUARTER * x9) % P
        x10 = (s - _QUARTER * x10) % P
        x11 = (s + _EIGHTH * x11) % P
    x = [x0, x1, x2, x3, x4, x5, x6, x7, x8, x9, x10, x11]
    return [value % P for value in _external_rounds(x, EXTERNAL_FINAL)]


@accelerated
def compress(left: Digest, right: Digest) -> Digest:
    """Returns the parent of two digests."""
    x = permute((*left, *right, 0, 0, 0, 0))
    return (x[0], x[1], x[2], x[3])


def _absorb(capacity: Sequence[int], message: Sequence[int]) -> list[int]:
    state = [0] * RATE + list(capacity)
    for start in range(0, max(len(message), 1), RATE):
        block = list(message[start : start + RATE])
        state[:RATE] = block + [0] * (RATE - len(block))
        state = permute(state)
    return state


def hash_wide(tag: Tag, message: Sequence[int]) -> list[int]:
    """Returns eight elements."""
    return _absorb((tag, len(message), 0, 0), message)[:RATE]


def hash_elements(tag: Tag, message: Sequence[int]) -> Digest:
    """Returns the digest of elements under a tag."""
    return hash_in((tag, len(message), 0, 0), message)


@accelerated
def hash_in(capacity: Digest, message: Sequence[int]) -> Digest:
    """Returns the digest from a given capacity; only for inputs of one fixed length."""
    x = _absorb(capacity, message)
    return (x[0], x[1], x[2], x[3])
