"""A meter that is killed again and again, behind a proxy that misbehaves: each event is paid once."""

from __future__ import annotations

import contextlib
import json
import os
import random
import secrets
import signal
import sys
import tempfile
import time
import unittest
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import httpx

import farthing
from farthing import Fold, Meter, Rate, UsageEvent
from farthing.encoding import to_hex
from farthing.keccak import keccak256
from farthing.outbox import Outbox
from farthing.problems import IntentNotFoundError
from tests.scenario import banner
from tests.test_proxy import Proxy, key_of

KILLS = 100
NEW_EVENTS = 6
"""Events that each run is the first to record."""
POINTS = 40
"""A run passes about so many points at which it may kill itself: before and after commits and requests."""
RUN_SECONDS_MAX = 0.5
POINT_SECONDS_MAX = 120.0
MEMORY = "/dev/shm" if os.path.isdir("/dev/shm") else None  # noqa: S108 (a folder of random name in it)
"""Where files outlive a killed process, without a disk that others slow down."""
OTHER_PAYMENT_EVERY = 5
UNITS_PER_USE = 7
PRICES = (3, 5)
# Few attempts: a run gives up while requests are under way.
RETRY = farthing.Retry(attempts=2, first_delay=0.01, max_delay=0.02, max_retry_after=0.02)


def events(count: int, license: int) -> list[UsageEvent]:
    """Returns the first events; the same in every run."""
    found = []
    for number in range(count):
        digest = keccak256(number.to_bytes(8, "big"))
        if number % 2:
            found.append(UsageEvent(f"request-{number}", digest[0] % 20, model="llama", provenance=digest))
        else:
            found.append(UsageEvent(f"request-{number}", digest[0] % 3 + 1, license=license, provenance=digest))
    return found


class Point:
    """Kills this process at the point with a number."""

    def __init__(self, number: int) -> None:
        self.left = number

    def __call__(self) -> None:
        self.left -= 1
        if self.left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    @contextlib.contextmanager
    def everywhere(self) -> Iterator[None]:
        """Puts a point before and after each commit and each request."""
        write, send = Outbox._write, httpx.Client.request

        @contextlib.contextmanager
        def writing(outbox: Outbox) -> Iterator[None]:
            with write(outbox):
                yield
                self()
            self()

        def sending(client: httpx.Client, *arguments: Any, **options: Any) -> httpx.Response:
            self()
            response = send(client, *arguments, **options)
            self()
            return response

        with mock.patch.object(Outbox, "_write", writing), mock.patch.object(httpx.Client, "request", sending):
            yield


