"""The meter against a node in memory: exactly once, whatever is refused, lost or killed."""

from __future__ import annotations

import asyncio
import json
import os
import stat
import subprocess
import sys
import tempfile
import threading
import unittest
from pathlib import Path
from typing import Any

import farthing
from farthing import Fold, Holder, Meter, Rate, UsageEvent, errors
from tests.fake_node import FAST, NODE, FakeNode, recipient
from tests.ledger_node import LedgerNode

RATES = {"llama": Rate(3, 10)}


class Case(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory(prefix="farthing-meter-")
        self.addCleanup(folder.cleanup)
        self.path = os.path.join(folder.name, "usage.db")
        self.node, self.now = LedgerNode(), 1_000.0

    def meter(self, node: FakeNode | None = None, **options: Any) -> Meter:
        client = (node or self.node).blocking(retry=farthing.Retry(attempts=1))
        options = {"rates": RATES, "fold": Fold.each(), "clock": lambda: self.now, **options}
        meter = Meter(self.path, client, **options)
        self.addCleanup(meter.close)
        return meter

    def record(self, meter: Meter, *names: str) -> None:
        meter.record_many([UsageEvent(name, 1, license=3) for name in names])


class Events(Case):
    def test_an_id_is_recorded_once(self) -> None:
        meter = self.meter()
        event = UsageEvent("a", 2, license=3, provenance=b"\x01" * 32, time=5)
        self.assertTrue(meter.record(event))
        self.assertFalse(meter.record(event))
        self.assertFalse(meter.record(UsageEvent("a", 2, license=3, provenance="0x" + "01" * 32)))
        for other in (
            UsageEvent("a", 3, license=3, provenance=b"\x01" * 32),
            UsageEvent("a", 2, license=4, provenance=b"\x01" * 32),
            UsageEvent("a", 2, license=3),
            UsageEvent("a", 2, model="llama", provenance=b"\x01" * 32),
        ):
            with self.assertRaises(errors.EventConflictError):
                meter.record(other)
        self.assertEqual(meter.outbox.waiting(), {Rate(3): 1})

    def test_many_are_recorded_together_or_not_at_all(self) -> None:
        meter = self.meter()
        self.record(meter, "a")
        for refused in (
            UsageEvent("a", 9, license=3),
            UsageEvent("c", 1, model="unknown"),
            UsageEvent("", 1, license=3),
        ):
            with self.assertRaises(farthing.FarthingError):
                meter.record_many([UsageEvent("b", 1, license=3), refused])
        self.assertEqual(meter.outbox.waiting(), {Rate(3): 1})
        self.assertEqual(meter.record_many([UsageEvent("a", 1, license=3), UsageEvent("b", 1, license=3)] * 2), 1)

    def test_an_error_names_the_event_and_the_field(self) -> None:
        meter = self.meter()
        with self.assertRaisesRegex(errors.InvalidEventError, r"event 'a': units -1: expected 0 to 8388608"):
            meter.record(UsageEvent("a", -1, license=3))
        with self.assertRaisesRegex(errors.UnknownModelError, r"event 'a': no rate for the model 'gpt'"):
            meter.record(UsageEvent("a", 1, model="gpt"))
        with self.assertRaises(KeyError):
            meter.payment("a")

    def test_recorded_events_keep_the_rate_of_their_time(self) -> None:
        self.meter().record(UsageEvent("a", 20, model="llama"))
        later = self.meter(rates={"llama": Rate(4, 1)})
        later.record(UsageEvent("b", 5, model="llama"))
        later.flush()
        self.assertEqual([(license, uses) for license, uses, _ in self.node.paid()], [(3, 2), (4, 5)])

    def test_the_outbox_is_its_owners_alone_and_holds_no_key(self) -> None:
        meter = self.meter()
        self.record(meter, "a")
        meter.flush()
        self.assertEqual(stat.S_IMODE(os.stat(self.path).st_mode), 0o600)
        meter.close()
        folder = Path(self.path).parent
        data = b"".join(file.read_bytes() for file in folder.iterdir())
        self.assertIn(b"signature", data)
        self.assertNotIn(bytes(range(32)), data)
        self.assertNotIn(bytes(range(32)).hex().encode(), data)

    def test_a_fork_does_not_share_the_file(self) -> None:
        meter = self.meter()
        child = os.fork()
        if child == 0:
            code = 1
            try:
                self.record(meter, "a")
            except errors.OutboxError as error:
                code = 0 if "after the fork" in str(error) else 2
            finally:
                os._exit(code)
        self.assertEqual(os.waitpid(child, 0)[1], 0)
        self.assertEqual(meter.outbox.waiting(), {})

    def test_processes_record_at_once(self) -> None:
        program = (
            "import sys; from farthing import *\n"
            "meter = Meter(sys.argv[1])\n"
            "new = sum(meter.record(UsageEvent(f'{n}', 1, license=3)) for n in range(40))\n"
            "print(new)"
        )
        command = [sys.executable, "-c", program, self.path]
        children = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(4)]
        counts = [int(child.communicate(timeout=60)[0]) for child in children]
        self.assertEqual(sum(counts), 40)
        self.assertEqual(self.meter().outbox.waiting(), {Rate(3): 40})


