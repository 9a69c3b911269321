"""Runner of the conformance scenario (`api/conformance/README.md`) with this package's verbs."""

from __future__ import annotations

import asyncio
import copy
import itertools
import json
import os
import secrets
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

import farthing
from farthing import errors, quantities
from farthing.encoding import to_hex
from farthing.intents import operation_from_json
from farthing.keccak import keccak256
from farthing.l1 import selector
from farthing.problems import ProblemError

FILE = Path(__file__).resolve().parents[2] / "conformance" / "scenario.json"
FORMAT = 1
_POLL_SECONDS = 0.5
EVENTS_SECONDS_MAX = 60


def banner() -> dict[str, Any] | None:
    """Returns the development node's banner, if there is a node."""
    path = os.environ.get("FARTHING_DEV")
    if not path:
        return None
    data: dict[str, Any] = json.loads(Path(path).read_text("utf-8"))
    return data


class Blocking:
    """Verbs of the asyncio client, called one by one from a thread without a loop."""

    def __init__(self, client: farthing.AsyncFarthing, loop: asyncio.AbstractEventLoop) -> None:
        self._client, self._loop = client, loop

    def __getattr__(self, name: str) -> Callable[..., Any]:
        verb = getattr(self._client, name)

        def call(*arguments: Any, **options: Any) -> Any:
            result = verb(*arguments, **options)
            if isinstance(result, AsyncIterator):
                return iter(self._loop.run_until_complete(_collect(result)))
            assert isinstance(result, Coroutine)
            return self._loop.run_until_complete(result)

        return call


async def _collect(items: AsyncIterator[Any]) -> list[Any]:
    return [item async for item in items]


@dataclass(frozen=True)
class Actor:
    """Key of a name, and the owner that its account has."""

    key: farthing.SecretKey
    owner: str

    @classmethod
    def of_seed(cls, seed: bytes) -> Actor:
        return cls(farthing.SecretKey(seed), to_hex(keccak256(seed)[12:]))


class StepError(AssertionError):
    """A step whose result is not the expected one."""


