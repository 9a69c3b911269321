"""Openings of licenses: the leaf of a license in the state that a final batch left, its path, and the
batch's statement (api/README.md, "Statements that prove themselves").
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from farthing.codec import Decimal64
from farthing.domain import Deployment
from farthing.encoding import (
    digest_hex,
    elements_from_bytes,
    from_hex,
    parse_digest,
    short_digest,
)
from farthing.errors import InvalidArgumentError, InvalidHoldersError
from farthing.leaves import (
    LICENSE_STATUSES,
    HolderShares,
    LicenseStatus,
    license_leaf,
    license_standing,
    table_digest,
    terms_digest,
)
from farthing.models import BatchBody, L1Location
from farthing.poseidon2 import Digest
from farthing.quantities import (
    HOLDERS_MAX,
    ID_MAX,
    LICENSEE_MAX,
    LINEAGE_MAX,
    NANO_MAX,
    PRICE_MAX,
    SHARES_TOTAL,
    integer,
)
from farthing.statement_bodies import batch_statement
from farthing.statements import TREE_DEPTH, BatchStatement, license_path_root


@dataclass(frozen=True, slots=True)
class OpeningBody:
    """Opening, as JSON has it."""

    chain_id: int
    contract: str
    id: int
    recipient: str
    licensor: int
    lineage: int
    holders: tuple[HolderShares, ...]
    price: Decimal64
    derivative_shares: int
    status: LicenseStatus
    licensee: int | None
    """The account that alone may pay, if there is one."""
    vault: Decimal64
    received: Decimal64
    """The total that it has received, modulo 2⁶²."""
    siblings: tuple[str, ...]
    accounts_root: str
    batch: BatchBody
    block: Decimal64
    """Nothing here binds the block and its place on L1, and a claim does not need them."""
    l1: L1Location | None = None


class Opening:
    """Opening whose fields are in their ranges, and are not checked against each other."""

    def __init__(self, body: OpeningBody) -> None:
        self.body = body
        self.deployment = Deployment(body.chain_id, body.contract)
        self.batch: BatchStatement = batch_statement(body.batch)
        self._siblings = [parse_digest(sibling, "sibling") for sibling in body.siblings]
        if len(self._siblings) != TREE_DEPTH:
            raise InvalidArgumentError(f"the path has {len(self._siblings)} siblings, expected {TREE_DEPTH}")
        self._accounts_root = parse_digest(body.accounts_root, "accounts root")
        # The terms take three elements of the license's origin: those of its recipient.
        a, b, c = elements_from_bytes(short_digest(body.recipient))
        self._origin: Digest = (a, b, c, 0)
        self._check_ranges()

    def _check_ranges(self) -> None:
        body = self.body
        for value, most, what in (
            (body.id, ID_MAX, "id"),
            (body.licensor, ID_MAX, "licensor"),
            # The number of an account. Whether a license can have it as its licensee, the leaf decides.
            (body.licensee or 0, ID_MAX, "licensee"),
            (body.price, PRICE_MAX, "price"),
            (body.derivative_shares, SHARES_TOTAL, "derivative shares"),
            (body.vault, NANO_MAX, "vault"),
            (body.received, NANO_MAX, "received"),
        ):
            integer(value, 0, most, what)
        integer(body.lineage, 1, LINEAGE_MAX, "lineage")
        for line in body.holders:
            integer(line.holder.id, 0, ID_MAX, "holder")
            integer(line.shares, 0, SHARES_TOTAL, "shares")
        if body.l1 is not None:
            from_hex(body.l1.transaction, 32, "L1 transaction")
            integer(body.l1.block, 0, 2**64 - 1, "L1 block")

    def verify(self, license: int) -> None:
        """Checks that the path of a license leads from its leaf to the state root of the batch.

        Raises:
            InvalidArgumentError: names the first rule that does not hold.
        """
        header = self.batch.header
        if self.body.id != license:
            raise InvalidArgumentError(f"the opening is of license {self.body.id}, expected license {license}")
        if header.domain != self.deployment.digest():
            raise InvalidArgumentError(f"the domain of batch {header.number} is not that of {named(self.deployment)}")
        got = license_path_root(self._leaf(), license, self._siblings, self._accounts_root)
        if got != header.new_root:
            raise InvalidArgumentError(
                f"the path of license {license} leads to state root {digest_hex(got)}, "
                f"batch {header.number} states {digest_hex(header.new_root)}"
            )

    def _leaf(self) -> Digest:
        """Returns the leaf of the licenses tree that the fields make."""
        body = self.body
        try:
            _check_holders(body.holders)
        except InvalidHoldersError as error:
            raise InvalidArgumentError(f"license {body.id}: holders: {error}") from error
        licensee = body.licensee or 0
        if licensee > LICENSEE_MAX:
            raise InvalidArgumentError(f"license {body.id}: Licensee is {licensee}, expected 0 to {LICENSEE_MAX}")
        terms = terms_digest(table_digest(body.holders), self._origin, body.licensor, body.lineage)
        standing = license_standing(LICENSE_STATUSES[body.status], licensee, body.derivative_shares)
        return license_leaf(terms, body.price, body.vault, body.received, standing)


def named(deployment: Deployment) -> str:
    """Returns a deployment as errors name it."""
    return f"chain {deployment.chain_id} and contract {deployment.contract}"


def _check_holders(lines: Sequence[HolderShares]) -> None:
    """Checks the rules of a share table, whose lines must be in their order; the first broken one is the error."""
    if not lines:
        raise InvalidHoldersError("a share table needs a holder")
    if len(lines) > HOLDERS_MAX:
        raise InvalidHoldersError(f"{len(lines)} holders, at most {HOLDERS_MAX} allowed")
    places = [(line.holder.kind, line.holder.id) for line in lines]
    for index, line in enumerate(lines):
        if line.shares == 0:
            raise InvalidHoldersError(f"holder {index} has no shares")
        if index > 0 and places[index - 1] >= places[index]:
            raise InvalidHoldersError(f"holder {index} does not come after the one before it")
    total = sum(line.shares for line in lines)
    if total != SHARES_TOTAL:
        raise InvalidHoldersError(f"shares sum to {total}, expected {SHARES_TOTAL}")
