"""Revenue statements: whether they agree with themselves, and so whether the claim follows from openings.

**Consistent is not true.** Anyone can make consistent openings of a state that never was. A claim is
true only if the contract has verified the batches: give `l1` and the contract's address, from a
source that you trust and never from the statement.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal, TypeAlias, TypeVar

from farthing.codec import Decimal64, from_json
from farthing.domain import Deployment
from farthing.errors import FarthingError, InvalidArgumentError, InvalidStatementError
from farthing.leaves import Holder
from farthing.license_openings import Opening, OpeningBody, named
from farthing.quantities import ID_MAX, NANO_MAX, SHARES_TOTAL, integer
from farthing.statements import BatchStatement

_TYPE = "farthing.statement"
_VERSION = 1
_LICENSES_MAX = 1_000
_BATCH_MAX = 2**62 - 1

Statement: TypeAlias = dict[str, Any] | str | bytes
"""Decoded JSON of a statement, or its text."""

StatementStep: TypeAlias = Literal["format", "licenses", "deployment", "openings", "batches", "claim"]
"""Check of a statement that needs no L1."""

STATEMENT_STEPS: tuple[StatementStep, ...] = ("format", "licenses", "deployment", "openings", "batches", "claim")
"""The checks in their order: JSON of the right form and version; one to 1,000 licenses, ascending; one
chain and contract; a path from each license to the state root of its batch; the same two batches for
all; the claim as it follows."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class RevenueClaim:
    """A license received exactly this sum, after batch `after` up to batch `until`."""

    kind: Literal["revenue"]
    license: int
    until: Decimal64
    received: Decimal64
    after: Decimal64 | None = None
    """None if the claim begins with the registration."""


@dataclass(frozen=True, slots=True)
class ShareClaim:
    """An account has these shares of a license, and was credited so much of what the license received."""

    kind: Literal["share"]
    license: int
    account: int
    shares: int
    """Of 1,000,000."""
    until: Decimal64
    received: Decimal64
    credited_min: Decimal64
    credited_max: Decimal64
    after: Decimal64 | None = None
    """None if the claim begins with the registration."""


@dataclass(frozen=True, slots=True)
class TotalClaim:
    """Several licenses received exactly this sum together. What a derivative leaves a parent counts for both."""

    kind: Literal["total"]
    licenses: tuple[int, ...]
    until: Decimal64
    received: Decimal64
    after: Decimal64 | None = None
    """None if the claim begins with the registration."""


Claim: TypeAlias = RevenueClaim | ShareClaim | TotalClaim

_CLAIMS: dict[str, type[Claim]] = {"revenue": RevenueClaim, "share": ShareClaim, "total": TotalClaim}

_COMPARED = ("license", "licenses", "account", "shares", "after", "until", "received", "credited_min", "credited_max")
"""Fields of claims, in the order in which they are compared."""


@dataclass(frozen=True, slots=True)
class VerifiedStatement:
    """Contents of a consistent statement: facts if, and only if, `proven`."""

    deployment: Deployment
    claim: Claim
    after: BatchStatement | None
    """The batch before the first one, unless the claim begins with the registration."""
    until: BatchStatement
    """The last batch."""
    proven: bool = False
    """Whether L1 was asked and has verified the batches."""
    seen_at: int | None = None
    """The L1 block at which that was seen."""

    @property
    def batches(self) -> list[BatchStatement]:
        """The batches that L1 must have verified."""
        return [self.until] if self.after is None else [self.after, self.until]


@dataclass(frozen=True, slots=True)
class RefusedStatement:
    """Statement that proves nothing."""

    passed: tuple[StatementStep, ...]
    """The checks that it passed."""
    error: InvalidStatementError
    """Names the check that refused it, and why."""


@dataclass(frozen=True, slots=True)
class _EntryBody:
    """Openings of a license, as JSON has them."""

    until: OpeningBody
    after: OpeningBody | None = None


@dataclass(frozen=True, slots=True)
class _StatementBody:
    """Statement, as JSON has it."""

    type: str
    version: int
    claim: Any
    licenses: tuple[_EntryBody, ...]


@dataclass(frozen=True, slots=True)
class _Entry:
    """Openings of a license: at the batch before the first one, if there is one, and at the last."""

    until: Opening
    after: Opening | None

    @property
    def license(self) -> int:
        return self.until.body.id

    def openings(self) -> Iterator[Opening]:
        if self.after is not None:
            yield self.after
        yield self.until

    def batches(self) -> list[BatchStatement]:
        return [opening.batch for opening in self.openings()]


