#!/usr/bin/env python3
"""proxy.py --upstream URL [--seed N] [--faults SHARE]: an HTTP proxy that misbehaves.

Prints its own URL as a line, and forwards requests to the node at URL. It draws a fate for each
request: SHARE of them (default 0.4) meet one of the faults, in equal parts. The same seed gives the
same sequence of fates. When standard input ends it prints how often each fate was drawn, as JSON,
and ends.
"""

import argparse
import asyncio
import json
import random
import struct
import socket
import sys
from urllib.parse import urlsplit

FAULTS = ("delay", "lose_request", "lose_reply", "reset", "duplicate", "refuse")
DELAY_SECONDS_MAX = 0.5
UPSTREAM_SECONDS_MAX = 60
REFUSAL = b"the proxy is tired\n"


class Proxy:
    """Connections to clients, and the fates of their requests."""

    def __init__(self, upstream, seed, faults):
        parts = urlsplit(upstream)
        self.host, self.port = parts.hostname, parts.port or 80
        self.random, self.faults = random.Random(seed), faults
        self.counts = dict.fromkeys(("pass", *FAULTS), 0)

    def draw(self):
        fate = self.random.choice(FAULTS) if self.random.random() < self.faults else "pass"
        self.counts[fate] += 1
        return fate

    async def serve(self, reader, writer):
        try:
            while (request := await read_message(reader)) is not None:
                if not await self.answer(request, writer):
                    break
        except (OSError, EOFError, asyncio.TimeoutError):
            pass
        finally:
            writer.close()

    async def answer(self, request, writer):
        """Answers one request by its fate; False if the connection ends."""
        fate = self.draw()
        if fate == "lose_request":
            return False
        if fate == "refuse":
            head = f"HTTP/1.1 503 Service Unavailable\r\nretry-after: 1\r\ncontent-length: {len(REFUSAL)}\r\n\r\n"
            return await send(writer, head.encode() + REFUSAL)
        if fate == "delay":
            await asyncio.sleep(self.random.random() * DELAY_SECONDS_MAX)
        reply = await self.forward(request)
        if fate == "duplicate":
            reply = await self.forward(request)
        if fate == "lose_reply":
            return False
        if fate == "reset":
            writer.write(reply[: len(reply) // 2])
            await writer.drain()
            # Closed with this option, a socket sends a reset.
            sock = writer.get_extra_info("socket")
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            writer.transport.abort()
            return False
        return await send(writer, reply)

    async def forward(self, request):
        """Sends a request to the node on a connection of its own, and returns the whole answer."""
        reader, writer = await asyncio.open_connection(self.host, self.port)
        try:
            writer.write(request)
            await writer.drain()
            reply = await asyncio.wait_for(read_message(reader), UPSTREAM_SECONDS_MAX)
            if reply is None:
                raise EOFError("the node ended the connection")
            return reply
        finally:
            writer.close()


async def send(writer, data):
    writer.write(data)
    await writer.drain()
    return True


async def read_message(reader):
    """Reads a message of HTTP/1.1 whose body has a length; None at the end of the connection."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError as error:
        if error.partial:
            raise EOFError("a message is cut off") from None
        return None
    length = 0
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.strip().lower() == b"content-length":
            length = int(value)
        if name.strip().lower() == b"transfer-encoding":
            raise EOFError("a body without a length is not forwarded")
    return head + await reader.readexactly(length)


async def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--upstream", required=True, metavar="URL")
    parser.add_argument("--seed", type=int, default=1, metavar="N")
    parser.add_argument("--faults", type=float, default=0.4, metavar="SHARE")
    arguments = parser.parse_args()
    proxy = Proxy(arguments.upstream, arguments.seed, arguments.faults)
    server = await asyncio.start_server(proxy.serve, "127.0.0.1", 0, limit=1 << 22)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    loop, ended = asyncio.get_running_loop(), asyncio.Event()
    loop.add_reader(sys.stdin, lambda: ended.set() if not sys.stdin.buffer.read1(1 << 16) else None)
    await ended.wait()
    server.close()
    print(json.dumps(proxy.counts), flush=True)


if __name__ == "__main__":
    asyncio.run(main())
