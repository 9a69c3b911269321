"""Revenue statements: real ones, forgeries that one check alone refuses, and an L1 that confirms the real ones."""

from __future__ import annotations

import asyncio
import copy
import json
import re
import unittest
from pathlib import Path
from typing import Any

import httpx

import farthing
from farthing import errors
from farthing.encoding import elements_to_bytes, to_hex
from farthing.l1 import selector, verify_statement_on_l1
from farthing.transport import run

FILE = Path(__file__).resolve().parents[2] / "conformance" / "statements.json"
FORMAT = 1
VECTORS: dict[str, Any] = json.loads(FILE.read_text("utf-8"))
DEPLOYMENT = farthing.Deployment(VECTORS["chain_id"], VECTORS["contract"])


def statement(of: str, change: dict[str, Any] | None = None) -> dict[str, Any]:
    """Returns a statement with changes: JSON pointers with new values, None for a field that is gone."""
    document = copy.deepcopy(VECTORS["statements"][of])
    for pointer, value in (change or {}).items():
        *parents, last = (int(name) if name.isdecimal() else name for name in pointer.split("/")[1:])
        place = document
        for name in parents:
            place = place[name]
        if value is None:
            del place[last]
        else:
            place[last] = copy.deepcopy(value)
    found: dict[str, Any] = document
    return found


def plain(message: str) -> str:
    """Returns the words of a message: the command line prints digests without 0x."""
    return message.lower().replace("0x", "")


class StatedL1:
    """L1 with the contract of the statements."""

    def __init__(self) -> None:
        self.chain_id, self.code = DEPLOYMENT.chain_id, "0x60"
        self.domain = to_hex(elements_to_bytes(DEPLOYMENT.digest()))
        self.final = set(VECTORS["l1"])

    def __call__(self, request: httpx.Request) -> httpx.Response:
        call = json.loads(request.content)
        return httpx.Response(200, json={"result": self.answer(call["method"], call["params"])})

    def answer(self, method: str, params: list[Any]) -> str:
        answers = {"eth_chainId": hex(self.chain_id), "eth_blockNumber": hex(120), "eth_getCode": self.code}
        if method != "eth_call":
            return answers[method]
        name, argument = params[0]["data"][:10], params[0]["data"][10:]
        if name == selector("domain()"):
            return self.domain
        if name == selector("finalBatch(uint64)"):
            batch = str(int(argument, 16))
            found: str = VECTORS["l1"][batch]["id"] if batch in self.final else "0x" + "00" * 32
            return found
        assert name == selector("committedDigest(bytes32)")
        [digest] = [batch["digest"] for batch in VECTORS["l1"].values() if batch["id"] == "0x" + argument]
        return str(digest)

    def verify(self, document: Any, contract: str = DEPLOYMENT.contract) -> farthing.VerifiedStatement:
        with httpx.Client(transport=httpx.MockTransport(self)) as http:
            return run(verify_statement_on_l1(document, "http://l1.test", contract), http)


def leaves(value: Any, path: str = "") -> list[tuple[str, Any]]:
    """Returns the values of a document by their JSON pointers; of many siblings the outer ones."""
    if re.search(r"siblings/([1-9]|[12]\d|30)$", path) or value is None:
        return []
    if isinstance(value, dict):
        return [leaf for name, item in value.items() for leaf in leaves(item, f"{path}/{name}")]
    if isinstance(value, list):
        return [leaf for place, item in enumerate(value) for leaf in leaves(item, f"{path}/{place}")]
    return [(path, value)]


def changed(value: Any) -> Any:
    """Returns another value of the same form."""
    if isinstance(value, int):
        return value + 1
    if value.startswith("0x"):
        return value[:-1] + ("1" if value[-1] != "1" else "2")
    return str(int(value) + 1)


