"""Command line: python -m farthing FILE… pays for files of usage, each row once."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from itertools import islice

from farthing.client import Farthing
from farthing.errors import FarthingError, InvalidArgumentError
from farthing.keys import SecretKey
from farthing.leaves import Holder
from farthing.meter import Meter
from farthing.traces import Trace, read_trace
from farthing.usage import Fold, Rate, UsageEvent

_EVENTS = 1_000
"""Events of one transaction."""
_DESCRIPTION = """
Records every row of files of usage in an outbox, and pays for them. The same command again continues
where it was ended, and pays nothing twice. Formats: Azure, BurstGPT and OpenRouter CSV, Mooncake JSON
Lines, each also in gzip.
"""


def parser() -> argparse.ArgumentParser:
    """Returns the arguments."""
    parser = argparse.ArgumentParser(prog="python -m farthing", description=_DESCRIPTION)
    parser.add_argument("files", nargs="+", metavar="FILE")
    parser.add_argument("--node", required=True, metavar="URL")
    parser.add_argument("--account", required=True, type=int, metavar="ID", help="the account that pays")
    parser.add_argument("--key", required=True, metavar="FILE", help="its key file")
    parser.add_argument("--outbox", required=True, metavar="FILE", help="made if there is none")
    parser.add_argument("--license", type=int, metavar="ID", help="of all rows, else the model in each row counts")
    parser.add_argument(
        "--rate", action="append", default=[], metavar="MODEL=LICENSE[:UNITS]", help="license of a model, units a use"
    )
    parser.add_argument(
        "--recipient",
        action="append",
        default=[],
        metavar="LICENSE=0x…",
        help="recipient that the license's owner published; else the node's word is taken",
    )
    parser.add_argument("--units", choices=("generated", "total"), default="generated", help="tokens that count")
    parser.add_argument("--interval", type=int, metavar="SECONDS", help="pay rows of an interval together")
    return parser


def rate(text: str) -> tuple[str, Rate]:
    """Reads MODEL=LICENSE[:UNITS]."""
    model, found, numbers = text.rpartition("=")
    license, _, units = numbers.partition(":")
    if not found or not model or not license.isdecimal() or not (units or "1").isdecimal():
        raise InvalidArgumentError(f"rate {text!r}: expected MODEL=LICENSE or MODEL=LICENSE:UNITS")
    return model, Rate(int(license), int(units or 1))


def told(text: str) -> tuple[Holder, str]:
    """Reads LICENSE=0x…."""
    license, found, recipient = text.partition("=")
    if not found or not license.isdecimal():
        raise InvalidArgumentError(f"recipient {text!r}: expected LICENSE=0x…")
    return Holder.license(int(license)), recipient


def record(meter: Meter, trace: Trace) -> int:
    """Records a file; returns how many of its events are new."""
    events: Iterator[UsageEvent] = iter(trace)
    new = 0
    while chunk := list(islice(events, _EVENTS)):
        new += meter.record_many(chunk)
    return new


def run(arguments: argparse.Namespace) -> int:
    """Records and pays; returns the exit code."""
    key = SecretKey.from_file(arguments.key)
    rates = dict(rate(text) for text in arguments.rate)
    fold = Fold.each() if arguments.interval is None else Fold.interval(arguments.interval)
    with (
        Farthing(arguments.node, arguments.account, key) as client,
        Meter(arguments.outbox, client, rates=rates, fold=fold, refused_pause=0) as meter,
    ):
        for holder, recipient in map(told, arguments.recipient):
            client.with_recipient(holder, recipient)
        for file in arguments.files:
            trace = read_trace(file, license=arguments.license, units=arguments.units)
            new = record(meter, trace)
            print(f"{file}: {trace.billed} rows, {new} new events, {trace.skipped} failed calls skipped")
        report = meter.flush(all=True)
        print(f"paid: {report.events} events in {report.accepted} payments")
        for code, count in report.refused.items():
            print(f"refused, tried again by the next run: {code} ({count})")
        if report.unanswered or report.undecided:
            print(f"without an answer: {report.unanswered}; undecided: {report.undecided}")
        waiting = sum(meter.outbox.waiting().values())
        if waiting:
            print(f"waiting: {waiting} events")
        return 1 if report.refused or report.unanswered or report.undecided else 0


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command line."""
    parsed = parser().parse_args(arguments)
    try:
        return run(parsed)
    except (FarthingError, OSError) as error:
        print(f"python -m farthing: {error}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
