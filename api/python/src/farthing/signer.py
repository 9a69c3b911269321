"""Signer of one account: nonces from the clock, and validities."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable, Iterable
from email.utils import parsedate_to_datetime
from itertools import repeat

from farthing.account_request import request_content
from farthing.domain import Deployment
from farthing.errors import InvalidArgumentError, SignerClockError
from farthing.intents import Intent, Operation, SignedIntent, sign_intents
from farthing.keys import SecretKey
from farthing.quantities import NONCE_MAX, TIME_MAX, Money, fee, identifier

VALID_FOR_DEFAULT = 15 * 60
"""Seconds for which an intent is valid: a node that is down for minutes may still take it."""
VALIDITY_MAX = 7 * 24 * 3_600
"""Seconds of the longest validity that nodes take unless their operator says otherwise."""
NONCE_AHEAD_MAX = 24 * 3_600
"""Seconds for which a nonce may be ahead of the clock: nodes take none further ahead."""
_SLOT = 1 << 10
"""Microseconds of one nonce: the digits below are the writer's own."""


class Clock:
    """This machine's clock, corrected by the node's `Date` header where both contradict."""

    def __init__(self, now: Callable[[], float] = time.time) -> None:
        self._now = now
        self.offset = 0.0
        """Seconds that the node's clock is ahead of this machine's, at the least."""

    def now(self) -> float:
        """Returns unix seconds by the node's clock."""
        return self._now() + self.offset

    def local(self) -> float:
        """Returns unix seconds by this machine's clock."""
        return self._now()

    def learn(self, date: str | None, sent: float, received: float) -> None:
        """Learns from an answer's `Date`, whose clock stood there between `sent` and `received`.

        A date has whole seconds, so it leaves a range; an offset within it stays as it is.
        """
        if not date:
            return
        try:
            said = parsedate_to_datetime(date).timestamp()
        except (ValueError, TypeError, OverflowError):
            return
        self.offset = min(max(self.offset, said - received), said + 1 - sent)


class Signer:
    """Signs intents of one account.

    Nonces are microseconds of the clock whose last ten bits are this signer's own, so many writers
    can share an account without coordination. A nonce that comes too late (`nonce_too_low`), or
    that another writer took (`nonce_used`), is refused for good and signed again by the client.
    Threads may share a signer.
    """

    def __init__(
        self,
        account: int,
        key: SecretKey,
        deployment: Deployment,
        *,
        last_nonce: int = 0,
        fee: Money = 0,
        valid_for: float = VALID_FOR_DEFAULT,
        clock: Clock | None = None,
    ) -> None:
        """Signs for `account` by `key`; nonces are above `last_nonce`."""
        if not 0 <= valid_for <= VALIDITY_MAX:
            raise InvalidArgumentError(f"valid for {valid_for} s: at most {VALIDITY_MAX} s are taken")
        self.account = identifier(account, "account")
        self.key = key
        self.deployment = deployment
        self.domain = deployment.digest()
        self._fee = _fee(fee)
        self._valid_for = valid_for
        self._clock = clock or Clock()
        self._last = last_nonce
        self._tag = secrets.randbelow(_SLOT)
        self._lock = threading.Lock()
        self._requests: dict[bytes, int] = {}
        """Requests of this second and later ones, with the last second that each was signed for."""

    def __repr__(self) -> str:
        return f"Signer(account={self.account}, key={self.key!r})"

    def learn_nonce(self, last: int) -> None:
        """Makes later nonces greater than `last`, with other digits of this signer's own."""
        with self._lock:
            self._last = max(self._last, last)
            self._tag = secrets.randbelow(_SLOT)

    def next_nonce(self) -> int:
        """Returns a nonce that this signer has not used.

        Raises:
            SignerClockError: if the last nonce is too far ahead of the clock; none is used then.
        """
        with self._lock:
            clock = int(self._clock.now() * 1_000_000)
            if clock < 0 or self._last >= clock + NONCE_AHEAD_MAX * 1_000_000:
                raise SignerClockError(
                    f"the account's last nonce, {self._last}, is further ahead of the clock than nodes "
                    "take: set this machine's clock, or wait until it is past that nonce"
                )
            slot = max(clock // _SLOT, self._last // _SLOT + 1)
            nonce = slot * _SLOT + self._tag
            if nonce > NONCE_MAX:
                raise SignerClockError("the clock is beyond the range of nonces: set it")
            self._last = nonce
            return nonce

    def sign(
        self,
        operation: Operation,
        *,
        nonce: int | None = None,
        valid_until: int | None = None,
        fee: Money | None = None,
    ) -> SignedIntent:
        """Signs an operation, with the next nonce unless one is given."""
        return self._intent(operation, nonce, valid_until, fee).sign(self.key, self.domain)

    def sign_many(
        self, operations: Iterable[Operation], nonces: Iterable[int | None] | None = None
    ) -> list[SignedIntent]:
        """Signs operations in their order, with the nonces given, or the next ones where there is none."""
        wanted = zip(operations, repeat(None) if nonces is None else nonces)
        intents = [self._intent(operation, nonce, None, None) for operation, nonce in wanted]
        return sign_intents(intents, self.key, self.domain)

    def _intent(self, operation: Operation, nonce: int | None, valid_until: int | None, fee: Money | None) -> Intent:
        if valid_until is None:
            valid_until = min(int(self._clock.now() + self._valid_for), TIME_MAX)
        return Intent(
            account=self.account,
            nonce=self.next_nonce() if nonce is None else nonce,
            fee=self._fee if fee is None else _fee(fee),
            valid_until=valid_until,
            operation=operation,
        )

    def sign_request(self, method: str, target: str, body: bytes = b"") -> str:
        """Returns the header `Farthing-Signature` of an HTTP request to a node.

        `target` is path and query, as they are sent. It serves for five minutes, and once: the same
        request is signed for a later second each time.
        """
        content = request_content(method, target, body)
        now = int(self._clock.now())
        with self._lock:
            self._requests = {name: time for name, time in self._requests.items() if time >= now}
            time = max(now, self._requests.get(content, 0) + 1)
            self._requests[content] = time
        return self.key.sign_request(self.account, time, method, target, body, self.domain)


_fee = fee
