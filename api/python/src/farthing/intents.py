"""Intents: what an account instructs, as bytes, message and JSON (state/SPEC.md, section 8)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from farthing import quantities, schnorr
from farthing.accelerator import accelerated
from farthing.encoding import (
    bytes32,
    bytes32_limbs,
    digest_hex,
    elements_from_bytes,
    from_hex,
    short_digest,
    to_hex,
)
from farthing.errors import InvalidAmountError, InvalidArgumentError, InvalidHoldersError
from farthing.keys import SecretKey
from farthing.leaves import LICENSE_STATUSES, Holder, HolderShares, LicenseStatus, license_status, share_table
from farthing.poseidon2 import Digest, Tag, hash_elements
from farthing.quantities import NANO_PER_BASE_UNIT, Money

Message: TypeAlias = tuple[int, int, int, bytes, bytes]
"""Quantity, target, amount, recipient and payload of an operation."""

_NAME = re.compile("(?<!^)(?=[A-Z])")


@dataclass(frozen=True, slots=True)
class Pay:
    """Payment to a license: the amount is price × uses."""

    license: int
    uses: int
    amount: int
    recipient: bytes
    """The license's: the payment settles to no other."""
    memo: bytes = bytes(32)

    KIND = 1

    def __post_init__(self) -> None:
        quantities.identifier(self.license, "license")
        quantities.uses(self.uses)
        _set(
            self,
            amount=quantities.amount(self.amount),
            recipient=short_digest(self.recipient),
            memo=bytes32(self.memo, "memo"),
        )

    def to_bytes(self) -> bytes:
        """Returns the bytes after an intent's head."""
        return _integers((self.license, 4), (self.uses, 4), (self.amount, 8)) + self.recipient + self.memo

    def _message(self) -> Message:
        return self.uses, self.license, self.amount, self.recipient, self.memo


@dataclass(frozen=True, slots=True)
class Transfer:
    """Payment to an account."""

    to: int
    amount: int
    recipient: bytes
    """The account's: the transfer settles to no other."""
    memo: bytes = bytes(32)

    KIND = 2

    def __post_init__(self) -> None:
        quantities.identifier(self.to, "account")
        _set(
            self,
            amount=quantities.amount(self.amount),
            recipient=short_digest(self.recipient),
            memo=bytes32(self.memo, "memo"),
        )

    def to_bytes(self) -> bytes:
        """Returns the bytes after an intent's head."""
        return _integers((self.to, 4), (self.amount, 8)) + self.recipient + self.memo

    def _message(self) -> Message:
        return 0, self.to, self.amount, self.recipient, self.memo


@dataclass(frozen=True, slots=True)
class Withdraw:
    """Withdrawal of whole base units to the account's owner on L1."""

    amount: int
    memo: bytes = bytes(32)

    KIND = 3

    def __post_init__(self) -> None:
        _set(self, amount=quantities.amount(self.amount), memo=bytes32(self.memo, "memo"))
        if self.amount == 0 or self.amount % NANO_PER_BASE_UNIT:
            raise InvalidAmountError(
                f"amount {self.amount}: a withdrawal is a multiple of {NANO_PER_BASE_UNIT} nano-units, not 0"
            )

    def to_bytes(self) -> bytes:
        """Returns the bytes after an intent's head."""
        return _integers((self.amount, 8)) + self.memo

    def _message(self) -> Message:
        return 0, 0, self.amount, bytes(24), self.memo


@dataclass(frozen=True, slots=True)
class RegisterLicense:
    """Registration of a license; licenses among the holders are its parents."""

    price: int
    derivative_shares: int
    lineage: int
    provenance: bytes
    holders: tuple[HolderShares, ...]
    recipient: bytes
    """Of the holder chain: the registration settles with no other holders."""

    KIND = 4

    def __post_init__(self) -> None:
        quantities.integer(self.derivative_shares, 0, quantities.SHARES_TOTAL, "derivative shares")
        quantities.integer(self.lineage, 1, quantities.LINEAGE_MAX, "lineage")
        _set(
            self,
            price=quantities.price(self.price),
            provenance=bytes32(self.provenance, "provenance"),
            holders=share_table(self.holders),
            recipient=short_digest(self.recipient),
        )

    def to_bytes(self) -> bytes:
        """Returns the bytes after an intent's head."""
        head = _integers((self.price, 8), (self.derivative_shares, 4), (self.lineage, 1))
        lines = [
            _integers((line.holder.kind == "license", 1), (line.holder.id, 4), (line.shares, 4))
            for line in self.holders
        ]
        return head + self.provenance + bytes([len(lines)]) + b"".join(lines) + self.recipient

    def _message(self) -> Message:
        return self.derivative_shares, self.lineage, self.price, self.recipient, self.provenance


