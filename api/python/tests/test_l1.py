"""Receipts against an L1 that answers as a test tells it; the scenario asks a real one."""

from __future__ import annotations

import json
import unittest
import unittest.mock
from typing import Any

import httpx

import farthing
from farthing import errors
from farthing.encoding import elements_to_bytes, to_hex
from farthing.keccak import keccak256
from farthing.l1 import JsonRpc, selector, topic, verify_on_l1
from farthing.models import read_receipt
from farthing.statement_bodies import batch_statement
from farthing.statements import BatchStatement
from farthing.transport import run
from tests.fake_node import DEPLOYMENT
from tests.test_receipts import OTHER, receipt

CONTRACT = DEPLOYMENT.contract


def word(value: int) -> bytes:
    return value.to_bytes(32, "big")


class FakeL1:
    """Rollup contract that has verified the block of `tests.test_receipts.receipt`."""

    def __init__(self) -> None:
        self.chain_id, self.code = DEPLOYMENT.chain_id, "0x60"
        self.domain = elements_to_bytes(DEPLOYMENT.digest())
        self.batch: BatchStatement = batch_statement(read_receipt(receipt()).batch)
        self.final = {10, 11, 12}
        self.transaction, self.at = "0x" + "22" * 32, 99
        self.blocks_before = 3
        self.most_blocks = 10**9
        self.asked: list[str] = []

    def header(self, number: int) -> bytes:
        """Returns the ABI encoding of a batch; batches 10 and 12 differ from 11 in their number."""
        h = self.batch.header
        root = elements_to_bytes(OTHER)
        numbers = (word(h.batch_class), word(number), word(h.timestamp))
        data = (word(h.intents), word(h.queue_from), word(h.queue_to), root, word(h.public_data_limbs), word(1))
        return b"".join((*numbers, root, root, elements_to_bytes(h.receipts_root), *data))

    def __call__(self, request: httpx.Request) -> httpx.Response:
        call = json.loads(request.content)
        self.asked.append(call["method"])
        try:
            result = getattr(self, call["method"])(*call["params"])
        except ValueError as error:
            return httpx.Response(200, json={"error": {"code": -32005, "message": str(error)}})
        return httpx.Response(200, json={"result": result})

    def eth_chainId(self) -> str:  # noqa: N802
        return hex(self.chain_id)

    def eth_getCode(self, _contract: str, _block: str) -> str:  # noqa: N802
        return self.code

    def eth_blockNumber(self) -> str:  # noqa: N802
        return hex(120)

    def eth_call(self, call: dict[str, str], _block: str) -> str:
        name, argument = call["data"][:10], bytes.fromhex(call["data"][10:])
        if name == selector("domain()"):
            return to_hex(self.domain)
        if name == selector("finalBatch(uint64)"):
            number = int.from_bytes(argument, "big")
            return to_hex(keccak256(self.header(number)) if number in self.final else bytes(32))
        assert name == selector("committedDigest(bytes32)")
        digest = self.batch.digest() if argument == keccak256(self.header(11)) else OTHER
        return to_hex(elements_to_bytes(digest))

    def eth_getLogs(self, query: dict[str, Any]) -> list[dict[str, Any]]:  # noqa: N802
        first, last = int(query["fromBlock"], 16), int(query["toBlock"], 16)
        if last - first >= self.most_blocks:
            raise ValueError("range too wide")
        logs = []
        if query["topics"][0] == topic("BlockProven(uint64,uint32,bytes32,uint64)"):
            proven = [(place, 1, word(1)) for place in range(self.blocks_before)]
            proven.append((self.at, 10, word(3)))
            for place, batch, count in proven:
                if len(query["topics"]) == 1 or int(query["topics"][1], 16) == batch:
                    data = to_hex(count + elements_to_bytes(OTHER) + word(5))
                    logs.append(self.log(place, data))
        else:
            for number in sorted(self.final):
                if query["topics"][1] == to_hex(keccak256(self.header(number))):
                    logs.append(self.log(50, to_hex(word(0) + self.header(number))))
        return [log for log in logs if first <= int(log["blockNumber"], 16) <= last]

    def log(self, block: int, data: str) -> dict[str, Any]:
        return {"blockNumber": hex(block), "logIndex": "0x1", "transactionHash": self.transaction, "data": data}

    def verify(self, body: dict[str, Any], contract: str = CONTRACT) -> farthing.VerifiedReceipt:
        with httpx.Client(transport=httpx.MockTransport(self)) as http:
            return run(verify_on_l1(body, "http://l1.test", contract), http)


