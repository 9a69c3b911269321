"""Schnorr signatures over EcGFp5 (state/SPEC.md, section 5).

The nonce is a hash of key, domain and message: the same key and message give the same signature.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from farthing import accelerator, curve, field
from farthing.accelerator import SigningKey
from farthing.encoding import bytes32_limbs, elements_to_bytes
from farthing.errors import InvalidArgumentError, InvalidSignatureBytesError
from farthing.field import Element5, P
from farthing.poseidon2 import ZERO_DIGEST, Digest, Tag, hash_in, hash_wide

MESSAGE_ELEMENTS = 14
SIGNATURE_BYTES = 80


def _scalar(elements: Sequence[int]) -> int:
    """Reads digits to base 2⁶⁴, least significant first, modulo n; zero becomes 1."""
    return sum(digit << (64 * place) for place, digit in enumerate(elements)) % curve.N or 1


def secret_scalar(seed: bytes) -> int:
    """Returns the secret scalar of a seed of 32 bytes."""
    return _scalar(hash_wide(Tag.SECRET_KEY, bytes32_limbs(seed)))


def public_key(secret: int) -> Element5:
    """Returns the encoded key that verifies."""
    return curve.encode(curve.multiply_generator(secret))


def challenge(domain: Digest, nonce_w: Element5, key: Element5, message: Sequence[int]) -> Digest:
    """Returns (e₀, …, e₃): a leaf of the receipts tree."""
    return hash_in(domain, (*nonce_w, *key, *message))


def sign(secret: int, key: Element5, domain: Digest, message: Sequence[int]) -> bytes:
    """Signs 14 elements for a domain; `key` is the secret's public key."""
    halves = [(secret >> (32 * place)) & 0xFFFFFFFF for place in range(10)]
    nonce = _scalar(hash_wide(Tag.SIGNATURE_NONCE, (*halves, *domain, *key, *message)))
    nonce_w = curve.encode(curve.multiply_generator(nonce))
    e = _challenge_scalar(challenge(domain, nonce_w, key, message))
    response = (nonce + e * secret) % curve.N
    return elements_to_bytes(nonce_w) + response.to_bytes(40, "big")


class PureSigningKey:
    """Key that signs by the arithmetic of this package."""

    __slots__ = ("__secret", "public")

    def __init__(self, seed: bytes) -> None:
        self.__secret = secret_scalar(seed)
        self.public = public_key(self.__secret)

    def __repr__(self) -> str:
        return f"PureSigningKey(public={elements_to_bytes(self.public).hex()})"

    def sign(self, domain: Sequence[int], message: Sequence[int]) -> bytes:
        """Signs 14 elements for a domain."""
        return sign(self.__secret, self.public, cast(Digest, domain), message)

    def sign_many(self, domain: Sequence[int], batch: Sequence[Sequence[int]]) -> list[bytes]:
        """Signs messages for a domain, in their order."""
        return [self.sign(domain, message) for message in batch]


def signing_key(seed: bytes) -> SigningKey:
    """Returns the key of a seed of 32 bytes, of the accelerator if there is one."""
    return PureSigningKey(seed) if accelerator.native is None else accelerator.native.SigningKey(seed)


def check_signable(domain: Sequence[int], message: Sequence[int]) -> None:
    """Checks what is to be signed: 4 canonical elements for the domain, 14 for the message.

    Raises:
        InvalidArgumentError: says which number of elements, or that one is not canonical.
    """
    for elements, count, what in ((domain, len(ZERO_DIGEST), "domain"), (message, MESSAGE_ELEMENTS, "message")):
        if len(elements) != count:
            raise InvalidArgumentError(f"{what}: {len(elements)} elements, expected {count}")
        for element in elements:
            if not isinstance(element, int) or not 0 <= element < P:
                raise InvalidArgumentError(f"{what}: not canonical elements of the field")


def _challenge_scalar(e: Digest) -> int:
    return sum(element << (64 * place) for place, element in enumerate(e))


def split(signature: bytes) -> tuple[Element5, int]:
    """Reads R and s.

    Raises:
        InvalidSignatureBytesError: in the order of the bytes.
    """
    if len(signature) != SIGNATURE_BYTES:
        raise InvalidSignatureBytesError(f"the signature has {len(signature)} bytes, expected {SIGNATURE_BYTES}")
    words = [int.from_bytes(signature[at : at + 8], "big") for at in range(0, 40, 8)]
    for place, word in enumerate(words):
        if word >= P:
            raise InvalidSignatureBytesError(f"element {place} of R is not canonical")
    if not any(words):
        raise InvalidSignatureBytesError("R is neutral")
    response = int.from_bytes(signature[40:], "big")
    if response >= curve.N:
        raise InvalidSignatureBytesError("s is not below the order of the group")
    return cast(Element5, tuple(words)), response


def verify(key: Element5, domain: Digest, message: Sequence[int], signature: bytes) -> None:
    """Checks a signature of 14 elements: s·G = R + e·P.

    Raises:
        InvalidSignatureBytesError: if a rule of the specification does not hold.
    """
    # The accelerator confirms; the reason of a refusal is found here.
    if not accelerator.ask(lambda native: native.is_valid(key, domain, message, signature)):
        _verify(key, domain, message, signature)


def verify_many(
    domain: Digest, signed: Sequence[tuple[Element5, Sequence[int], bytes]]
) -> dict[int, InvalidSignatureBytesError]:
    """Checks signatures, each given after its key and message; returns the errors of invalid ones by place."""
    suspects = accelerator.ask(lambda native: native.find_invalid(domain, signed))
    errors = {}
    for place in range(len(signed)) if suspects is None else suspects:
        key, message, signature = signed[place]
        try:
            _verify(key, domain, message, signature)
        except InvalidSignatureBytesError as error:
            errors[place] = error
    return errors


def _verify(key: Element5, domain: Digest, message: Sequence[int], signature: bytes) -> None:
    nonce_w, response = split(signature)
    if key == field.ZERO:
        raise InvalidSignatureBytesError("the key is neutral")
    point = curve.decode(key)
    if point is None:
        raise InvalidSignatureBytesError("the key is not in the group")
    nonce = curve.decode(nonce_w)
    if nonce is None:
        raise InvalidSignatureBytesError("R is not in the group")
    e = _challenge_scalar(challenge(domain, nonce_w, key, message))
    right = curve.add(nonce, curve.multiply(e, point))
    if curve.multiply_generator(response) != right:
        raise InvalidSignatureBytesError("the signature is not of this message by this key")
