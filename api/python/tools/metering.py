"""Measures how many usage events a second the meter takes and pays, end to end.

python tools/metering.py [EVENTS]

Payments are accepted by a stand-in of a node, in a process of its own and over HTTP, which checks no
signature and keeps nothing; under api/conformance/with_node by the node of FARTHING_DEV, durably. The
second figure of a line counts this process's processor time alone: it hardly changes with what else is
running, and has no part of the node's.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from tools import stand_in

import farthing
from farthing import AsyncMeter, Farthing, Fold, Meter, UsageEvent, accelerator

EVENTS = 20_000
ONE_BY_ONE = 1_000
TOGETHER = 1_000


def measure(what: str, count: int, work: Callable[[], object]) -> None:
    """Prints how many a second, and how many a second of this process's processor time."""
    begin, begin_processor = time.perf_counter(), time.process_time()
    work()
    elapsed, processor = time.perf_counter() - begin, time.process_time() - begin_processor
    print(f"{what:58} {count / elapsed:9.0f} {count / processor:9.0f}", flush=True)


@contextlib.contextmanager
def payer() -> Iterator[tuple[Farthing, int]]:
    """Yields a client that pays, and a license that it may pay."""
    if "FARTHING_DEV" not in os.environ:
        with stand_in.running() as url, Farthing(url, 7, farthing.SecretKey(bytes(32))) as client:
            yield client, stand_in.LICENSE
        return
    node = json.loads(Path(os.environ["FARTHING_DEV"]).read_text("utf-8"))
    account = node["accounts"][0]
    key = farthing.SecretKey(bytes.fromhex(account["seed"].removeprefix("0x")))
    with Farthing(node["rest"], account["account"], key) as client:
        holders = [farthing.HolderShares(farthing.Holder.account(account["account"]), 1_000_000)]
        registered = client.register_license(1, holders)
        client.status(registered.id, until="sequenced", timeout=60)
        assert registered.registers is not None
        yield client, registered.registers


def main() -> None:
    """Prints the figures."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else EVENTS
    print("accelerated" if accelerator.native else "pure")
    with payer() as (client, license), tempfile.TemporaryDirectory(prefix="farthing-metering-") as folder:

        def events(name: str, number: int) -> list[UsageEvent]:
            return [UsageEvent(f"{name}-{place}", 1, license=license, time=place // 1_000) for place in range(number)]

        with Meter(os.path.join(folder, "record.db")) as meter:
            measure(
                "record, one by one, each on disk", ONE_BY_ONE,
                lambda: [meter.record(event) for event in events("one", ONE_BY_ONE)],
            )  # fmt: skip
            batches = [events(f"many-{at}", TOGETHER) for at in range(count // TOGETHER)]
            measure(f"record_many, {TOGETHER} at once", count, lambda: [meter.record_many(batch) for batch in batches])

        async def at_once(meter: AsyncMeter) -> None:
            await asyncio.gather(*map(meter.record, events("at-once", count)))

        with Meter(os.path.join(folder, "async.db")) as meter:
            measure(
                "AsyncMeter.record, at once from many tasks", count, lambda: asyncio.run(at_once(AsyncMeter(meter)))
            )
        for name, fold, number in (
            ("1,000 events of an interval a payment", Fold.interval(1), count),
            ("each event a payment", Fold.each(), count // 10),
        ):
            with Meter(os.path.join(folder, f"{fold.seconds}.db"), client, fold=fold) as meter:

                def pay(meter: Meter = meter, number: int = number) -> None:
                    recorded = events("paid", number)
                    for at in range(0, number, TOGETHER):
                        meter.record_many(recorded[at : at + TOGETHER])
                    report = meter.flush(all=True)
                    assert report.events == number, report

                measure(f"end to end, {name}", number, pay)


if __name__ == "__main__":
    main()
