"""Calls about webhooks: what is sent, and who signs it."""

from __future__ import annotations

import asyncio
import json
import re
import unittest
from collections.abc import Iterator
from typing import Any

import httpx

import farthing
from farthing.account_request import request_content, request_domain
from farthing.errors import InvalidArgumentError
from farthing.problems import ProblemError
from farthing.schnorr import verify
from tests.fake_node import DEPLOYMENT, KEY, FakeNode, problem

ID, EVENT, SECRET = "0x" + "ab" * 32, "0x" + "cd" * 32, "whsec_" + "5e" * 32
WEBHOOK = {"id": ID, "account": 7, "url": "https://app.example/hook", "filter": {"license": 3, "block": "9"}}
WEBHOOK |= {"created": 1, "secrets": 2, "pending": 0, "a_later_field": 1}
DELIVERY = {"event": EVENT, "type": "webhook.test", "state": "pending", "attempts": 0}


class Node(FakeNode):
    """Records calls about webhooks."""

    def __init__(self, *answers: httpx.Response | Exception) -> None:
        super().__init__()
        self.answers = list(answers)
        self.sent: list[httpx.Request] = []

    def answer(self, request: httpx.Request) -> httpx.Response | Exception:
        if not request.url.path.startswith("/v1/webhooks"):
            return super().answer(request)
        self.sent.append(request)
        return self.answers.pop(0)


def answered(answer: dict[str, Any] | str | Exception) -> httpx.Response | Exception:
    """Returns the answer with a body or with a problem, or the failure."""
    if isinstance(answer, Exception):
        return answer
    return problem(answer) if isinstance(answer, str) else httpx.Response(200, json=answer)


def signed_at(request: httpx.Request) -> int:
    """Returns the second for which the account's key signed a request."""
    target = request.url.raw_path.decode()
    found = re.fullmatch(r"account=7,t=([0-9]+),s=0x([0-9a-f]{160})", request.headers["farthing-signature"])
    assert found is not None
    content = request_content(request.method, target, request.content)
    domain = request_domain(7, int(found[1]), content, DEPLOYMENT.digest())
    verify(KEY.public, domain, (0,) * 14, bytes.fromhex(found[2]))
    return int(found[1])


class WebhookCalls(unittest.TestCase):
    def clients(self, *answers: Any) -> Iterator[tuple[Node, Any]]:
        """Both clients, each with a node of its own; verbs of the second are run to their ends."""
        for asynchronous in (False, True):
            with self.subTest(asynchronous=asynchronous):
                node = Node(*map(answered, answers))
                yield node, Run(node.asyncio()) if asynchronous else node.blocking()

    def test_each_call_is_signed_and_has_the_form_that_the_node_takes(self) -> None:
        secret = {"webhook": WEBHOOK, "secret": SECRET}
        answers = [{"items": [WEBHOOK]}, WEBHOOK, WEBHOOK, secret, secret, secret, secret, DELIVERY, DELIVERY]
        for node, client in self.clients(*answers):
            [webhook] = client.webhooks()
            self.assertEqual((webhook.id, webhook.filter), (ID, farthing.EventFilter(license=3, block=9)))
            self.assertEqual(client.webhook(ID), webhook)
            self.assertEqual(client.delete_webhook(ID), webhook)
            url = "https://app.example/hook"
            wanted = farthing.EventFilter(types=("license.paid",), license=3, block=9)
            self.assertEqual(client.register_webhook(url, wanted).webhook, webhook)
            client.register_webhook(url)
            client.rotate_webhook_secret(ID, keep=60)
            client.rotate_webhook_secret(ID)
            self.assertEqual(client.test_webhook(ID).type, "webhook.test")
            client.resend_event(ID, EVENT)
            hook = f"/v1/webhooks/{ID}"
            bodies: list[tuple[str, str, Any]] = [
                ("GET", "/v1/webhooks", None),
                ("GET", hook, None),
                ("DELETE", hook, None),
                ("POST", "/v1/webhooks", {"types": ["license.paid"], "license": 3, "block": "9"}),
                ("POST", "/v1/webhooks", {"types": []}),
                ("POST", f"{hook}/rotate", {"keep_seconds": 60}),
                ("POST", f"{hook}/rotate", {}),
                ("POST", f"{hook}/test", {}),
                ("POST", f"{hook}/resend", {"event": EVENT}),
            ]
            for request, (method, path, body) in zip(node.sent, bodies, strict=True):
                expected = {"url": url, "filter": body} if path == "/v1/webhooks" and body else body
                sent = json.loads(request.content) if request.content else None
                self.assertEqual((request.method, request.url.path, sent), (method, path, expected))
                self.assertNotIn("idempotency-key", request.headers)
                signed_at(request)

    def test_deliveries_come_over_all_pages(self) -> None:
        later = {**DELIVERY, "state": "given_up", "status": 500, "fault": "status"}
        pages = ({"items": [DELIVERY], "next_cursor": "c/1"}, {"items": [later], "next_cursor": None})
        for node, client in self.clients(*pages):
            states = [delivery.state for delivery in client.webhook_deliveries(ID, page_items=1)]
            self.assertEqual(states, ["pending", "given_up"])
            queries = [request.url.query.decode() for request in node.sent]
            self.assertEqual(queries, ["limit=1", "limit=1&cursor=c%2F1"])
            for request in node.sent:
                signed_at(request)

    def test_a_call_is_signed_once_and_the_same_call_again_for_another_second(self) -> None:
        for node, client in self.clients(httpx.ReadError("reset"), DELIVERY, DELIVERY, DELIVERY):
            for _ in range(3):
                client.test_webhook(ID)
            first, again, second, third = [signed_at(request) for request in node.sent]
            self.assertEqual(first, again, "a retry is the same request")
            self.assertTrue(again < second < third)

    def test_a_secret_is_in_no_representation(self) -> None:
        for _, client in self.clients({"webhook": WEBHOOK, "secret": SECRET}):
            made = client.register_webhook("https://app.example/hook")
            self.assertEqual(made.secret, SECRET)
            self.assertNotIn(SECRET, f"{made!r} {made} {[made]}")

    def test_a_wrong_argument_sends_nothing_and_refusals_are_errors_by_their_code(self) -> None:
        for node, client in self.clients("webhook_not_found"):
            wrong: list[tuple[Any, ...]] = [
                (client.webhook, "0x12"),
                (client.delete_webhook, ID + "00"),
                (client.resend_event, ID, "e"),
                (client.register_webhook, "https://x", farthing.EventFilter(account=-1)),
            ]
            for call, *arguments in wrong:
                with self.assertRaises(InvalidArgumentError):
                    call(*arguments)
            with self.assertRaises(InvalidArgumentError):
                client.rotate_webhook_secret(ID, keep=604_801)
            self.assertEqual(node.sent, [])
            with self.assertRaises(ProblemError.of_code("webhook_not_found")):
                client.webhook(ID)


class Run:
    """Verbs of the asyncio client, run to their ends."""

    def __init__(self, client: farthing.AsyncFarthing) -> None:
        self._client, self._loop = client, asyncio.new_event_loop()

    def __del__(self) -> None:
        self._loop.close()

    def __getattr__(self, name: str) -> Any:
        def call(*arguments: Any, **options: Any) -> Any:
            result = getattr(self._client, name)(*arguments, **options)
            return self._loop.run_until_complete(result if hasattr(result, "__await__") else _collect(result))

        return call


async def _collect(items: Any) -> list[Any]:
    return [item async for item in items]


if __name__ == "__main__":
    unittest.main()
