"""Durable outbox of a meter: events, payments and signed intents in SQLite.

A method that writes is one transaction, and is on disk when it returns. Several processes may
record at once; one at a time sends (`sending`). Both end with a process that is killed.
"""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from farthing.encoding import to_hex
from farthing.errors import EventConflictError, OutboxError, OutboxLockedError
from farthing.remembered import DAY, ArchivedPayment, append_archive, remembered
from farthing.usage import Fold, FoldedPayment, MeteredEvent, Rate, fold, uses_max

PaymentState: TypeAlias = Literal["folded", "signed", "accepted", "finalized", "undecided"]
"""States of a payment, see api/conformance/metering.md."""

FORMAT = 2
_BUSY_SECONDS = 30.0
_SCHEMA = """
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE events (
    seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, license INTEGER NOT NULL, units_per_use INTEGER NOT NULL,
    units INTEGER NOT NULL, provenance BLOB NOT NULL, time INTEGER NOT NULL, payment INTEGER REFERENCES payments,
    place INTEGER
);
CREATE INDEX waiting ON events (license, units_per_use, time) WHERE payment IS NULL;
CREATE INDEX paid ON events (payment, place) WHERE payment IS NOT NULL;
CREATE TABLE carries (
    license INTEGER NOT NULL, units_per_use INTEGER NOT NULL, carry INTEGER NOT NULL,
    PRIMARY KEY (license, units_per_use)
) WITHOUT ROWID;
CREATE TABLE payments (
    number INTEGER PRIMARY KEY, license INTEGER NOT NULL, units_per_use INTEGER NOT NULL, carry_in INTEGER NOT NULL,
    uses INTEGER NOT NULL, memo BLOB NOT NULL, state TEXT NOT NULL, nonce INTEGER, intent TEXT, body TEXT,
    batch INTEGER, problem TEXT, retry_at REAL NOT NULL DEFAULT 0, final_at INTEGER
);
CREATE INDEX unsettled ON payments (state, nonce) WHERE state <> 'finalized';
CREATE TABLE intents (
    id TEXT PRIMARY KEY, payment INTEGER NOT NULL REFERENCES payments, body TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX intents_of ON intents (payment);
"""
_REMEMBERED = """
CREATE TABLE remembered (id BLOB PRIMARY KEY, content BLOB NOT NULL, day INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX remembered_day ON remembered (day);
CREATE INDEX final ON payments (final_at) WHERE state = 'finalized';
INSERT INTO meta VALUES ('archived', '0')
"""
"""Format 2 has these besides, and `final_at`."""
_ARCHIVED_AT_ONCE = 64
"""Payments that leave in one transaction: recording waits meanwhile."""
_FORGOTTEN_AT_ONCE = 10_000
_PAYMENT = "number, license, units_per_use, carry_in, uses, memo, state, nonce, intent, body, batch, problem"
_EVENT = "id, license, units_per_use, units, provenance, time"


@dataclass(frozen=True, slots=True)
class MeterPayment:
    """Payment of an outbox."""

    number: int
    rate: Rate
    carry_in: int
    uses: int
    memo: str
    """32 bytes of hexadecimal digits: `payment_memo` of the events."""
    state: PaymentState
    nonce: int | None
    intent: str | None
    """Name of the latest intent, by which the node knows the payment."""
    body: str | None
    """The latest intent as JSON, as it is sent."""
    batch: int | None
    problem: str | None
    """Code of the last refusal, if the payment is not accepted."""


