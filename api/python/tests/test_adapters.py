"""Adapters: what platforms report becomes events, once, and failed calls do not."""

from __future__ import annotations

import asyncio
import importlib
import importlib.util
import json
import sys
import threading
import types
import unittest
from typing import Any
from unittest import mock

from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.trace import Status, StatusCode

from farthing import AsyncMeter, Meter, Rate, UsageEvent
from farthing.adapters.asgi import Scope, UsageMiddleware, event_of_report
from farthing.adapters.otel import UsageSpanProcessor
from farthing.adapters.usage_report import UsageReport
from tests.test_meter import Case

RATES = {"llama": Rate(3), "qwen": Rate(4)}
STREAM: list[Any] = [
    {"id": "gen-2", "model": "llama", "choices": [{"delta": {"content": "data: not an event\n"}}], "usage": None},
    {"id": "gen-2", "model": "llama", "choices": [], "usage": {"prompt_tokens": 7, "completion_tokens": 5}},
]
ANTHROPIC: list[Any] = [
    {
        "type": "message_start",
        "message": {"id": "msg-1", "model": "qwen", "usage": {"input_tokens": 9, "output_tokens": 1}},
    },
    {"type": "message_delta", "usage": {"output_tokens": 40}},
]
RESPONSES: list[Any] = [
    {"type": "response.created", "response": {"id": "resp-1", "model": "llama", "usage": None}},
    {"type": "response.completed", "response": {"id": "resp-1", "usage": {"input_tokens": 3, "output_tokens": 8}}},
]
CALL: dict[str, Any] = {
    "gen_ai.operation.name": "chat",
    "gen_ai.request.model": "llama",
    "gen_ai.usage.output_tokens": 5,
}
ANSWER = {"id": "gen-1", "model": "llama", "usage": {"prompt_tokens": 374, "completion_tokens": 44}}


def recorded(meter: Meter) -> dict[str, tuple[int, int]]:
    """Returns license and units of each event by id."""
    rows = meter.outbox._db.execute("SELECT id, license, units FROM events ORDER BY seq").fetchall()
    return {name: (license, units) for name, license, units in rows}


def sse(documents: list[Any]) -> bytes:
    lines = [f"event: x\r\ndata: {json.dumps(one)}\r\n\r\n" for one in documents]
    return "".join([*lines, "data: [DONE]\n\n"]).encode()


class Report(unittest.TestCase):
    def test_answers_inside_answers_are_read_to_a_depth(self) -> None:
        document: Any = {"usage": {"completion_tokens": 0, "output_tokens": 7}}
        report = UsageReport()
        report.feed({"response": {"message": document}})
        self.assertEqual(report.generated, 7)
        for _ in range(10_000):
            document = {"message": document}
        report = UsageReport()
        report.feed(document)
        self.assertEqual(report.generated, 0)


