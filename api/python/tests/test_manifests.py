"""Hashes of manifests: the vectors of all implementations."""

from __future__ import annotations

import hashlib
import json
import unittest
from pathlib import Path

import farthing

FILE = Path(__file__).resolve().parents[2] / "manifest" / "vectors" / "manifests.json"
VECTORS = json.loads(FILE.read_text("utf-8"))


class Manifests(unittest.TestCase):
    def test_the_vectors_of_all_implementations_hold(self) -> None:
        self.assertGreaterEqual(len(VECTORS["manifests"]), 3)
        for case in VECTORS["manifests"]:
            with self.subTest(case["name"]):
                canonical = farthing.canonical_manifest(case["text"])
                self.assertEqual(canonical.decode(), case["canonical"])
                self.assertEqual(farthing.manifest_hash(case["text"].encode()), "0x" + case["sha256"])
                self.assertEqual(hashlib.sha256(canonical).hexdigest(), case["sha256"])

    def test_text_without_one_hash_is_refused(self) -> None:
        self.assertGreaterEqual(len(VECTORS["refused"]), 15)
        for case in VECTORS["refused"]:
            with self.subTest(case["name"]), self.assertRaises(farthing.InvalidArgumentError):
                farthing.manifest_hash(case["text"])
        for text in (b"\xff", b"\xef\xbb\xbf{}", b"[" * 60_000, b" " * 65_535 + b"{}", b"9" * 60_000):
            with self.assertRaises(farthing.InvalidArgumentError):
                farthing.manifest_hash(text)

    def test_members_are_sorted_by_utf_16(self) -> None:
        text = '{"\ufb33": 1, "\U0001f600": {"b": [true], "a": "\\u000f"}}'
        expected = '{"\U0001f600":{"a":"\\u000f","b":[true]},"\ufb33":1}'
        self.assertEqual(farthing.canonical_manifest(text).decode(), expected)
