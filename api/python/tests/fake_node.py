"""Node that answers as a test tells it, with requests recorded."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, TypeAlias

import httpx

import farthing
from farthing.problems import ProblemError

NODE = "http://node.test"
DEPLOYMENT = farthing.Deployment(31337, "0x" + "fa" * 20)
KEY = farthing.SecretKey(bytes(range(32)))
FAST = farthing.Retry(attempts=4, first_delay=0.0, max_retry_after=0.0)

Answer: TypeAlias = httpx.Response | Exception


def problem(code: str, **fields: Any) -> httpx.Response:
    """Returns the answer with a problem."""
    status = ProblemError.of_code(code).status
    body = {"type": f"/docs#{code}", "title": "T.", "status": status, "code": code, "request_id": "r-1", **fields}
    return httpx.Response(status, json=body)


def accepted(request: httpx.Request, **fields: Any) -> httpx.Response:
    """Returns the answer to an intent that is accepted."""
    signed = farthing.SignedIntent.from_json(json.loads(request.content))
    body = {"id": signed.intent.id(DEPLOYMENT.digest()), "batch": "7", "repeated": False, **fields}
    return httpx.Response(201, json=body)


def recipient(kind: str, number: int) -> str:
    """Returns the recipient by which the node names an account or a license."""
    return f"0x{kind == 'license':016x}{number:016x}{7:016x}"


class FakeNode:
    """Answers of a node; `intents` are for the posts of intents, in order."""

    def __init__(self, *intents: Callable[[httpx.Request], Answer] | Answer) -> None:
        self.intents = list(intents)
        self.posts: list[httpx.Request] = []
        self.paths: list[str] = []
        self.status_answer: Answer = problem("intent_not_found")
        self.account_nonce = 5
        self.recipients: dict[str, str] = {}
        """Other recipients than `recipient` gives, by names such as `account 8`."""
        self.headers: dict[str, str] = {}

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.paths.append(request.url.raw_path.decode())
        answer = self.answer(request)
        if isinstance(answer, Exception):
            raise answer
        answer.headers.update(self.headers)
        return answer

    def answer(self, request: httpx.Request) -> Answer:
        path = request.url.path
        if request.method == "POST":
            self.posts.append(request)
            answer = self.intents.pop(0) if len(self.intents) > 1 else self.intents[0]
            return answer(request) if callable(answer) else answer
        if path == "/version":
            return httpx.Response(200, json=version())
        if path.startswith("/v1/accounts/"):
            return httpx.Response(200, json=self.account(int(path.split("/")[3])))
        if path.startswith("/v1/licenses/"):
            return httpx.Response(200, json=self.license(int(path.split("/")[3])))
        if path.startswith("/v1/intents/"):
            return self.status_answer
        return problem("route_not_found")

    def account(self, number: int) -> dict[str, Any]:
        amounts = {"balance": "10", "spendable": "10", "settled_nonce": str(self.account_nonce)}
        names = {"key": KEY.public_hex, "owner": "0x" + "11" * 20, "nonce": str(self.account_nonce)}
        named = self.recipients.get(f"account {number}", recipient("account", number))
        return {"id": number, **amounts, **names, "recipient": named, "finalized": False, "a_later_field": 1}

    def license(self, number: int) -> dict[str, Any]:
        terms = {"licensor": 7, "price": "250", "derivative_shares": 0, "lineage": 1, "provenance": "0x" + "00" * 32}
        holders = [{"holder": {"account": 7}, "shares": 1_000_000}]
        state: dict[str, Any] = {"vault": "0", "received": "0", "status": "active", "finalized": False}
        state |= {"licensee": None, "registered_provenance": terms["provenance"]}
        named = self.recipients.get(f"license {number}", recipient("license", number))
        return {"id": number, "recipient": named, **terms, "holders": holders, **state}

    def blocking(self, **options: Any) -> farthing.Farthing:
        """Returns a client of this node that signs for account 7."""
        http = httpx.Client(transport=httpx.MockTransport(self))
        return farthing.Farthing(NODE, 7, KEY, http=http, **{"retry": FAST, **options})

    def asyncio(self, **options: Any) -> farthing.AsyncFarthing:
        """Returns the same for asyncio."""
        http = httpx.AsyncClient(transport=httpx.MockTransport(self))
        return farthing.AsyncFarthing(NODE, 7, KEY, http=http, **{"retry": FAST, **options})


def version() -> dict[str, Any]:
    fees = dict.fromkeys(("pay", "transfer", "withdraw", "register_license", "update_license"), "0")
    admission = {"nonce_ahead_seconds_max": 86400, "validity_seconds_max": 604800, "least_fees": fees}
    limits = dict.fromkeys(
        (
            "body_bytes_max",
            "batch_intents_max",
            "wait_seconds_max",
            "page_items_max",
            "requests_per_second",
            "requests_burst",
        ),
        1,
    )
    return {
        "name": "farthing",
        "version": "0.1.0",
        "protocol_version": 2,
        "chain_id": DEPLOYMENT.chain_id,
        "contract": DEPLOYMENT.contract,
        "domain": "0x" + "00" * 32,
        "batch_class": "1k",
        "admission": {**admission, "accounts_per_minute": 1, "accounts_burst": 1},
        "limits": limits,
    }