class Asgi(Case):
    def call(self, body: bytes, kind: str = "application/json", *, part: int = 7, **options: Any) -> dict[str, Any]:
        """Serves a body in parts; returns what was recorded, and checks that the client sees the same."""
        status, headers = options.pop("status", 200), options.pop("headers", [])
        breaks = options.pop("breaks", False)
        meter = self.meter(rates=RATES)
        seen: list[Any] = []

        async def app(scope: Scope, receive: Any, send: Any) -> None:
            start = [(b"content-type", kind.encode()), *headers]
            await send({"type": "http.response.start", "status": status, "headers": start})
            parts = [body[at : at + part] for at in range(0, len(body), part)]
            for place, piece in enumerate(parts):
                last = place == len(parts) - 1
                if last and breaks:
                    raise ConnectionResetError
                await send({"type": "http.response.body", "body": piece, "more_body": not last})

        async def send(message: Any) -> None:
            if message["type"] == "http.response.body" and not message["more_body"]:
                seen.append(recorded(meter))
            seen.append(message)

        async def receive() -> Any:
            return {"type": "http.request"}

        async def run() -> None:
            asynchronous = AsyncMeter(meter)
            await UsageMiddleware(app, asynchronous, **options)({"type": "http", "path": "/"}, receive, send)

        try:
            asyncio.run(run())
        except ConnectionResetError:
            return recorded(meter)
        pieces = [one["body"] for one in seen if one.get("type") == "http.response.body"]
        self.assertEqual(b"".join(pieces), body)
        # On disk before the client has the end of the answer.
        self.assertEqual(seen[-2], recorded(meter))
        return recorded(meter)

    def test_an_answer_is_billed_by_what_it_reports(self) -> None:
        body = json.dumps(ANSWER).encode()
        for part in (1, 7, 10_000):
            self.assertEqual(self.call(body, "application/json; charset=utf-8", part=part), {"gen-1": (3, 44)})
        self.assertEqual(
            self.call(json.dumps({**ANSWER, "id": "b"}).encode(), extract=event_of_report("total", "qwen")),
            {"gen-1": (3, 44), "b": (4, 418)},
        )

    def test_streams_are_read_event_by_event(self) -> None:
        expected: dict[str, Any] = {}
        for documents, name, paid in (
            (STREAM, "gen-2", (3, 5)), (ANTHROPIC, "msg-1", (4, 40)), (RESPONSES, "resp-1", (3, 8)),
        ):  # fmt: skip
            expected[name] = paid
            for part in (1, 13, 10_000):
                found = self.call(sse(documents), "text/event-stream", part=part, body_bytes_max=300)
                self.assertEqual(found, expected)

    def test_what_failed_or_reports_nothing_is_not_billed(self) -> None:
        body = json.dumps(ANSWER).encode()
        for options in (
            {"status": 500},
            {"kind": "text/plain"},
            {"headers": [(b"content-encoding", b"gzip")]},
            {"body_bytes_max": 10},
        ):
            with self.subTest(str(options)), self.without_logs():
                self.assertEqual(self.call(body, **options), {})
        for document in (
            {"error": {"message": "no"}, **ANSWER},
            {"id": "a"},
            [1],
            {"id": "a", "usage": {"completion_tokens": "9"}},
        ):
            self.assertEqual(self.call(json.dumps(document).encode()), {})
        self.assertEqual(self.call(b"{" * 50), {})

    def test_a_stream_that_breaks_off_is_billed_for_what_it_reported(self) -> None:
        self.assertEqual(self.call(sse(STREAM), "text/event-stream", breaks=True), {"gen-2": (3, 5)})

    def test_an_answer_that_is_not_whole_is_not_billed(self) -> None:
        def every(_scope: Scope, _report: UsageReport) -> UsageEvent:
            return UsageEvent("by request", 1, license=3)

        body = json.dumps(ANSWER).encode()
        self.assertEqual(self.call(body, breaks=True, extract=every), {})
        self.assertEqual(
            self.call(sse(STREAM), "text/event-stream", breaks=True, extract=every), {"by request": (3, 1)}
        )

    def test_an_extractor_that_fails_does_not_break_the_answer(self) -> None:
        def fails(_scope: Scope, report: UsageReport) -> UsageEvent:
            raise LookupError(report.id)

        with self.assertLogs("farthing.adapters", "ERROR") as logs:
            self.assertEqual(self.call(json.dumps(ANSWER).encode(), extract=fails), {})
        self.assertIn("not billed", logs.output[0])

    def test_an_event_that_is_refused_does_not_break_the_answer(self) -> None:
        with self.assertLogs("farthing.adapters", "ERROR") as logs:
            self.assertEqual(self.call(json.dumps({**ANSWER, "model": "unknown"}).encode()), {})
        self.assertIn("no rate for the model 'unknown'", logs.output[0])

    def without_logs(self) -> Any:
        return mock.patch("farthing.adapters.asgi.log")

    def test_other_scopes_pass(self) -> None:
        seen: list[Any] = []

        async def app(scope: Scope, receive: Any, send: Any) -> None:
            seen.append((scope["type"], send))

        async def send(message: Any) -> None: ...

        asyncio.run(UsageMiddleware(app, AsyncMeter(self.meter()))({"type": "lifespan"}, send, send))  # type: ignore[arg-type]
        self.assertEqual(seen, [("lifespan", send)])


