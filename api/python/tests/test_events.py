"""Streams of events, of both clients, against a node that cuts, refuses and repeats."""

from __future__ import annotations

import asyncio
import itertools
import unittest
from collections.abc import AsyncIterator, Iterator
from typing import Any
from unittest import mock

import httpx

import farthing
from farthing.calls import Retry
from farthing.errors import NoAnswerError, UnexpectedAnswerError
from farthing.problems import ProblemError
from tests.fake_node import NODE, problem

FAST = Retry(attempts=3, first_delay=0.0, max_delay=0.0, max_retry_after=0.0)
HEAD = b"retry:0\nid:p0\n\n"


def block(number: int) -> bytes:
    data = f'{{"id":"e{number}","type":"license.paid","data":{{"name":"čaj"}}}}'
    return f"id:p{number}\nevent:license.paid\ndata:{data}\n\n".encode()


class Cut(httpx.SyncByteStream, httpx.AsyncByteStream):
    """Chunks of a body, and then the end or a failure of its connection."""

    def __init__(self, chunks: tuple[bytes, ...], failure: Exception | None) -> None:
        self.chunks, self.failure, self.closed = chunks, failure, False

    def __iter__(self) -> Iterator[bytes]:
        yield from self.chunks
        if self.failure is not None:
            raise self.failure

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for chunk in self.chunks:
            yield chunk
        if self.failure is not None:
            raise self.failure

    def close(self) -> None:
        self.closed = True

    async def aclose(self) -> None:
        self.closed = True


def stream(*chunks: bytes, failure: Exception | None = None) -> httpx.Response:
    return httpx.Response(200, headers={"content-type": "text/event-stream"}, stream=Cut((HEAD, *chunks), failure))


class Node:
    """Answers in order; the places that the requests named."""

    def __init__(self, *answers: httpx.Response | Exception) -> None:
        self.answers = list(answers)
        self.urls: list[str] = []
        self.places: list[str | None] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.urls.append(request.url.raw_path.decode())
        self.places.append(request.headers.get("last-event-id"))
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def take(self, asynchronous: bool, count: int, **conditions: Any) -> list[str]:
        """Returns names and places of the next events by one of the clients."""
        if asynchronous:
            return asyncio.run(self._take(count, conditions))
        with farthing.Farthing(NODE, retry=FAST, http=httpx.Client(transport=httpx.MockTransport(self))) as client:
            events = client.events(**conditions)
            return [f"{event.id} {event.place}" for event in itertools.islice(events, count)]

    async def _take(self, count: int, conditions: dict[str, Any]) -> list[str]:
        http = httpx.AsyncClient(transport=httpx.MockTransport(self))
        async with farthing.AsyncFarthing(NODE, retry=FAST, http=http) as client:
            found: list[str] = []
            async for event in client.events(**conditions):
                found.append(f"{event.id} {event.place}")
                if len(found) == count:
                    break
            return found


class Events(unittest.TestCase):
    def both(self) -> Iterator[bool]:
        for asynchronous in (False, True):
            with self.subTest(asynchronous=asynchronous):
                yield asynchronous

    def test_a_stream_that_is_cut_goes_on_after_its_last_whole_event(self) -> None:
        for asynchronous in self.both():
            whole = block(2)
            inside = whole.index("č".encode()) + 1
            node = Node(
                # Cut between the id and the data of an event: that event was not told.
                stream(block(1), b'id:p2\nevent:license.paid\ndata:{"id":', failure=httpx.ReadError("reset")),
                *[problem("overloaded") for _ in range(5)],
                httpx.ConnectError("refused"),
                # A character in two parts; a sign of life whose id counts.
                stream(whole[:inside], whole[inside:], b":\nid:p3\n\n"),
                stream(block(4).replace(b"\n", b"\r"), block(5).replace(b"\n", b"\r\n")),
            )
            conditions: dict[str, Any] = {"types": ["license.paid"], "license": 3, "block": 7, "after": "start"}
            self.assertEqual(node.take(asynchronous, 4, **conditions), ["e1 p1", "e2 p2", "e4 p4", "e5 p5"])
            self.assertEqual(set(node.urls), {"/v1/events?types=license.paid&license=3&block=7&after=start"})
            self.assertEqual(node.places, [None, *["p1"] * 7, "p3"])

    def test_a_first_connection_that_fails_for_good_or_too_often_is_an_error(self) -> None:
        for asynchronous in self.both():
            cases: list[tuple[list[httpx.Response | Exception], type[Exception]]] = [
                ([problem("invalid_cursor")], ProblemError),
                ([problem("overloaded") for _ in range(3)], ProblemError),
                ([httpx.ConnectError("refused")] * 3, NoAnswerError),
                ([stream(block(1)), problem("invalid_cursor")], ProblemError),
                ([httpx.Response(200, json={})], UnexpectedAnswerError),
                ([stream(b"data:{\n\n")], UnexpectedAnswerError),
                ([stream(b"data:{}\n\n")], UnexpectedAnswerError),
            ]
            for answers, kind in cases:
                node = Node(*answers)
                with self.assertRaises(kind):
                    node.take(asynchronous, 2)
                self.assertEqual(node.answers, [])

    def test_the_node_names_the_pause(self) -> None:
        node = Node(stream(b"retry:1500\n\n"), stream(block(1)))
        with mock.patch("time.sleep") as slept:
            self.assertEqual(node.take(False, 1), ["e1 p1"])
        slept.assert_called_once_with(1.5)

    def test_a_reader_that_leaves_closes_the_connection(self) -> None:
        for asynchronous in self.both():
            body = Cut((HEAD, block(1), block(2)), None)
            answer = httpx.Response(200, headers={"content-type": "text/event-stream"}, stream=body)
            self.assertEqual(Node(answer).take(asynchronous, 1), ["e1 p1"])
            self.assertTrue(body.closed)


if __name__ == "__main__":
    unittest.main()
