"""Signatures of webhooks: the vectors of all SDKs."""

from __future__ import annotations

import json
import unittest
from pathlib import Path

import farthing
from farthing.webhooks import webhook_fault

VECTORS = json.loads((Path(__file__).resolve().parents[2] / "conformance" / "webhooks.json").read_text("utf-8"))


class Webhooks(unittest.TestCase):
    def test_the_vectors_of_all_sdks_hold(self) -> None:
        self.assertGreaterEqual(len(VECTORS["checks"]), 30)
        for case in VECTORS["signed"]:
            for secret in case["secrets"]:
                fault = webhook_fault(case["body"].encode(), case["header"], [secret], case["time"], 0)
                self.assertIsNone(fault)
        for case in VECTORS["checks"]:
            with self.subTest(case["about"]):
                body, secrets = case["body"].encode(), case["secrets"]
                fault = webhook_fault(body, case["header"], secrets, case["now"], case["tolerance"])
                self.assertEqual(fault or "ok", case["result"])

    def test_a_webhook_that_is_right_gives_its_event_and_any_other_an_error(self) -> None:
        case = VECTORS["signed"][0]
        body, header, now, secret = case["body"].encode(), case["header"], case["time"], case["secrets"][0]
        self.assertEqual(farthing.verify_webhook(body, header, secret, now=now), json.loads(body))
        self.assertEqual(farthing.verify_webhook(body, header, ["other", secret], now=now), json.loads(body))
        for changed, given, clock, fault in (
            (body + b" ", header, now, "mismatch"),
            (body, None, now, "malformed"),
            (body, header, None, "stale"),
        ):
            with self.assertRaises(farthing.InvalidWebhookError) as caught:
                farthing.verify_webhook(changed, given, secret, now=clock)
            self.assertEqual(caught.exception.fault, fault)
            self.assertNotIn(secret, str(caught.exception))


if __name__ == "__main__":
    unittest.main()
