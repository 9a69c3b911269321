"""Updates of a license: what its licensor changes, and the version that results."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from farthing import quantities
from farthing.encoding import bytes32, short_digest
from farthing.errors import InvalidArgumentError
from farthing.intents import UpdateLicense
from farthing.leaves import LicenseStatus, license_status
from farthing.models import License
from farthing.quantities import Money
from farthing.recipients import Recipient

NewLicensee: TypeAlias = int | Literal["none"]
"""The account that alone may pay from then on, or none."""


@dataclass(frozen=True, slots=True)
class LicenseChanges:
    """Changes of a version; None leaves a field as it is."""

    price: Money | None = None
    derivative_shares: int | None = None
    status: LicenseStatus | None = None
    licensee: NewLicensee | None = None
    provenance: bytes | str | None = None

    def __post_init__(self) -> None:
        given = {name: getattr(self, name) for name in self.__dataclass_fields__}
        if all(value is None for value in given.values()):
            raise InvalidArgumentError(f"an update of a license changes something: give one of {', '.join(given)}")
        if self.price is not None:
            quantities.price(self.price)
        if self.derivative_shares is not None:
            quantities.integer(self.derivative_shares, 0, quantities.SHARES_TOTAL, "derivative shares")
        if self.status is not None:
            license_status(self.status)
        if self.licensee is not None and self.licensee != "none":
            quantities.licensee(self.licensee)
        if self.provenance is not None:
            bytes32(self.provenance, "provenance")

    def update(self, found: License, recipient: Recipient) -> UpdateLicense:
        """Returns the update of a license as it will be. One that is retired has no terms for others."""
        version = found if found.next is None else found.next
        status = self.status or version.status
        retired = status == "retired"
        shares = 0 if retired else version.derivative_shares
        licensee: NewLicensee | None = self.licensee or (None if retired else version.licensee)
        provenance = version.provenance if self.provenance is None else self.provenance
        return UpdateLicense(
            license=found.id,
            price=quantities.price(version.price if self.price is None else self.price),
            derivative_shares=shares if self.derivative_shares is None else self.derivative_shares,
            status=status,
            licensee=None if licensee == "none" else licensee,
            provenance=bytes32(provenance, "provenance"),
            recipient=short_digest(recipient),
        )
