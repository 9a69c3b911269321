"""Public data and queue entries, as L1 shows them (state/SPEC.md, sections 10 and 12).

With the data of every final batch anyone can follow the state without the node.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from farthing.encoding import elements_to_bytes
from farthing.errors import InvalidArgumentError
from farthing.field import Element5, P
from farthing.keccak import keccak256
from farthing.leaves import LICENSE_STATUSES, Holder, HolderShares, LicenseStatus


@dataclass(frozen=True, slots=True)
class Deposit:
    """Deposit of the queue with its outcome."""

    owner: bytes
    amount: int
    key: tuple[int, ...]
    """Five words as L1 recorded them; the account's key is each modulo p."""
    outcome: str = "Credited"
    account: int | None = None
    """The account credited or refused by its balance."""

    def entry(self) -> bytes:
        """Returns the bytes of the queue entry."""
        return b"\x01" + self.owner + self.amount.to_bytes(7, "big") + elements_to_bytes(self.key)


@dataclass(frozen=True, slots=True)
class ForcedExit:
    """Forced exit of the queue with its outcome."""

    requester: bytes
    account: int
    outcome: str = "Exits"

    def entry(self) -> bytes:
        """Returns the bytes of the queue entry."""
        return b"\x02" + self.requester + self.account.to_bytes(4, "big")


@dataclass(frozen=True, slots=True)
class OpenedAccount:
    """Account that a batch opened."""

    id: int
    owner: bytes
    key: Element5


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """Withdrawal of base units to an owner on L1."""

    owner: bytes
    base_units: int


@dataclass(frozen=True, slots=True)
class Account:
    """Account that a batch touched; with a nonce if it signed."""

    id: int
    balance: int
    nonce: int | None


@dataclass(frozen=True, slots=True)
class NewLicense:
    """License that a batch registered."""

    id: int
    licensor: int
    derivative_shares: int
    price: int
    lineage: int
    provenance: bytes
    holders: tuple[HolderShares, ...]


@dataclass(frozen=True, slots=True)
class License:
    """License that a batch touched."""

    id: int
    vault: int
    received: int


@dataclass(frozen=True, slots=True)
class UpdatedLicense:
    """Version of a license from the next batch on."""

    id: int
    licensee: int | None
    """The account that alone may pay, if there is one."""
    derivative_shares: int
    status: LicenseStatus
    price: int
    provenance: bytes


Record: TypeAlias = Deposit | ForcedExit | OpenedAccount | Withdrawal | Account | NewLicense | License | UpdatedLicense
"""One record of public data."""

_DEPOSIT_OUTCOMES = ("RefusedByAmount", "Credited", "RefusedByBalance")
_EXIT_OUTCOMES = ("NoEffect", "Exits")
_STATUSES = {number: status for status, number in LICENSE_STATUSES.items()}


def queue_chain(before: bytes, entry: bytes) -> bytes:
    """Returns the queue's hash chain after an entry; before the first it is 32 zero bytes."""
    return keccak256(before, entry)


def account_key(words: Sequence[int]) -> tuple[int, ...]:
    """Returns the key of the account that a deposit opens."""
    return tuple(word % P for word in words)


class _Limbs:
    """Limbs that are read from the first on."""

    def __init__(self, limbs: Sequence[int]) -> None:
        self._limbs, self._place = limbs, 0

    def more(self) -> bool:
        """Whether limbs are left."""
        return self._place < len(self._limbs)

    def next(self) -> int:
        """Returns the next limb."""
        if not self.more():
            raise InvalidArgumentError("public data: the last record is cut off")
        self._place += 1
        return self._limbs[self._place - 1]

    def address(self) -> bytes:
        """Reads an address of three limbs."""
        return self.next().to_bytes(6, "big") + self.next().to_bytes(7, "big") + self.next().to_bytes(7, "big")

    def bytes32(self) -> bytes:
        """Reads 32 bytes of five limbs."""
        return self.next().to_bytes(4, "big") + b"".join(self.next().to_bytes(7, "big") for _ in range(4))

    def key(self) -> Element5:
        """Reads five words: their top bytes, then the low 56 bits of each."""
        high = self.next()
        a, b, c, d, e = ((high >> (32 - 8 * i) & 0xFF) << 56 | self.next() for i in range(5))
        return a, b, c, d, e


def read_records(limbs: Sequence[int]) -> Iterator[Record]:
    """Reads the records of public data.

    The data of a final batch are canonical: its proof and the contract have checked them.

    Raises:
        InvalidArgumentError: if the limbs are not whole records.
    """
    reader = _Limbs(limbs)
    while reader.more():
        first = reader.next()
        try:
            yield _record(first >> 48, first >> 16 & 0xFFFFFFFF, first, reader)
        except (OverflowError, IndexError, KeyError):
            raise InvalidArgumentError(f"public data: limb {first} begins no record") from None


def _record(kind: int, number: int, first: int, reader: _Limbs) -> Record:
    if kind == 1:
        outcome, account = _DEPOSIT_OUTCOMES[first >> 40 & 0xFF], first >> 8 & 0xFFFFFFFF
        owner, amount, key = reader.address(), reader.next(), reader.key()
        return Deposit(owner, amount, key, outcome, None if outcome == "RefusedByAmount" else account)
    if kind == 2:
        outcome, account = _EXIT_OUTCOMES[first >> 40 & 0xFF], first >> 8 & 0xFFFFFFFF
        return ForcedExit(reader.address(), account, outcome)
    if kind == 3:
        return OpenedAccount(number, reader.address(), reader.key())
    if kind == 4:
        rest = reader.next().to_bytes(7, "big") + reader.next().to_bytes(7, "big")
        return Withdrawal((first & 0xFFFFFFFFFFFF).to_bytes(6, "big") + rest, reader.next())
    if kind == 5:
        return Account(number, (first & 0xFFFF) << 48 | reader.next(), None)
    if kind == 6:
        limb = reader.next()
        nonce = (limb & 0xFF) << 54 | reader.next()
        return Account(number, (first & 0xFFFF) << 48 | limb >> 8, nonce)
    if kind == 7:
        terms, second = reader.next(), reader.next()
        provenance = reader.bytes32()
        holders = tuple(_line(reader.next()) for _ in range(first >> 8 & 0xFF))
        licensor, derivative_shares = terms >> 20, terms & 0xFFFFF
        return NewLicense(number, licensor, derivative_shares, second >> 16, second & 0xFFFF, provenance, holders)
    if kind == 8:
        return License(number, first >> 8 & 0xFF, (first & 0xFF) << 54 | reader.next())
    if kind == 9:
        status, version, price = _STATUSES[first >> 8 & 0xFF], reader.next(), reader.next() >> 16
        return UpdatedLicense(number, version >> 20 or None, version & 0xFFFFF, status, price, reader.bytes32())
    raise InvalidArgumentError(f"public data: no record has kind {kind}")


def _line(packed: int) -> HolderShares:
    kind = "license" if packed >> 52 else "account"
    return HolderShares(Holder(kind, packed & 0xFFFFFFFF), packed >> 32 & 0xFFFFF)