def verify_statement_offline(statement: Statement, deployment: Deployment | None = None) -> VerifiedStatement:
    """Checks that a statement agrees with itself, and is of the deployment if one is given.

    Raises:
        InvalidStatementError: names the first check that fails.
    """
    return _Checks().all(statement, deployment)


def check_statement(statement: Statement, deployment: Deployment | None = None) -> VerifiedStatement | RefusedStatement:
    """Does the same, and returns the refusal: for programs that show each step."""
    checks = _Checks()
    try:
        return checks.all(statement, deployment)
    except InvalidStatementError as error:
        return RefusedStatement(tuple(checks.passed), error)


class _Checks:
    """Checks in their order."""

    def __init__(self) -> None:
        self.passed: list[StatementStep] = []

    def all(self, statement: Statement, deployment: Deployment | None) -> VerifiedStatement:
        claimed, licenses = self._take("format", lambda: _read(statement))
        self._take("licenses", lambda: _check_order(licenses))
        first = licenses[0]
        expected = first.until.deployment if deployment is None else deployment
        self._take("deployment", lambda: _check_deployment(licenses, expected))
        self._take("openings", lambda: _check_openings(licenses))
        self._take("batches", lambda: _check_batches(licenses))
        claim = self._take("claim", lambda: _check_claim(claimed, licenses))
        after = None if first.after is None else first.after.batch
        return VerifiedStatement(expected, claim, after, first.until.batch)

    def _take(self, step: StatementStep, check: Callable[[], T]) -> T:
        try:
            result = check()
        except FarthingError as error:
            raise InvalidStatementError(step, str(error)) from error
        self.passed.append(step)
        return result


def _read(statement: Statement) -> tuple[Claim, list[_Entry]]:
    data: Any = statement
    if isinstance(statement, (str, bytes)):
        try:
            data = json.loads(statement)
        except (ValueError, RecursionError) as error:
            raise InvalidArgumentError(f"not JSON: {error}") from None
    head = data if isinstance(data, dict) else {}
    kind, version = head.get("type"), head.get("version")
    if kind != _TYPE:
        got = kind if isinstance(kind, str) else _shown(kind)
        raise InvalidArgumentError(f'type "{got}", expected "{_TYPE}"')
    if version != _VERSION or type(version) is not int:
        raise InvalidArgumentError(f"version {_shown(version)}, expected {_VERSION}: use a newer program")
    body = from_json(_StatementBody, data, strict=True)
    entries = [_Entry(Opening(one.until), None if one.after is None else Opening(one.after)) for one in body.licenses]
    return _read_claim(body.claim), entries


def _shown(value: Any) -> str:
    """Returns the JSON of a value that was given in the place of another."""
    return json.dumps(value, ensure_ascii=False, default=str)


def _read_claim(data: Any) -> Claim:
    kind = data.get("kind") if isinstance(data, dict) else None
    if not isinstance(kind, str) or kind not in _CLAIMS:
        raise InvalidArgumentError(f"claim: kind {_shown(kind)}, expected one of {', '.join(_CLAIMS)}")
    claim = from_json(_CLAIMS[kind], data, strict=True)
    ids = claim.licenses if isinstance(claim, TotalClaim) else (claim.license,)
    for id in ids:
        integer(id, 0, ID_MAX, "license")
    for batch in (claim.after or 0, claim.until):
        integer(batch, 0, _BATCH_MAX, "batch")
    integer(claim.received, 0, NANO_MAX, "received")
    if isinstance(claim, ShareClaim):
        integer(claim.account, 0, ID_MAX, "account")
        integer(claim.shares, 0, SHARES_TOTAL, "shares")
        integer(claim.credited_min, 0, NANO_MAX, "credited_min")
        integer(claim.credited_max, 0, NANO_MAX, "credited_max")
    return claim


def _check_order(licenses: Sequence[_Entry]) -> None:
    if not 1 <= len(licenses) <= _LICENSES_MAX:
        raise InvalidArgumentError(f"{len(licenses)} licenses, expected 1 to {_LICENSES_MAX}")
    # A license that was there twice would count twice.
    for before, entry in pairwise(licenses):
        if entry.license <= before.license:
            raise InvalidArgumentError(
                f"license {entry.license} comes after license {before.license}: expected ascending numbers"
            )