@dataclass(frozen=True, slots=True)
class UpdateLicense:
    """Replacement of what a licensor sets of its license. It counts from the next batch on."""

    license: int
    price: int
    derivative_shares: int
    status: LicenseStatus
    licensee: int | None
    """The account that alone may pay, if there is one."""
    provenance: bytes
    recipient: bytes
    """The license's: no other is updated."""

    KIND = 5

    def __post_init__(self) -> None:
        quantities.identifier(self.license, "license")
        quantities.integer(self.derivative_shares, 0, quantities.SHARES_TOTAL, "derivative shares")
        if self.licensee is not None:
            quantities.licensee(self.licensee)
        _set(
            self,
            price=quantities.price(self.price),
            status=license_status(self.status),
            provenance=bytes32(self.provenance, "provenance"),
            recipient=short_digest(self.recipient),
        )

    def to_bytes(self) -> bytes:
        """Returns the bytes after an intent's head."""
        head = _integers((self.license, 4), (self.price, 8), (self.derivative_shares, 4))
        version = _integers((LICENSE_STATUSES[self.status], 1), (self.licensee or 0, 4))
        return head + version + self.provenance + self.recipient

    def _message(self) -> Message:
        quantity = LICENSE_STATUSES[self.status] << 20 | self.derivative_shares
        target = (self.licensee or 0) << 32 | self.license
        return quantity, target, self.price, self.recipient, self.provenance


Operation: TypeAlias = Pay | Transfer | Withdraw | RegisterLicense | UpdateLicense
"""What an intent does."""

_OPERATIONS: tuple[type[Operation], ...] = (Pay, Transfer, Withdraw, RegisterLicense, UpdateLicense)
_BY_NAME = {_NAME.sub("_", kind.__name__).lower(): kind for kind in _OPERATIONS}
_MONEY_FIELDS = frozenset({"amount", "price"})
_OPTIONAL_FIELDS = frozenset({"licensee"})


def _set(operation: Operation, **values: object) -> None:
    for name, value in values.items():
        object.__setattr__(operation, name, value)


def _integers(*fields: tuple[int, int]) -> bytes:
    return b"".join(value.to_bytes(length, "big") for value, length in fields)


def operation_to_json(operation: Operation) -> dict[str, Any]:
    """Returns the form of the API, such as `{"transfer": {…}}`."""
    [name] = (name for name, kind in _BY_NAME.items() if kind is type(operation))
    fields: dict[str, Any] = {}
    for field in operation.__dataclass_fields__:
        value = getattr(operation, field)
        if field in _MONEY_FIELDS:
            value = str(value)
        elif isinstance(value, bytes):
            value = to_hex(value)
        elif isinstance(value, tuple):
            value = [{"holder": line.holder.to_json(), "shares": line.shares} for line in value]
        fields[field] = value
    return {name: fields}


def operation_from_json(data: Any) -> Operation:
    """Reads the form of the API."""
    if not isinstance(data, Mapping) or len(data) != 1:
        raise InvalidArgumentError(f"operation: expected an object with one of {', '.join(_BY_NAME)}")
    [(name, fields)] = data.items()
    kind = _BY_NAME.get(name)
    if kind is None or not isinstance(fields, Mapping):
        raise InvalidArgumentError(f"operation {name!r}: expected one of {', '.join(_BY_NAME)}")
    names = set(kind.__dataclass_fields__)
    if not names - _OPTIONAL_FIELDS <= set(fields) <= names:
        raise InvalidArgumentError(f"{name}: expected the fields {', '.join(kind.__dataclass_fields__)}")
    values = dict.fromkeys(names & _OPTIONAL_FIELDS) | dict(fields)
    for field in _MONEY_FIELDS & set(values):
        values[field] = quantities.decimal_text(values[field], what=field)
    if "holders" in values:
        values["holders"] = _read_holders(values["holders"])
    return kind(**values)


def _read_holders(data: Any) -> tuple[HolderShares, ...]:
    if not isinstance(data, Iterable) or isinstance(data, (str, Mapping)):
        raise InvalidArgumentError("holders: expected an array")
    lines = []
    for line in data:
        if not isinstance(line, Mapping) or set(line) != {"holder", "shares"}:
            raise InvalidArgumentError("holders: expected objects with holder and shares")
        lines.append(HolderShares(Holder.from_json(line["holder"]), line["shares"]))
    return tuple(lines)