class Killed(unittest.TestCase):
    def setUp(self) -> None:
        node = banner()
        if node is None:
            self.skipTest("no node: run it by api/conformance/with_node")
        self.url = node["rest"]
        self.random = random.Random(20261129)  # noqa: S311 (no secret)
        funder = node["accounts"][2]
        patient = farthing.Retry(attempts=40, first_delay=0.02, max_delay=0.3)
        self.funder = farthing.Farthing(self.url, funder["account"], key_of(funder["seed"]), retry=patient)
        self.addCleanup(self.funder.close)
        self.funder_account = funder["account"]
        self.key = farthing.SecretKey(keccak256(b"killed " + secrets.token_bytes(16)))
        owner = to_hex(keccak256(self.key.public_hex.encode())[12:])
        self.account = self.funder.open_account(self.key, owner).id
        self.funds = 1_000_000
        self.funder.transfer(self.account, self.funds)
        holders = [farthing.HolderShares(farthing.Holder.account(funder["account"]), 1_000_000)]
        licenses = []
        for price in PRICES:
            registered = self.funder.register_license(price, holders)
            assert registered.registers is not None
            self.funder.status(registered.id, until="sequenced", timeout=60)
            licenses.append(registered.registers)
        self.direct, self.rated = licenses
        folder = tempfile.TemporaryDirectory(prefix="farthing-killed-", dir=MEMORY)
        self.addCleanup(folder.cleanup)
        self.path = os.path.join(folder.name, "usage.db")

    def meter(self, url: str, run: int, retry: farthing.Retry) -> Meter:
        client = farthing.Farthing(url, self.account, self.key, retry=retry)
        self.addCleanup(client.close)
        fold = Fold.each() if run % 2 else Fold.interval(3_600)
        rates = {"llama": Rate(self.rated, UNITS_PER_USE)}
        return Meter(self.path, client, rates=rates, fold=fold, refused_pause=0.05, keep_days=0)

    def work(self, url: str, run: int) -> None:
        """Records every event up to the run's own, and pays until it is killed."""
        meter = self.meter(url, run, RETRY)
        while True:
            # Those of the run before may be there already.
            recent = events((run + 1) * NEW_EVENTS, self.direct)[-2 * NEW_EVENTS :]
            meter.record(recent[-1])
            meter.record_many(recent)
            with contextlib.suppress(farthing.FarthingError):
                meter.flush(all=True)
            with contextlib.suppress(farthing.FarthingError):
                meter.confirm(5)

    def run_and_kill(self, url: str, run: int) -> None:
        point = self.random.randrange(1, POINTS) if run % 4 else 0
        delay = self.random.uniform(0, RUN_SECONDS_MAX)
        child = os.fork()
        if child == 0:
            try:
                with Point(point).everywhere():
                    self.work(url, run)
            except BaseException as error:
                print(f"run {run}: {error!r}", file=sys.stderr)
            finally:
                os._exit(1)
        end = time.monotonic() + (POINT_SECONDS_MAX if point else delay)
        status = 0
        while time.monotonic() < end and not status:
            status = os.waitpid(child, os.WNOHANG)[1]
            time.sleep(0.002)
        if not status:
            os.kill(child, signal.SIGKILL)
            status = os.waitpid(child, 0)[1]
        self.assertEqual(os.WTERMSIG(status), signal.SIGKILL, f"run {run} ended by itself")

    def test_each_event_is_paid_exactly_once(self) -> None:
        proxy, others = Proxy(self.url), 0
        writer = farthing.Farthing(self.url, self.account, self.key, retry=farthing.Retry(20))
        self.addCleanup(writer.close)
        for run in range(KILLS):
            self.run_and_kill(proxy.url, run)
            if run % OTHER_PAYMENT_EVERY == 0:
                # Another writer of the account: once its batch is sealed, nonces on disk are too low.
                writer.transfer(self.funder_account, 1)
                others += 1
        fates = proxy.end()
        self.assertTrue(all(fates.values()), f"a fate was never drawn: {fates}")

        meter = self.meter(self.url, 0, farthing.Retry())
        self.addCleanup(meter.close)
        recorded = events(KILLS * NEW_EVENTS, self.direct)
        # Everything is offered once more: nothing of it is paid again.
        meter.record_many(recorded)
        end, states = time.monotonic() + 60, {"accepted", "finalized"}
        meter.flush(all=True)
        while not set(meter.outbox.counts()) <= states and time.monotonic() < end:
            time.sleep(0.1)
            meter.flush(all=True)
        self.assertLessEqual(set(meter.outbox.counts()), states, meter.outbox.problems())
        self.check(meter, recorded, others)

    def check(self, meter: Meter, recorded: list[UsageEvent], others: int) -> None:
        """Compares events, payments and the node's money."""
        payments = meter.outbox.payments("accepted", 1 << 20) + meter.outbox.payments("finalized", 1 << 20)
        seen: list[str] = []
        for payment in payments:
            assert payment.intent is not None
            status = self.funder.status(payment.intent, until="sequenced", timeout=60)
            self.assertTrue(status.reached("sequenced"))
            found = meter.events(payment.number)
            seen += [event.id for event in found]
            memo = farthing.payment_memo(payment.rate, payment.carry_in, [event.digest() for event in found])
            self.assertEqual(to_hex(memo), payment.memo)
            for other in meter.outbox.intents_of(payment.number):
                if other != payment.intent:
                    with self.assertRaises(IntentNotFoundError):
                        self.funder.status(other)
        # What became final meanwhile left the outbox. A kill may have archived a payment twice.
        path = Path(meter.outbox.archive)
        lines = set(path.read_text("utf-8").split("\n")) - {""} if path.exists() else set()
        for archived in map(json.loads, lines):
            status = self.funder.status(archived["intent"])
            self.assertEqual(status.status, "finalized")
            seen += [event["id"] for event in archived["events"]]
        batch = self.funder.batch(status.batch)
        self.assertEqual(batch.statement.number, status.batch)
        if batch.block is not None:
            self.assertLessEqual(self.funder.block(batch.block).statement.first_batch, batch.number)
        self.assertLess(sum(event.units for event in recorded if event.id not in seen), UNITS_PER_USE)
        waiting = sum(meter.outbox.waiting().values())
        self.assertEqual(len(seen), len(set(seen)))
        self.assertEqual(len(seen) + waiting, len(recorded))
        direct = sum(event.units for event in recorded if event.license is not None)
        rated = sum(event.units for event in recorded if event.model is not None) // UNITS_PER_USE
        amounts = (direct * PRICES[0], rated * PRICES[1])
        received = tuple(self.funder.license(license).received for license in (self.direct, self.rated))
        self.assertEqual(received, amounts)
        self.assertEqual(self.funder.account(self.account).balance, self.funds - sum(amounts) - others)


if __name__ == "__main__":
    unittest.main()