class L1(unittest.TestCase):
    def test_l1_has_the_batch_and_the_block(self) -> None:
        verified = FakeL1().verify(receipt())
        self.assertTrue(verified.settled)
        self.assertEqual(verified.seen_at, 120)
        early = receipt()
        del early["block"]
        self.assertTrue(FakeL1().verify(early).settled)
        unplaced = receipt()
        del unplaced["block"]["l1"]
        self.assertTrue(FakeL1().verify(unplaced).settled)

    def test_every_field_that_only_l1_knows_is_compared(self) -> None:
        changes: list[tuple[tuple[str, ...], Any]] = [
            (("number",), "5"),
            (("l1", "transaction"), "0x" + "23" * 32),
            (("l1", "block"), 98),
            (("statement", "batches"), 4),
            (("statement", "timestamp"), 1),
            (("statement", "old_root"), "0x" + "00" * 32),
            (("statement", "new_root"), "0x" + "00" * 32),
            (("statement", "queue_from"), "3"),
            (("statement", "queue_to"), "6"),
        ]
        for (*parents, last), value in changes:
            body = receipt()
            place = body["block"]
            for name in parents:
                place = place[name]
            place[last] = value
            with self.subTest(last), self.assertRaises(errors.NotSettledError):
                FakeL1().verify(body)

    def test_a_batch_that_l1_has_not_verified_is_not_settled(self) -> None:
        chain = FakeL1()
        chain.final = {10, 12}
        with self.assertRaisesRegex(errors.NotSettledError, "has not verified batch 11"):
            chain.verify(receipt())
        body = receipt()
        body["batch"]["public_data_limbs"] = 10
        del body["block"]
        with self.assertRaisesRegex(errors.NotSettledError, "has not verified batch 11"):
            FakeL1().verify(body)

    def test_the_contract_is_a_rollup_of_the_callers_choice(self) -> None:
        chain = FakeL1()
        chain.code = "0x"
        with self.assertRaisesRegex(errors.NotSettledError, "no contract"):
            chain.verify(receipt())
        chain = FakeL1()
        chain.domain = bytes(32)
        with self.assertRaisesRegex(errors.NotSettledError, "not a rollup"):
            chain.verify(receipt())
        chain = FakeL1()
        chain.chain_id = 1
        with self.assertRaises(errors.InvalidReceiptError):
            chain.verify(receipt())
        with self.assertRaises(errors.InvalidReceiptError):
            FakeL1().verify(receipt(), "0x" + "fb" * 20)

    def test_ranges_of_logs_are_halved_until_the_endpoint_takes_them(self) -> None:
        chain = FakeL1()
        chain.most_blocks = 7
        self.assertTrue(chain.verify(receipt()).settled)
        self.assertGreater(chain.asked.count("eth_getLogs"), 20)
        chain.most_blocks = 0
        with self.assertRaisesRegex(errors.L1Error, "range too wide"):
            chain.verify(receipt())

    def test_a_silent_endpoint_is_an_error_of_its_own(self) -> None:
        def silent(_request: httpx.Request) -> httpx.Response:
            raise httpx.ConnectError("refused")

        with (
            httpx.Client(transport=httpx.MockTransport(silent)) as http,
            unittest.mock.patch("time.sleep"),
            self.assertRaisesRegex(errors.L1Error, "no answer from L1") as caught,
        ):
            run(JsonRpc("http://l1.test").logs(CONTRACT, [], 0, 1 << 20), http)
        self.assertTrue(caught.exception.retryable)
