"""OpenTelemetry span processor: records the usage that spans of generative models report.

    provider.add_span_processor(UsageSpanProcessor(meter))

It reads `gen_ai.usage.input_tokens` and `gen_ai.usage.output_tokens` of the semantic conventions.
Spans are taken without waiting and recorded by a thread, in order; `force_flush` and `shutdown`
return when they are on disk.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from farthing.adapters.usage_report import count_units, first_count, log_failure
from farthing.meter import Meter
from farthing.traces import Units
from farthing.usage import UsageEvent

if TYPE_CHECKING:
    from opentelemetry.context import Context
    from opentelemetry.sdk.trace import ReadableSpan, Span, SpanProcessor
else:
    try:
        from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor
    except ImportError as error:
        raise ImportError("farthing.adapters.otel needs OpenTelemetry: pip install opentelemetry-sdk") from error

OPERATIONS = frozenset({"chat", "text_completion", "generate_content", "embeddings"})
"""Operations that are billed. Spans of agents and workflows sum up their inner calls: they are not."""
QUEUE_MAX = 65_536
"""Spans that may wait for the disk; then `on_end` waits too, so that none is lost."""
_OUTPUT = ("gen_ai.usage.output_tokens", "gen_ai.usage.completion_tokens")
_INPUT = ("gen_ai.usage.input_tokens", "gen_ai.usage.prompt_tokens")


class UsageSpanProcessor(SpanProcessor):
    """Records the usage of each span that ended without an error."""

    def __init__(self, meter: Meter, *, units: Units = "generated") -> None:
        self._meter, self._units = meter, units
        self._queue: queue.Queue[UsageEvent | None] = queue.Queue(QUEUE_MAX)
        self._taking, self._ended = threading.Lock(), False
        self._thread = threading.Thread(target=self._run, name="farthing-spans", daemon=True)
        self._thread.start()

    def on_start(self, span: Span, parent_context: Context | None = None) -> None:
        """Does nothing: usage is known at the end."""

    def on_end(self, span: ReadableSpan) -> None:
        """Takes a span that ended."""
        event = event_of_span(span, self._units)
        if event is not None and not self._take(event):
            log_failure(event, RuntimeError("the span processor is shut down, or was made before a fork"))

    def _take(self, event: UsageEvent) -> bool:
        # First of all: after a fork another thread's lock may be held for ever.
        if not self._thread.is_alive():
            return False
        with self._taking:
            if self._ended:
                return False
            self._queue.put(event)
            return True

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        """Waits until every span so far is recorded; false if the time is over first."""
        end = time.monotonic() + timeout_millis / 1000
        with self._queue.all_tasks_done:
            while self._queue.unfinished_tasks:
                left = end - time.monotonic()
                if left <= 0:
                    return False
                self._queue.all_tasks_done.wait(left)
        return True

    def shutdown(self) -> None:
        """Records what is waiting, and ends the thread. The meter stays open."""
        if not self._thread.is_alive():
            return
        with self._taking:
            # What comes after the end of the queue would wait in it for ever.
            if not self._ended:
                self._ended = True
                self._queue.put(None)
        self._thread.join()

    def _run(self) -> None:
        while (first := self._queue.get()) is not None:
            batch, ends = [first], False
            while len(batch) < 1_000 and not ends:
                try:
                    more = self._queue.get_nowait()
                except queue.Empty:
                    break
                ends = more is None
                batch += [more] if more is not None else []
            self._record(batch)
            for _ in range(len(batch) + ends):
                self._queue.task_done()
            if ends:
                return
        self._queue.task_done()

    def _record(self, batch: list[UsageEvent]) -> None:
        checked = []
        for event in batch:
            try:
                checked.append((event, self._meter.check(event)))
            except Exception as error:
                log_failure(event, error)
        results: Sequence[object]
        try:
            results = self._meter.outbox.add_each([metered for _, metered in checked])
        except Exception as error:
            # A thread that ended would let spans wait for ever.
            results = [error] * len(checked)
        for (event, _), result in zip(checked, results):
            if isinstance(result, Exception):
                log_failure(event, result)


def event_of_span(span: ReadableSpan, units: Units) -> UsageEvent | None:
    """Returns the event of a span, or None if there is nothing to bill."""
    attributes: Mapping[str, Any] = span.attributes or {}
    if attributes.get("gen_ai.operation.name") not in OPERATIONS:
        return None
    if (not span.status.is_ok and not span.status.is_unset) or "error.type" in attributes:
        return None
    used = count_units(first_count(attributes, _OUTPUT), first_count(attributes, _INPUT), units)
    if not used:
        return None
    context = span.context
    # Two instrumentations of one call make two spans with the same answer: they are one event.
    name = attributes.get("gen_ai.response.id") or f"{context.trace_id:032x}-{context.span_id:016x}"
    model = attributes.get("gen_ai.request.model") or attributes.get("gen_ai.response.model") or ""
    ended = span.end_time // 1_000_000_000 if span.end_time else None
    return UsageEvent(str(name), used, model=str(model), time=ended)
