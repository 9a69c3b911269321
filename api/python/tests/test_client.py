"""Retries, unknown outcomes, and signing anew, against a node that answers as told."""

from __future__ import annotations

import asyncio
import inspect
import json
import time
import unittest
from typing import Any
from unittest import mock

import httpx

import farthing
from farthing import errors, flows
from farthing.calls import Retry
from farthing.problems import ProblemError
from tests.fake_node import FAST, FakeNode, accepted, problem, recipient

TIMED_OUT = httpx.ReadTimeout("no answer in time")
RESET = httpx.ReadError("connection reset")


def batch(request: httpx.Request, *refused: str) -> httpx.Response:
    """Accepts the intents of a batch request but the first few, which get codes."""
    results = []
    for place, body in enumerate(json.loads(request.content)["intents"]):
        if place < len(refused) and refused[place]:
            results.append({"rejected": problem(refused[place]).json()})
        else:
            one = accepted(httpx.Request("POST", "http://x", json=body))
            results.append({"accepted": one.json()})
    return httpx.Response(200, json={"results": results})


class Retries(unittest.TestCase):
    def test_an_intent_is_sent_again_byte_for_byte(self) -> None:
        proxy = httpx.Response(502, text="bad gateway")
        node = FakeNode(TIMED_OUT, RESET, proxy, accepted)
        paid = node.blocking().pay(3, uses=2)
        self.assertEqual(len(node.posts), 4)
        self.assertEqual(len({request.content for request in node.posts}), 1)
        self.assertEqual(len({request.headers["idempotency-key"] for request in node.posts}), 1)
        self.assertEqual(json.loads(node.posts[0].content)["operation"]["pay"]["amount"], "500")
        self.assertEqual(paid.batch, 7)

    def test_retryable_problems_are_sent_again_and_others_are_not(self) -> None:
        for code in ProblemError.codes():
            with self.subTest(code):
                node = FakeNode(problem(code), accepted)
                kind = ProblemError.of_code(code)
                if kind.retryable:
                    node.blocking().pay(3)
                    self.assertEqual(len({request.content for request in node.posts}), 1)
                elif code in ("nonce_too_low", "nonce_used"):
                    continue
                else:
                    with self.assertRaises(kind) as caught:
                        node.blocking().pay(3)
                    self.assertIsNone(caught.exception.intent_id)
                    self.assertFalse(caught.exception.outcome_unknown)
                    self.assertEqual(caught.exception.request_id, "r-1")
                    self.assertEqual(caught.exception.docs_url, f"http://node.test/docs#{code}")
                self.assertEqual(len(node.posts), 2 if kind.retryable else 1)

    def test_advice_of_the_node_decides(self) -> None:
        def advised(code: str, advice: str) -> httpx.Response:
            answer = problem(code)
            answer.headers["x-should-retry"] = advice
            return answer

        node = FakeNode(advised("internal", "true"), accepted)
        node.blocking().pay(3)
        self.assertEqual(len(node.posts), 2)
        node = FakeNode(advised("effect_unknown", "false"), accepted)
        with self.assertRaises(ProblemError) as caught:
            node.blocking().pay(3)
        self.assertEqual(len(node.posts), 1)
        self.assertTrue(caught.exception.outcome_unknown, "the code still leaves it open")
        node = FakeNode(advised("overloaded", "perhaps"), accepted)
        node.blocking().pay(3)
        self.assertEqual(len(node.posts), 2, "no advice")

    def test_without_an_answer_the_outcome_is_unknown(self) -> None:
        endings = (TIMED_OUT, RESET, httpx.Response(503, text="proxy"), problem("effect_unknown"))
        for ending in (*endings, problem("deadline_exceeded"), httpx.Response(200, text="<html>")):
            node = FakeNode(ending)
            with self.assertRaises(errors.FarthingError) as caught:
                node.blocking().transfer(8, 1)
            error = caught.exception
            signed = farthing.SignedIntent.from_json(json.loads(node.posts[0].content))
            expected = signed.intent.id(farthing.Deployment(31337, "0x" + "fa" * 20).digest())
            self.assertTrue(error.outcome_unknown)
            self.assertEqual(error.intent_id, expected)

    def test_an_answer_lost_before_a_refusal_for_now_leaves_the_outcome_unknown(self) -> None:
        node = FakeNode(TIMED_OUT, problem("rate_limited"))
        with self.assertRaises(ProblemError) as caught:
            node.blocking().transfer(8, 1)
        self.assertEqual(caught.exception.code, "rate_limited")
        self.assertTrue(caught.exception.outcome_unknown)
        self.assertIsNotNone(caught.exception.intent_id)
        node = FakeNode(TIMED_OUT, problem("insufficient_funds"))
        with self.assertRaises(ProblemError) as caught:
            node.blocking().transfer(8, 1)
        self.assertFalse(caught.exception.outcome_unknown, "a repeat would have been answered as one")
        node = FakeNode(problem("rate_limited"))
        with self.assertRaises(ProblemError) as caught:
            node.blocking().transfer(8, 1)
        self.assertFalse(caught.exception.outcome_unknown, "nothing was done")

    def test_retry_after_is_honoured(self) -> None:
        retry = Retry(first_delay=0.1, max_delay=10.0)
        for attempt, most in ((1, 0.1), (2, 0.2), (5, 1.6)):
            delay = retry.delay(attempt, None)
            assert delay is not None
            self.assertTrue(most / 2 <= delay <= most)
        self.assertEqual(retry.delay(1, 7.0), 7.0)
        self.assertEqual(retry.delay(1, 7200.0), retry.max_retry_after)
        self.assertIsNone(retry.delay(6, None))
        node = FakeNode(httpx.Response(429, headers={"retry-after": "3"}), accepted)
        with mock.patch("time.sleep") as sleep:
            node.blocking(retry=Retry(first_delay=0.0)).pay(3)
        sleep.assert_called_once_with(3.0)


