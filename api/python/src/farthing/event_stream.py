"""Streams of events without input and output: what to ask for, what came, and when to ask again."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote as url_quote

from farthing import quantities
from farthing.calls import Api, Reply, Send, retry_after
from farthing.errors import FarthingError, UnexpectedAnswerError

RECONNECT = 2.0
"""Seconds before a stream is opened again, unless the node names another pause."""
SILENCE_MAX = 60.0
"""Seconds without a byte after which a connection is taken for lost: nodes show signs of life every 15 s."""
# A carriage return at the end may be the first half of a line end.
_LINE_END = re.compile(r"\r\n|\n|\r(?!\Z)")


@dataclass(frozen=True, slots=True)
class StreamedEvent:
    """Event of a stream."""

    id: str
    """Its name: an event that is told twice has the same one."""
    type: str
    """`license.paid`, for example."""
    data: dict[str, Any]
    """What happened, as the API has it in JSON."""
    place: str
    """The place after it: a stream that begins `after` it misses nothing."""


def events_path(
    types: Sequence[str], account: int | None, license: int | None, block: int | None, after: str | None
) -> str:
    """Returns path and query of a stream."""
    query: list[tuple[str, object]] = [("types", ",".join(types))] if types else []
    if account is not None:
        query.append(("account", quantities.identifier(account, "account")))
    if license is not None:
        query.append(("license", quantities.identifier(license, "license")))
    if block is not None:
        query.append(("block", quantities.integer(block, 0, 2**64 - 1, "block")))
    if after is not None:
        query.append(("after", after))
    text = "&".join(f"{name}={url_quote(str(value), safe='')}" for name, value in query)
    return f"/v1/events?{text}" if text else "/v1/events"


class EventStream:
    """Stream over any number of connections. It knows the place after the last whole block of lines."""

    def __init__(self, api: Api, path: str) -> None:
        self._api, self._url = api, api.base_url + path
        self._place: str | None = None
        self._pause = RECONNECT
        self._failures, self._opened = 0, False
        self._open = False
        """Whether a connection is open at this moment."""

    def request(self) -> Send:
        """Returns the request of the next connection, which goes on after the last block."""
        headers = {"Accept": "text/event-stream, application/json"}
        if self._place is not None:
            headers["Last-Event-ID"] = self._place
        return Send("GET", self._url, None, headers, SILENCE_MAX)

    def opened(self) -> EventReader:
        """Begins a connection."""
        self._failures, self._opened, self._open = 0, True, True
        return EventReader(self)

    def ended(self) -> float:
        """Returns the seconds after which the stream is opened again."""
        self._open = False
        return self._pause

    def failed(self, reply: Reply) -> float:
        """Returns the seconds before another try after a connection that failed, before or after it was open."""
        return self.ended() if self._open else self.refused(reply)

    def refused(self, reply: Reply) -> float:
        """Returns the seconds before another try to open it, or raises the refusal.

        A stream that was open once is opened again for as long as it takes.
        """
        error = self._api.error(reply) or UnexpectedAnswerError(f"{self._url} is no stream of events")
        self._failures += 1
        retry = self._api.retry
        attempt = min(self._failures, retry.attempts - 1) if self._opened else self._failures
        pause = retry.delay(attempt, retry_after(reply)) if error.retryable else None
        if pause is None:
            raise error
        return pause

    def passed(self, place: str | None, pause: float | None) -> str:
        """Notes what a whole block said; returns the place after it."""
        self._place = self._place if place is None else place
        self._pause = self._pause if pause is None else pause
        return self._place or ""


class EventReader:
    """Reader of one connection, as the HTML standard reads event streams (section 9.2)."""

    def __init__(self, stream: EventStream) -> None:
        self._stream = stream
        self._decoder = codecs.getincrementaldecoder("utf-8-sig")("replace")
        self._rest = ""
        self._clear()

    def _clear(self) -> None:
        self._data: list[str] = []
        self._id: str | None = None
        self._retry: float | None = None

    def read(self, chunk: bytes) -> Iterator[StreamedEvent]:
        """Yields the events that these bytes complete."""
        self._rest += self._decoder.decode(chunk)
        while (end := _LINE_END.search(self._rest)) is not None:
            line, self._rest = self._rest[: end.start()], self._rest[end.end() :]
            if line:
                self._field(line)
            elif (event := self._block()) is not None:
                yield event

    def _field(self, line: str) -> None:
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if name == "data":
            self._data.append(value)
        elif name == "id" and "\0" not in value:
            self._id = value
        elif name == "retry" and re.fullmatch(r"[0-9]{1,6}", value):
            self._retry = int(value) / 1000

    def _block(self) -> StreamedEvent | None:
        """Ends a block. Only now its id counts: a block that is cut off is told again."""
        data = "\n".join(self._data)
        place = self._stream.passed(self._id, self._retry)
        self._clear()
        return _event(data, place) if data else None


def _event(data: str, place: str) -> StreamedEvent:
    try:
        event = json.loads(data)
        return StreamedEvent(event["id"], event["type"], event["data"], place)
    except (ValueError, KeyError, TypeError) as error:
        failure: FarthingError = UnexpectedAnswerError("an event of the stream has another form than the API's")
        raise failure from error
