"""Meter: usage events to payments, each event paid exactly once (api/conformance/metering.md)."""

from __future__ import annotations

import json
import logging
import os
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import TracebackType

from farthing.client import Farthing
from farthing.encoding import from_hex
from farthing.errors import (
    FarthingError,
    InvalidAmountError,
    InvalidArgumentError,
    NoSignerError,
    RecipientChangedError,
    UnexpectedAnswerError,
)
from farthing.flows import NO_MEMO
from farthing.intents import Pay, SignedIntent, price_times
from farthing.models import Accepted, Status
from farthing.outbox import Change, MeterPayment, Outbox
from farthing.problems import IntentNotFoundError, ProblemError
from farthing.remembered import DAY
from farthing.usage import Fold, MeteredEvent, Rate, UsageEvent, meter_event

REQUEST_INTENTS = 256
"""Intents of one request: what is signed, kept and sent together."""
REFUSED_PAUSE = 60.0
"""Seconds until a payment that was refused is sent again."""
KEEP_DAYS = 30
"""Days for which a final payment stays in the outbox with its events."""
REMEMBER_DAYS = 400
"""Days for which ids are remembered after the payment is final: a year of accounts, and a month to find them wrong."""
REMEMBER_DAYS_MIN = 1
"""A queue that delivers again, or a run that is started again, does so within hours."""
EVENT_TOO_LARGE = "event_too_large"
"""Code of an event that no single payment can pay at the license's price; it waits."""
CONFIRM_EVERY = 30.0
"""Seconds between two questions for what became of accepted payments."""
_ROUNDS_MAX = 4
"""How often one `flush` signs a payment again."""

_SAME_NONCE = frozenset({"expired", "valid_too_long", "fee_too_low", "amount_mismatch"})
_ANOTHER_NONCE = frozenset({"nonce_too_low", "nonce_used"})
_UNKNOWABLE = frozenset({"nonce_undecided", "intent_history_unavailable"})

_log = logging.getLogger("farthing.meter")


@dataclass
class FlushReport:
    """Result of a `flush`."""

    accepted: int = 0
    """Payments that the node has acknowledged."""
    events: int = 0
    """Events of these payments."""
    unanswered: int = 0
    """Payments whose outcome is not known: the same bytes are sent again by the next `flush`."""
    refused: dict[str, int] = field(default_factory=dict)
    """Payments that were refused and are sent again after a pause, and licenses whose events wait, by code."""
    undecided: int = 0
    """Payments of which the node cannot tell whether they settled."""

    def refuse(self, code: str) -> None:
        """Counts a refusal."""
        self.refused[code] = self.refused.get(code, 0) + 1