class SigningAnew(unittest.TestCase):
    def test_a_nonce_that_came_too_late_is_signed_anew(self) -> None:
        for code in ("nonce_too_low", "nonce_used"):
            node = FakeNode(problem(code), problem(code), accepted)
            node.account_nonce = int((time.time() + 3_600) * 1_000_000)
            node.blocking().pay(3)
            nonces = [int(json.loads(request.content)["nonce"]) for request in node.posts]
            self.assertEqual(len(nonces), 3)
            self.assertEqual(nonces, sorted(set(nonces)))
            self.assertGreater(nonces[0], node.account_nonce)

    def test_an_intent_that_may_have_settled_is_not(self) -> None:
        known = {"id": "0x" + "00" * 32, "account": 7, "nonce": "6", "status": "finalized", "batch": "1"}
        for answer in (httpx.Response(200, json=known), problem("intent_history_unavailable")):
            node = FakeNode(problem("nonce_too_low"), accepted)
            node.status_answer = answer
            with self.assertRaises(ProblemError) as caught:
                node.blocking().pay(3)
            self.assertEqual(caught.exception.code, "nonce_too_low")
            self.assertEqual(len(node.posts), 1)
        node = FakeNode(problem("nonce_undecided"), accepted)
        with self.assertRaises(ProblemError):
            node.blocking().pay(3)
        self.assertEqual(len(node.posts), 1)

    def test_it_ends(self) -> None:
        node = FakeNode(problem("nonce_too_low"))
        with self.assertRaises(ProblemError):
            node.blocking().pay(3)
        self.assertEqual(len(node.posts), 4)


