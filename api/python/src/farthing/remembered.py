"""Events that have left an outbox: their ids for a time, and a line of the archive for each payment."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass

from farthing.encoding import to_hex
from farthing.usage import MeteredEvent, Rate

DAY = 24 * 3_600
"""Seconds."""
_OTHER_LINE_ENDS = re.compile("[\x85\u2028\u2029]")
"""Characters that some readers of lines take for the end of one: they are escaped in the archive."""
_ID_BYTES = 16
_CONTENT_BYTES = 8


@dataclass(frozen=True, slots=True)
class ArchivedPayment:
    """Payment that leaves an outbox, with its events in the order of its memo."""

    number: int
    rate: Rate
    carry_in: int
    uses: int
    memo: bytes
    intent: str | None
    final_at: int
    events: list[MeteredEvent]

    def line(self) -> str:
        """Returns the line of the archive, the same in every SDK: integers are decimal strings."""
        events = [
            {
                "id": event.id,
                "units": str(event.units),
                "provenance": to_hex(event.provenance),
                "time": str(event.time),
            }
            for event in self.events
        ]
        fields = {
            "number": self.number,
            "license": str(self.rate.license),
            "unitsPerUse": str(self.rate.units_per_use),
            "carryIn": str(self.carry_in),
            "uses": str(self.uses),
            "memo": to_hex(self.memo),
            "state": "finalized",
            "intent": self.intent,
            "events": events,
        }
        line = json.dumps(fields, separators=(",", ":"), ensure_ascii=False)
        return _OTHER_LINE_ENDS.sub(lambda end: f"\\u{ord(end[0]):04x}", line)


def remembered(event: MeteredEvent) -> tuple[bytes, bytes]:
    """Returns what is kept of an event: 16 bytes of its id's hash and 8 of its content's."""
    rate = event.rate
    terms = f"{rate.license}/{rate.units_per_use}/{event.units}/".encode() + event.provenance
    name = hashlib.sha256(event.id.encode()).digest()[:_ID_BYTES]
    return name, hashlib.sha256(terms).digest()[:_CONTENT_BYTES]


def append_archive(path: str, payments: Iterable[ArchivedPayment]) -> None:
    """Appends lines to an archive; they are on disk on return. A line that a crash cut stays a line of its own."""
    text = "\n" + "".join(payment.line() + "\n" for payment in payments)
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        data = text.encode()
        while data:
            data = data[os.write(file, data) :]
        os.fsync(file)
    finally:
        os.close(file)
