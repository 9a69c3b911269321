"""Money, secrets, key files, nonces and the clock."""

from __future__ import annotations

import contextlib
import copy
import dataclasses
import io
import json
import logging
import os
import pickle
import tempfile
import threading
import traceback
import unittest
import warnings
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx

import farthing
from farthing import errors, models, quantities, schnorr, wallet
from farthing.problems import ProblemError
from farthing.quantities import format_tokens, tokens
from farthing.signer import NONCE_AHEAD_MAX, Clock, Signer
from tests.fake_node import DEPLOYMENT, KEY, FakeNode, accepted

SEED = bytes(range(32))
OPENAPI = Path(__file__).resolve().parents[2] / "server" / "openapi.json"


class Money(unittest.TestCase):
    def test_money_is_exact(self) -> None:
        for good in (5000, "5000", Decimal(5000), Decimal("5e3"), Decimal("5000.0")):
            self.assertEqual(quantities.amount(good), 5000)
        bad: list[Any] = [5000.0, 0.5, True, None, b"1", "0.5", "1e3", "-1", "+1", " 1", "01", "", "１", "1_000"]
        bad += [-1, 2**46, str(2**46), Decimal("0.5"), Decimal("NaN"), Decimal("Infinity"), Decimal(-1)]
        for value in bad:
            with self.subTest(value), self.assertRaises(errors.InvalidAmountError):
                quantities.amount(value)
        node = FakeNode(accepted)
        with self.assertRaises(errors.InvalidAmountError):
            node.blocking().transfer(8, 1.0)  # type: ignore[arg-type]
        self.assertEqual(node.posts, [])

    def test_tokens_are_converted_exactly(self) -> None:
        for text, nano in (("0.003", 3_000_000), ("1", 10**9), ("0.000000001", 1), ("70368.744177663", 2**46 - 1)):
            self.assertEqual(tokens(text), nano)
            self.assertEqual(tokens(Decimal(text)), nano)
            self.assertEqual(format_tokens(nano), text)
        self.assertEqual(tokens(2), 2 * 10**9)
        bad: list[Any] = [0.003, "0.0000000001", "1e3", "-1", "", ".5", Decimal("1e-10"), Decimal("NaN"), True, 10**12]
        for value in bad:
            with self.subTest(value), self.assertRaises(errors.InvalidAmountError):
                tokens(value)

    def test_quantities_have_ranges(self) -> None:
        name = bytes(24)
        for call in (
            lambda: farthing.Pay(2**32, 1, 1, name),
            lambda: farthing.Pay(1, 0, 1, name),
            lambda: farthing.Pay(1, 2**23 + 1, 1, name),
            lambda: farthing.Pay(1, 1.0, 1, name),  # type: ignore[arg-type]
            lambda: farthing.Pay(1, 1, 1, name[1:]),
            lambda: farthing.Transfer(-1, 1, name),
            lambda: farthing.Transfer(1, 1, name, b"short"),
            lambda: farthing.Transfer(1, 1, name, 32),  # type: ignore[arg-type]
            lambda: farthing.Transfer(1, 1, b"\xff" * 24),
            lambda: farthing.Transfer(1, 1, None),  # type: ignore[arg-type]
            lambda: farthing.Withdraw(0),
            lambda: farthing.Withdraw(1_001),
            lambda: farthing.Deployment(1, "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAeD"),
        ):
            with self.assertRaises(ValueError):
                call()
        self.assertEqual(farthing.Deployment(1, "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed").contract[:6], "0x5aae")

    def test_holders_are_a_share_table(self) -> None:
        def line(kind: str, number: int, shares: int) -> farthing.HolderShares:
            return farthing.HolderShares(farthing.Holder(kind, number), shares)

        node = FakeNode(accepted)
        bad = [
            [],
            [line("account", 1, 999_999)],
            [line("account", 1, 1_000_001)],
            [line("account", 1, 500_000), line("account", 1, 500_000)],
            [line("account", 1, 1_000_000), line("account", 2, 0)],
            [line("owner", 1, 1_000_000)],
            [line("account", number, 58_823) for number in range(17)],
        ]
        for lines in bad:
            with self.subTest(lines), self.assertRaises(errors.InvalidHoldersError):
                node.blocking().register_license(1, lines)
        self.assertEqual(node.posts, [])
        node.blocking().register_license(1, [line("license", 1, 400_000), line("account", 9, 600_000)])
        sent = json.loads(node.posts[0].content)["operation"]["register_license"]
        self.assertEqual(sent["lineage"], 2)
        self.assertEqual([one["holder"] for one in sent["holders"]], [{"account": 9}, {"license": 1}])