def _check_deployment(licenses: Sequence[_Entry], expected: Deployment) -> None:
    for entry in licenses:
        for opening in entry.openings():
            if opening.deployment != expected:
                raise InvalidArgumentError(
                    f"license {entry.license}: the opening is of {named(opening.deployment)}, "
                    f"expected {named(expected)}"
                )


def _check_openings(licenses: Sequence[_Entry]) -> None:
    for entry in licenses:
        for opening in entry.openings():
            opening.verify(entry.license)


def _check_batches(licenses: Sequence[_Entry]) -> None:
    """Checks that all have the same batches, the first before the last: else sums would be of different periods."""
    first = licenses[0]
    for entry in licenses:
        if entry.after is not None:
            after, until = entry.after.batch.header.number, entry.until.batch.header.number
            if after >= until:
                raise InvalidArgumentError(f"batch {after} is not before batch {until}")
        if entry.batches() != first.batches():
            raise InvalidArgumentError(
                f"license {entry.license} is not opened at the same batches as license {first.license}"
            )


def _check_claim(got: Claim, licenses: Sequence[_Entry]) -> Claim:
    """Derives the claim from the openings, and compares it with the one that the statement makes."""
    expected = _derive(got, licenses)
    for name in _COMPARED:
        right, claimed = getattr(expected, name, None), getattr(got, name, None)
        if right != claimed:
            raise InvalidArgumentError(
                f"the claim does not follow from the openings: {name} is {_text(right)}, "
                f"the claim says {_text(claimed)}"
            )
    return expected


def _text(value: object) -> str:
    if value is None:
        return "absent"
    return f"[{','.join(map(str, value))}]" if isinstance(value, tuple) else str(value)


def _derive(got: Claim, licenses: Sequence[_Entry]) -> Claim:
    """Returns the claim of this kind that checked openings prove."""
    first = licenses[0]
    until = first.until.batch.header.number
    after = None if first.after is None else first.after.batch.header.number
    if isinstance(got, TotalClaim):
        total = sum(map(_revenue, licenses))
        if total > NANO_MAX:
            raise InvalidArgumentError("the licenses received more than a claim can state")
        return TotalClaim("total", tuple(entry.license for entry in licenses), until, total, after)
    if len(licenses) != 1:
        raise InvalidArgumentError(f"a claim of one license has openings of {len(licenses)}")
    received = _revenue(first)
    if isinstance(got, RevenueClaim):
        return RevenueClaim("revenue", first.license, until, received, after)
    holder = Holder.account(got.account)
    shares = next((line.shares for line in first.until.body.holders if line.holder == holder), None)
    if shares is None:
        raise InvalidArgumentError(f"account {got.account} holds no share of license {first.license}")
    least, most = _credited(first, shares, received)
    return ShareClaim("share", first.license, got.account, shares, until, received, least, most, after)


def _revenue(entry: _Entry) -> int:
    """Returns the difference of the totals received, which are modulo 2⁶²; a license begins with 0."""
    before = 0 if entry.after is None else entry.after.body.received
    return (entry.until.body.received - before) & NANO_MAX


def _credited(entry: _Entry, shares: int, received: int) -> tuple[int, int]:
    """Returns bounds of an account's part of `received`, over N batches and h holders.

    In each batch that touches the license the account is credited ⌊shares · (vault + received) / 1,000,000⌋,
    where the vault before is less than h nano-units. So the sum is more than shares · received / 1,000,000 − N,
    and at most shares · (received + N · (h − 1)) / 1,000,000. All holders together are credited what the license
    received and what its vault lost.
    """
    first = 0 if entry.after is None else entry.after.batch.header.number + 1
    batches = entry.until.batch.header.number - first + 1
    carried_max = batches * (len(entry.until.body.holders) - 1)
    before = 0 if entry.after is None else entry.after.body.vault
    distributed = max(received + before - entry.until.body.vault, 0)
    most = min((received + carried_max) * shares // SHARES_TOTAL, distributed)
    # The only holder is credited everything that is distributed.
    rounded = max(received * shares // SHARES_TOTAL + 1 - batches, 0)
    least = distributed if shares == SHARES_TOTAL else rounded
    return min(least, NANO_MAX), min(most, NANO_MAX)