class Outbox:
    """Outbox in a file. Threads may share it."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        """Opens an outbox, or makes an empty one that only its owner can read."""
        self.path = os.fspath(path)
        self._lock, self._sender = threading.RLock(), threading.Lock()
        self._process = os.getpid()
        try:
            # Else SQLite creates it as the umask says.
            os.close(os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600))
            self._db = sqlite3.connect(
                self.path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False, cached_statements=64
            )
        except (OSError, sqlite3.Error) as error:
            raise OutboxError(f"{self.path}: cannot be opened: {error}") from None
        try:
            with self._errors():
                self._db.execute("PRAGMA journal_mode = WAL")
                # A commit returns once it is on disk.
                self._db.execute("PRAGMA synchronous = FULL")
                self._db.execute("PRAGMA foreign_keys = ON")
            with self._write():
                if not self._db.execute("SELECT 1 FROM sqlite_master WHERE name = 'meta'").fetchone():
                    self._execute(_SCHEMA + _REMEMBERED)
                elif self._meta("format") == "1":
                    self._db.execute("ALTER TABLE payments ADD COLUMN final_at INTEGER")
                    # When they became final is not known: no earlier than now for what follows from it.
                    self._db.execute("UPDATE payments SET final_at = ? WHERE state = 'finalized'", (int(time.time()),))
                    self._execute(_REMEMBERED)
                    self._db.execute("UPDATE meta SET value = ? WHERE name = 'format'", (str(FORMAT),))
                self._agree("format", str(FORMAT))
        except OutboxError:
            self._db.close()
            raise

    def close(self) -> None:
        """Closes the file."""
        with self._lock:
            self._db.close()

    @contextlib.contextmanager
    def _errors(self) -> Iterator[None]:
        if os.getpid() != self._process:
            # SQLite's connections and locks do not survive a fork.
            raise OutboxError(f"{self.path}: opened by another process; open it after the fork")
        try:
            yield
        except sqlite3.Error as error:
            raise OutboxError(f"{self.path}: {error}") from error

    @contextlib.contextmanager
    def _write(self) -> Iterator[None]:
        with self._lock, self._errors():
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._db.execute("COMMIT")
            except BaseException:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                raise

    def _execute(self, statements: str) -> None:
        for statement in filter(str.strip, statements.split(";")):
            self._db.execute(statement)

    def _meta(self, name: str) -> str | None:
        found = self._db.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()
        return found[0] if found else None

    def _agree(self, name: str, value: str) -> None:
        self._db.execute("INSERT INTO meta VALUES (?, ?) ON CONFLICT DO NOTHING", (name, value))
        [found] = self._db.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()
        if found != value:
            raise OutboxError(f"{self.path}: its {name} is {found}, expected {value}")

    def bind(self, account: int, domain: str) -> None:
        """Makes this the outbox of an account of a deployment, for ever.

        Raises:
            OutboxError: if it is another one's.
        """
        with self._write():
            self._agree("account", str(account))
            self._agree("deployment", domain)

    @contextlib.contextmanager
    def sending(self) -> Iterator[None]:
        """Makes this process the only one that sends; the lock ends with the process.

        Raises:
            OutboxLockedError: if another one does.
        """
        with self._sender:
            # A lock of SQLite: on every platform, and free again once its holder is killed.
            lock = sqlite3.connect(f"{self.path}-sender", timeout=0, isolation_level=None, check_same_thread=False)
            try:
                try:
                    lock.execute("BEGIN EXCLUSIVE")
                except sqlite3.OperationalError:
                    raise OutboxLockedError(f"{self.path}: another process sends from it now") from None
                yield
            finally:
                lock.close()

    # --- events ---

    def add(self, events: Iterable[MeteredEvent]) -> list[bool]:
        """Records events, all or none; tells which of them are new.

        Raises:
            EventConflictError: if an id is that of another event.
        """
        with self._write():
            return [self._add(event) for event in events]

    def add_each(self, events: Iterable[MeteredEvent]) -> list[bool | EventConflictError]:
        """Records events, each for itself."""
        results: list[bool | EventConflictError] = []
        with self._write():
            for event in events:
                try:
                    results.append(self._add(event))
                except EventConflictError as error:
                    results.append(error)
        return results

    def _add(self, event: MeteredEvent) -> bool:
        row = (event.id, event.rate.license, event.rate.units_per_use, event.units, event.provenance, event.time)
        name, content = remembered(event)
        archived = self._db.execute("SELECT content FROM remembered WHERE id = ?", (name,)).fetchone()
        if archived:
            if archived[0] != content:
                raise _conflict(event)
            return False
        done = self._db.execute(
            f"INSERT INTO events ({_EVENT}) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING", row
        )
        if done.rowcount:
            return True
        found = self._db.execute(f"SELECT {_EVENT} FROM events WHERE id = ?", (event.id,)).fetchone()
        if not event.is_same(_event(found)):
            raise _conflict(event)
        return False

    def payment_of(self, event: str) -> tuple[bool, MeterPayment | None]:
        """Tells whether an event is recorded, and the payment that has it, if any."""
        with self._lock, self._errors():
            found = self._db.execute("SELECT payment FROM events WHERE id = ?", (event,)).fetchone()
            if not found or found[0] is None:
                return bool(found), None
            return True, self.payment(found[0])

    def events_of(self, payment: int) -> list[MeteredEvent]:
        """Returns the events of a payment, in the order of its memo."""
        with self._lock, self._errors():
            rows = self._db.execute(
                f"SELECT {_EVENT} FROM events WHERE payment = ? ORDER BY place", (payment,)
            ).fetchall()
        return [_event(row) for row in rows]

    def waiting(self) -> dict[Rate, int]:
        """Returns how many events have no payment, by rate."""
        with self._lock, self._errors():
            rows = self._db.execute(
                "SELECT license, units_per_use, COUNT(*) FROM events WHERE payment IS NULL "
                "GROUP BY license, units_per_use ORDER BY license, units_per_use"
            ).fetchall()
        return {Rate(license, per_use): count for license, per_use, count in rows}

    def fold(self, rate: Rate, policy: Fold, price: int, now: int | None) -> int:
        """Folds the due events of a rate into payments; returns how many."""
        key = (rate.license, rate.units_per_use)
        bound = now // policy.seconds * policy.seconds if policy.seconds and now is not None else 1 << 62
        with self._write():
            rows = self._db.execute(
                f"SELECT {_EVENT} FROM events WHERE payment IS NULL AND license = ? AND units_per_use = ? "
                "AND time < ? ORDER BY seq",
                (*key, bound),
            )
            found = self._db.execute(
                "SELECT carry FROM carries WHERE license = ? AND units_per_use = ?", key
            ).fetchone()
            payments, carry = fold(rate, map(_event, rows), found[0] if found else 0, policy, price, now)
            for payment in payments:
                self._bind_events(payment)
            if payments:
                self._db.execute(
                    "INSERT INTO carries VALUES (?, ?, ?) "
                    "ON CONFLICT (license, units_per_use) DO UPDATE SET carry = excluded.carry",
                    (*key, carry),
                )
        return len(payments)

    def count_larger(self, rate: Rate, price: int) -> int:
        """Returns how many waiting events of a rate no single payment can pay at a price."""
        with self._lock, self._errors():
            row = self._db.execute(
                "SELECT COUNT(*) FROM events WHERE payment IS NULL AND license = ? AND units_per_use = ? AND units > ?",
                (rate.license, rate.units_per_use, rate.units_max(uses_max(price))),
            ).fetchone()
        count: int = row[0]
        return count

    def _bind_events(self, payment: FoldedPayment) -> None:
        rate = payment.rate
        number = self._db.execute(
            "INSERT INTO payments (license, units_per_use, carry_in, uses, memo, state) "
            "VALUES (?, ?, ?, ?, ?, 'folded')",
            (rate.license, rate.units_per_use, payment.carry_in, payment.uses, payment.memo),
        ).lastrowid
        done = self._db.executemany(
            "UPDATE events SET payment = ?, place = ? WHERE id = ? AND payment IS NULL",
            [(number, place, event) for place, event in enumerate(payment.events)],
        )
        assert done.rowcount == len(payment.events)

    # --- payments ---

    def payments(self, state: PaymentState, limit: int, due: float | None = None) -> list[MeterPayment]:
        """Returns payments of a state, smallest nonce first; with `due`, those whose pause was over by then."""
        with self._lock, self._errors():
            rows = self._db.execute(
                f"SELECT {_PAYMENT} FROM payments WHERE state = ? AND retry_at < ? ORDER BY nonce, number LIMIT ?",
                (state, 1e300 if due is None else due, limit),
            ).fetchall()
        return [_payment(row) for row in rows]

    def payment(self, number: int) -> MeterPayment:
        """Returns a payment.

        Raises:
            KeyError: if there is no such payment.
        """
        with self._lock, self._errors():
            row = self._db.execute(f"SELECT {_PAYMENT} FROM payments WHERE number = ?", (number,)).fetchone()
        if row is None:
            raise KeyError(number)
        return _payment(row)

    def read(self, payments: Iterable[MeterPayment]) -> list[MeterPayment]:
        """Returns payments as they are now, smallest nonce first."""
        return sorted((self.payment(one.number) for one in payments), key=lambda one: (one.nonce or 0, one.number))

    def counts(self) -> dict[str, int]:
        """Returns how many payments there are in each state, those of the archive counted."""
        with self._lock, self._errors():
            rows = self._db.execute("SELECT state, COUNT(*) FROM payments GROUP BY state ORDER BY state").fetchall()
            archived = int(self._meta("archived") or 0)
        counts: dict[str, int] = dict(rows)
        if archived:
            counts["finalized"] = counts.get("finalized", 0) + archived
        return counts

    def problems(self) -> dict[str, int]:
        """Returns how many payments were refused, by the code of the last refusal."""
        with self._lock, self._errors():
            return dict(
                self._db.execute(
                    "SELECT problem, COUNT(*) FROM payments WHERE problem IS NOT NULL GROUP BY problem ORDER BY problem"
                ).fetchall()
            )

    def event_count(self, payments: Sequence[int]) -> int:
        """Returns how many events payments have."""
        with self._lock, self._errors():
            return sum(
                self._db.execute("SELECT COUNT(*) FROM events WHERE payment = ?", (number,)).fetchone()[0]
                for number in payments
            )

    def intents_of(self, payment: int) -> list[str]:
        """Returns the names of every intent that was signed for a payment."""
        with self._lock, self._errors():
            rows = self._db.execute("SELECT id FROM intents WHERE payment = ?", (payment,)).fetchall()
        return [row[0] for row in rows]

    def sign(self, signed: Iterable[tuple[int, int, str, str]]) -> None:
        """Keeps signed intents: payment, nonce, name and body. They may be sent from now on."""
        with self._write():
            for number, nonce, intent, body in signed:
                self._db.execute("INSERT INTO intents VALUES (?, ?, ?) ON CONFLICT DO NOTHING", (intent, number, body))
                self._db.execute(
                    "UPDATE payments SET state = 'signed', nonce = ?, intent = ?, body = ?, retry_at = 0 "
                    "WHERE number = ?",
                    (nonce, intent, body, number),
                )

    def settle(self, changes: Iterable[Change]) -> None:
        """Keeps what became of payments."""
        with self._write():
            for change in changes:
                if change.intent is not None:
                    # It may be an earlier one: then its bytes and its nonce are those of the payment again.
                    [body] = self._db.execute("SELECT body FROM intents WHERE id = ?", (change.intent,)).fetchone()
                    self._db.execute(
                        "UPDATE payments SET nonce = ?, intent = ?, body = ? WHERE number = ?",
                        (int(json.loads(body)["nonce"]), change.intent, body, change.number),
                    )
                self._db.execute(
                    "UPDATE payments SET state = ?, batch = COALESCE(?, batch), problem = ?, retry_at = ?, "
                    "final_at = ? WHERE number = ?",
                    (change.state, change.batch, change.problem, change.retry_at, change.final_at, change.number),
                )

    # --- what leaves ---

    @property
    def archive(self) -> str:
        """The file with a line of JSON for each payment that left the outbox."""
        return f"{self.path}.paid"

    def archive_final(self, final_before: float) -> int:
        """Moves payments that became final before a time to the archive; returns how many.

        Their events' ids are remembered. The process must be the one that sends. After a crash in
        between, a payment has two equal lines in the archive.
        """
        moved = 0
        while payments := self._final(final_before):
            try:
                append_archive(self.archive, payments)
            except OSError as error:
                raise OutboxError(f"{self.archive}: cannot be written: {error}") from error
            with self._write():
                for payment in payments:
                    rows = [(*remembered(event), payment.final_at // DAY) for event in payment.events]
                    self._db.executemany("INSERT INTO remembered VALUES (?, ?, ?) ON CONFLICT DO NOTHING", rows)
                    for table, column in (("events", "payment"), ("intents", "payment"), ("payments", "number")):
                        self._db.execute(f"DELETE FROM {table} WHERE {column} = ?", (payment.number,))
                self._db.execute(
                    "UPDATE meta SET value = CAST(value AS INTEGER) + ? WHERE name = 'archived'", (len(payments),)
                )
            moved += len(payments)
        return moved

    def _final(self, before: float) -> list[ArchivedPayment]:
        """Returns some payments that became final before a time. The last one stays: numbers are given once."""
        with self._lock, self._errors():
            rows = self._db.execute(
                "SELECT number, license, units_per_use, carry_in, uses, memo, intent, final_at FROM payments "
                "WHERE state = 'finalized' AND final_at < ? AND number < (SELECT MAX(number) FROM payments) "
                "ORDER BY final_at LIMIT ?",
                (before, _ARCHIVED_AT_ONCE),
            ).fetchall()
        return [
            ArchivedPayment(number, Rate(license, per_use), carry, uses, memo, intent, final_at, self.events_of(number))
            for number, license, per_use, carry, uses, memo, intent, final_at in rows
        ]

    def forget(self, final_before: float) -> int:
        """Forgets ids of archived events whose payments became final before a time; returns how many."""
        day, forgotten = final_before // DAY, 0
        while True:
            with self._write():
                done = self._db.execute(
                    "DELETE FROM remembered WHERE id IN (SELECT id FROM remembered WHERE day < ? LIMIT ?)",
                    (day, _FORGOTTEN_AT_ONCE),
                ).rowcount
            forgotten += done
            if done < _FORGOTTEN_AT_ONCE:
                return forgotten


@dataclass(frozen=True, slots=True)
class Change:
    """New state of a payment."""

    number: int
    state: PaymentState
    intent: str | None = None
    batch: int | None = None
    problem: str | None = None
    retry_at: float = 0.0
    final_at: int | None = None
    """Unix seconds at which it became final."""


def _conflict(event: MeteredEvent) -> EventConflictError:
    return EventConflictError(f"event {event.id!r}: recorded before with another license, rate, units or provenance")


def _event(row: tuple[str, int, int, int, bytes, int]) -> MeteredEvent:
    name, license, per_use, units, provenance, time = row
    return MeteredEvent(name, Rate(license, per_use), units, provenance, time)


def _payment(row: tuple[Any, ...]) -> MeterPayment:
    number, license, per_use, carry_in, uses, memo, *rest = row
    return MeterPayment(number, Rate(license, per_use), carry_in, uses, to_hex(memo), *rest)