class Many(unittest.TestCase):
    def test_requests_hold_as_many_as_a_node_takes(self) -> None:
        with mock.patch.object(flows, "BATCH_INTENTS_MAX", 3):
            node = FakeNode(batch)
            results = node.blocking().pay_many([farthing.Payment(3, uses) for uses in range(1, 9)])
        self.assertEqual([len(json.loads(post.content)["intents"]) for post in node.posts], [3, 3, 2])
        self.assertTrue(all(isinstance(result, farthing.Accepted) for result in results))
        self.assertEqual(len({result.id for result in results if isinstance(result, farthing.Accepted)}), 8)

    def test_each_payment_has_its_own_result(self) -> None:
        node = FakeNode(lambda request: batch(request, "", "insufficient_funds"))
        first, second, third = node.blocking().pay_many([farthing.Payment(3)] * 3)
        self.assertIsInstance(first, farthing.Accepted)
        self.assertEqual(getattr(second, "code", None), "insufficient_funds")
        self.assertIsInstance(third, farthing.Accepted)

    def test_those_without_room_are_sent_again(self) -> None:
        node = FakeNode(lambda request: batch(request, "", "overloaded"), batch)
        results = node.blocking().pay_many([farthing.Payment(3)] * 3)
        self.assertTrue(all(isinstance(result, farthing.Accepted) for result in results))
        first, second = (json.loads(post.content)["intents"] for post in node.posts)
        self.assertEqual(first[1:], second)

    def test_those_that_came_too_late_are_signed_anew(self) -> None:
        node = FakeNode(lambda request: batch(request, "", "nonce_too_low"), accepted)
        results = node.blocking().pay_many([farthing.Payment(3)] * 3)
        self.assertTrue(all(isinstance(result, farthing.Accepted) for result in results))
        again = json.loads(node.posts[1].content)
        self.assertNotIn(again["nonce"], [one["nonce"] for one in json.loads(node.posts[0].content)["intents"]])

    def test_a_lost_request_does_not_lose_the_results_before_it(self) -> None:
        with mock.patch.object(flows, "BATCH_INTENTS_MAX", 2):
            node = FakeNode(batch, TIMED_OUT)
            results = node.blocking().pay_many([farthing.Payment(3)] * 4)
        kinds = [type(result) for result in results]
        self.assertEqual(kinds, [farthing.Accepted, farthing.Accepted, errors.NoAnswerError, errors.NoAnswerError])
        names = {result.intent_id for result in results if isinstance(result, errors.FarthingError)}
        self.assertEqual(len(names), 2)
        self.assertNotIn(None, names)


class Recipients(unittest.TestCase):
    def test_the_nodes_word_is_taken_once(self) -> None:
        node = FakeNode(accepted)
        client = node.blocking()
        line = farthing.HolderShares(farthing.Holder.account(8), 1_000_000)
        derived = farthing.HolderShares(farthing.Holder.license(3), 1_000_000)
        client.pay(3)
        client.transfer(8, 1)
        pay, transfer = (json.loads(post.content)["operation"] for post in node.posts)
        self.assertEqual(pay["pay"]["recipient"], recipient("license", 3))
        self.assertEqual(transfer["transfer"]["recipient"], recipient("account", 8))
        other = recipient("account", 9)
        node.recipients = {"account 8": other, "license 3": other}
        for expected, call in (
            (recipient("license", 3), lambda: client.pay(3)),
            (recipient("license", 3), lambda: client.pay_many([farthing.Payment(3)])),
            (recipient("license", 3), lambda: client.register_license(1, [derived])),
            (recipient("license", 3), lambda: client.recipient(farthing.Holder.license(3))),
            (recipient("account", 8), lambda: client.transfer(8, 1)),
            (recipient("account", 8), lambda: client.register_license(1, [line])),
        ):
            with self.assertRaises(errors.RecipientChangedError) as caught:
                call()
            error = caught.exception
            self.assertEqual((error.code, error.retryable), ("recipient_changed", False))
            self.assertEqual((error.expected, error.got), (expected, other))
            self.assertNotIsInstance(error, ProblemError)
        self.assertEqual(len(node.posts), 2, "nothing more was sent")
        self.assertEqual(node.blocking().recipient(farthing.Holder.account(8)), other, "another client knows nothing")

    def test_a_recipient_that_was_told_is_the_only_one(self) -> None:
        node = FakeNode(accepted)
        other = recipient("license", 4)
        client = node.blocking().with_recipient(farthing.Holder.license(3), other)
        with self.assertRaises(errors.RecipientChangedError):
            client.pay(3)
        client = node.blocking()
        with self.assertRaises(errors.RecipientChangedError):
            client.pay(3, recipient=other)
        with self.assertRaises(errors.RecipientChangedError):
            client.transfer(8, 1, recipient=bytes(24))
        for wrong in ("", "0x", other[2:], "0x" + "ff" * 24, b"", other[:-2]):
            with self.assertRaises(errors.InvalidArgumentError):
                client.transfer(8, 1, recipient=wrong)
            with self.assertRaises(errors.InvalidArgumentError):
                client.with_recipient(farthing.Holder.account(8), wrong)
        self.assertEqual(node.posts, [])
        # Words for one call are forgotten after it.
        client.pay(3)
        client.pay(3, recipient=recipient("license", 3))
        self.assertEqual(len(node.posts), 2)

    def test_an_answer_without_a_recipient_is_no_word(self) -> None:
        node = FakeNode(accepted)
        node.recipients = {"license 3": "0x" + "ff" * 24}
        with self.assertRaisesRegex(errors.UnexpectedAnswerError, "license 3.*canonical"):
            node.blocking().pay(3)
        self.assertEqual(node.posts, [])

    def test_a_registration_signs_the_chain_of_its_holders(self) -> None:
        node = FakeNode(accepted)
        account, parent = farthing.Holder.account(8), farthing.Holder.license(3)
        lines = [farthing.HolderShares(parent, 600_000), farthing.HolderShares(account, 400_000)]
        node.blocking().register_license(1, lines)
        known = {account: recipient("account", 8), parent: recipient("license", 3)}
        sent = json.loads(node.posts[0].content)["operation"]["register_license"]
        self.assertEqual(sent["recipient"], farthing.recipient_of(farthing.holder_chain(lines, known)))
        self.assertEqual(sent["lineage"], 2)
        with self.assertRaisesRegex(errors.InvalidHoldersError, "license 3: has no recipient"):
            farthing.holder_chain(lines, {account: recipient("account", 8)})

    def test_a_recipient_that_the_node_refuses_is_a_problem(self) -> None:
        node = FakeNode(problem("recipient_changed"))
        with self.assertRaises(errors.RecipientChangedError) as caught:
            node.blocking().pay(3)
        self.assertIsInstance(caught.exception, ProblemError)
        self.assertEqual((caught.exception.code, len(node.posts)), ("recipient_changed", 1))

    def test_a_client_without_key_does_not_sign(self) -> None:
        node = FakeNode(accepted)
        http = httpx.Client(transport=httpx.MockTransport(node))
        with self.assertRaises(errors.NoSignerError):
            farthing.Farthing("http://node.test", http=http, retry=FAST).pay(3)


