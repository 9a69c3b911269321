"""Receipts: a consistent one, and every field of it changed."""

from __future__ import annotations

import copy
import json
import unittest
from collections.abc import Callable
from typing import Any

import farthing
from farthing import schnorr
from farthing.encoding import digest_hex, to_hex
from farthing.errors import InvalidReceiptError
from farthing.poseidon2 import ZERO_DIGEST, Digest, compress
from farthing.statements import RECEIPTS_DEPTH, BatchHeader, BatchStatement, batches_root
from tests.fake_node import DEPLOYMENT, KEY

DOMAIN = DEPLOYMENT.digest()
OTHER: Digest = (1, 2, 3, 4)


def receipt(index: int = 1, batches: int = 3) -> dict[str, Any]:
    """Makes a consistent receipt: anyone can, so it is evidence only with L1."""
    payment = farthing.Pay(3, 20, 5_000, bytes(range(24)), bytes(range(32)))
    intent = farthing.Intent(7, 1_700_000_000_000_000, 12, 1_700_000_600, payment)
    signed = intent.sign(KEY, DOMAIN)
    nonce_w, _ = schnorr.split(signed.signature)
    node = schnorr.challenge(DOMAIN, nonce_w, KEY.public, intent.message())
    siblings, place = [], index
    for level in range(RECEIPTS_DEPTH):
        sibling: Digest = (level, 5, 6, 7) if level == 0 else ZERO_DIGEST
        node = compress(sibling, node) if place & 1 else compress(node, sibling)
        siblings.append(digest_hex(sibling))
        place >>= 1
    header = BatchHeader(DOMAIN, 1, 11, 1_700_000_000, OTHER, OTHER, node, 2, 4, 5, OTHER, 9)
    batch = BatchStatement(header, (1, 2), (3, 4))
    digests = [OTHER, batch.digest(), OTHER, ZERO_DIGEST]
    path = [digest_hex(OTHER), digest_hex(compress(digests[2], digests[3]))]
    elements = [to_hex(value.to_bytes(8, "big")) for value in (1, 2, 3, 4)]
    return {
        "id": signed.id,
        "chain_id": DEPLOYMENT.chain_id,
        "contract": DEPLOYMENT.contract,
        "intent": signed.to_json(),
        "key": KEY.public_hex,
        "receipt_path": {"index": index, "siblings": siblings},
        "batch": {
            "domain": digest_hex(DOMAIN),
            "class": 1,
            "number": "11",
            "timestamp": 1_700_000_000,
            "old_root": digest_hex(OTHER),
            "new_root": digest_hex(OTHER),
            "receipts_root": digest_hex(node),
            "intents": 2,
            "queue_from": "4",
            "queue_to": "5",
            "public_data": digest_hex(OTHER),
            "public_data_limbs": 9,
            "challenge": elements[:2],
            "evaluation": elements[2:],
        },
        "block": {
            "number": "4",
            "batch_path": {"index": 1, "siblings": path},
            "statement": {
                "version": 2,
                "domain": digest_hex(DOMAIN),
                "first_batch": "10",
                "batches": batches,
                "timestamp": 1_700_000_000,
                "old_root": digest_hex(OTHER),
                "new_root": digest_hex(OTHER),
                "queue_from": "4",
                "queue_to": "5",
                "batches_root": digest_hex(batches_root(digests[:3])),
            },
            "l1": {"transaction": "0x" + "22" * 32, "block": 99},
        },
    }


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Returns the path of every value."""
    if isinstance(value, dict):
        return [place for key, item in value.items() for place in places(item, (*path, key))]
    if isinstance(value, list):
        return [place for key, item in enumerate(value) for place in places(item, (*path, key))]
    return [path]


def changed(value: Any) -> Any:
    """Returns another value of the same form."""
    if isinstance(value, int):
        return value + 1
    if value.startswith("0x"):
        return value[:-1] + ("1" if value[-1] != "1" else "2")
    return str(int(value) + 1)


# Only L1 says whether these are right (`farthing.l1`): nothing in a receipt binds them.
L1_ONLY = {("block", "number"), ("block", "l1", "transaction"), ("block", "l1", "block")}
L1_ONLY |= {("block", "statement", "batches")}
L1_ONLY |= {("block", "statement", name) for name in ("timestamp", "old_root", "new_root", "queue_from", "queue_to")}


class Receipts(unittest.TestCase):
    def test_a_consistent_receipt_is_not_settled(self) -> None:
        verified = farthing.verify_receipt(receipt(), deployment=DEPLOYMENT)
        self.assertFalse(verified.settled)
        self.assertEqual((verified.account, verified.batch.header.number), (7, 11))
        self.assertIsNotNone(verified.block)
        early = receipt()
        del early["block"]
        self.assertIsNone(farthing.verify_receipt(early).block)

    def test_every_changed_field_is_noticed(self) -> None:
        whole = receipt()
        noticed = 0
        for place in places(whole):
            tampered = copy.deepcopy(whole)
            *parents, last = place
            target = tampered
            for key in parents:
                target = target[key]
            target[last] = changed(target[last])
            with self.subTest(place):
                if place in L1_ONLY:
                    farthing.verify_receipt(tampered)
                    continue
                with self.assertRaises(InvalidReceiptError):
                    farthing.verify_receipt(tampered)
                noticed += 1
        self.assertGreater(noticed, 45)

    def test_a_receipt_of_another_form_is_refused(self) -> None:
        for place in places(receipt()):
            values: list[Any] = [None, [], {}, "", "x", -1, 1.5, True]
            for value in values:
                tampered = receipt()
                *parents, last = place
                target = tampered
                for key in parents:
                    target = target[key]
                target[last] = value
                try:
                    farthing.verify_receipt(tampered)
                except InvalidReceiptError:
                    continue
                self.assertIn(place, L1_ONLY, value)
            # One field of each form is enough for the rest of a long list.
            if place[-1] == 2:
                break
        others: list[Any] = [None, [], "x", 1, {}]
        for other in others:
            with self.assertRaises(InvalidReceiptError):
                farthing.verify_receipt(other)

    def test_paths_have_the_length_and_place_of_their_trees(self) -> None:
        changes: list[Callable[[Any], Any]] = [
            lambda r: r["receipt_path"]["siblings"].pop(),
            lambda r: r["receipt_path"]["siblings"].append(digest_hex(OTHER)),
            lambda r: r["receipt_path"].update(index=1 + 2**16),
            lambda r: r["receipt_path"].update(index=-1),
            lambda r: r["block"]["batch_path"]["siblings"].pop(),
            lambda r: r["block"]["batch_path"].update(index=5),
            lambda r: r["block"]["statement"].update(batches=0),
        ]
        for change in changes:
            tampered = receipt()
            change(tampered)
            with self.assertRaises(InvalidReceiptError):
                farthing.verify_receipt(tampered)

    def test_another_deployment_is_refused(self) -> None:
        for other in (farthing.Deployment(1, DEPLOYMENT.contract), farthing.Deployment(31337, "0x" + "fb" * 20)):
            with self.assertRaisesRegex(InvalidReceiptError, "the receipt is of chain"):
                farthing.verify_receipt(receipt(), deployment=other)

    def test_a_receipt_survives_a_file(self) -> None:
        whole = receipt()
        read = farthing.read_receipt(json.loads(json.dumps(whole)))
        self.assertEqual(farthing.to_json(read), whole)

    def test_l1_needs_the_contract_of_the_caller(self) -> None:
        with self.assertRaises(TypeError):
            farthing.verify_receipt(receipt(), l1="http://127.0.0.1:1")
