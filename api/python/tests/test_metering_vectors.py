"""Vectors of metering (`api/conformance/metering.json`): folding, memos, refusals, files of usage.

With FARTHING_REGENERATE=1 the results are written again.
"""

from __future__ import annotations

import base64
import io
import json
import os
import unittest
from pathlib import Path
from typing import Any

from farthing.encoding import to_hex
from farthing.errors import InvalidEventError, InvalidTraceError
from farthing.traces import Target, read_trace
from farthing.usage import Fold, MeteredEvent, Rate, UsageEvent, fold, meter_event

FILE = Path(__file__).resolve().parents[2] / "conformance" / "metering.json"
REFUSED_RATES = {"llama": Rate(7, 1_000)}


def event_of(data: dict[str, Any]) -> UsageEvent:
    return UsageEvent(**{"provenance": bytes(32), **data})


def event_json(event: UsageEvent) -> dict[str, Any]:
    data = {"id": event.id, "units": event.units, "license": event.license, "model": event.model, "time": event.time}
    provenance = to_hex(event.provenance) if isinstance(event.provenance, bytes) else event.provenance
    return {name: value for name, value in {**data, "provenance": provenance}.items() if value is not None}


def folded(case: dict[str, Any]) -> dict[str, Any]:
    """Returns the results of a case of folding."""
    rates = {name: Rate(**rate) for name, rate in case["rates"].items()}
    policy = Fold.interval(case["policy"]["interval"]) if "interval" in case["policy"] else Fold.each()
    carries = {Rate(one["license"], one["units_per_use"]): one["carry"] for one in case["carries"]}
    events: dict[Rate, list[MeteredEvent]] = {rate: [] for rate in carries}
    for data in case["events"]:
        event = meter_event(event_of(data), rates, now=0)
        events.setdefault(event.rate, []).append(event)
    payments: list[dict[str, Any]] = []
    paid: set[str] = set()
    for rate in sorted(events, key=lambda rate: (rate.license, rate.units_per_use)):
        price = int(case["prices"][str(rate.license)])
        found, carries[rate] = fold(rate, events[rate], carries.get(rate, 0), policy, price, case["now"])
        for one in found:
            paid.update(one.events)
            head = {"license": rate.license, "units_per_use": rate.units_per_use, "carry_in": one.carry_in}
            tail = {"uses": one.uses, "carry_out": one.carry_out, "events": list(one.events), "memo": to_hex(one.memo)}
            payments.append({**head, **tail})
    waiting = [data["id"] for data in case["events"] if data["id"] not in paid]
    after = [
        {"license": rate.license, "units_per_use": rate.units_per_use, "carry": carries[rate]}
        for rate in sorted(carries, key=lambda rate: (rate.license, rate.units_per_use))
        if carries[rate]
    ]
    return {"payments": payments, "waiting": waiting, "carries_after": after}


def read(case: dict[str, Any]) -> dict[str, Any]:
    """Returns the results of a case of a file."""
    data = base64.b64decode(case["base64"]) if "base64" in case else case["text"].encode()
    options = dict(case["options"])
    if "images" in options:
        options["images"] = Target(**options["images"])
    events = []
    try:
        trace = read_trace(io.BytesIO(data), source=case["source"], **options)
        for event in trace:
            events.append(event_json(event))
    except InvalidTraceError as error:
        return {"line": error.line}
    return {"events": events, "skipped": trace.skipped}


class Vectors(unittest.TestCase):
    data: dict[str, Any]

    @classmethod
    def setUpClass(cls) -> None:
        cls.data = json.loads(FILE.read_text("utf-8"))
        if os.environ.get("FARTHING_REGENERATE") == "1":
            for case in cls.data["fold"]:
                case.update(folded(case))
            for case in cls.data["traces"]:
                for name in ("events", "skipped", "line"):
                    case.pop(name, None)
                case.update(read(case))
            FILE.write_text(json.dumps(cls.data, indent=1) + "\n", "utf-8")

    def test_events_fold_to_payments_and_memos(self) -> None:
        for case in self.data["fold"]:
            with self.subTest(case["name"]):
                results = folded(case)
                self.assertEqual(results, {name: case[name] for name in results})

    def test_events_are_refused(self) -> None:
        for case in self.data["refused"]:
            with self.subTest(case["name"]), self.assertRaises(InvalidEventError) as caught:
                meter_event(event_of(case["event"]), REFUSED_RATES, now=0)
            self.assertEqual(caught.exception.code, case["code"], case["name"])

    def test_files_are_read(self) -> None:
        for case in self.data["traces"]:
            with self.subTest(case["name"]):
                results = read(case)
                expected = {name: case[name] for name in ("events", "skipped", "line") if name in case}
                self.assertEqual(results, expected)


if __name__ == "__main__":
    unittest.main()
