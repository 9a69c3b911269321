"""Usage events, and how they become payments (api/conformance/metering.md).

Nothing here reads a clock or a file: the same events give the same payments, in every SDK.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from farthing import quantities
from farthing.encoding import bytes32
from farthing.errors import InvalidEventError, UnknownModelError

NAME_BYTES_MAX = 200
"""Bytes of an event's id and of a model's name."""
UNITS_PER_USE_MAX = 10**9
"""Units of all uses of a payment stay below 2⁵³, which JSON carries exactly."""
_MEMO_TAG = b"farthing metering 1"
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class UsageEvent:
    """Something that was used: an inference, a file, a request.

    It names a license, whose uses it counts, or a model, which a `Rate` maps to one.
    """

    id: str
    """Unique for ever: the same id is the same event, and is paid once."""
    units: int
    license: int | None = None
    model: str | None = None
    provenance: bytes | str = bytes(32)
    """Commitment to the platform's own record, 32 bytes. The payment's memo covers it."""
    time: int | None = None
    """Unix seconds; by default the time at which it is recorded."""


@dataclass(frozen=True, slots=True)
class Rate:
    """License of a model, and how many of its units are a use."""

    license: int
    units_per_use: int = 1

    def __post_init__(self) -> None:
        quantities.identifier(self.license, "license")
        quantities.integer(self.units_per_use, 1, UNITS_PER_USE_MAX, "units per use")

    def units_max(self, uses_max: int = quantities.USES_MAX) -> int:
        """Returns the most units of one event: with any carry they are one payment's uses."""
        return uses_max * self.units_per_use - self.units_per_use + 1


@dataclass(frozen=True, slots=True)
class Fold:
    """Rule that says which events are paid together."""

    seconds: int | None = None
    """Length of an interval; without it each event is paid for itself."""

    def __post_init__(self) -> None:
        if self.seconds is not None:
            quantities.integer(self.seconds, 1, quantities.TIME_MAX, "seconds of an interval")

    @classmethod
    def each(cls) -> Fold:
        """Pays each event for itself."""
        return cls()

    @classmethod
    def interval(cls, seconds: int) -> Fold:
        """Pays the events of a license and an interval of the clock together."""
        return cls(seconds)

    def window(self, time: int) -> int:
        """Returns the number of the interval of a time."""
        return time // self.seconds if self.seconds else 0

    def is_due(self, time: int, now: int | None) -> bool:
        """Whether an event of this time may be paid; `now` is None when all may."""
        if self.seconds is None or now is None:
            return True
        return (self.window(time) + 1) * self.seconds <= now


@dataclass(frozen=True, slots=True)
class MeteredEvent:
    """Event that is valid, and whose license and rate are known."""

    id: str
    rate: Rate
    units: int
    provenance: bytes
    time: int

    def digest(self) -> bytes:
        """Returns the hash by which a memo names this event."""
        name = self.id.encode()
        head = len(name).to_bytes(2, "big") + name + self.units.to_bytes(8, "big")
        return hashlib.sha256(head + self.provenance).digest()

    def is_same(self, other: MeteredEvent) -> bool:
        """Whether both are one event; the time at which it was recorded does not count."""
        mine = (self.id, self.rate, self.units, self.provenance)
        return mine == (other.id, other.rate, other.units, other.provenance)


@dataclass(frozen=True, slots=True)
class FoldedPayment:
    """Payment of several events: uses = (carry in + units) div units per use."""

    rate: Rate
    carry_in: int
    uses: int
    carry_out: int
    events: tuple[str, ...]
    memo: bytes


def meter_event(event: UsageEvent, rates: Mapping[str, Rate], now: int) -> MeteredEvent:
    """Checks an event and finds its license.

    Raises:
        InvalidEventError: names the field.
        UnknownModelError: if no rate has the event's model.
    """
    name = _name(event.id, "id")
    where = f"event {name!r}"
    if (event.license is None) == (event.model is None):
        raise InvalidEventError(f"{where}: expected a license or a model, and not both")
    try:
        if event.model is not None:
            model = _name(event.model, "model")
            if model not in rates:
                raise UnknownModelError(f"{where}: no rate for the model {model!r}; add it to the meter's rates")
            rate = rates[model]
        else:
            assert event.license is not None
            rate = Rate(event.license)
        time = now if event.time is None else quantities.integer(event.time, 0, quantities.TIME_MAX, "time")
        units = quantities.integer(event.units, 0, rate.units_max(), "units")
        provenance = bytes32(event.provenance, "provenance")
    except UnknownModelError:
        raise
    except ValueError as error:
        raise InvalidEventError(f"{where}: {error}") from None
    return MeteredEvent(name, rate, units, provenance, time)


def _name(value: str, what: str) -> str:
    if not isinstance(value, str):
        raise InvalidEventError(f"{what} of an event: {type(value).__name__}, expected a str")
    try:
        length = len(value.encode())
    except UnicodeEncodeError:
        raise InvalidEventError(f"{what} of an event: not text in Unicode") from None
    if not 1 <= length <= NAME_BYTES_MAX or _CONTROL.search(value):
        raise InvalidEventError(
            f"{what} of an event, {value[:40]!r}: expected 1 to {NAME_BYTES_MAX} bytes of UTF-8 "
            "without control characters"
        )
    return value


def payment_memo(rate: Rate, carry_in: int, events: Sequence[bytes]) -> bytes:
    """Returns the memo of a payment of events, which are given by their digests in order."""
    head = b"".join(number.to_bytes(4, "big") for number in (rate.license, rate.units_per_use, carry_in, len(events)))
    return hashlib.sha256(_MEMO_TAG + head + b"".join(events)).digest()


def uses_max(price: int) -> int:
    """Returns the most uses that one payment can have at a price."""
    return min(quantities.USES_MAX, quantities.AMOUNT_MAX // price) if price else quantities.USES_MAX


def fold(
    rate: Rate, events: Iterable[MeteredEvent], carry: int, policy: Fold, price: int, now: int | None
) -> tuple[list[FoldedPayment], int]:
    """Folds events of one rate, in the order in which they were recorded.

    Events that are not due stay out, and so do those at the end whose units are not a whole use
    yet, and those that are too large for a payment. Returns the payments and the units carried.
    """
    most = uses_max(price)
    units_max = rate.units_max(most)
    due = [event for event in events if policy.is_due(event.time, now) and event.units <= units_max]
    # Stable: within an interval the order is that of recording.
    due.sort(key=lambda event: policy.window(event.time))
    payments: list[FoldedPayment] = []
    group: list[MeteredEvent] = []
    units = carry

    def close() -> None:
        nonlocal group, units, carry
        uses, rest = divmod(units, rate.units_per_use)
        if not uses:
            return
        memo = payment_memo(rate, carry, [event.digest() for event in group])
        payments.append(FoldedPayment(rate, carry, uses, rest, tuple(event.id for event in group), memo))
        group, units, carry = [], rest, rest

    for event in due:
        ends = bool(group) and (policy.seconds is None or policy.window(event.time) != policy.window(group[-1].time))
        if ends or (units + event.units) // rate.units_per_use > most:
            close()
        group.append(event)
        units += event.units
    close()
    return payments, carry