class Secrets(unittest.TestCase):
    def spellings(self) -> list[str]:
        scalar = schnorr.secret_scalar(SEED)
        return [SEED.hex(), str(SEED), repr(SEED), hex(scalar)[2:], str(scalar)]

    def assert_free_of_secrets(self, text: str) -> None:
        for secret in self.spellings():
            self.assertNotIn(secret.lower(), text.lower())

    def test_no_representation_message_or_log_has_a_secret(self) -> None:
        key = farthing.SecretKey(SEED)
        signer = Signer(7, key, DEPLOYMENT)
        node = FakeNode(accepted)
        client = node.blocking()
        output = io.StringIO()
        handler = logging.StreamHandler(output)
        logging.getLogger().addHandler(handler)
        logging.getLogger().setLevel(logging.DEBUG)
        try:
            client.pay(3)
        finally:
            logging.getLogger().removeHandler(handler)
            logging.getLogger().setLevel(logging.WARNING)
        signed = signer.sign(farthing.Transfer(8, 1, bytes(24)))
        for value in (key, signer, client, client.__dict__, signed, vars(signer)):
            self.assert_free_of_secrets(f"{value!r} {value!s} {value:}")
        self.assert_free_of_secrets(output.getvalue())
        self.assertFalse(hasattr(key, "__dict__"))

    def test_no_error_quotes_a_secret(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "key")
            texts = [
                SEED.hex() + "00",
                SEED.hex() * 2,
                SEED.hex()[:-1],
                f"{SEED.hex()}\n{SEED.hex()}",
                f"{{{SEED.hex()}}}",
            ]
            for text in texts:
                path.write_text(text)
                path.chmod(0o600)
                try:
                    farthing.SecretKey.from_file(path)
                    self.fail("the file is not a key")
                except errors.InvalidKeyFileError:
                    self.assert_free_of_secrets(traceback.format_exc())
        digits: Any = SEED.hex()
        calls: list[Callable[[], object]] = [
            lambda: farthing.SecretKey.from_file(digits),
            lambda: farthing.SecretKey.from_seed(SEED + b"\0"),
            lambda: farthing.SecretKey.from_seed(digits),
            lambda: farthing.SecretKey.from_wallet_signature("0x" + digits * 2),
            lambda: farthing.SecretKey.from_wallet_signature(digits * 2 + "zz"),
        ]
        for call in calls:
            try:
                call()
                self.fail("no key")
            except errors.FarthingError as error:
                self.assert_free_of_secrets(str(error) + repr(error) + repr(error.__cause__))

    def test_a_key_is_not_pickled_copied_to_text_or_changed(self) -> None:
        key = farthing.SecretKey(SEED)
        for call in (lambda: pickle.dumps(key), lambda: copy.deepcopy(key), lambda: json.dumps(key)):
            with self.assertRaises(TypeError):
                call()
        with self.assertRaises(AttributeError):
            key.public = (0, 0, 0, 0, 0)
        self.assertEqual(key, farthing.SecretKey(SEED))
        self.assertNotEqual(key, farthing.SecretKey(bytes(32)))

    def test_key_files_are_those_of_the_command_line(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "a.key")
            key = farthing.SecretKey(SEED)
            key.write_file(path)
            self.assertEqual(path.read_text(), f"0x{SEED.hex()}\n")
            self.assertEqual(path.stat().st_mode & 0o777, 0o600)
            self.assertEqual(farthing.SecretKey.from_file(path), key)
            with self.assertRaisesRegex(errors.InvalidKeyFileError, "never overwritten"):
                key.write_file(path)
            for text in (SEED.hex(), f"\ufeff0x{SEED.hex().upper()}\r\n", f"\n  {SEED.hex()}  \n\n"):
                path.write_text(text, encoding="utf-8")
                self.assertEqual(farthing.SecretKey.from_file(path), key)
            path.write_bytes(b"\xff\xfe")
            with self.assertRaisesRegex(errors.InvalidKeyFileError, "UTF-8"):
                farthing.SecretKey.from_file(path)
            path.write_text("x" * 5000)
            with self.assertRaisesRegex(errors.InvalidKeyFileError, "4096 bytes"):
                farthing.SecretKey.from_file(path)
            with self.assertRaisesRegex(errors.InvalidKeyFileError, "No such file"):
                farthing.SecretKey.from_file(Path(folder, "missing"))
            path.write_text(SEED.hex())
            path.chmod(0o644)
            if os.name == "posix":
                with warnings.catch_warnings(record=True) as said:
                    warnings.simplefilter("always")
                    farthing.SecretKey.from_file(path)
                self.assertIn("chmod 600", str(said[0].message))

    def test_generated_keys_differ(self) -> None:
        self.assertNotEqual(farthing.SecretKey.generate(), farthing.SecretKey.generate())

    def test_wallet_signatures_are_low_and_the_last_byte_does_not_count(self) -> None:
        signature = bytes([1] * 65)
        seed = wallet.seed(signature)
        self.assertEqual(wallet.seed(signature[:64] + b"\x1c"), seed)
        high = signature[:32] + b"\xff" + signature[33:]
        for bad in (high, bytes(65), signature[:64], bytes(32) + signature[32:]):
            with self.assertRaises(errors.InvalidWalletSignatureError):
                wallet.seed(bad)
        typed = wallet.typed_data(DEPLOYMENT)
        self.assertEqual(typed["domain"]["chainId"], 31337)
        self.assertEqual(set(typed["types"]), {"EIP712Domain", "FarthingKey"})


