"""Bytes, limbs and texts: how values stand in hashes and in JSON (state/SPEC.md, section 3)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import cast

from farthing.errors import InvalidArgumentError
from farthing.field import Element5, P
from farthing.keccak import keccak256
from farthing.poseidon2 import Digest

LIMB_BYTES = 7

_HEXADECIMAL = re.compile(r"0x(?:[0-9a-fA-F]{2})*")


def to_hex(data: bytes) -> str:
    """Returns 0x and lower-case hexadecimal digits."""
    return "0x" + data.hex()


def from_hex(text: str, length: int | None = None, what: str = "bytes") -> bytes:
    """Reads 0x and hexadecimal digits of either case."""
    if not isinstance(text, str) or not _HEXADECIMAL.fullmatch(text):
        raise InvalidArgumentError(f"{what}: expected 0x and hexadecimal digits, two for each byte")
    data = bytes.fromhex(text[2:])
    if length is not None and len(data) != length:
        raise InvalidArgumentError(f"{what}: {len(data)} bytes, expected {length}")
    return data


def bytes32(value: bytes | str, what: str = "bytes") -> bytes:
    """Takes 32 bytes as bytes or as text."""
    if isinstance(value, str):
        return from_hex(value, 32, what)
    if not isinstance(value, (bytes, bytearray, memoryview)):
        raise InvalidArgumentError(f"{what}: {type(value).__name__}, expected 32 bytes")
    data = bytes(value)
    if len(data) != 32:
        raise InvalidArgumentError(f"{what}: {len(data)} bytes, expected 32")
    return data


def parse_address(text: str, what: str = "address") -> bytes:
    """Reads an L1 address; in upper and lower case its case is the EIP-55 checksum."""
    data = from_hex(text, 20, what)
    digits = text[2:]
    if digits not in (digits.lower(), digits.upper()) and text != checksum_address(data):
        raise InvalidArgumentError(f"{what} {text}: the case is not the checksum (EIP-55)")
    return data


def checksum_address(address: bytes) -> str:
    """Returns the address in the upper and lower case of EIP-55."""
    digits = address.hex()
    marks = keccak256(digits.encode()).hex()
    pairs = zip(digits, marks)
    return "0x" + "".join(d.upper() if int(mark, 16) >= 8 else d for d, mark in pairs)


def address_limbs(address: bytes) -> list[int]:
    """Returns the three limbs of an address: bytes 0–5, 6–12, 13–19."""
    return [int.from_bytes(address[a:b], "big") for a, b in ((0, 6), (6, 13), (13, 20))]


def bytes32_limbs(data: bytes) -> list[int]:
    """Returns the five limbs of 32 bytes: bytes 0–3, then four times seven."""
    bounds = ((0, 4), (4, 11), (11, 18), (18, 25), (25, 32))
    return [int.from_bytes(data[a:b], "big") for a, b in bounds]


def elements_to_bytes(elements: Sequence[int]) -> bytes:
    """Returns eight big-endian bytes for each element."""
    return b"".join(element.to_bytes(8, "big") for element in elements)


def elements_from_bytes(data: bytes, what: str = "bytes") -> list[int]:
    """Reads canonical elements."""
    elements = [int.from_bytes(data[at : at + 8], "big") for at in range(0, len(data), 8)]
    if len(data) % 8 or any(element >= P for element in elements):
        raise InvalidArgumentError(f"{what}: not canonical elements of the field")
    return elements


def parse_digest(text: str, what: str = "digest") -> Digest:
    """Reads a digest of four canonical elements."""
    return cast(Digest, tuple(elements_from_bytes(from_hex(text, 32, what), what)))


def digest_hex(digest: Digest) -> str:
    """Returns a digest as JSON has it."""
    return to_hex(elements_to_bytes(digest))


def short_digest(value: bytes | str, what: str = "recipient") -> bytes:
    """Takes a short digest, such as a recipient: 24 bytes, three canonical elements."""
    data = from_hex(value, 24, what) if isinstance(value, str) else value
    if not isinstance(data, bytes) or len(data) != 24:
        raise InvalidArgumentError(f"{what}: expected 24 bytes, or 0x and 48 hexadecimal digits")
    elements_from_bytes(data, what)
    return data


def parse_key(text: str, what: str = "key") -> Element5:
    """Reads a public key: five canonical elements."""
    return cast(Element5, tuple(elements_from_bytes(from_hex(text, 40, what), what)))


def limbs_of(data: bytes) -> list[int]:
    """Returns the limbs of public data, seven bytes each."""
    if len(data) % LIMB_BYTES:
        raise InvalidArgumentError(f"public data: {len(data)} bytes are not whole limbs of seven")
    places = range(0, len(data), LIMB_BYTES)
    return [int.from_bytes(data[at : at + LIMB_BYTES], "big") for at in places]