class Answers(unittest.TestCase):
    def test_both_clients_have_the_same_verbs_parameters_and_words(self) -> None:
        def verbs(kind: type[Any]) -> dict[str, Any]:
            return {name: verb for name, verb in vars(kind).items() if not name.startswith("_")}

        def parameters(verb: Any) -> list[tuple[str, Any, Any, Any]]:
            found = inspect.signature(verb).parameters.values()
            return [(one.name, one.kind, one.default, one.annotation) for one in found]

        def answer(verb: Any) -> str:
            return str(verb.__annotations__["return"]).replace("Async", "")

        blocking, asynchronous = verbs(farthing.Farthing), verbs(farthing.AsyncFarthing)
        self.assertEqual(list(blocking), list(asynchronous))
        for name, verb in blocking.items():
            with self.subTest(name):
                other = asynchronous[name]
                self.assertEqual(parameters(verb), parameters(other))
                self.assertEqual(answer(verb), answer(other))
                self.assertEqual(verb.__doc__, other.__doc__)

    def test_asyncio_sends_again_byte_for_byte(self) -> None:
        async def pay() -> None:
            node = FakeNode(TIMED_OUT, accepted)
            async with node.asyncio() as client:
                await client.pay(3, uses=2)
            self.assertEqual(len({request.content for request in node.posts}), 1)
            self.assertEqual(len(node.posts), 2)

        asyncio.run(pay())

    def test_an_answer_of_another_form_is_an_error_that_names_the_field(self) -> None:
        node = FakeNode(lambda request: accepted(request, batch=7))
        with self.assertRaisesRegex(errors.UnexpectedAnswerError, r"Accepted\.batch"):
            node.blocking().pay(3)
        node = FakeNode(lambda request: accepted(request, id="0x" + "00" * 32))
        with self.assertRaisesRegex(errors.UnexpectedAnswerError, "the node accepted"):
            node.blocking().pay(3)

    def test_a_code_of_a_later_version_is_a_plain_problem(self) -> None:
        body = {"type": "/docs#new", "title": "T.", "status": 422, "code": "new_code"}
        node = FakeNode(httpx.Response(422, json=body, headers={"x-request-id": "r-9"}))
        with self.assertRaises(ProblemError) as caught:
            node.blocking().pay(3)
        self.assertIs(type(caught.exception), ProblemError)
        self.assertEqual((caught.exception.code, caught.exception.request_id), ("new_code", "r-9"))

    def test_a_url_is_http(self) -> None:
        for url in ("ftp://node.example", "node.example", "http://"):
            with self.assertRaises(errors.InvalidArgumentError):
                farthing.Farthing(url)
