"""Check of an ECDSA signature over secp256k1, for the vectors of L1 wallets only."""

from __future__ import annotations

_P = 2**256 - 2**32 - 977
_N = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
_G = (
    0x79BE667EF9DCBBAC55A06295CE870B07029BFCDB2DCE28D959F2815B16F81798,
    0x483ADA7726A3C4655DA4FBFC0E1108A8FD17B448A68554199C47D08FFB10D4B8,
)
_Point = tuple[int, int] | None


def _add(a: _Point, b: _Point) -> _Point:
    if a is None or b is None:
        return b if a is None else a
    if a[0] == b[0] and (a[1] + b[1]) % _P == 0:
        return None
    rise, run = (3 * a[0] * a[0], 2 * a[1]) if a == b else (b[1] - a[1], b[0] - a[0])
    slope = rise * pow(run, -1, _P)
    x = (slope * slope - a[0] - b[0]) % _P
    return x, (slope * (a[0] - x) - a[1]) % _P


def _multiply(scalar: int, point: _Point) -> _Point:
    result: _Point = None
    for bit in bin(scalar)[2:]:
        result = _add(result, result)
        result = _add(result, point) if bit == "1" else result
    return result


def is_signature(secret: bytes, digest: bytes, signature: bytes) -> bool:
    """Whether r and s sign the digest under the secret's public key."""
    r, s = (int.from_bytes(part, "big") for part in (signature[:32], signature[32:64]))
    public = _multiply(int.from_bytes(secret, "big"), _G)
    inverse = pow(s, -1, _N)
    first = _multiply(int.from_bytes(digest, "big") * inverse % _N, _G)
    point = _add(first, _multiply(r * inverse % _N, public))
    return point is not None and point[0] % _N == r
