"""keccak256 as Ethereum has it (not SHA3-256 of `hashlib`: the padding differs)."""

from __future__ import annotations

_MASK = (1 << 64) - 1
_RATE_BYTES = 136

_ROTATIONS = (
    (0, 36, 3, 41, 18), (1, 44, 10, 45, 2), (62, 6, 43, 15, 61), (28, 55, 25, 21, 56), (27, 20, 39, 8, 14),
)  # fmt: skip


def _round_constants() -> list[int]:
    """Returns the 24 constants, from the shift register of the specification."""
    constants, register = [], 1
    for _ in range(24):
        constant = 0
        for bit in range(7):
            if register & 1:
                constant |= 1 << ((1 << bit) - 1)
            register = (register << 1) ^ (0x171 if register & 0x80 else 0)
        constants.append(constant)
    return constants


_CONSTANTS = _round_constants()


def _permute(lanes: list[list[int]]) -> list[list[int]]:
    a = lanes
    for constant in _CONSTANTS:
        c = [a[x][0] ^ a[x][1] ^ a[x][2] ^ a[x][3] ^ a[x][4] for x in range(5)]
        b = [[0] * 5 for _ in range(5)]
        for x in range(5):
            right = c[(x + 1) % 5]
            d = c[(x + 4) % 5] ^ ((right << 1 | right >> 63) & _MASK)
            for y in range(5):
                lane, turn = a[x][y] ^ d, _ROTATIONS[x][y]
                b[y][(2 * x + 3 * y) % 5] = (lane << turn | lane >> (64 - turn)) & _MASK
        a = [[b[x][y] ^ (~b[(x + 1) % 5][y] & b[(x + 2) % 5][y]) for y in range(5)] for x in range(5)]
        a[0][0] ^= constant
    return a


def keccak256(*parts: bytes) -> bytes:
    """Returns the hash of the parts, one after the other."""
    data = b"".join(parts)
    padding = _RATE_BYTES - len(data) % _RATE_BYTES
    data += b"\x81" if padding == 1 else b"\x01" + bytes(padding - 2) + b"\x80"
    lanes = [[0] * 5 for _ in range(5)]
    for start in range(0, len(data), _RATE_BYTES):
        for place in range(_RATE_BYTES // 8):
            at = start + 8 * place
            lanes[place % 5][place // 5] ^= int.from_bytes(data[at : at + 8], "little")
        lanes = _permute(lanes)
    return b"".join(lanes[x][0].to_bytes(8, "little") for x in range(4))
