"""Node in memory that keeps the rules of nonces, for tests of the meter."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import httpx

import farthing
from tests.fake_node import DEPLOYMENT, Answer, FakeNode, problem


class LedgerNode(FakeNode):
    """Admits intents: each once, each nonce once and above the settled one."""

    def __init__(self) -> None:
        super().__init__(self.post)
        self.bodies: dict[str, dict[str, Any]] = {}
        """Accepted intents by name."""
        self.dropped: dict[str, str] = {}
        self.stage = "accepted"
        self.refusals: list[str] = []
        """Codes for the next intents, in order; an empty one admits."""
        self.before: Callable[[], None] = lambda: None
        """Runs when a request comes."""
        self.lose_reply = False
        self.missing: set[int] = set()
        """Licenses that the node does not know."""
        self.price = "250"
        self.no_history = False
        self.requests: list[list[str]] = []
        """Names of the intents of each request."""

    def post(self, request: httpx.Request) -> Answer:
        self.before()
        intents = json.loads(request.content)["intents"]
        names = [name_of(body) for body in intents]
        self.requests.append(names)
        results = [self.admit(name, body) for name, body in zip(names, intents)]
        if self.lose_reply:
            return httpx.ReadTimeout("no answer in time")
        return httpx.Response(200, json={"results": results})

    def admit(self, name: str, body: dict[str, Any]) -> dict[str, Any]:
        code = self.refusals.pop(0) if self.refusals else ""
        if name in self.bodies:
            return {"accepted": {"id": name, "batch": "7", "repeated": True}}
        if name in self.dropped:
            code = "intent_dropped"
        elif not code and int(body["nonce"]) in self.nonces():
            code = "nonce_used"
        elif not code and int(body["nonce"]) <= self.account_nonce:
            code = "nonce_too_low"
        elif not code and not self.names_license(body["operation"]):
            code = "recipient_changed"
        if code:
            return {"rejected": problem(code).json()}
        self.bodies[name] = body
        return {"accepted": {"id": name, "batch": "7", "repeated": False}}

    def names_license(self, operation: dict[str, Any]) -> bool:
        pay = operation["pay"]
        return bool(pay["recipient"] == super().license(pay["license"])["recipient"])

    def nonces(self) -> set[int]:
        return {int(body["nonce"]) for body in self.bodies.values()}

    def answer(self, request: httpx.Request) -> Answer:
        path = request.url.path
        if request.method == "GET" and path.startswith("/v1/intents/"):
            return self.status(path.rsplit("/", 1)[1])
        if path.startswith("/v1/licenses/") and int(path.rsplit("/", 1)[1]) in self.missing:
            return problem("license_not_found")
        return super().answer(request)

    def license(self, number: int) -> dict[str, Any]:
        return {**super().license(number), "price": self.price}

    def status(self, name: str) -> Answer:
        stage, reason = self.stage, self.dropped.get(name)
        if reason:
            stage = "dropped"
        elif name not in self.bodies:
            return problem("intent_history_unavailable" if self.no_history else "intent_not_found")
        data = {"id": name, "account": 7, "nonce": "9", "status": stage, "batch": "8"}
        return httpx.Response(200, json={**data, **({"dropped": reason} if reason else {})})

    def drop(self, name: str, reason: str) -> None:
        """Drops an accepted intent, as when L1 has another history."""
        del self.bodies[name]
        self.dropped[name] = reason

    def paid(self) -> list[tuple[int, int, str]]:
        """Returns license, uses and memo of each accepted payment."""
        pays = [body["operation"]["pay"] for body in self.bodies.values()]
        return [(pay["license"], pay["uses"], pay["memo"]) for pay in pays]


def name_of(body: dict[str, Any]) -> str:
    """Returns the name of an intent as it is sent."""
    return farthing.SignedIntent.from_json(body).intent.id(DEPLOYMENT.digest())
