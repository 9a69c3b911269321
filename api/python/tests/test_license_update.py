"""Updates of a license, against a node that seals its open batch when a test says so."""

from __future__ import annotations

import asyncio
import json
import unittest
from typing import Any

import httpx

import farthing
from farthing import errors, public_data
from farthing.intents import operation_from_json
from farthing.problems import LicenseUpdatingError, NotLicensorError, ProblemError
from tests.fake_node import Answer, FakeNode, accepted, problem, recipient

PROVENANCE = "0x" + "aa" * 32


class LicenseNode(FakeNode):
    """Node with license 3, which is updated once in a batch."""

    def __init__(self) -> None:
        super().__init__(self.update)
        self.version: dict[str, Any] = {
            "price": "250",
            "derivative_shares": 100_000,
            "status": "active",
            "licensee": None,
            "provenance": PROVENANCE,
        }
        self.next: dict[str, Any] | None = None
        """The version of the batch after the open one."""
        self.seals_after = 1
        """Refusals after which the open batch is sealed."""
        self.shows_next = True
        """Whether readers see that version before the open batch is sealed."""
        self.versions: list[dict[str, Any]] = []

    def license(self, number: int) -> dict[str, Any]:
        shown = {"next": self.next} if self.shows_next else {}
        return {**super().license(number), **self.version, **shown}

    def answer(self, request: httpx.Request) -> Answer:
        if request.url.path == "/v1/licenses/3/versions":
            start = int(request.url.params.get("cursor", "0"))
            page: dict[str, Any] = {"items": self.versions[start : start + 2]}
            if start + 2 < len(self.versions):
                page["next_cursor"] = str(start + 2)
            return httpx.Response(200, json=page)
        return super().answer(request)

    def update(self, request: httpx.Request) -> Answer:
        if self.next is not None:
            self.seals_after -= 1
            if self.seals_after == 0:
                self.version, self.next = self.next, None
            return problem("license_updating")
        sent = json.loads(request.content)["operation"]["update_license"]
        self.next = {name: value for name, value in sent.items() if name not in ("license", "recipient")}
        return accepted(request)

    @property
    def sent(self) -> list[dict[str, Any]]:
        return [json.loads(post.content)["operation"]["update_license"] for post in self.posts]


