"""Stand-in of a node that accepts every payment, for measurements."""

from __future__ import annotations

import contextlib
import json
import multiprocessing
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing.connection import Connection
from typing import Any

from tests.fake_node import DEPLOYMENT, FakeNode, version

from farthing import SignedIntent

LICENSE = 3
_DOMAIN = DEPLOYMENT.digest()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        number = self.path.rsplit("/", 1)[1]
        if self.path == "/version":
            self._answer(version())
        elif self.path.startswith("/v1/accounts/"):
            self._answer(FakeNode().account(int(number)))
        else:
            self._answer(FakeNode().license(int(number)))

    def do_POST(self) -> None:
        intents = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["intents"]
        self._answer({"results": [{"accepted": _accepted(body)} for body in intents]})

    def _answer(self, data: Any) -> None:
        body = json.dumps(data, separators=(",", ":")).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *arguments: object) -> None:
        """Says nothing."""


def _accepted(body: dict[str, Any]) -> dict[str, Any]:
    return {"id": SignedIntent.from_json(body).intent.id(_DOMAIN), "batch": "7", "repeated": False}


def _serve(ready: Connection) -> None:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    ready.send(server.server_port)
    server.serve_forever()


@contextlib.contextmanager
def running() -> Iterator[str]:
    """Runs the stand-in in a process of its own; yields its URL."""
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=_serve, args=(there,), daemon=True)
    process.start()
    try:
        yield f"http://127.0.0.1:{here.recv()}"
    finally:
        process.terminate()
        process.join()