class Spans(Case):
    def test_spans_of_calls_are_recorded_once(self) -> None:
        meter = self.meter(rates=RATES)
        provider = TracerProvider()
        processor = UsageSpanProcessor(meter)
        provider.add_span_processor(processor)
        tracer = provider.get_tracer("test")

        def span(attributes: dict[str, Any] | None = None, operation: str = "chat", error: bool = False) -> str:
            with tracer.start_as_current_span(operation) as one:
                one.set_attribute("gen_ai.operation.name", operation)
                for name, value in {"request.model": "llama", "usage.output_tokens": 5, **(attributes or {})}.items():
                    one.set_attribute(f"gen_ai.{name}", value)
                if error:
                    one.set_status(Status(StatusCode.ERROR))
                context = one.get_span_context()
                return f"{context.trace_id:032x}-{context.span_id:016x}"

        plain = span({"usage.input_tokens": 9})
        older = span({"usage.output_tokens": 0, "usage.completion_tokens": 6, "request.model": "qwen"})
        for _ in range(2):
            span({"response.id": "gen-7"})
        span(operation="invoke_agent")
        span(error=True)
        span({"usage.output_tokens": 0})
        self.assertTrue(provider.force_flush())
        self.assertEqual(recorded(meter), {plain: (3, 5), older: (4, 6), "gen-7": (3, 5)})
        with self.assertLogs("farthing.adapters", "ERROR") as logs:
            span({"request.model": "unknown"})
            span({"response.id": "gen-7", "usage.output_tokens": 6})
            self.assertTrue(processor.force_flush())
        self.assertEqual(len(logs.output), 2)
        last = span()
        provider.shutdown()
        self.assertIn(last, recorded(meter))
        with self.assertLogs("farthing.adapters", "ERROR") as logs:
            span()
        self.assertIn("is shut down", logs.output[0])
        self.assertEqual(len(recorded(meter)), 4)

    def test_a_failure_ends_neither_the_thread_nor_the_platform(self) -> None:
        meter = self.meter(rates=RATES)
        provider = TracerProvider()
        provider.add_span_processor(UsageSpanProcessor(meter))

        def span() -> None:
            with provider.get_tracer("test").start_as_current_span("chat") as one:
                one.set_attributes(CALL)

        with (
            self.assertLogs("farthing.adapters", "ERROR"),
            mock.patch.object(meter.outbox, "add_each", side_effect=OSError),
        ):
            span()
            self.assertTrue(provider.force_flush())
        span()
        self.assertTrue(provider.force_flush())
        self.assertEqual(len(recorded(meter)), 1)
        provider.shutdown()

    def test_a_span_beside_a_shutdown_is_recorded_or_logged(self) -> None:
        meter = self.meter(rates=RATES)
        processor = UsageSpanProcessor(meter)
        put = processor._queue.put

        def late(event: Any, *arguments: Any) -> None:
            # The end overtakes the span between the look at the thread and the queue.
            if event is not None:
                ending = threading.Thread(target=processor.shutdown)
                ending.start()
                ending.join(0.2)
            put(event, *arguments)

        with mock.patch.object(processor._queue, "put", late):
            provider = TracerProvider()
            provider.add_span_processor(processor)
            provider.get_tracer("test").start_span("chat", attributes=CALL).end()
        processor.shutdown()
        self.assertEqual(len(recorded(meter)), 1)