@dataclass(frozen=True, slots=True)
class Intent:
    """Instruction of an account."""

    account: int
    nonce: int
    fee: int
    valid_until: int
    """Unix seconds: the latest time at which a batch may include it."""
    operation: Operation

    def __post_init__(self) -> None:
        quantities.identifier(self.account, "account")
        quantities.integer(self.nonce, 0, quantities.NONCE_MAX, "nonce")
        quantities.fee(self.fee)
        quantities.integer(self.valid_until, 0, quantities.TIME_MAX, "valid until")

    def to_bytes(self) -> bytes:
        """Returns the canonical bytes."""
        head = _integers(
            (self.operation.KIND, 1), (self.account, 4), (self.nonce, 8), (self.fee, 4), (self.valid_until, 8)
        )
        return head + self.operation.to_bytes()

    def message(self) -> list[int]:
        """Returns the 14 elements that are signed."""
        quantity, target, amount, recipient, payload = self.operation._message()
        # A quantity is below 2²⁴ and a fee below 2³²: a head has one reading.
        head = self.operation.KIND << 56 | quantity << 32 | self.fee
        fixed = [head, self.account, target, amount, self.valid_until, self.nonce]
        return [*fixed, *elements_from_bytes(recipient), *bytes32_limbs(payload)]

    def id(self, domain: Digest) -> str:
        """Returns the intent's name, which does not depend on the signature."""
        return digest_hex(intent_id(domain, self.message()))

    def sign(self, key: SecretKey, domain: Digest) -> SignedIntent:
        """Signs for a deployment."""
        message = self.message()
        return SignedIntent(self, key.sign(domain, message), digest_hex(intent_id(domain, message)))


@accelerated
def intent_id(domain: Digest, message: Sequence[int]) -> Digest:
    """Returns the digest that names the intent with this message."""
    return hash_elements(Tag.INTENT_ID, (*domain, *message))


def sign_intents(intents: Sequence[Intent], key: SecretKey, domain: Digest) -> list[SignedIntent]:
    """Signs intents for a deployment, in their order."""
    messages = [intent.message() for intent in intents]
    return [
        SignedIntent(intent, signature, digest_hex(intent_id(domain, message)))
        for intent, message, signature in zip(intents, messages, key.sign_many(domain, messages))
    ]


@dataclass(frozen=True, slots=True)
class SignedIntent:
    """Intent with its signature."""

    intent: Intent
    signature: bytes
    id: str | None = None
    """Its name in the deployment that it was signed for, if known."""

    def to_bytes(self) -> bytes:
        """Returns the canonical bytes, the signature last."""
        return self.intent.to_bytes() + self.signature

    def to_json(self) -> dict[str, Any]:
        """Returns the body of `POST /v1/intents`."""
        return {
            "account": self.intent.account,
            "nonce": str(self.intent.nonce),
            "fee": str(self.intent.fee),
            "valid_until": self.intent.valid_until,
            "operation": operation_to_json(self.intent.operation),
            "signature": to_hex(self.signature),
        }

    @classmethod
    def from_json(cls, data: Any) -> SignedIntent:
        """Reads the body of `POST /v1/intents`, strictly."""
        names = {"account", "nonce", "fee", "valid_until", "operation", "signature"}
        if not isinstance(data, Mapping) or set(data) != names:
            raise InvalidArgumentError(f"intent: expected the fields {', '.join(sorted(names))}")
        intent = Intent(
            account=data["account"],
            nonce=quantities.decimal_text(data["nonce"], what="nonce"),
            fee=quantities.decimal_text(data["fee"], what="fee"),
            valid_until=data["valid_until"],
            operation=operation_from_json(data["operation"]),
        )
        signature = from_hex(data["signature"], schnorr.SIGNATURE_BYTES, "signature")
        return cls(intent, signature)


def lineage_of(parents: Iterable[int]) -> int:
    """Returns 1 + the sum of the parents' lineages.

    Raises:
        InvalidHoldersError: beyond 64.
    """
    lineage = 1 + sum(parents)
    if lineage > quantities.LINEAGE_MAX:
        raise InvalidHoldersError(f"lineage {lineage}: at most {quantities.LINEAGE_MAX}")
    return lineage


def price_times(price: int, uses: int) -> int:
    """Returns the amount of a payment.

    Raises:
        InvalidAmountError: if no intent can move it.
    """
    return quantities.amount(price * quantities.uses(uses))


def as_money(value: Money) -> int:
    """Takes an amount that an intent moves."""
    return quantities.amount(value)
