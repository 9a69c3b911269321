"""Buyers of the package `x402` as it is published, and a node that is their facilitator."""

from __future__ import annotations

import asyncio
import base64
import json
import threading
import unittest
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace
from typing import Any

import httpx
from x402 import PaymentRequirements, x402Client, x402ClientSync
from x402.http.clients.httpx import wrapHttpxWithPayment
from x402.schemas import NoMatchingRequirementsError, PaymentRequired, ResourceInfo

import farthing
from farthing.errors import InvalidArgumentError, RecipientChangedError
from farthing.intents import Pay
from farthing.x402 import PAYMENT_IDENTIFIER, ExactFarthingScheme, PaymentRefusedError, Settlement, payment_memo
from tests.fake_node import FakeNode
from tests.scenario import banner

RESOURCE = "https://shop.example/songs/7"
NETWORK = "farthing:" + "00" * 16
ASSET = "0x" + "ab" * 20
PRICE = 250_000


def requirements(**changes: Any) -> PaymentRequirements:
    terms: dict[str, Any] = {
        "scheme": "exact",
        "network": NETWORK,
        "asset": ASSET.upper().replace("X", "x"),
        "amount": "5000",
        "pay_to": "license:3",
        "max_timeout_seconds": 300,
        "extra": {"resource": RESOURCE},
    }
    return PaymentRequirements(**{**terms, **changes})


def named(**info: Any) -> SimpleNamespace:
    return SimpleNamespace(extensions={PAYMENT_IDENTIFIER: {"info": {"required": True, **info}}})


def scheme(node: FakeNode | None = None, **options: Any) -> ExactFarthingScheme:
    client = (node or FakeNode()).blocking(**options)
    return ExactFarthingScheme(client, Settlement(NETWORK, ASSET))


class Signs(unittest.TestCase):
    def test_a_payment_of_the_license_bound_to_its_resource(self) -> None:
        payload = scheme().create_payment_payload(requirements())
        self.assertEqual(list(payload), ["intent"])
        intent = farthing.SignedIntent.from_json(payload["intent"]).intent
        assert isinstance(intent.operation, Pay)
        pay = intent.operation
        self.assertEqual((intent.account, pay.license, pay.uses, pay.amount), (7, 3, 20, 5000))
        self.assertEqual(pay.memo, payment_memo(RESOURCE, None))

    def test_the_memo_is_the_one_that_nodes_compute(self) -> None:
        named = "69f0804e65f0eb73b17ba547bfb1ba379d7fb05885707db48169bc95aa373047"
        unnamed = "a275ebcd088193fa8624c39afdec9c93d8f30acff8f483e92bed7dd47edff10d"
        self.assertEqual(payment_memo(RESOURCE, "order-0123456789").hex(), named)
        self.assertEqual(payment_memo(RESOURCE, None).hex(), unnamed)

    def test_what_is_not_of_this_deployment_or_not_exact_is_refused(self) -> None:
        refused: list[tuple[dict[str, Any], str]] = [
            ({"scheme": "upto"}, "scheme upto"),
            ({"network": "farthing:0"}, "is for farthing:0"),
            ({"asset": "0x" + "11" * 20}, "settles in"),
            ({"pay_to": "account:3"}, "payTo"),
            ({"pay_to": "license:03"}, "payTo"),
            ({"amount": "0"}, "amount"),
            ({"amount": "2.5"}, "amount"),
            ({"amount": "251"}, "no multiple of license 3's price, 250"),
        ]
        for changes, why in refused:
            with self.subTest(changes), self.assertRaisesRegex(PaymentRefusedError, why):
                scheme().create_payment_payload(requirements(**changes))
        node = FakeNode()
        told = scheme(node)
        told.create_payment_payload(requirements())
        node.recipients["license 3"] = "0x" + "00" * 24
        with self.assertRaises(RecipientChangedError):
            told.create_payment_payload(requirements())
        capped = SimpleNamespace(extensions=None, max_amount_per_payment="4999")
        with self.assertRaisesRegex(PaymentRefusedError, "at most 4999"):
            scheme().create_payment_payload(requirements(), context=capped)

    def test_the_token_counts_as_a_dollar_and_no_other_asset_does(self) -> None:
        own = scheme()
        self.assertEqual(
            own.find_default_asset(ASSET.upper(), NETWORK), {"asset": ASSET, "decimals": 9, "symbol": "USDC"}
        )
        self.assertIsNone(own.find_default_asset("0x" + "11" * 20, NETWORK))
        self.assertIsNone(own.find_default_asset(ASSET, "farthing:0"))

    def test_a_purchase_that_the_caller_names_is_signed_once(self) -> None:
        own, context = scheme(), named(id="order-0123456789")
        one = own.create_payment_payload(requirements(), context=context)
        self.assertEqual(one.pop("__extensions"), {PAYMENT_IDENTIFIER: {"info": {"id": "order-0123456789"}}})
        two = own.create_payment_payload(requirements(), context=context)
        self.assertEqual(one["intent"], two["intent"])
        self.assertIn("__extensions", two)
        with self.assertRaisesRegex(PaymentRefusedError, "another purchase"):
            own.create_payment_payload(requirements(amount="250"), context=context)
        with self.assertRaises(InvalidArgumentError):
            own.create_payment_payload(requirements(), context=named(id="short"))
        fresh = [own.create_payment_payload(requirements(), context=named()) for _ in range(2)]
        self.assertNotEqual(fresh[0]["__extensions"], fresh[1]["__extensions"])
        self.assertNotEqual(fresh[0]["intent"], fresh[1]["intent"])