class LiteLlm(Case):
    """With LiteLLM itself where it is installed, else with a class of the same interface."""

    def setUp(self) -> None:
        super().setUp()
        if importlib.util.find_spec("litellm") is None:
            logger = types.ModuleType("litellm.integrations.custom_logger")
            logger.CustomLogger = type("CustomLogger", (), {})  # type: ignore[attr-defined]
            modules = {name: types.ModuleType(name) for name in ("litellm", "litellm.integrations")}
            patch = mock.patch.dict(sys.modules, {**modules, logger.__name__: logger})
            patch.start()
            self.addCleanup(patch.stop)
        self.addCleanup(lambda: sys.modules.pop("farthing.adapters.litellm", None))
        self.adapter = importlib.import_module("farthing.adapters.litellm")

    def payload(self, **fields: Any) -> dict[str, Any]:
        tokens = {"prompt_tokens": 374, "completion_tokens": 44, "total_tokens": 418}
        payload = {"id": "chatcmpl-1", "status": "success", "model": "llama", "endTime": 1_700_000_000.5, **tokens}
        return {"litellm_call_id": "call-1", "standard_logging_object": {**payload, **fields}}

    def test_calls_are_recorded_once_by_the_answers_id(self) -> None:
        meter = self.meter(rates=RATES)
        logger = self.adapter.UsageLogger(meter)
        logger.log_success_event(self.payload(), {"id": "chatcmpl-1"}, None, None)
        # The proxy may call both.
        asyncio.run(logger.async_log_success_event(self.payload(), mock.Mock(id="chatcmpl-1"), None, None))
        logger.log_success_event(self.payload(id="chatcmpl-2", model="x", model_group="qwen"), None, None, None)
        for fields in ({"status": "failure"}, {"cache_hit": True}, {"completion_tokens": 0}):
            logger.log_success_event(self.payload(id="other", **fields), None, None, None)
        total = self.adapter.UsageLogger(meter, units="total", cached=True)
        total.log_success_event(self.payload(id="chatcmpl-3", cache_hit=True), None, None, None)
        expected = {"chatcmpl-1": (3, 44), "chatcmpl-2": (4, 44), "chatcmpl-3": (3, 418)}
        self.assertEqual(recorded(meter), expected)

    def test_each_answer_of_the_cache_is_billed_if_asked_for(self) -> None:
        meter = self.meter(rates=RATES)
        logger = self.adapter.UsageLogger(meter, cached=True)
        answer = {"id": "chatcmpl-1"}
        logger.log_success_event(self.payload(), answer, None, None)
        for hit in ("chatcmpl-1_cache_hit1700000001.5", "chatcmpl-1_cache_hit1700000002.5"):
            logger.log_success_event(self.payload(id=hit, cache_hit=True), answer, None, None)
        self.assertEqual(sum(units for _, units in recorded(meter).values()), 3 * 44)

    def test_a_model_that_cannot_be_named_is_logged(self) -> None:
        def fails(_payload: Any) -> str:
            raise LookupError

        logger = self.adapter.UsageLogger(self.meter(rates=RATES), model=fails)
        with self.assertLogs("farthing.adapters", "ERROR"):
            logger.log_success_event(self.payload(), None, None, None)
            asyncio.run(logger.async_log_success_event(self.payload(), None, None, None))

    def test_what_cannot_be_recorded_is_logged(self) -> None:
        logger = self.adapter.UsageLogger(self.meter(rates=RATES))
        with self.assertLogs("farthing.adapters", "ERROR") as logs:
            logger.log_success_event(self.payload(model="unknown"), None, None, None)
            logger.log_success_event(self.payload(id=None), None, None, None)
            logger.log_success_event({**self.payload(id=""), "litellm_call_id": ""}, None, None, None)
        self.assertEqual(len(logs.output), 2, logs.output)

    @unittest.skipUnless(importlib.util.find_spec("litellm"), "litellm is not installed")
    def test_litellm_itself_calls_it(self) -> None:
        litellm: Any = importlib.import_module("litellm")
        meter = self.meter(rates={"gpt-4o": Rate(3)})
        litellm.callbacks = [self.adapter.UsageLogger(meter)]
        messages = [{"role": "user", "content": "hello"}]

        async def calls() -> None:
            await litellm.acompletion("gpt-4o", messages, mock_response="an answer of some words")
            stream = await litellm.acompletion("gpt-4o", messages, mock_response="an answer", stream=True)
            async for _ in stream:
                pass
            for _ in range(100):
                if len(recorded(meter)) == 2:
                    return
                await asyncio.sleep(0.1)

        asyncio.run(calls())
        litellm.completion("gpt-4o", messages, mock_response="words")
        for _ in range(100):
            if len(recorded(meter)) == 3:
                break
            asyncio.run(asyncio.sleep(0.1))
        self.assertEqual(len(recorded(meter)), 3)
        self.assertTrue(all(license == 3 and units > 0 for license, units in recorded(meter).values()))


if __name__ == "__main__":
    unittest.main()