class RevenueStatements(unittest.TestCase):
    def test_the_format_of_the_vectors(self) -> None:
        self.assertEqual(VECTORS["format"], FORMAT)

    def test_real_statements_agree_with_themselves_and_l1_confirms_them(self) -> None:
        for name in VECTORS["statements"]:
            document = statement(name)
            for form in (document, json.dumps(document), json.dumps(document).encode()):
                verified = farthing.verify_statement(form, deployment=DEPLOYMENT)
                self.assertEqual((farthing.to_json(verified.claim), verified.proven), (document["claim"], False))
            proven = StatedL1().verify(document)
            self.assertEqual((proven.proven, proven.seen_at, proven.claim), (True, 120, verified.claim))

    def test_a_statement_of_a_state_that_never_was_is_consistent_and_l1_refuses_it(self) -> None:
        for case in VECTORS["accepted"]:
            document = statement(case["of"], case["set"])
            with self.subTest(case["name"]):
                verified = farthing.verify_statement(document)
                self.assertEqual(farthing.to_json(verified.claim), document["claim"])
                if not any("/batch/" in pointer for pointer in case["set"]):
                    self.assertTrue(StatedL1().verify(document).proven)
                    continue
                with self.assertRaises(errors.NotSettledError):
                    StatedL1().verify(document)

    def test_each_forgery_is_refused_by_its_check_in_the_words_of_the_command_line(self) -> None:
        for case in VECTORS["refused"]:
            document = statement(case["of"], case["set"])
            with self.subTest(case["name"]):
                checked = farthing.check_statement(document)
                assert isinstance(checked, farthing.RefusedStatement)
                self.assertEqual(plain(str(checked.error)), plain(case["error"]))
                # All checks before it passed: this one alone refuses the statement.
                before = farthing.STATEMENT_STEPS[: farthing.STATEMENT_STEPS.index(case["step"])]
                self.assertEqual((checked.error.step, checked.passed), (case["step"], before))
        with self.assertRaises(farthing.InvalidStatementError):
            farthing.verify_statement(document)
        steps = {case["step"] for case in VECTORS["refused"]}
        self.assertEqual(steps, set(farthing.STATEMENT_STEPS), "each check has a forgery")

    def test_what_is_not_of_the_format_is_refused_as_such(self) -> None:
        documents: list[Any] = [statement(case["of"], case["set"]) for case in VECTORS["malformed"]]
        deep = "[" * 100_000
        documents += [None, 1, True, "", "{", "null", "[]", b"\xff", deep, [], {}, '{"type":"farthing.statement"}']
        for document in documents:
            with self.assertRaises(farthing.InvalidStatementError) as caught:
                farthing.verify_statement(document)
            self.assertEqual(caught.exception.step, "format")

    def test_every_value_of_another_kind_is_refused(self) -> None:
        for path, _ in leaves(statement("share")):
            values: list[Any] = [None, {}, "0x", True, -1, 1.5]
            for value in values:
                with self.subTest(path, value=value), self.assertRaises(farthing.InvalidStatementError):
                    farthing.verify_statement(statement("share", {path: value}))

    def test_every_value_that_changes_is_refused_by_the_statement_or_by_l1(self) -> None:
        alone = on_l1_alone = 0
        for path, value in leaves(statement("share")):
            # The block that proved a batch is not what a claim needs.
            about_the_block = re.search(r"/(block|l1/transaction|l1/block)$", path)
            if about_the_block or (isinstance(value, str) and not re.match(r"0x|\d", value)):
                continue
            document = statement("share", {path: changed(value)})
            with self.subTest(path):
                if isinstance(farthing.check_statement(document, DEPLOYMENT), farthing.RefusedStatement):
                    alone += 1
                    continue
                on_l1_alone += 1
                self.assertIn("/batch/", path)
                with self.assertRaises(errors.NotSettledError):
                    StatedL1().verify(document)
        self.assertGreater(min(alone, on_l1_alone), 20)

    def test_more_licenses_than_a_statement_may_have_are_refused(self) -> None:
        document = statement("total")
        document["licenses"] = document["licenses"][:1] * 1_001
        with self.assertRaisesRegex(farthing.InvalidStatementError, "^1001 licenses, expected 1 to 1000$"):
            farthing.verify_statement(document)

    def test_another_deployment_is_refused(self) -> None:
        others = (farthing.Deployment(1, DEPLOYMENT.contract), farthing.Deployment(31337, "0x" + "23" * 20))
        for other in others:
            with self.assertRaises(farthing.InvalidStatementError) as caught:
                farthing.verify_statement(statement("total"), deployment=other)
            self.assertEqual(caught.exception.step, "deployment")
        with self.assertRaises(farthing.InvalidStatementError):
            StatedL1().verify(statement("total"), "0x" + "23" * 20)
        chain = StatedL1()
        chain.chain_id = 1
        with self.assertRaisesRegex(farthing.InvalidStatementError, "expected chain 1 and contract"):
            chain.verify(statement("total"))

    def test_l1_must_have_verified_each_batch_and_these_very_batches(self) -> None:
        after, until = VECTORS["l1"]
        for batch, name in ((after, "after"), (until, "until")):
            refused = f"has not verified batch {batch}, or has verified another batch with its number$"
            chain = StatedL1()
            chain.final = {after, until} - {batch}
            with self.assertRaisesRegex(errors.NotSettledError, refused):
                chain.verify(statement("revenue"))
            # A batch's statement beside its state root, which nothing in the document binds.
            other = statement("revenue", {f"/licenses/0/{name}/batch/intents": 77})
            farthing.verify_statement(other)
            with self.assertRaisesRegex(errors.NotSettledError, refused):
                StatedL1().verify(other)
        chain = StatedL1()
        chain.final = {until}
        self.assertTrue(chain.verify(statement("since the registration")).proven)
        for change in ({"code": "0x"}, {"domain": "0x" + "11" * 32}):
            chain = StatedL1()
            vars(chain).update(change)
            with self.assertRaises(errors.NotSettledError):
                chain.verify(statement("revenue"))

    def test_l1_needs_the_contract_of_the_caller(self) -> None:
        with self.assertRaises(TypeError):
            farthing.verify_statement(statement("revenue"), l1="http://127.0.0.1:1")
        with self.assertRaises(TypeError):
            asyncio.run(farthing.averify_statement(statement("revenue"), l1="http://127.0.0.1:1"))
        self.assertFalse(asyncio.run(farthing.averify_statement(statement("revenue"))).proven)