class Meter:
    """Records usage events durably, folds them into payments, and sends these.

    Threads may share a meter, and processes an outbox: all of them record, one at a time sends. A
    meter without a client only records.
    """

    def __init__(
        self,
        outbox: str | os.PathLike[str],
        client: Farthing | None = None,
        *,
        rates: Mapping[str, Rate] | None = None,
        fold: Fold | None = None,
        refused_pause: float = REFUSED_PAUSE,
        keep_days: float = KEEP_DAYS,
        remember_days: float = REMEMBER_DAYS,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Opens an outbox, or makes it. With `math.inf` days nothing leaves it, or no id is forgotten."""
        if not keep_days >= 0:
            raise InvalidArgumentError(f"keep_days is {keep_days}, expected 0 or more")
        if not remember_days >= REMEMBER_DAYS_MIN:
            raise InvalidArgumentError(f"remember_days is {remember_days}, expected {REMEMBER_DAYS_MIN} or more")
        self._keep, self._remember = keep_days * DAY, remember_days * DAY
        self.outbox = Outbox(outbox)
        self._client, self._clock = client, clock
        self._rates = dict(rates or {})
        self._fold = fold or Fold.interval(60)
        self._refused_pause = refused_pause
        self._terms: dict[int, Pay] = {}
        self._bound = False
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def __enter__(self) -> Meter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def start(self, every: float = 1.0, confirm_every: float = CONFIRM_EVERY) -> None:
        """Flushes and confirms from a thread of its own, each `every` so many seconds, until `close`."""
        if self._thread is None:
            arguments = (every, confirm_every)
            self._thread = threading.Thread(target=self._run, args=arguments, name="farthing-meter", daemon=True)
            self._thread.start()

    def _run(self, every: float, confirm_every: float) -> None:
        confirm_at = time.monotonic() + confirm_every
        while not self._stop.wait(every):
            self._try("flush", self._flush_and_tell)
            if time.monotonic() >= confirm_at:
                self._try("confirm", self.confirm)
                confirm_at = time.monotonic() + confirm_every

    def _try(self, what: str, work: Callable[[], object]) -> None:
        try:
            work()
        except FarthingError as error:
            if error.code != "outbox_locked":
                _log.warning("%s failed: %s", what, error, extra={"error": error.code})
        except Exception:
            # A thread that ended would stop payments without a word.
            _log.exception("%s failed", what)

    def _flush_and_tell(self) -> None:
        report = self.flush()
        for code, count in report.refused.items():
            _log.warning("payments or licenses refused: %s (%d)", code, count, extra={"error": code})
        if report.undecided:
            _log.error("payments undecided, which need a person: %d", report.undecided)

    def close(self) -> None:
        """Ends the thread and closes the outbox. What is recorded stays, for the next start."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()
        self.outbox.close()

    # --- events ---

    def check(self, event: UsageEvent) -> MeteredEvent:
        """Checks an event and finds its license; records nothing."""
        return meter_event(event, self._rates, int(self._clock()))

    def record(self, event: UsageEvent) -> bool:
        """Records an event; on disk on return. False if it had been recorded before.

        Raises:
            InvalidEventError: if a field is wrong, or no rate has the model.
            EventConflictError: if the id is that of another event.
        """
        return self.outbox.add([self.check(event)])[0]

    def record_many(self, events: Iterable[UsageEvent]) -> int:
        """Records events in one transaction, all or none; returns how many are new."""
        return sum(self.outbox.add([self.check(event) for event in events]))

    def payment(self, event: str) -> MeterPayment | None:
        """Returns the payment of an event, or None while it waits.

        Raises:
            KeyError: if there is no such event, or its payment is in the archive.
        """
        known, payment = self.outbox.payment_of(event)
        if not known:
            raise KeyError(event)
        return payment

    def events(self, payment: int) -> list[MeteredEvent]:
        """Returns the events of a payment, in the order of its memo (`payment_memo`)."""
        return self.outbox.events_of(payment)

    # --- payments ---

    def flush(self, *, all: bool = False) -> FlushReport:
        """Sends again what is signed, folds what is due, signs and sends it.

        With `all`, events of intervals that have not ended are due too. Refusals are in the report.

        Raises:
            OutboxLockedError: if another process sends at this moment.
        """
        client = self._signing()
        # What this flush sends and the node refuses is not due again in it, however short the pause.
        report, begin = FlushReport(), self._clock()
        with self.outbox.sending():
            self._bind(client)
            while signed := self.outbox.payments("signed", REQUEST_INTENTS, due=begin):
                if not self._send(client, signed, report):
                    return report
            self._fold_due(client, report, all)
            while folded := self.outbox.payments("folded", REQUEST_INTENTS, due=begin):
                failed = self._sign(client, [(payment, None) for payment in folded])
                self.outbox.settle(failed)
                self._count(failed, report)
                numbers = {change.number for change in failed}
                folded = [payment for payment in folded if payment.number not in numbers]
                if not self._send(client, self.outbox.read(folded), report):
                    return report
        return report

    def confirm(self, limit: int = 1_000) -> dict[str, int]:
        """Asks for the status of accepted and undecided payments; returns how many are in which state.

        A payment that was dropped after it had been accepted is signed again, for the next `flush`.
        """
        client = self._signing()
        with self.outbox.sending():
            self._bind(client)
            for payment in self.outbox.payments("accepted", limit):
                assert payment.intent is not None
                try:
                    status = client.status(payment.intent)
                except IntentNotFoundError:
                    # The node lost what it had acknowledged: the same bytes are sent again.
                    self.outbox.settle([Change(payment.number, "signed", problem="intent_not_found")])
                    continue
                except ProblemError as error:
                    if error.code in _UNKNOWABLE:
                        continue
                    raise
                if status.status == "finalized":
                    final = Change(payment.number, "finalized", batch=status.batch, final_at=int(self._clock()))
                    self.outbox.settle([final])
                elif status.status == "dropped":
                    self._dropped(client, payment, status)
            for payment in self.outbox.payments("undecided", limit):
                found = self._look(client, payment)
                if isinstance(found, Change) and found.state != "undecided":
                    self.outbox.settle([found])
            self._compact()
        return self.outbox.counts()

    def compact(self) -> int:
        """Moves payments that have been final for `keep_days` to the archive, a file of JSON lines beside the outbox.

        Returns how many. Ids of their events are remembered for `remember_days` after the payment became
        final: an event that is recorded again is not paid again. `confirm` does this, too.
        """
        with self.outbox.sending():
            return self._compact()

    def _compact(self) -> int:
        now = self._clock()
        moved = self.outbox.archive_final(now - self._keep)
        self.outbox.forget(now - self._remember)
        return moved

    def resolve(self, payment: int, *, paid: bool) -> None:
        """Decides about an undecided payment: paid, or to be signed again with a new nonce.

        Look for the receipt or the effect on both accounts first. A wrong answer pays twice or never.
        """
        client = self._signing()
        with self.outbox.sending():
            self._bind(client)
            found = self.outbox.payment(payment)
            if found.state != "undecided":
                raise InvalidArgumentError(f"payment {payment} is {found.state}, not undecided")
            if paid:
                self.outbox.settle([Change(payment, "finalized", final_at=int(self._clock()))])
            else:
                self._learn_nonce(client)
                for failed in self._sign(client, [(found, None)]):
                    raise InvalidArgumentError(f"payment {payment} cannot be signed now: {failed.problem}")

    def _signing(self) -> Farthing:
        if self._client is None:
            raise NoSignerError("this meter only records: give it a client with account and key")
        return self._client

    def _bind(self, client: Farthing) -> None:
        if not self._bound:
            signer = client._run(client._flows.signer())
            self.outbox.bind(signer.account, client.version().domain)
            self._bound = True

    def _fold_due(self, client: Farthing, report: FlushReport, everything: bool) -> None:
        now = None if everything else int(self._clock())
        for rate in self.outbox.waiting():
            try:
                price = self._template(client, rate.license).amount
            except (ProblemError, RecipientChangedError) as error:
                if isinstance(error, ProblemError) and error.retryable:
                    raise
                report.refuse(error.code)
                continue
            self.outbox.fold(rate, self._fold, price, now)
            for _ in range(self.outbox.count_larger(rate, price)):
                report.refuse(EVENT_TOO_LARGE)

    def _template(self, client: Farthing, license: int) -> Pay:
        """Returns a payment of one use; price and recipient are asked for once, and again when a price is refused."""
        if license not in self._terms:
            self._terms[license] = client._run(client._flows.pay_operation(license, 1, NO_MEMO, None))
        return self._terms[license]

    def _sign(self, client: Farthing, payments: Iterable[tuple[MeterPayment, int | None]]) -> list[Change]:
        """Signs payments, with the nonces given or new ones, and keeps the intents.

        Returns those that cannot be signed now: one license must not hold up the others.
        """
        ready: list[tuple[MeterPayment, int | None, Pay]] = []
        failed: list[Change] = []
        for payment, nonce in payments:
            try:
                one = self._template(client, payment.rate.license)
                amount = price_times(one.amount, payment.uses)
            except (ProblemError, RecipientChangedError, InvalidAmountError) as error:
                if isinstance(error, ProblemError) and error.retryable:
                    raise
                failed.append(self._refused(payment, error.code))
                continue
            operation = Pay(one.license, payment.uses, amount, one.recipient, from_hex(payment.memo))
            ready.append((payment, nonce, operation))
        signer = client._run(client._flows.signer())
        intents = signer.sign_many([operation for _, _, operation in ready], [nonce for _, nonce, _ in ready])
        signed = []
        for (payment, nonce, operation), made in zip(ready, intents):
            intent = made
            if intent.id == payment.intent:
                # Signed within the second of the one that was refused: a refusal may be for good.
                intent = signer.sign(operation, nonce=nonce, valid_until=intent.intent.valid_until + 1)
            assert intent.id is not None
            body = json.dumps(intent.to_json(), separators=(",", ":"))
            signed.append((payment.number, intent.intent.nonce, intent.id, body))
        self.outbox.sign(signed)
        return failed

    def _send(self, client: Farthing, payments: Sequence[MeterPayment], report: FlushReport) -> bool:
        """Sends payments as they are in the outbox; false if the node does not answer."""
        for last in range(_ROUNDS_MAX, -1, -1):
            intents = [_signed(payment) for payment in payments]
            results = client.submit_many(intents)
            changes: list[Change] = []
            again: list[tuple[MeterPayment, int | None]] = []
            answered = True
            for payment, result in zip(payments, results):
                what = self._outcome(client, payment, result)
                if what is None:
                    report.unanswered += 1
                    answered = False
                elif isinstance(what, Change):
                    changes.append(what)
                elif last:
                    again.append((payment, what.nonce))
                else:
                    changes.append(self._refused(payment, what.code))
            self.outbox.settle(changes)
            if any(nonce is None for _, nonce in again):
                self._learn_nonce(client)
            failed = self._sign(client, again)
            self.outbox.settle(failed)
            self._count([*changes, *failed], report)
            numbers = {change.number for change in failed}
            again = [one for one in again if one[0].number not in numbers]
            if not again or not answered:
                return answered
            payments = self.outbox.read([payment for payment, _ in again])
        raise AssertionError("the last round signs nothing again")

    def _count(self, changes: Sequence[Change], report: FlushReport) -> None:
        accepted = [change.number for change in changes if change.state == "accepted"]
        report.accepted += len(accepted)
        report.events += self.outbox.event_count(accepted)
        for change in changes:
            if change.state == "undecided":
                report.undecided += 1
            elif change.state in ("folded", "signed") and change.problem:
                report.refuse(change.problem)

    def _outcome(
        self, client: Farthing, payment: MeterPayment, result: Accepted | FarthingError
    ) -> Change | _Again | None:
        """Decides about a payment by the node's answer; None if there is no definitive one."""
        if isinstance(result, Accepted):
            if result.id != payment.intent:
                raise UnexpectedAnswerError(f"intent {payment.intent} was sent, the node accepted {result.id}")
            return Change(payment.number, "accepted", batch=result.batch)
        if result.outcome_unknown or result.retryable or not isinstance(result, ProblemError):
            return None
        if result.code in _SAME_NONCE:
            if result.code == "amount_mismatch":
                self._terms.pop(payment.rate.license, None)
            return _Again(payment.nonce, result.code)
        if result.code in _UNKNOWABLE:
            return Change(payment.number, "undecided", problem=result.code)
        if result.code in _ANOTHER_NONCE or result.code == "intent_dropped":
            found = self._look(client, payment)
            if found is not None or result.code in _ANOTHER_NONCE:
                return found if found is not None else _Again(None, result.code)
            return _Again(payment.nonce, result.code)
        return self._refused(payment, result.code)

    def _refused(self, payment: MeterPayment, code: str) -> Change:
        """Keeps the state of a payment, and tries it again after a pause."""
        return Change(payment.number, payment.state, problem=code, retry_at=self._clock() + self._refused_pause)

    def _look(self, client: Farthing, payment: MeterPayment) -> Change | None:
        """Looks for every intent of a payment; None if the node knows that none of them can settle."""
        for intent in self.outbox.intents_of(payment.number):
            try:
                status = client.status(intent)
            except IntentNotFoundError:
                continue
            except ProblemError as error:
                if error.code in _UNKNOWABLE:
                    return Change(payment.number, "undecided", problem=error.code)
                raise
            if status.status != "dropped":
                return Change(payment.number, "accepted", intent=intent, batch=status.batch)
            if status.dropped == "nonce_settled":
                return Change(payment.number, "undecided", problem="nonce_settled")
        return None

    def _dropped(self, client: Farthing, payment: MeterPayment, status: Status) -> None:
        if status.dropped == "nonce_settled":
            self.outbox.settle([Change(payment.number, "undecided", problem="nonce_settled")])
        else:
            self._sign(client, [(payment, payment.nonce)])

    def _learn_nonce(self, client: Farthing) -> None:
        signer = client._run(client._flows.signer())
        signer.learn_nonce(client.account(signer.account).settled_nonce)


@dataclass(frozen=True, slots=True)
class _Again:
    """Decision to sign again; without a nonce, with a new one."""

    nonce: int | None
    code: str


def _signed(payment: MeterPayment) -> SignedIntent:
    assert payment.body is not None
    return replace(SignedIntent.from_json(json.loads(payment.body)), id=payment.intent)
