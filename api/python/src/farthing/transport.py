"""Drivers of flows on httpx: one that blocks, one for asyncio."""

from __future__ import annotations

import asyncio
import ipaddress
import time
from collections.abc import AsyncIterator, Iterator
from typing import TypeVar
from urllib.parse import urlsplit

import httpx

from farthing.calls import Effect, Flow, Reply, Send, Sleep
from farthing.errors import InvalidArgumentError
from farthing.event_stream import EventStream, StreamedEvent

T = TypeVar("T")

VERSION = "0.1.0"
CONNECT_TIMEOUT = 10.0
"""Seconds that a connection may take to stand."""
_HEADERS = {"User-Agent": f"farthing-python/{VERSION}", "Accept": "application/json"}


def check_url(url: str) -> str:
    """Takes a base URL of http or https."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise InvalidArgumentError(f"URL {url!r}: expected http(s)://host[:port]")
    return url.rstrip("/")


def _is_loopback(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def blocking_client(url: str) -> httpx.Client:
    """Makes a client; a proxy of the environment cannot reach this machine's own addresses."""
    return httpx.Client(headers=_HEADERS, trust_env=not _is_loopback(url))


def asyncio_client(url: str) -> httpx.AsyncClient:
    """Makes a client for asyncio."""
    return httpx.AsyncClient(headers=_HEADERS, trust_env=not _is_loopback(url))


def run(flow: Flow[T], http: httpx.Client) -> T:
    """Runs a flow to its end."""
    try:
        effect = next(flow)
        while True:
            effect = flow.send(_perform(effect, http))
    except StopIteration as end:
        value: T = end.value
        return value


async def arun(flow: Flow[T], http: httpx.AsyncClient) -> T:
    """Runs a flow to its end on asyncio."""
    try:
        effect = next(flow)
        while True:
            effect = flow.send(await _aperform(effect, http))
    except StopIteration as end:
        value: T = end.value
        return value


def run_stream(stream: EventStream, http: httpx.Client) -> Iterator[StreamedEvent]:
    """Yields the events of a stream, and opens it again whenever it ends."""
    while True:
        send = stream.request()
        try:
            with http.stream(send.method, send.url, headers=send.headers, timeout=_timeout(send)) as response:
                if _is_stream(response):
                    reader = stream.opened()
                    for chunk in response.iter_bytes():
                        yield from reader.read(chunk)
                    pause = stream.ended()
                else:
                    response.read()
                    pause = stream.refused(_reply(response))
        except httpx.HTTPError as error:
            pause = stream.failed(_failure(error))
        time.sleep(pause)


async def arun_stream(stream: EventStream, http: httpx.AsyncClient) -> AsyncIterator[StreamedEvent]:
    """Yields the events of a stream on asyncio, and opens it again whenever it ends."""
    while True:
        send = stream.request()
        try:
            async with http.stream(send.method, send.url, headers=send.headers, timeout=_timeout(send)) as response:
                if _is_stream(response):
                    reader = stream.opened()
                    async for chunk in response.aiter_bytes():
                        for event in reader.read(chunk):
                            yield event
                    pause = stream.ended()
                else:
                    await response.aread()
                    pause = stream.refused(_reply(response))
        except httpx.HTTPError as error:
            pause = stream.failed(_failure(error))
        await asyncio.sleep(pause)


def _is_stream(response: httpx.Response) -> bool:
    kind = response.headers.get("content-type", "")
    return response.status_code == 200 and kind.startswith("text/event-stream")


def _perform(effect: Effect, http: httpx.Client) -> Reply:
    if isinstance(effect, Sleep):
        time.sleep(effect.seconds)
        return Reply()
    send = effect
    try:
        return _reply(
            http.request(send.method, send.url, content=send.body, headers=send.headers, timeout=_timeout(send))
        )
    except httpx.HTTPError as error:
        return _failure(error)


async def _aperform(effect: Effect, http: httpx.AsyncClient) -> Reply:
    if isinstance(effect, Sleep):
        await asyncio.sleep(effect.seconds)
        return Reply()
    send = effect
    try:
        return _reply(
            await http.request(send.method, send.url, content=send.body, headers=send.headers, timeout=_timeout(send))
        )
    except httpx.HTTPError as error:
        return _failure(error)


def _timeout(send: Send) -> httpx.Timeout:
    return httpx.Timeout(send.timeout, connect=CONNECT_TIMEOUT)


def _reply(response: httpx.Response) -> Reply:
    return Reply(response.status_code, response.headers, response.content)


def _failure(error: httpx.HTTPError) -> Reply:
    return Reply(failure=f"{type(error).__name__}: {error}")