class Updates(unittest.TestCase):
    def test_what_is_not_given_stays_as_it_is(self) -> None:
        retired = {"status": "retired", "derivative_shares": 0, "licensee": None}
        cases: list[tuple[dict[str, Any], dict[str, Any]]] = [
            ({"price": 300}, {"price": "300"}),
            ({"price": "0"}, {"price": "0"}),
            ({"status": "paused"}, {"status": "paused"}),
            ({"licensee": 8}, {"licensee": 8}),
            ({"licensee": "none"}, {"licensee": None}),
            ({"derivative_shares": 0}, {"derivative_shares": 0}),
            ({"provenance": bytes(32)}, {"provenance": "0x" + "00" * 32}),
            ({"status": "retired"}, retired),
        ]
        for changes, changed in cases:
            with self.subTest(changes):
                node = LicenseNode()
                node.version["licensee"] = 9
                self.assertEqual(node.blocking().update_license(3, **changes).batch, 7)
                named = {"license": 3, "recipient": recipient("license", 3)}
                self.assertEqual(node.sent, [{**node.version, **changed, **named}])

    def test_it_is_sent_again_when_the_open_batch_is_sealed(self) -> None:
        node = LicenseNode()
        node.next, node.seals_after = dict(node.version), 3
        node.blocking().update_license(3, price=300)
        self.assertEqual(len(node.posts), 4)
        self.assertEqual(len({post.content for post in node.posts}), 1, "byte for byte")

    def test_it_changes_the_next_version_if_there_is_one(self) -> None:
        node = LicenseNode()
        client = node.blocking()
        client.update_license(3, status="paused")
        client.update_license(3, price=300)
        self.assertEqual(node.next, {**node.version, "status": "paused", "price": "300"})
        self.assertEqual(len(node.posts), 3)
        self.assertEqual(len({post.content for post in node.posts[1:]}), 1, "byte for byte")

    def test_it_keeps_what_another_update_changed_after_it_was_signed(self) -> None:
        node = LicenseNode()
        # Another writer's update comes between reading and sending.
        node.shows_next = False
        client = node.blocking()
        client.update_license(3, status="paused")
        client.update_license(3, price=300)
        versions = [(sent["status"], sent["price"]) for sent in node.sent]
        self.assertEqual(versions, [("paused", "250"), ("active", "300"), ("paused", "300")])
        nonces = {json.loads(post.content)["nonce"] for post in node.posts[1:]}
        self.assertEqual(len(nonces), 1, "one of the two settles at most")

    def test_one_that_waits_too_long_may_be_sent_later(self) -> None:
        node = LicenseNode()
        node.next, node.seals_after = dict(node.version), 100
        with self.assertRaises(LicenseUpdatingError) as caught:
            node.blocking().update_license(3, price=300)
        self.assertTrue(caught.exception.retryable)
        self.assertFalse(caught.exception.outcome_unknown)
        self.assertEqual(len(node.posts), 13)

    def test_a_nonce_that_came_too_late_is_signed_anew(self) -> None:
        node = LicenseNode()
        node.intents = [problem("license_updating"), problem("nonce_too_low"), accepted]
        node.blocking().update_license(3, price=300)
        nonces = [json.loads(post.content)["nonce"] for post in node.posts]
        self.assertEqual(nonces[0], nonces[1])
        self.assertNotEqual(nonces[1], nonces[2])

    def test_wrong_changes_are_not_sent(self) -> None:
        node = LicenseNode()
        client = node.blocking()
        wrong: list[dict[str, Any]] = [
            {},
            {"price": 1.5},
            {"price": 2**40},
            {"status": "closed"},
            {"licensee": 0},
            {"licensee": 2**31},
            {"licensee": "anyone"},
            {"derivative_shares": 1_000_001},
            {"provenance": "0x00"},
        ]
        for changes in wrong:
            with self.subTest(changes), self.assertRaises((errors.InvalidArgumentError, errors.InvalidAmountError)):
                client.update_license(3, **changes)
        with self.assertRaises(errors.RecipientChangedError):
            client.update_license(3, price=1, recipient=recipient("license", 4))
        self.assertEqual(node.posts, [])

    def test_other_refusals_are_for_good(self) -> None:
        statuses = {"license_paused": 409, "not_licensee": 403, "not_licensor": 403, "license_retired": 409}
        for code, status in statuses.items():
            node = LicenseNode()
            node.intents = [problem(code)]
            with self.assertRaises(ProblemError) as caught:
                node.blocking().update_license(3, price=300)
            self.assertEqual((caught.exception.code, caught.exception.status), (code, status))
            self.assertEqual(len(node.posts), 1)
        self.assertIs(ProblemError.of_code("not_licensor"), NotLicensorError)

    def test_versions_are_listed_over_all_pages(self) -> None:
        node = LicenseNode()
        node.versions = [{**node.version, "batch": batch, "stage": "sequenced"} for batch in ("9", "5", "2")]
        versions = list(node.blocking().license_versions(3, page_items=2))
        self.assertEqual([version.batch for version in versions], [9, 5, 2])
        self.assertEqual((versions[0].price, versions[0].licensee, versions[0].status), (250, None, "active"))
        self.assertEqual(node.paths[-1], "/v1/licenses/3/versions?limit=2&cursor=2")

    def test_asyncio_waits_too(self) -> None:
        async def update() -> None:
            node = LicenseNode()
            node.next = dict(node.version)
            async with node.asyncio() as client:
                await client.update_license(3, status="paused")
            self.assertEqual(len(node.posts), 2)

        asyncio.run(update())

    def test_documents_are_read_strictly(self) -> None:
        node = LicenseNode()
        node.blocking().update_license(3, licensee=9)
        [sent] = node.sent
        read = operation_from_json({"update_license": sent})
        self.assertIsInstance(read, farthing.UpdateLicense)
        without = {name: value for name, value in sent.items() if name != "licensee"}
        opened = operation_from_json({"update_license": without})
        assert isinstance(opened, farthing.UpdateLicense)
        self.assertIsNone(opened.licensee)
        for wrong in ({**sent, "price": 300}, {**sent, "more": 1}, {**sent, "status": 1}, {**sent, "licensee": "9"}):
            with self.subTest(wrong), self.assertRaises(errors.InvalidArgumentError):
                operation_from_json({"update_license": wrong})

    def test_a_status_of_public_data_has_a_name(self) -> None:
        with self.assertRaisesRegex(errors.InvalidArgumentError, "begins no record"):
            list(public_data.read_records([9 << 48 | 3 << 16 | 4 << 8, 0, 0, 0, 0, 0, 0, 0]))
