"""ASGI middleware: records the usage that answers report.

    app = UsageMiddleware(app, meter)

It passes every message on as it comes. Of a JSON answer it keeps a copy of at most
`body_bytes_max`; of a stream of server-sent events only the event at hand. The event is on disk
before the last message of the answer is passed on.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, TypeAlias

from farthing.adapters.usage_report import UsageReport, count_units, log, log_failure
from farthing.aio_meter import AsyncMeter
from farthing.errors import FarthingError
from farthing.traces import Units
from farthing.usage import UsageEvent

Scope: TypeAlias = MutableMapping[str, Any]
Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
App: TypeAlias = Callable[[Scope, Receive, Send], Awaitable[None]]
Extract: TypeAlias = Callable[[Scope, UsageReport], "UsageEvent | None"]
"""Makes an event of a request and the usage that its answer reported; None is not billed."""

BODY_BYTES_MAX = 1 << 20


def event_of_report(units: Units = "generated", model: str | None = None) -> Extract:
    """Bills what the answer reports, by its own id and model. Failed calls are not billed."""

    def extract(_scope: Scope, report: UsageReport) -> UsageEvent | None:
        if report.failed or not report.generated or report.id is None:
            return None
        used = count_units(report.generated, report.context, units)
        return UsageEvent(report.id, used, model=model or report.model or "")

    return extract


class UsageMiddleware:
    """Middleware that records the usage of answers with a status below 400."""

    def __init__(
        self, app: App, meter: AsyncMeter, *, extract: Extract | None = None, body_bytes_max: int = BODY_BYTES_MAX
    ) -> None:
        self._app, self._meter = app, meter
        self._extract = extract or event_of_report()
        self._body_bytes_max = body_bytes_max

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        reader: Documents | None = None

        async def pass_on(message: Message) -> None:
            nonlocal reader
            if message["type"] == "http.response.start":
                reader = documents_of(message, self._body_bytes_max)
            elif message["type"] == "http.response.body" and reader is not None:
                reader.feed(message.get("body", b""))
                if not message.get("more_body", False):
                    reader.end()
                    await self._record(scope, reader.report)
                    reader = None
            await send(message)

        try:
            await self._app(scope, receive, pass_on)
        finally:
            # A stream that broke off is billed for what it had reported, another answer only when it is whole.
            if reader is not None and reader.events:
                await self._record(scope, reader.report)

    async def _record(self, scope: Scope, report: UsageReport) -> None:
        try:
            event = self._extract(scope, report)
        except Exception:
            # The answer is right all the same.
            log.exception("the extractor failed: an answer is not billed")
            return
        if event is None:
            return
        try:
            await self._meter.record(event)
        except FarthingError as error:
            log_failure(event, error)


class Documents:
    """JSON documents of an answer."""

    def __init__(self, most: int, *, events: bool) -> None:
        self.report = UsageReport()
        self.events = events
        """Whether the answer is a stream of events."""
        self._most = most
        self._kept = bytearray()
        self._too_long = False

    def feed(self, data: bytes) -> None:
        """Takes a part of the body."""
        if not self.events:
            self._keep(data)
            return
        *lines, rest = data.split(b"\n")
        for line in lines:
            self._keep(line)
            self._line()
        self._keep(rest)

    def _keep(self, data: bytes) -> None:
        if len(self._kept) + len(data) > self._most:
            self._too_long = True
            self._kept.clear()
        if not self._too_long:
            self._kept += data

    def _line(self) -> None:
        line, too_long = bytes(self._kept).strip(), self._too_long
        self._kept.clear()
        self._too_long = False
        if too_long:
            log.warning("an event of more than %d bytes is not read for usage", self._most)
        elif line.startswith(b"data:"):
            self._document(line[len(b"data:") :])

    def _document(self, text: bytes) -> None:
        try:
            document = json.loads(text)
        except (ValueError, RecursionError):
            # `[DONE]`, or text that is not JSON.
            return
        self.report.feed(document)

    def end(self) -> None:
        """Reads what is left."""
        if self.events:
            self._line()
        elif self._too_long:
            log.warning("an answer of more than %d bytes is not read for usage", self._most)
        else:
            self._document(bytes(self._kept))


def documents_of(start: Message, most: int) -> Documents | None:
    """Returns a reader for an answer that may report usage."""
    if start["status"] >= 400:
        return None
    headers = {bytes(name).lower(): bytes(value) for name, value in start.get("headers", ())}
    kind = headers.get(b"content-type", b"").split(b";")[0].strip().lower()
    if kind not in (b"application/json", b"text/event-stream"):
        return None
    if headers.get(b"content-encoding", b"identity") != b"identity":
        log.warning("an encoded answer is not read for usage: put UsageMiddleware inside what compresses")
        return None
    return Documents(most, events=kind == b"text/event-stream")