class Payments(Case):
    def test_each_event_is_paid_once_and_its_memo_names_it(self) -> None:
        meter = self.meter()
        self.record(meter, "a", "b")
        meter.record(UsageEvent("c", 25, model="llama"))
        self.assertIsNone(meter.payment("a"))
        report = meter.flush()
        self.assertEqual((report.accepted, report.events, report.refused, report.unanswered), (3, 3, {}, 0))
        self.assertEqual(meter.flush().accepted, 0)
        for name in "abc":
            payment = meter.payment(name)
            assert payment is not None and payment.intent is not None
            self.assertEqual((payment.state, payment.batch), ("accepted", 7))
            self.assertIn((payment.rate.license, payment.uses, payment.memo), self.node.paid())
            digests = [event.digest() for event in meter.events(payment.number)]
            memo = farthing.payment_memo(payment.rate, payment.carry_in, digests)
            self.assertEqual("0x" + memo.hex(), payment.memo)
        self.assertEqual(len({memo for _, _, memo in self.node.paid()}), 3)
        self.node.stage = "finalized"
        self.assertEqual(meter.confirm(), {"finalized": 3})

    def test_an_interval_is_paid_when_it_has_ended(self) -> None:
        meter = self.meter(fold=Fold.interval(60))
        for second in range(100):
            self.now = 960.0 + second
            meter.record(UsageEvent(str(second), 1, license=3))
        self.now = 1_019.9
        self.assertEqual(meter.flush().accepted, 0)
        self.now = 1_020.0
        self.assertEqual((meter.flush().events, self.node.paid()[0][1]), (60, 60))
        self.assertEqual((meter.flush(all=True).events, self.node.paid()[1][1]), (40, 40))
        [first, *_] = meter.events(1)
        self.assertEqual(first.id, "0")

    def test_without_an_answer_the_same_bytes_are_sent_again_by_another_process_too(self) -> None:
        meter = self.meter()
        self.record(meter, "a", "b")
        self.node.lose_reply = True
        self.assertEqual(meter.flush().unanswered, 2)
        meter.close()
        self.node.lose_reply = False
        again = self.meter()
        self.assertEqual(again.flush().accepted, 2)
        self.assertEqual(len({post.content for post in self.node.posts}), 1)
        self.assertEqual(len(self.node.bodies), 2)

    def test_intents_are_on_disk_before_they_are_sent(self) -> None:
        meter, seen = self.meter(), []

        def look() -> None:
            other = Meter(self.path)
            seen.extend(other.outbox.payments("signed", 10))
            other.close()

        self.node.before = look
        self.record(meter, "a")
        meter.flush()
        self.assertEqual([payment.intent for payment in seen], self.node.requests[0])

    def test_many_payments_go_in_few_requests(self) -> None:
        meter = self.meter()
        self.record(meter, *map(str, range(300)))
        self.assertEqual(meter.flush().accepted, 300)
        self.assertEqual([len(names) for names in self.node.requests], [256, 44])

    def test_one_process_sends(self) -> None:
        meter, other = self.meter(), self.meter()
        self.record(meter, "a")

        def flush_and_record() -> None:
            self.record(other, "b")
            with self.assertRaises(errors.OutboxLockedError):
                other.flush()

        self.node.before = flush_and_record
        self.assertEqual(meter.flush().accepted, 1)
        self.node.before = lambda: None
        self.assertEqual(other.flush().accepted, 1)

    def test_threads_share_a_meter(self) -> None:
        meter = self.meter()

        def work(share: int) -> None:
            for number in range(10):
                meter.record(UsageEvent(f"{share}-{number}", 1, license=3))
                meter.flush()

        threads = [threading.Thread(target=work, args=(share,)) for share in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(len(self.node.bodies), 40)
        self.assertEqual(meter.outbox.counts(), {"accepted": 40})

    def test_a_thread_flushes_by_itself(self) -> None:
        meter, came = self.meter(), threading.Event()
        self.node.before = came.set
        self.record(meter, "a")
        meter.start(every=0.01)
        self.assertTrue(came.wait(10))
        meter.close()

    def test_an_outbox_is_of_one_account_and_deployment(self) -> None:
        self.record(meter := self.meter(), "a")
        meter.flush()
        client = farthing.Farthing(NODE, 8, farthing.SecretKey(bytes(32)), http=self.node.blocking()._http, retry=FAST)
        with self.assertRaisesRegex(errors.OutboxError, "its account is 7, expected 8"):
            Meter(self.path, client).flush()
        with self.assertRaises(errors.NoSignerError):
            Meter(self.path).flush()

    def test_another_file_is_refused(self) -> None:
        Path(self.path).write_bytes(b"not a database, but text of some length" * 100)
        with self.assertRaisesRegex(errors.OutboxError, "usage.db: file is not a database"):
            Meter(self.path)
        with self.assertRaises(errors.OutboxError):
            Meter(os.path.join(self.path, "below"))


class Refusals(Case):
    def refused(self, *codes: str, **options: Any) -> Meter:
        meter = self.meter(**options)
        self.record(meter, "a")
        self.node.refusals = list(codes)
        self.report = meter.flush()
        return meter

    def test_expired_is_signed_again_with_the_same_nonce(self) -> None:
        for code in ("expired", "amount_mismatch", "fee_too_low", "valid_too_long"):
            with self.subTest(code):
                self.setUp()
                self.node.before = lambda: setattr(self, "now", self.now + 1)
                meter = self.refused(code)
                self.assertEqual(self.report.accepted, 1)
                self.assertEqual(len(self.node.bodies), 1)
                nonces = {body["nonce"] for body in self.node.bodies.values()}
                payment = meter.payment("a")
                assert payment is not None
                self.assertEqual(nonces, {str(payment.nonce)})
                self.assertEqual(len(self.node.requests), 2)
                first = self.node.posts[0].content
                self.assertIn(f'"nonce":"{payment.nonce}"'.encode(), first)

    def test_a_nonce_that_can_never_settle_is_replaced(self) -> None:
        for code in ("nonce_too_low", "nonce_used"):
            with self.subTest(code):
                self.setUp()
                self.refused(code)
                self.assertEqual(self.report.accepted, 1)
                [[first], [second]] = self.node.requests
                self.assertNotEqual(first, second)
                self.assertEqual(list(self.node.bodies), [second])

    def test_an_earlier_intent_that_the_node_knows_is_the_payment(self) -> None:
        meter = self.meter()
        self.record(meter, "a")
        self.node.refusals = ["expired", "insufficient_funds"]
        meter.flush()
        [[first], [second]] = self.node.requests
        # An operator may settle an expired intent for three days.
        self.node.bodies[first] = json.loads(self.node.posts[0].content)["intents"][0]
        self.now += 61
        self.assertEqual(meter.flush().accepted, 1)
        payment = meter.payment("a")
        assert payment is not None
        self.assertEqual((payment.intent, list(self.node.bodies)), (first, [first]))
        self.assertNotEqual(first, second)

    def test_an_unknown_outcome_is_never_paid_again_by_itself(self) -> None:
        for code in ("nonce_undecided", "nonce_too_low"):
            with self.subTest(code):
                self.setUp()
                self.node.no_history = True
                meter = self.refused(code)
                self.assertEqual((self.report.accepted, self.report.undecided), (0, 1))
                self.now += 1e6
                self.assertEqual(meter.flush().accepted, 0)
                self.assertEqual(meter.confirm(), {"undecided": 1})
                self.assertEqual(len(self.node.requests), 1)
                meter.resolve(1, paid=False)
                self.assertEqual(meter.flush().accepted, 1)
                self.assertNotEqual(self.node.requests[0], self.node.requests[1])
                with self.assertRaises(errors.InvalidArgumentError):
                    meter.resolve(1, paid=True)
        self.setUp()
        meter = self.refused("nonce_undecided")
        meter.resolve(1, paid=True)
        self.assertEqual((meter.flush().accepted, meter.outbox.counts()), (0, {"finalized": 1}))

    def test_what_is_refused_waits_and_is_not_lost(self) -> None:
        for code in ("insufficient_funds", "unknown_license", "unknown_account", "invalid_signature"):
            with self.subTest(code):
                self.setUp()
                meter = self.refused(code)
                self.assertEqual(self.report.refused, {code: 1})
                self.assertEqual(meter.outbox.problems(), {code: 1})
                self.now += 59
                self.assertEqual(meter.flush().accepted, 0)
                self.now += 2
                self.assertEqual(meter.flush().accepted, 1)
                self.assertEqual(self.node.requests[0], self.node.requests[1])
                self.assertEqual(meter.outbox.problems(), {})

    def test_a_refusal_that_does_not_end_ends_the_flush(self) -> None:
        meter = self.refused(*["expired"] * 9)
        self.assertEqual(self.report.refused, {"expired": 1})
        self.assertEqual(len(self.node.requests), 5)
        self.now += 61
        self.node.refusals = []
        self.assertEqual(meter.flush().accepted, 1)
        self.assertEqual(len(self.node.nonces()), 1)

    def test_an_overloaded_node_is_asked_again_later(self) -> None:
        meter = self.refused("overloaded")
        self.assertEqual((self.report.unanswered, self.report.refused), (1, {}))
        self.assertEqual(meter.flush().accepted, 1)
        self.assertEqual(self.node.requests[0], self.node.requests[1])

    def test_a_license_that_fails_does_not_hold_up_the_others(self) -> None:
        meter = self.meter()
        self.record(meter, "a")
        meter.record(UsageEvent("b", 1, license=4))
        for rate in meter.outbox.waiting():
            meter.outbox.fold(rate, Fold.each(), 250, None)
        self.node.missing.add(3)
        report = meter.flush()
        self.assertEqual((report.accepted, report.refused), (1, {"license_not_found": 1}))
        self.assertEqual(meter.outbox.counts(), {"accepted": 1, "folded": 1})
        self.assertEqual(meter.outbox.problems(), {"license_not_found": 1})
        self.record(meter, "c")
        self.assertEqual(meter.flush().refused, {"license_not_found": 1})
        self.node.missing.clear()
        self.now += 61
        self.assertEqual(meter.flush().accepted, 2)

    def test_a_price_that_changed_is_asked_for_again(self) -> None:
        meter = self.meter()
        self.record(meter, "a")
        meter.flush()
        self.record(meter, "b")
        self.node.price = "300"
        self.node.refusals = ["amount_mismatch"]
        self.assertEqual(meter.flush().accepted, 1)
        amounts = [body["operation"]["pay"]["amount"] for body in self.node.bodies.values()]
        self.assertEqual(amounts, ["250", "300"])

    def test_what_was_dropped_is_signed_again_with_the_same_nonce(self) -> None:
        meter = self.refused()
        [[name]] = self.node.requests
        self.node.drop(name, "expired")
        self.assertEqual(meter.confirm(), {"signed": 1})
        self.assertEqual(meter.flush().accepted, 1)
        [[first], [second]] = self.node.requests
        self.assertNotEqual(first, second)
        self.assertEqual(list(self.node.bodies), [second])
        nonces = [
            farthing.SignedIntent.from_json(json.loads(post.content)["intents"][0]).intent.nonce
            for post in self.node.posts
        ]
        self.assertEqual(len(set(nonces)), 1)

    def test_dropped_since_l1_settled_the_nonce_is_undecided(self) -> None:
        meter = self.refused()
        [[name]] = self.node.requests
        self.node.drop(name, "nonce_settled")
        self.assertEqual(meter.confirm(), {"undecided": 1})
        self.assertEqual(meter.flush().accepted, 0)

    def test_what_the_node_forgot_is_sent_again(self) -> None:
        meter = self.refused()
        self.node.bodies.clear()
        self.assertEqual(meter.confirm(), {"signed": 1})
        self.assertEqual(meter.flush().accepted, 1)
        self.assertEqual(self.node.requests[0], self.node.requests[1])

    def test_an_earlier_intent_that_the_node_forgot_is_sent_again(self) -> None:
        meter = self.meter()
        self.record(meter, "a")

        def before() -> None:
            # The first request was not lost: it takes effect late.
            if len(self.node.requests) == 1:
                [body] = json.loads(self.node.posts[0].content)["intents"]
                self.node.bodies[self.node.requests[0][0]] = body

        self.node.before = before
        self.node.refusals = ["nonce_used", "nonce_used"]
        self.assertEqual(meter.flush().accepted, 1)
        self.assertNotEqual(self.node.requests[0], self.node.requests[1])
        self.node.bodies.clear()
        self.assertEqual(meter.confirm(), {"signed": 1})
        self.assertEqual(meter.flush().accepted, 1)
        self.assertEqual(self.node.requests[2], self.node.requests[0])

    def test_events_of_a_license_whose_recipient_changed_wait(self) -> None:
        client = self.node.blocking().with_recipient(Holder.license(3), recipient("license", 3))
        meter = Meter(self.path, client, fold=Fold.each())
        self.addCleanup(meter.close)
        self.node.recipients["license 3"] = recipient("license", 9)
        self.record(meter, "a")
        meter.record(UsageEvent("b", 1, license=4))
        report = meter.flush()
        self.assertEqual((report.accepted, report.refused), (1, {"recipient_changed": 1}))
        self.assertEqual(meter.outbox.waiting(), {Rate(3): 1})
        self.assertEqual([license for license, _, _ in self.node.paid()], [4])
        del self.node.recipients["license 3"]
        self.assertEqual(meter.flush().accepted, 1)

    def test_a_payment_is_signed_again_for_the_recipient_that_the_client_knows_or_waits(self) -> None:
        meter = self.meter()
        self.record(meter, "a")
        meter.flush()
        self.record(meter, "b")
        # The node refuses the price once, and names another recipient when it is asked for the new one.
        self.node.refusals = ["amount_mismatch"]
        self.node.recipients["license 3"] = recipient("license", 9)
        self.assertEqual(meter.flush().refused, {"recipient_changed": 1})
        self.assertEqual((len(self.node.requests), meter.outbox.counts()), (2, {"accepted": 1, "signed": 1}))
        del self.node.recipients["license 3"]
        self.now += 61
        self.assertEqual(meter.flush().accepted, 1)
        self.assertEqual([uses for _, uses, _ in self.node.paid()], [1, 1])


class Asyncio(Case):
    def test_it_has_the_same_verbs(self) -> None:
        names = {name for name in dir(Meter) if not name.startswith("_")} - {"check"}
        self.assertEqual(names, {name for name in dir(farthing.AsyncMeter) if not name.startswith("_")})

    def test_events_recorded_at_once_are_written_together(self) -> None:
        async def work() -> None:
            async with farthing.AsyncMeter(self.meter()) as meter:
                events = [UsageEvent(str(number % 50), 1, license=3) for number in range(100)]
                results = await asyncio.gather(*map(meter.record, events))
                self.assertEqual(sum(results), 50)
                refused = await asyncio.gather(
                    meter.record(UsageEvent("0", 2, license=3)),
                    meter.record(UsageEvent("new", 1, license=3)),
                    return_exceptions=True,
                )
                self.assertIsInstance(refused[0], errors.EventConflictError)
                self.assertIs(refused[1], True)
                self.assertEqual((await meter.flush()).accepted, 51)
                payment = await meter.payment("new")
                assert payment is not None
                self.assertEqual([event.id for event in await meter.events(payment.number)], ["new"])

        asyncio.run(work())

    def test_after_its_end_it_refuses_events(self) -> None:
        async def work() -> None:
            meter = farthing.AsyncMeter(self.meter())
            await meter.close()
            for name in ("a", "b"):
                with self.assertRaises(errors.OutboxError):
                    await asyncio.wait_for(meter.record(UsageEvent(name, 1, license=3)), 5)

        asyncio.run(work())


if __name__ == "__main__":
    unittest.main()