class Shop(ThreadingHTTPServer):
    """Asks for a payment and settles it by a node, as any resource server does."""

    def __init__(self, node: str, terms: PaymentRequirements) -> None:
        super().__init__(("127.0.0.1", 0), Counter)
        self.node, self.terms = node, terms
        self.payments: list[str] = []
        self.url = f"http://127.0.0.1:{self.server_address[1]}/song"

    def required(self) -> PaymentRequired:
        extensions = {PAYMENT_IDENTIFIER: {"info": {"required": False}, "schema": {}}}
        resource = ResourceInfo(url=self.url)
        return PaymentRequired(x402_version=2, resource=resource, accepts=[self.terms], extensions=extensions)


class Counter(BaseHTTPRequestHandler):
    """The shop's counter."""

    server: Shop

    def log_message(self, format: str, *args: object) -> None:
        pass

    def do_GET(self) -> None:
        payment = self.headers.get("PAYMENT-SIGNATURE")
        if payment is None:
            required = self.server.required().model_dump_json(by_alias=True, exclude_none=True)
            return self.answer(402, "PAYMENT-REQUIRED", required)
        self.server.payments.append(payment)
        terms = self.server.terms.model_dump(by_alias=True)
        call = {"x402Version": 2, "paymentPayload": json.loads(base64.b64decode(payment)), "paymentRequirements": terms}
        settled = httpx.post(f"{self.server.node}/x402/settle", json=call).raise_for_status().json()
        self.answer(200 if settled["success"] else 402, "PAYMENT-RESPONSE", json.dumps(settled))

    def answer(self, status: int, name: str, text: str) -> None:
        self.send_response(status)
        self.send_header(name, base64.b64encode(text.encode()).decode())
        self.send_header("Content-Length", "0")
        self.end_headers()


@contextmanager
def shop(node: str, terms: PaymentRequirements) -> Iterator[Shop]:
    server = Shop(node, terms)
    # The URL that payments are bound to is known once the port is.
    server.terms.extra = {**terms.extra, "resource": server.url}
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class Node(unittest.TestCase):
    """With a development node."""

    def setUp(self) -> None:
        node = banner()
        if node is None:
            self.skipTest("no node: run it by api/conformance/with_node")
        self.rest = node["rest"]
        accounts = [(a["account"], farthing.SecretKey(bytes.fromhex(a["seed"][2:]))) for a in node["accounts"]]
        (self.payer, key), (creator, creator_key) = accounts[:2]
        self.scheme = ExactFarthingScheme.connect(self.rest, self.payer, key)
        with farthing.Farthing(self.rest, creator, creator_key) as artist:
            holders = [farthing.HolderShares(farthing.Holder.account(creator), 1_000_000)]
            registers = artist.register_license(PRICE, holders).registers
        self.assertEqual(self.scheme.settlement.asset, node["token"])
        self.terms = requirements(
            network=self.scheme.settlement.network,
            asset=self.scheme.settlement.asset,
            amount=str(2 * PRICE),
            pay_to=f"license:{registers}",
        )

    def test_402_pay_200_and_a_repeat_releases_nothing(self) -> None:
        client = x402Client()
        self.scheme.register(client)

        async def buy(url: str) -> httpx.Response:
            async with wrapHttpxWithPayment(client) as http:
                return await http.get(url)

        with shop(self.rest, self.terms) as opened:
            paid = asyncio.run(buy(opened.url))
            again = httpx.get(opened.url, headers={"PAYMENT-SIGNATURE": opened.payments[0]})
        settled = json.loads(base64.b64decode(paid.headers["PAYMENT-RESPONSE"]))
        self.assertEqual((paid.status_code, settled["payer"]), (200, f"account:{self.payer}"))
        with farthing.Farthing(self.rest) as reader:
            self.assertEqual(reader.status(settled["transaction"]).account, self.payer)
        refused = json.loads(base64.b64decode(again.headers["PAYMENT-RESPONSE"]))
        self.assertEqual((again.status_code, refused["errorReason"]), (402, "duplicate_settlement"))
        self.assertEqual(refused["transaction"], settled["transaction"])

    def test_a_repeat_that_the_shop_accepts_is_the_same_purchase(self) -> None:
        client = x402ClientSync()
        self.scheme.register(client)
        self.terms.extra = {"acceptsRepeats": True}
        with shop(self.rest, self.terms) as opened:
            payment = client.create_payment_payload(opened.required())
            header = base64.b64encode(payment.model_dump_json(by_alias=True, exclude_none=True).encode()).decode()
            answers = [httpx.get(opened.url, headers={"PAYMENT-SIGNATURE": header}) for _ in range(2)]
        settled = [json.loads(base64.b64decode(answer.headers["PAYMENT-RESPONSE"])) for answer in answers]
        self.assertEqual([answer.status_code for answer in answers], [200, 200])
        self.assertEqual(settled[0]["transaction"], settled[1]["transaction"])
        self.assertEqual([one["extra"]["repeated"] for one in settled], [False, True])

    def test_a_buyer_does_not_pay_more_than_its_cap(self) -> None:
        client = x402ClientSync()
        self.scheme.register(client)
        dear = self.terms.model_copy(update={"amount": str(PRICE * 8000)})
        required = PaymentRequired(x402_version=2, resource=ResourceInfo(url=RESOURCE), accepts=[dear])
        with self.assertRaises(NoMatchingRequirementsError):
            client.create_payment_payload(required)


if __name__ == "__main__":
    unittest.main()
