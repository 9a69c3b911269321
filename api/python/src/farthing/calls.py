"""Calls of the API without input and output: what to send, when to send it again, what came of it.

A flow is a generator that yields `Send` and `Sleep` and is sent what came of them. The same flows
run under a synchronous and an asynchronous driver (`farthing.transport`).
"""

from __future__ import annotations

import json
import random
import secrets
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias, TypeVar

from farthing.codec import from_json
from farthing.errors import FarthingError, NoAnswerError, UnexpectedAnswerError
from farthing.problems import ProblemError
from farthing.signer import Clock

T = TypeVar("T")

CALL_TIMEOUT = 40.0
"""Seconds that one attempt may take, a long poll's waiting not counted."""


@dataclass(frozen=True, slots=True)
class Send:
    """HTTP request to be made once."""

    method: str
    url: str
    body: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    timeout: float = CALL_TIMEOUT


@dataclass(frozen=True, slots=True)
class Sleep:
    """Pause."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Reply:
    """Answer to a request, or the failure to get one."""

    status: int = 0
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    failure: str | None = None
    """Why no whole answer came; `status` is 0 then."""


Effect: TypeAlias = Send | Sleep
Flow: TypeAlias = Generator[Effect, Reply, T]
"""Flow that ends with a value of T."""
Sign: TypeAlias = Callable[[str, str, bytes], str]
"""Signs method, target and body of a request; gives the header `Farthing-Signature`."""


@dataclass(frozen=True, slots=True)
class Retry:
    """How often and how patiently a call is sent again."""

    attempts: int = 6
    """Attempts in all; 1 sends nothing again."""
    first_delay: float = 0.1
    """Seconds before the second attempt; doubled for each further one."""
    max_delay: float = 10.0
    """The most seconds of a pause, unless `Retry-After` asks for more."""
    max_retry_after: float = 60.0
    """The most seconds of a pause that `Retry-After` is followed for."""

    def delay(self, attempt: int, retry_after: float | None) -> float | None:
        """Returns the pause after an attempt (the first is 1), or None if it was the last."""
        if attempt >= self.attempts:
            return None
        backoff = min(self.first_delay * 2.0 ** min(attempt - 1, 60), self.max_delay)
        # Clients that failed together come back spread over half of the pause.
        spread = backoff * (0.5 + random.random() / 2)  # noqa: S311 (no secret)
        return max(spread, min(retry_after or 0.0, self.max_retry_after))


RETRY = Retry()
"""Used unless a client is given another one."""


class Api:
    """Node's URL, retry rule and clock: makes calls of one node."""

    def __init__(self, base_url: str, retry: Retry, clock: Clock) -> None:
        self.base_url = base_url.rstrip("/")
        self.retry = retry
        self.clock = clock

    def get(self, kind: type[T], path: str, *, wait: float = 0.0) -> Flow[T]:
        """Gets a typed answer; `wait` is how long the node was asked to wait."""
        data = yield from self.call(Send("GET", self.base_url + path, timeout=CALL_TIMEOUT + wait))
        return from_json(kind, data)

    def post(
        self,
        path: str,
        body: Any,
        *,
        idempotency_key: str | None = None,
        intent_id: str | None = None,
        own_code: str | None = None,
    ) -> Flow[Any]:
        """Posts JSON. Every attempt has the same bytes and the same `Idempotency-Key`.

        A problem of `own_code` is the caller's: nothing is sent again after it.
        """
        headers = {
            "Content-Type": "application/json",
            "Idempotency-Key": idempotency_key or secrets.token_hex(16),
        }
        data = json.dumps(body, separators=(",", ":")).encode()
        return (yield from self.call(Send("POST", self.base_url + path, data, headers), intent_id, own_code))

    def call_signed(
        self, method: str, path: str, sign: Callable[[str, str, bytes], str], body: Any = None
    ) -> Flow[Any]:
        """Makes a call that an account's key signs, once for all attempts. The node does it once by itself."""
        data = b"" if body is None else json.dumps(body, separators=(",", ":")).encode()
        headers = {"Farthing-Signature": sign(method, path, data)}
        if body is not None:
            headers["Content-Type"] = "application/json"
        return (yield from self.call(Send(method, self.base_url + path, data or None, headers)))

    def call(self, send: Send, intent_id: str | None = None, own_code: str | None = None) -> Flow[Any]:
        """Sends until an answer is definitive or attempts are used up; returns decoded JSON."""
        attempt, unknown = 1, False
        while True:
            sent = self.clock.local()
            reply = yield send
            if reply.failure is None:
                self.clock.learn(reply.headers.get("date"), sent, self.clock.local())
            error = self.error(reply)
            if error is None:
                return json.loads(reply.body)
            again = error.retryable
            # An attempt without an answer may have taken effect. A definitive refusal later says
            # that it did not, as an accepted intent would be answered as a repeat.
            unknown = (unknown and again) or not (isinstance(error, ProblemError) and _says_effect(error))
            pause = self.retry.delay(attempt, retry_after(reply)) if again else None
            if pause is None or error.code == own_code:
                error.outcome_unknown = unknown
                error.intent_id = intent_id if unknown else None
                raise error
            yield Sleep(pause)
            attempt += 1

    def error(self, reply: Reply) -> FarthingError | None:
        """Returns the error that a reply is, or None for an answer in JSON."""
        if reply.failure is not None:
            return NoAnswerError(f"no answer from {self.base_url}: {reply.failure}")
        if 200 <= reply.status < 300:
            return None if _is_json(reply.body) else _not_ours(reply, self.base_url)
        try:
            data = json.loads(reply.body)
            error = ProblemError.from_json(data, self.base_url)
        except (ValueError, KeyError, TypeError):
            return _not_ours(reply, self.base_url)
        error.request_id = error.request_id or reply.headers.get("x-request-id")
        error.retry_after = retry_after(reply)
        # Advice of the node goes before what the code usually means: a later version may know better.
        advice = reply.headers.get("x-should-retry")
        if advice in ("true", "false"):
            error.retryable = advice == "true"
        return error


# Codes that are worth another attempt and say that nothing was done.
_WITHOUT_EFFECT = frozenset({
    "rate_limited", "account_quota", "proofs_behind", "clock_ahead", "rollup_late", "overloaded",
    "not_ready", "idempotency_unavailable", "request_timeout", "license_updating",
})  # fmt: skip


def _says_effect(error: ProblemError) -> bool:
    """Whether a problem says that nothing was done."""
    # Advice against another attempt does not tell what a code leaves open.
    leaves_open = error.retryable or type(error).retryable
    return not leaves_open or error.code in _WITHOUT_EFFECT


def _is_json(body: bytes) -> bool:
    try:
        json.loads(body)
    except ValueError:
        return False
    return True


def _not_ours(reply: Reply, base_url: str) -> FarthingError:
    """Returns the error of an answer that is not the node's: a proxy in between speaks for itself."""
    error: FarthingError
    if reply.status in (408, 429) or reply.status >= 500:
        error = NoAnswerError(f"no answer of the node at {base_url}: status {reply.status} of a proxy")
    else:
        error = UnexpectedAnswerError(f"status {reply.status} of {base_url}, and a body that is not the API's")
    error.request_id = reply.headers.get("x-request-id")
    return error


def retry_after(reply: Reply) -> float | None:
    """Returns `Retry-After` in seconds; a date there would need a clock that agrees."""
    value = reply.headers.get("retry-after", "")
    return float(value) if value.isascii() and value.isdigit() else None
