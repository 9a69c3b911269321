"""Secret keys: from a seed, a key file of the command line, or an L1 wallet.

A seed is secret. It is in no representation, message or pickle of a key.
"""

from __future__ import annotations

import os
import re
import secrets
import stat
import warnings
from collections.abc import Sequence
from typing import Any, NoReturn

from farthing import schnorr, wallet
from farthing.account_request import request_content, request_domain
from farthing.encoding import address_limbs, elements_to_bytes, parse_address, to_hex
from farthing.errors import InvalidArgumentError, InvalidKeyFileError
from farthing.field import Element5
from farthing.poseidon2 import Digest, Tag, hash_elements

SEED_BYTES = 32
_FILE_BYTES_MAX = 4_096


class SecretKey:
    """Key that signs intents of an account."""

    __slots__ = ("__seed", "__signing", "public")

    public: Element5
    """The five elements of the key that verifies."""

    def __init__(self, seed: bytes) -> None:
        """Derives the key of a seed of 32 bytes."""
        if not isinstance(seed, (bytes, bytearray)) or len(seed) != SEED_BYTES:
            raise InvalidArgumentError(f"a seed is {SEED_BYTES} bytes")
        self.__seed = bytes(seed)
        self.__signing = schnorr.signing_key(self.__seed)
        self.public = self.__signing.public

    @classmethod
    def from_seed(cls, seed: bytes) -> SecretKey:
        """Derives the key of a seed of 32 bytes."""
        return cls(seed)

    @classmethod
    def generate(cls) -> SecretKey:
        """Makes a key from the system's random numbers."""
        return cls(secrets.token_bytes(SEED_BYTES))

    @classmethod
    def from_file(cls, path: str | os.PathLike[str]) -> SecretKey:
        """Reads a key file as `farthing keys new` writes it: 64 hexadecimal digits.

        Raises:
            InvalidKeyFileError: the message names the path, never the contents.
        """
        return cls(_read_key_file(path))

    @classmethod
    def from_wallet_signature(cls, signature: bytes | str) -> SecretKey:
        """Derives the key of an L1 wallet from its signature of `wallet.typed_data(deployment)`."""
        return cls(wallet.seed(signature))

    def write_file(self, path: str | os.PathLike[str]) -> None:
        """Writes a new key file that only its owner can read. A file that exists stays as it is."""
        name = os.fspath(path)
        try:
            descriptor = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            raise InvalidKeyFileError(f"{name}: exists, and a key is never overwritten") from None
        except OSError as error:
            raise InvalidKeyFileError(f"{name}: cannot be written: {error.strerror}") from None
        with os.fdopen(descriptor, "w") as file:
            file.write(to_hex(self.__seed) + "\n")

    @property
    def public_hex(self) -> str:
        """The public key as JSON has it."""
        return to_hex(elements_to_bytes(self.public))

    def sign(self, domain: Digest, message: Sequence[int]) -> bytes:
        """Signs 14 elements for a domain."""
        schnorr.check_signable(domain, message)
        return self.__signing.sign(domain, message)

    def sign_many(self, domain: Digest, messages: Sequence[Sequence[int]]) -> list[bytes]:
        """Signs messages of 14 elements for a domain; signatures are in their order."""
        for message in messages:
            schnorr.check_signable(domain, message)
        return self.__signing.sign_many(domain, messages)

    def sign_opening(self, owner: str, domain: Digest) -> bytes:
        """Signs a request for an account of this key and an owner (state/SPEC.md, section 9)."""
        limbs = address_limbs(parse_address(owner, "owner"))
        opening = hash_elements(Tag.ACCOUNT_OPENING, (*domain, *self.public, *limbs))
        return self.sign(opening, [0] * schnorr.MESSAGE_ELEMENTS)

    def sign_request(self, account: int, time: int, method: str, target: str, body: bytes, domain: Digest) -> str:
        """Returns `Farthing-Signature` of a request of an account to a node (state/SPEC.md, section 9).

        `time` is in unix seconds, `target` the path and query as they are sent.
        """
        content = request_content(method, target, body)
        signing = request_domain(account, time, content, domain)
        signature = self.sign(signing, [0] * schnorr.MESSAGE_ELEMENTS)
        return f"account={account},t={time},s={to_hex(signature)}"

    def __repr__(self) -> str:
        return f"SecretKey(public={self.public_hex})"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret key is not pickled; write_file keeps it")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, SecretKey) and self.public == other.public

    def __hash__(self) -> int:
        return hash(self.public)

    def __setattr__(self, name: str, value: Any) -> None:
        if hasattr(self, "public"):
            raise AttributeError("a key does not change")
        object.__setattr__(self, name, value)


def _read_key_file(path: str | os.PathLike[str]) -> bytes:
    name = os.fspath(path)
    if re.fullmatch(r"\s*(0x)?[0-9a-fA-F]{64}\s*", name) and not os.path.exists(name):
        raise InvalidKeyFileError("this looks like a secret key; give the path of the file that holds it")
    try:
        with open(name, "rb") as file:
            _warn_if_readable_by_others(name, os.fstat(file.fileno()))
            data = file.read(_FILE_BYTES_MAX + 1)
    except OSError as error:
        raise InvalidKeyFileError(f"{name}: {error.strerror}") from None
    if len(data) > _FILE_BYTES_MAX:
        raise InvalidKeyFileError(f"{name}: more than {_FILE_BYTES_MAX} bytes, the most that is read")
    # Contents are in no message, so the original error is not kept either.
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InvalidKeyFileError(f"{name}: is not text in UTF-8") from None
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if len(lines) != 1:
        raise InvalidKeyFileError(f"{name}: {len(lines)} lines, expected one of 64 hexadecimal digits")
    digits = lines[0].removeprefix("0x")
    if not re.fullmatch(r"[0-9a-fA-F]{64}", digits):
        raise InvalidKeyFileError(f"{name}: expected 64 hexadecimal digits, and 0x before them or not")
    return bytes.fromhex(digits)


def _warn_if_readable_by_others(name: str, status: os.stat_result) -> None:
    mode = stat.S_IMODE(status.st_mode)
    if os.name == "posix" and stat.S_ISREG(status.st_mode) and mode & 0o077:
        warnings.warn(
            f"{name}: other users can read or write it (mode {mode:04o}); chmod 600 keeps it to its owner",
            stacklevel=4,
        )