class Nonces(unittest.TestCase):
    def test_nonces_are_unique_among_threads(self) -> None:
        signer, nonces = Signer(7, KEY, DEPLOYMENT), []

        def draw() -> None:
            for _ in range(200):
                nonces.append(signer.next_nonce())

        threads = [threading.Thread(target=draw) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(len(set(nonces)), 800)

    def test_two_writers_in_one_microsecond_draw_different_ones(self) -> None:
        clock = Clock(lambda: 1_800_000_000.0)
        writers = [Signer(7, KEY, DEPLOYMENT, clock=clock) for _ in range(40)]
        # Writers' digits are random: some of forty may share theirs, and sign again when refused.
        drawn = {writer.next_nonce() for writer in writers}
        self.assertGreater(len(drawn), 30)
        for nonce in drawn:
            self.assertLess(abs(nonce - 1_800_000_000_000_000), 2048)
        for writer in writers:
            before = writer.next_nonce()
            writer.learn_nonce(before + 5_000)
            self.assertGreater(writer.next_nonce(), before + 5_000)

    def test_a_nonce_too_far_ahead_of_the_clock_is_not_signed(self) -> None:
        clock = Clock(lambda: 1_800_000_000.0)
        ahead = 1_800_000_000_000_000 + NONCE_AHEAD_MAX * 1_000_000
        signer = Signer(7, KEY, DEPLOYMENT, last_nonce=ahead, clock=clock)
        with self.assertRaises(errors.SignerClockError):
            signer.next_nonce()
        with self.assertRaises(errors.SignerClockError):
            Signer(7, KEY, DEPLOYMENT, clock=Clock(lambda: -5.0)).next_nonce()
        with self.assertRaises(errors.InvalidArgumentError):
            Signer(7, KEY, DEPLOYMENT, valid_for=7 * 24 * 3_600 + 1)

    def test_the_clock_follows_the_node(self) -> None:
        date = "Tue, 15 Nov 2022 08:12:31 GMT"
        at = 1_668_499_951.0
        for local, offset in ((at, 0.0), (at + 0.9, 0.0), (at - 100.0, 99.5), (at + 100.0, -99.0)):
            clock = Clock(lambda: 0.0)
            clock.learn(date, local, local + 0.5)
            self.assertEqual(clock.offset, offset)
        clock = Clock(lambda: 5.0)
        for nonsense in (None, "", "yesterday", "Tue, 99 Nov 2022 08:12:31 GMT"):
            clock.learn(nonsense, 1.0, 2.0)
        self.assertEqual(clock.now(), 5.0)

    def test_an_intent_is_valid_by_the_nodes_clock(self) -> None:
        node = FakeNode(accepted)
        node.headers = {"date": "Tue, 15 Nov 2022 08:12:31 GMT"}
        node.blocking(valid_for=60).transfer(8, 1)
        valid_until = json.loads(node.posts[0].content)["valid_until"]
        self.assertAlmostEqual(valid_until, 1_668_499_951 + 60, delta=3)


class Codes(unittest.TestCase):
    def test_every_code_of_the_api_has_a_class(self) -> None:
        document = json.loads(OPENAPI.read_text("utf-8"))
        codes = document["components"]["schemas"]["ProblemCode"]["enum"]
        self.assertEqual(sorted(ProblemError.codes()), sorted(codes))
        for code in codes:
            kind = ProblemError.of_code(code)
            words = "".join(word.capitalize() for word in code.split("_"))
            self.assertEqual(kind.__name__, f"{words}Error")

    def test_every_answer_has_the_apis_fields(self) -> None:
        schemas = json.loads(OPENAPI.read_text("utf-8"))["components"]["schemas"]
        bodies = {
            "AccountBody": models.Account,
            "AccountEarningsLineBody": models.AccountEarningsLine,
            "AccountOpened": models.AccountOpened,
            "AdmissionBody": models.Admission,
            "BatchBody": models.Batch,
            "BatchStatementBody": models.BatchBody,
            "BlockBody": models.Block,
            "BlockStatementBody": models.BlockBody,
            "ClaimBody": models.Claim,
            "CreditBody": models.Credit,
            "DerivativeBody": models.Derivative,
            "EarningsLineBody": models.EarningsLine,
            "HolderBody": models.LicenseHolder,
            "IntentAccepted": models.Accepted,
            "IntentStatus": models.Status,
            "L1Location": models.L1Location,
            "LeastFeesBody": models.LeastFees,
            "LicenseBody": models.License,
            "LicenseVersionBody": models.LicenseVersion,
            "LicenseVersionLineBody": models.LicenseVersionLine,
            "LimitsBody": models.Limits,
            "MovementBody": models.Movement,
            "PartBody": models.Part,
            "PathBody": models.Path,
            "PayerBody": models.Payer,
            "PayoutBody": models.Payout,
            "QuoteBody": models.Quote,
            "QuoteLineBody": models.QuoteLine,
            "ReceiptBlock": models.ReceiptBlock,
            "ReceiptBody": models.Receipt,
            "VersionBody": models.Version,
        }
        for name, kind in bodies.items():
            with self.subTest(name):
                fields = dataclasses.fields(kind)
                self.assertEqual({one.name.rstrip("_") for one in fields}, set(schemas[name]["properties"]))
                required = {one.name.rstrip("_") for one in fields if one.default is dataclasses.MISSING}
                self.assertEqual(required, set(schemas[name].get("required", [])))

    def test_every_path_of_the_client_is_the_apis(self) -> None:
        document = json.loads(OPENAPI.read_text("utf-8"))
        node = FakeNode(accepted)
        client = node.blocking()
        intent = "0x" + "00" * 32
        for call in (
            client.version,
            lambda: client.account(7),
            lambda: client.license(3),
            lambda: client.quote(3),
            lambda: list(client.earnings(3, page_items=5)),
            lambda: list(client.account_earnings(7, page_items=5)),
            lambda: list(client.license_versions(3, page_items=5)),
            lambda: list(client.payouts("0x" + "11" * 20)),
            lambda: client.status(intent),
            lambda: client.receipt(intent),
            lambda: client.submit_many([client.sign(farthing.Transfer(8, 1, bytes(24)))]),
            lambda: client.open_account(KEY, "0x" + "11" * 20),
            lambda: client.transfer(8, 1),
            lambda: client.update_license(3, price=1),
        ):
            with contextlib.suppress(errors.FarthingError, httpx.HTTPError):
                call()
        templates = [path.split("/") for path in document["paths"]]
        for path in node.paths:
            parts = path.split("?")[0].split("/")
            known = any(
                len(parts) == len(template)
                and all(name == part or name.startswith("{") for name, part in zip(template, parts))
                for template in templates
            )
            self.assertTrue(known, path)