class Scenario:
    """One run of the scenario against a development node."""

    def __init__(self, node: dict[str, Any], *, asynchronous: bool) -> None:
        data = json.loads(FILE.read_text("utf-8"))
        if data["format"] != FORMAT:
            raise StepError(f"format {data['format']}, this runner reads {FORMAT}")
        self.steps: list[dict[str, Any]] = data["steps"]
        self.node, self.run_name = node, secrets.token_hex(8)
        self.loop = asyncio.new_event_loop() if asynchronous else None
        self.actors: dict[str, Actor] = {}
        self.values: dict[str, Any] = dict(data["values"])
        for name in ("rest", "l1", "chain_id", "contract", "token"):
            self.values[name] = node[name]
        for account in node["accounts"]:
            self.values[account["name"]] = account["account"]
            self.actors[account["name"]] = Actor.of_seed(bytes.fromhex(account["seed"].removeprefix("0x")))
        self.clients: dict[tuple[Any, ...], Any] = {}

    # --- steps ---

    def run(self) -> int:
        """Runs every step; returns how many there were."""
        for number, step in enumerate(self.steps, 1):
            end = time.monotonic() + step.get("within", 0)
            while True:
                try:
                    self.step(step)
                    break
                except StepError as failure:
                    if time.monotonic() >= end:
                        raise StepError(f"step {number}, {step['name']!r}: {failure}") from failure
                    time.sleep(_POLL_SECONDS)
        return len(self.steps)

    def step(self, step: dict[str, Any]) -> None:
        verb = getattr(self, f"do_{step['do']}")
        arguments = self.resolve(step.get("with", {}))
        if "as" in step:
            arguments["actor"] = step["as"]
        refused = self.resolve(step.get("refused"))
        try:
            result = verb(**arguments)
        except errors.FarthingError as error:
            if refused is None:
                raise StepError(f"{type(error).__name__}: {error}") from error
            by = "node" if isinstance(error, ProblemError) else "client"
            got = {"code": error.code, "by": by, "retryable": error.retryable}
            self.match(refused, got, "refused")
            if by == "node":
                self.check_problem(error)
            return
        if refused is not None:
            raise StepError(f"expected {refused['code']}, got {json.dumps(result)}")
        self.match(self.resolve(step.get("expect")), result, "result")
        for name, path in step.get("save", {}).items():
            value = result
            for key in [] if path == "." else path.split("."):
                value = value[key]
            self.values[name] = value

    def check_problem(self, error: errors.FarthingError) -> None:
        if type(error) is ProblemError or not error.request_id:
            raise StepError(f"{error.code} has no class of its own, or no request id")
        if error.docs_url != f"{self.node['rest']}/docs#{error.code}":
            raise StepError(f"{error.code}: docs at {error.docs_url}")

    def resolve(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {key: self.resolve(item) for key, item in value.items()}
        if isinstance(value, list):
            return [self.resolve(item) for item in value]
        if not isinstance(value, str) or not value.startswith("$"):
            return value
        kind, colon, name = value[1:].partition(":")
        if not colon:
            return self.values[kind]
        actor = self.actor(name)
        return actor.key.public_hex if kind == "key" else actor.owner

    def match(self, expected: Any, got: Any, path: str) -> None:
        if isinstance(expected, dict) and set(expected) == {"any_of"}:
            if got not in expected["any_of"]:
                raise StepError(f"{path}: expected one of {expected['any_of']}, got {got!r}")
        elif isinstance(expected, dict):
            for key, item in expected.items():
                self.match(item, got.get(key) if isinstance(got, dict) else None, f"{path}.{key}")
        elif isinstance(expected, list):
            if not isinstance(got, list) or len(got) != len(expected):
                raise StepError(f"{path}: expected {len(expected)} items, got {got!r}")
            for place, item in enumerate(expected):
                self.match(item, got[place], f"{path}[{place}]")
        elif (expected is not None or path != "result") and (
            got != expected or isinstance(got, bool) != isinstance(expected, bool)
        ):
            raise StepError(f"{path}: expected {expected!r}, got {got!r}")

    # --- actors and clients ---

    def actor(self, name: str) -> Actor:
        if name not in self.actors:
            self.actors[name] = Actor.of_seed(keccak256(f"farthing conformance: {self.run_name} {name}".encode()))
        return self.actors[name]

    def client(self, actor: str | None = None, *, account: int | None = None, key: str | None = None) -> Any:
        name = (actor, account, key)
        if name not in self.clients:
            kind: Any = farthing.Farthing if self.loop is None else farthing.AsyncFarthing
            signs: tuple[Any, ...] = ()
            if actor is not None:
                signs = (self.values[actor] if account is None else account, self.actor(key or actor).key)
            made = kind(self.node["rest"], *signs)
            self.clients[name] = made if self.loop is None else Blocking(made, self.loop)
        return self.clients[name]

    def close(self) -> None:
        for client in self.clients.values():
            client.close()
        if self.loop is not None:
            self.loop.close()

    # --- verbs ---

    def do_version(self) -> Any:
        return farthing.to_json(self.client().version())

    def do_open_account(self, key: str, owner: str) -> Any:
        return farthing.to_json(self.client().open_account(self.actor(key).key, self.actor(owner).owner))

    def do_account(self, id: int) -> Any:
        return farthing.to_json(self.client().account(id))

    def do_license(self, id: int) -> Any:
        return farthing.to_json(self.client().license(id))

    def do_quote(self, license: int, uses: int) -> Any:
        return farthing.to_json(self.client().quote(license, uses))

    def do_register_license(
        self, actor: str, price: Any, derivative_shares: int, provenance: str, holders: list[Any]
    ) -> Any:
        lines = [farthing.HolderShares(farthing.Holder.from_json(one["holder"]), one["shares"]) for one in holders]
        client = self.client(actor)
        accepted = client.register_license(price, lines, derivative_shares=derivative_shares, provenance=provenance)
        return farthing.to_json(accepted)

    def do_update_license(self, actor: str, license: int, **changes: Any) -> Any:
        return farthing.to_json(self.client(actor).update_license(license, **changes))

    def do_license_versions(self, license: int, limit: int) -> Any:
        versions = self.client().license_versions(license, page_items=limit)
        return [farthing.to_json(version) for version in versions]

    def do_pay(self, actor: str, license: int, uses: int, memo: str, recipient: str | None = None) -> Any:
        return farthing.to_json(self.client(actor).pay(license, uses, memo=memo, recipient=recipient))

    def do_pay_many(self, actor: str, payments: list[dict[str, Any]]) -> Any:
        results = self.client(actor).pay_many([farthing.Payment(**payment) for payment in payments])
        return [
            {"rejected": {"code": one.code, "status": one.status}}
            if isinstance(one, ProblemError)
            else {"accepted": farthing.to_json(one)}
            for one in results
        ]

    def do_transfer(self, actor: str, to: int, amount: Any, memo: str, recipient: str | None = None) -> Any:
        return farthing.to_json(self.client(actor).transfer(to, amount, memo=memo, recipient=recipient))

    def do_withdraw(self, actor: str, amount: Any, memo: str) -> Any:
        return farthing.to_json(self.client(actor).withdraw(amount, memo=memo))

    def do_sign(
        self,
        actor: str,
        operation: Any,
        account: int | None = None,
        key: str | None = None,
        nonce: str | None = None,
        fee: Any = None,
        valid_until: int | None = None,
    ) -> Any:
        number = None if nonce is None else quantities.decimal_text(nonce)
        made = operation_from_json(operation)
        if account is not None or key is not None:
            # A client begins with the account's last nonce; this account or key has none of its own.
            signer = farthing.Signer(
                self.values[actor] if account is None else account,
                self.actor(key or actor).key,
                farthing.Deployment(self.node["chain_id"], self.node["contract"]),
            )
            signed = signer.sign(made, nonce=number, fee=fee, valid_until=valid_until)
        else:
            signed = self.client(actor).sign(made, nonce=number, fee=fee, valid_until=valid_until)
        return {"id": signed.id, "intent": signed.to_json()}

    def do_submit(self, intent: Any, idempotency_key: str | None = None) -> Any:
        signed = farthing.SignedIntent.from_json(intent)
        return farthing.to_json(self.client().submit(signed, idempotency_key=idempotency_key))

    def do_status(self, intent: str, until: Any = None, timeout: float = 0) -> Any:
        return farthing.to_json(self.client().status(intent, until=until, timeout=timeout))

    def do_receipt(self, intent: str) -> Any:
        return farthing.to_json(self.client().receipt(intent))

    def do_verify_receipt(
        self,
        receipt: Any,
        change: dict[str, Any] | None = None,
        deployment: dict[str, Any] | None = None,
        l1: str | None = None,
        contract: str | None = None,
    ) -> Any:
        receipt = copy.deepcopy(receipt)
        for pointer, value in (change or {}).items():
            *parents, last = pointer.split("/")[1:]
            place = receipt
            for name in parents:
                place = place[name]
            place[last] = value
        expected = farthing.Deployment(**deployment) if deployment else None
        if self.loop is None:
            verified = farthing.verify_receipt(receipt, deployment=expected, l1=l1, contract=contract)
        else:
            check = farthing.averify_receipt(receipt, deployment=expected, l1=l1, contract=contract)
            verified = self.loop.run_until_complete(check)
        return {
            "id": verified.id,
            "account": verified.account,
            "batch": str(verified.batch.header.number),
            "settled": verified.settled,
        }

    def do_earnings(self, license: int, limit: int) -> Any:
        lines = list(self.client().earnings(license, page_items=limit))
        parts = [sum(column) for column in zip(*[[part.amount for part in line.parts] for line in lines])]
        for line in lines:
            kept = line.vault_before + line.received - sum(part.amount for part in line.parts)
            if kept != line.vault_after:
                raise StepError(f"batch {line.batch}: parts and vault do not sum up")
        return {"received": str(sum(line.received for line in lines)), "parts": [str(part) for part in parts]}

    def do_payouts(self, owner: str) -> Any:
        return [farthing.to_json(payout) for payout in self.client().payouts(self.actor(owner).owner)]

    def do_register_webhook(self, actor: str, url: str, **conditions: Any) -> Any:
        conditions["types"] = tuple(conditions.get("types", ()))
        return farthing.to_json(self.client(actor).register_webhook(url, farthing.EventFilter(**conditions)))

    def do_webhooks(self, actor: str) -> Any:
        return [farthing.to_json(webhook) for webhook in self.client(actor).webhooks()]

    def do_webhook(self, actor: str, webhook: str) -> Any:
        return farthing.to_json(self.client(actor).webhook(webhook))

    def do_delete_webhook(self, actor: str, webhook: str) -> Any:
        return farthing.to_json(self.client(actor).delete_webhook(webhook))

    def do_rotate_webhook_secret(self, actor: str, webhook: str, keep_seconds: int) -> Any:
        return farthing.to_json(self.client(actor).rotate_webhook_secret(webhook, keep=keep_seconds))

    def do_test_webhook(self, actor: str, webhook: str) -> Any:
        return farthing.to_json(self.client(actor).test_webhook(webhook))

    def do_webhook_deliveries(self, actor: str, webhook: str) -> Any:
        return [farthing.to_json(delivery) for delivery in self.client(actor).webhook_deliveries(webhook)]

    def do_resend_event(self, actor: str, webhook: str, event: str) -> Any:
        return farthing.to_json(self.client(actor).resend_event(webhook, event))

    def do_events(self, count: int, **conditions: Any) -> Any:
        if self.loop is None:
            found = list(itertools.islice(self.client().events(**conditions), count))
        else:
            found = self.loop.run_until_complete(self._events(count, conditions))
        return {"events": [farthing.to_json(event) for event in found], "place": found[-1].place}

    async def _events(self, count: int, conditions: dict[str, Any]) -> list[farthing.StreamedEvent]:
        found: list[farthing.StreamedEvent] = []
        async with farthing.AsyncFarthing(self.node["rest"]) as client:
            events = client.events(**conditions)
            while len(found) < count:
                found.append(await asyncio.wait_for(anext(events), EVENTS_SECONDS_MAX))
        return found

    def do_request(self, method: str, path: str, text: str | None = None, json: Any = None, headers: Any = None) -> Any:
        with httpx.Client(trust_env=False) as http:
            url = self.node["rest"] + path
            response = http.request(method, url, content=text, json=json, headers=headers)
        if response.status_code >= 400:
            raise ProblemError.from_json(response.json(), self.node["rest"])
        return {"status": response.status_code, "body": response.json()}

    def do_deposit(self, key: str, base_units: str) -> Any:
        """Mints tokens to the first account of the L1, which `farthing dev` lets spend them."""
        actor, units = self.actor(key), int(base_units)
        faucet = self.rpc("eth_accounts", [])[0]
        words = [f"{int(faucet, 16):064x}", f"{units:064x}"]
        self.transact(faucet, self.node["token"], selector("mint(address,uint256)") + "".join(words))
        words = [f"{int(actor.owner, 16):064x}", *(f"{word:064x}" for word in actor.key.public), f"{units:064x}"]
        deposit = selector("deposit(address,uint64[5],uint256)") + "".join(words)
        self.transact(faucet, self.node["contract"], deposit)
        return {}

    def rpc(self, method: str, params: list[Any]) -> Any:
        body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
        with httpx.Client(trust_env=False) as http:
            for _ in range(20):
                answer = http.post(self.node["l1"], json=body).json()
                # Tests beside this one send from the same account: the L1 gives both one nonce.
                if "nonce too low" not in str(answer.get("error")):
                    break
                time.sleep(0.1)
        if "error" in answer:
            raise StepError(f"{method}: {answer['error']}")
        return answer["result"]

    def transact(self, sender: str, to: str, data: str) -> None:
        name = self.rpc("eth_sendTransaction", [{"from": sender, "to": to, "data": data}])
        for _ in range(100):
            receipt = self.rpc("eth_getTransactionReceipt", [name])
            if receipt is not None:
                if receipt["status"] != "0x1":
                    raise StepError(f"transaction {name} of the L1 was reverted")
                return
            time.sleep(0.1)
        raise StepError(f"transaction {name} is in no block of the L1")
