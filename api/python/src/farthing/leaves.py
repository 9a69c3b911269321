"""Accounts, licenses and share tables, as the state trees commit to them (state/SPEC.md, section 7)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from farthing.encoding import address_limbs
from farthing.errors import InvalidArgumentError, InvalidHoldersError
from farthing.field import Element5
from farthing.poseidon2 import Digest, Tag, hash_elements
from farthing.quantities import HOLDERS_MAX, ID_MAX, SHARES_TOTAL

LicenseStatus: TypeAlias = Literal["active", "paused", "retired"]
"""A paused license is neither paid nor derived from, a retired one never again."""

LICENSE_STATUSES: dict[LicenseStatus, int] = {"active": 1, "paused": 2, "retired": 3}
"""The number of each status."""


def license_status(name: object) -> LicenseStatus:
    """Takes the name of a status."""
    for status in LICENSE_STATUSES:
        if status == name:
            return status
    raise InvalidArgumentError(f"status {name!r}: expected one of {', '.join(LICENSE_STATUSES)}")


@dataclass(frozen=True, slots=True)
class Holder:
    """Account or parent license that holds shares of a license."""

    kind: str
    """`account` or `license`."""
    id: int

    @classmethod
    def account(cls, number: int) -> Holder:
        """Names an account."""
        return cls("account", number)

    @classmethod
    def license(cls, number: int) -> Holder:
        """Names a parent license."""
        return cls("license", number)

    @classmethod
    def from_json(cls, data: Any) -> Holder:
        """Reads `{"account": 7}` or `{"license": 3}`."""
        if isinstance(data, dict) and len(data) == 1:
            [(kind, number)] = data.items()
            if kind in ("account", "license") and type(number) is int:
                return cls(kind, number)
        raise InvalidHoldersError('holder: expected {"account": number} or {"license": number}')

    def to_json(self) -> Any:
        """Returns the form of the API."""
        return {self.kind: self.id}


@dataclass(frozen=True, slots=True)
class HolderShares:
    """One line of a share table."""

    holder: Holder
    shares: int

    def packed(self) -> int:
        """Returns the line as an element."""
        return (self.holder.kind == "license") << 52 | self.shares << 32 | self.holder.id


def share_table(lines: Iterable[HolderShares]) -> tuple[HolderShares, ...]:
    """Checks holders and puts them in their order: accounts by id, then licenses by id.

    Raises:
        InvalidHoldersError: if they are no share table.
    """
    table = sorted(lines, key=lambda line: (line.holder.kind, line.holder.id))
    if not table:
        raise InvalidHoldersError("holders: expected at least one")
    if len(table) > HOLDERS_MAX:
        raise InvalidHoldersError(f"holders: {len(table)}, expected at most {HOLDERS_MAX}")
    for line, before in zip(table, [None, *table]):
        holder = line.holder
        if holder.kind not in ("account", "license"):
            raise InvalidHoldersError(f"holder kind {holder.kind!r}: expected account or license")
        for value, least, most in ((holder.id, 0, ID_MAX), (line.shares, 1, SHARES_TOTAL)):
            if type(value) is not int or not least <= value <= most:
                raise InvalidHoldersError(
                    f"holder {holder.kind} {holder.id}: {value!r} is not an int from {least} to {most}"
                )
        if before is not None and before.holder == holder:
            raise InvalidHoldersError(f"holder {holder.kind} {holder.id}: named twice")
    total = sum(line.shares for line in table)
    if total != SHARES_TOTAL:
        raise InvalidHoldersError(f"holders: shares sum to {total}, expected {SHARES_TOTAL}")
    return tuple(table)


def table_digest(table: Iterable[HolderShares]) -> Digest:
    """Returns the digest of a share table."""
    return hash_elements(Tag.SHARE_TABLE, [line.packed() for line in table])


def terms_digest(table: Digest, origin: Digest, licensor: int, lineage: int) -> Digest:
    """Returns the digest of what never changes of a license."""
    return hash_elements(Tag.LICENSE_TERMS, (*table, *origin[:3], licensor + (lineage << 32)))


def license_standing(status: int, licensee: int, derivative_shares: int) -> int:
    """Returns the last element of a license's leaf. The licensee is 0 if there is none."""
    return status + (licensee << 2) + (derivative_shares << 34)


def license_leaf(terms: Digest, price: int, vault: int, received: int, standing: int) -> Digest:
    """Returns a leaf of the licenses tree."""
    return hash_elements(Tag.LICENSE_LEAF, (*terms, price, vault, received, standing))


def identity_digest(key: Element5, owner: bytes) -> Digest:
    """Returns the digest of an account's key and owner."""
    return hash_elements(Tag.ACCOUNT_IDENTITY, (*key, *address_limbs(owner)))


def account_leaf(identity: Digest, balance: int, nonce: int) -> Digest:
    """Returns a leaf of the accounts tree."""
    return hash_elements(Tag.ACCOUNT_LEAF, (*identity, balance, nonce, 0, 0))
