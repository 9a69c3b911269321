"""What leaves an outbox, and what is remembered of it: no event is paid twice."""

from __future__ import annotations

import contextlib
import json
import math
import os
import sqlite3
import stat
import time
import unittest
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest import mock

from farthing import Fold, Meter, Rate, UsageEvent, errors
from farthing.outbox import Outbox
from farthing.remembered import DAY, ArchivedPayment
from farthing.usage import meter_event, payment_memo
from tests.test_meter import Case


class Archive(Case):
    def paid(self, *names: str, **options: Any) -> Meter:
        """Returns a meter that has paid for events, each for itself; their payments are final."""
        meter = self.meter(**options)
        self.record(meter, *names)
        meter.flush()
        self.node.stage = "finalized"
        meter.confirm()
        return meter

    def archived(self) -> list[dict[str, Any]]:
        path = Path(f"{self.path}.paid")
        lines = path.read_text("utf-8").split("\n") if path.exists() else []
        return [json.loads(line) for line in lines if line]

    def counts(self, meter: Meter) -> dict[str, int]:
        """Returns how many rows there are."""
        with contextlib.closing(sqlite3.connect(self.path)) as db:
            tables = ("events", "payments", "intents", "remembered")
            return {name: db.execute(f"SELECT COUNT(*) FROM {name}").fetchone()[0] for name in tables}  # noqa: S608

    def test_what_was_final_for_long_leaves_and_is_not_paid_again(self) -> None:
        meter = self.paid("a", "b", "c")
        before = meter.payment("a")
        assert before is not None
        self.now += 30 * DAY
        self.assertEqual((meter.compact(), self.archived()), (0, []), "not before 30 days have passed")
        self.now += 1
        # The last payment stays, so that no number is given twice.
        self.assertEqual(meter.confirm(), {"finalized": 3})
        self.assertEqual([line["number"] for line in self.archived()], [1, 2])
        self.assertEqual(self.counts(meter), {"events": 1, "payments": 1, "intents": 1, "remembered": 2})
        self.assertEqual(meter.outbox.counts(), {"finalized": 3})
        with self.assertRaises(KeyError):
            meter.payment("a")
        meter.close()

        again = self.meter()
        self.assertEqual(again.record_many([UsageEvent(name, 1, license=3) for name in "abcd"]), 1)
        with self.assertRaises(errors.EventConflictError):
            again.record(UsageEvent("a", 2, license=3))
        self.assertEqual(again.flush().events, 1)
        self.assertEqual(len(self.node.paid()), 4)
        payment = again.payment("d")
        assert payment is not None
        self.assertEqual(payment.number, 4)
        line = self.archived()[0]
        self.assertEqual((line["memo"], line["intent"], line["license"]), (before.memo, before.intent, "3"))
        self.assertEqual([event["id"] for event in line["events"]], ["a"])
        self.assertEqual(stat.S_IMODE(os.stat(f"{self.path}.paid").st_mode), 0o600)

    def test_ids_are_forgotten_when_the_days_have_passed(self) -> None:
        meter = self.paid("a", "b", remember_days=40)
        self.now += 31 * DAY
        self.assertEqual(meter.compact(), 1)
        self.now += 9 * DAY
        meter.compact()
        meter.close()
        meter = self.meter(remember_days=40)
        self.assertFalse(meter.record(UsageEvent("a", 1, license=3)))
        self.now += 1 * DAY
        meter.confirm()
        self.assertTrue(meter.record(UsageEvent("a", 1, license=3)), "as metering.md says")
        self.assertFalse(meter.record(UsageEvent("b", 1, license=3)), "it has not left the outbox")

    def test_nothing_leaves_and_nothing_is_forgotten_without_end(self) -> None:
        meter = self.paid("a", "b", keep_days=math.inf, remember_days=math.inf)
        self.now += 10_000 * DAY
        self.assertEqual(meter.compact(), 0)
        meter.close()
        meter = self.meter(remember_days=math.inf)
        self.assertEqual(meter.compact(), 1)
        self.now += 100_000 * DAY
        meter.compact()
        self.assertFalse(meter.record(UsageEvent("a", 1, license=3)))

    def test_only_what_is_final_leaves(self) -> None:
        meter = self.meter(keep_days=0)
        self.record(meter, "a", "b")
        meter.flush()
        self.now += 1_000 * DAY
        self.assertEqual(meter.confirm(), {"accepted": 2})
        self.assertEqual((meter.compact(), self.archived()), (0, []))

    def test_a_crash_at_any_point_loses_nothing(self) -> None:
        class CrashError(Exception):
            pass

        @contextlib.contextmanager
        def crashing(outbox: Outbox) -> Iterator[None]:
            with write(outbox):
                yield
                raise CrashError

        write = Outbox._write
        for place in ("fsync", "commit"):
            with self.subTest(place):
                meter = self.paid(f"{place} a", f"{place} b", keep_days=math.inf)
                paid = len(self.node.paid())
                meter.close()
                self.now += 1
                meter = self.meter(keep_days=0)
                where: Any = mock.patch("os.fsync", side_effect=OSError("disk is full"))
                if place == "commit":
                    where = mock.patch.object(Outbox, "_write", crashing)
                with where, self.assertRaises((errors.OutboxError, CrashError)):
                    meter.compact()
                meter.close()
                meter = self.meter(keep_days=0)
                self.assertFalse(meter.record(UsageEvent(f"{place} a", 1, license=3)))
                meter.compact()
                self.assertFalse(meter.record(UsageEvent(f"{place} a", 1, license=3)))
                self.assertEqual(meter.flush().events, 0)
                self.assertEqual(len(self.node.paid()), paid)
                lines = [line for line in self.archived() if line["events"][0]["id"] == f"{place} a"]
                self.assertEqual(len(lines), 2)
                self.assertEqual(lines[0], lines[1])
                meter.close()

    def test_an_outbox_of_format_1_is_read(self) -> None:
        meter = self.paid("a", "b")
        meter.close()
        with contextlib.closing(sqlite3.connect(self.path)) as db:
            for statement in (
                "DROP INDEX final",
                "DROP TABLE remembered",
                "ALTER TABLE payments DROP COLUMN final_at",
                "UPDATE meta SET value = '1' WHERE name = 'format'",
                "DELETE FROM meta WHERE name = 'archived'",
            ):
                db.execute(statement)
            db.commit()
        self.now = time.time()
        meter = self.meter()
        self.assertFalse(meter.record(UsageEvent("a", 1, license=3)))
        self.assertEqual(meter.compact(), 0, "final no earlier than now")
        self.now += 31 * DAY
        self.assertEqual(meter.compact(), 1)
        self.assertFalse(meter.record(UsageEvent("a", 1, license=3)))

    def test_days_that_are_too_few_are_refused(self) -> None:
        for wrong in ({"keep_days": -1}, {"remember_days": 0.5}, {"remember_days": math.nan}):
            with self.assertRaises(errors.InvalidArgumentError):
                Meter(self.path, **wrong)
        self.assertFalse(os.path.exists(self.path))

    def test_a_meter_that_runs_by_itself_confirms_too(self) -> None:
        meter = self.meter(rates={"llama": Rate(3)}, fold=Fold.each())
        self.node.stage = "finalized"
        self.record(meter, "a")
        meter.start(every=0.01, confirm_every=0.02)
        end = time.monotonic() + 10
        while meter.outbox.counts() != {"finalized": 1} and time.monotonic() < end:
            time.sleep(0.01)
        self.assertEqual(meter.outbox.counts(), {"finalized": 1})


class Line(unittest.TestCase):
    def test_the_archive_has_the_form_of_all_sdks(self) -> None:
        vectors = json.loads((Path(__file__).resolve().parents[2] / "conformance" / "metering.json").read_text("utf-8"))
        self.assertTrue(vectors["archive"])
        for case in vectors["archive"]:
            fields = case["payment"]
            rate = Rate(fields["license"], fields["units_per_use"])
            events = [meter_event(UsageEvent(**event, license=rate.license), {}, 0) for event in case["events"]]
            events = [replace(event, rate=rate) for event in events]
            memo = payment_memo(rate, fields["carry_in"], [event.digest() for event in events])
            numbers = (fields["carry_in"], fields["uses"])
            payment = ArchivedPayment(fields["number"], rate, *numbers, memo, fields["intent"], 0, events)
            self.assertEqual(payment.line(), case["line"])


if __name__ == "__main__":
    unittest.main()
