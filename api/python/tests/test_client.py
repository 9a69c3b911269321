"""Retries, unknown outcomes, and signing anew, against a node that answers as told."""

from __future__ import annotations

import asyncio
import json
import time
import unittest
from unittest import mock

import httpx

import farthing
from farthing import errors, flows
from farthing.calls import Retry
from farthing.problems import ProblemError
from tests.fake_node import FAST, FakeNode, accepted, problem

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
    def test_nothing_is_signed_for_a_recipient_that_is_not_final(self) -> None:
        node = FakeNode(accepted)
        node.finalized = False
        client = node.blocking(recipient_wait=0)
        line = farthing.HolderShares(farthing.Holder.account(8), 1_000_000)
        for call in (
            lambda: client.pay(3),
            lambda: client.transfer(8, 1),
            lambda: client.register_license(1, [line]),
            lambda: client.pay_many([farthing.Payment(3)]),
        ):
            with self.assertRaises(errors.RecipientNotFinalError):
                call()
        self.assertEqual(node.posts, [])
        node.blocking(recipients="trusted").pay(3)
        self.assertEqual(len(node.posts), 1)

    def test_a_call_waits_for_it(self) -> None:
        node = FakeNode(accepted)
        node.finalized = False

        def becomes_final(_seconds: float) -> None:
            node.finalized = True

        with mock.patch("time.sleep", becomes_final):
            node.blocking().pay(3)
        self.assertEqual(len(node.posts), 1)

    def test_a_client_without_key_does_not_sign(self) -> None:
        node = FakeNode(accepted)
        http = httpx.Client(transport=httpx.MockTransport(node))
        with self.assertRaises(errors.NoSignerError):
            farthing.Farthing("http://node.test", http=http, retry=FAST).pay(3)


class Answers(unittest.TestCase):
    def test_asyncio_has_the_same_verbs(self) -> None:
        names = {name for name in dir(farthing.Farthing) if not name.startswith("_")}
        self.assertEqual(names, {name for name in dir(farthing.AsyncFarthing) if not name.startswith("_")})

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
