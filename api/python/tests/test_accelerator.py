"""The accelerator and the pure code give the same results and the same errors."""

from __future__ import annotations

import contextlib
import copy
import itertools
import os
import pickle
import random
import subprocess
import sys
import threading
import types
import unittest
from collections.abc import Callable, Sequence
from typing import Any, cast
from unittest.mock import patch

import farthing
from farthing import accelerator, intents, poseidon2, schnorr
from farthing.domain import PROTOCOL_VERSION
from farthing.errors import InvalidArgumentError, InvalidSignatureBytesError
from farthing.field import Element5, P
from farthing.poseidon2 import Digest, Tag
from farthing.signer import Clock
from tests.fake_node import DEPLOYMENT

ROUNDS = 10
SEED = bytes(range(100, 132))
MALFORMED: tuple[Any, ...] = (
    (), [0] * 3, [0] * 13, [0] * 15, [0] * 100, [P] * 14, [P] * 4, [2**64] * 14, [-1] * 14, [1.5] * 4, ["1"] * 14,
    [None] * 12, [b"1"] * 5, "text" * 4, b"bytes", None, 7, {}, object, (0, 0, 0, P), (2**64, 0, 0, 0), [[0]] * 4,
)  # fmt: skip
"""Arguments that are no elements, or not in the right number."""

native = accelerator.native


def outcome(call: Callable[[], Any]) -> Any:
    """Returns a value, or the type and text of an error."""
    try:
        return call()
    except Exception as error:
        return type(error), str(error)


def python(program: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Runs a program in a process of its own."""
    variables = {**os.environ, **environment}
    return subprocess.run(
        [sys.executable, "-c", program], env=variables, capture_output=True, text=True, timeout=120, check=False
    )


@unittest.skipIf(native is None, "no accelerator: api/python/check runs this with it")
class Accelerated(unittest.TestCase):
    def setUp(self) -> None:
        # Another sequence in each run; a failure names the seed.
        self.seed = random.randrange(2**32)  # noqa: S311 (no secret)
        self.random = random.Random(self.seed)  # noqa: S311

    def element(self) -> int:
        return self.random.choice((0, 1, P - 1, self.random.randrange(P), self.random.randrange(P)))

    def elements(self, count: int) -> list[int]:
        return [self.element() for _ in range(count)]

    def digest(self) -> Digest:
        return cast(Digest, tuple(self.elements(4)))

    def same(self, call: Callable[[], Any]) -> Any:
        """Checks that both give one outcome, and returns it."""
        fast = outcome(call)
        with patch.object(accelerator, "native", None):
            slow = outcome(call)
        # By their representations, since errors are never equal.
        self.assertEqual(repr(fast), repr(slow), f"seed {self.seed}")
        return fast

    def test_hashes(self) -> None:
        for count in range(40):
            message, tag = self.elements(count), self.random.choice(list(Tag))
            self.same(lambda: poseidon2.hash_elements(tag, message))  # noqa: B023 (called at once)
            self.same(lambda: poseidon2.hash_in(self.digest_of(message), tuple(message)))  # noqa: B023
        for _ in range(ROUNDS):
            state, left, right = self.elements(12), self.digest(), self.digest()
            self.same(lambda: poseidon2.permute(state))  # noqa: B023
            self.same(lambda: poseidon2.compress(left, right))  # noqa: B023
            self.same(lambda: intents.intent_id(left, self.padded(state)))  # noqa: B023

    def digest_of(self, elements: Sequence[int]) -> Digest:
        return cast(Digest, tuple((*elements, 1, 2, 3, 4)[:4]))

    def padded(self, elements: Sequence[int]) -> list[int]:
        return [*elements, 5, 6]

    def test_keys_and_signatures(self) -> None:
        for _ in range(ROUNDS):
            seed, domain = self.random.randbytes(32), self.digest()
            batch = [self.elements(14) for _ in range(3)]
            self.same(lambda: farthing.SecretKey(seed).public)  # noqa: B023
            self.same(lambda: farthing.SecretKey(seed).sign(domain, batch[0]))  # noqa: B023
            signatures = self.same(lambda: farthing.SecretKey(seed).sign_many(domain, batch))  # noqa: B023
            self.assertEqual(signatures[0], farthing.SecretKey(seed).sign(domain, batch[0]))

    def test_signatures_that_are_changed(self) -> None:
        key, domain, message = farthing.SecretKey(SEED), self.digest(), self.elements(14)
        signature = key.sign(domain, message)
        other = farthing.SecretKey(bytes(32)).public
        words: list[Element5] = [(0,) * 5, (P - 1,) * 5, (2, 0, 0, 0, 0), (P,) * 5, other]
        cases: list[tuple[Element5, list[int], bytes]] = [(key.public, message, signature)]
        cases += [(word, message, signature) for word in words]
        for bit in self.random.sample(range(640), ROUNDS):
            changed = bytearray(signature)
            changed[bit // 8] ^= 1 << bit % 8
            cases.append((key.public, message, bytes(changed)))
        for bad in (b"", signature[:-1], signature + b"0", bytes(80), b"\xff" * 80, bytes(40) + signature[40:]):
            cases.append((key.public, message, bad))
        cases.append((key.public, [*message[:-1], (message[-1] + 1) % P], signature))
        self.random.shuffle(cases)
        for case in cases:
            self.same(lambda: schnorr.verify(case[0], domain, *case[1:]))  # noqa: B023
        errors = schnorr.verify_many(domain, cases)
        self.assertEqual(set(range(len(cases))) - set(errors), {cases.index((key.public, message, signature))})
        with patch.object(accelerator, "native", None):
            expected = schnorr.verify_many(domain, cases)
        self.assertEqual({place: str(error) for place, error in errors.items()},
                         {place: str(error) for place, error in expected.items()})  # fmt: skip
        for error in errors.values():
            self.assertIsInstance(error, InvalidSignatureBytesError)
        self.assertEqual(schnorr.verify_many(domain, []), {})

    def test_malformed_arguments(self) -> None:
        key, domain, message = farthing.SecretKey(SEED), self.digest(), self.elements(14)
        signature = key.sign(domain, message)
        for bad in MALFORMED:
            with self.subTest(bad):
                for call in (
                    lambda: poseidon2.permute(bad),  # noqa: B023
                    lambda: poseidon2.compress(bad, domain),  # noqa: B023
                    lambda: poseidon2.hash_in(bad, message),  # noqa: B023
                    lambda: poseidon2.hash_in(domain, bad),  # noqa: B023
                    lambda: poseidon2.hash_elements(Tag.DOMAIN, bad),  # noqa: B023
                    lambda: intents.intent_id(domain, bad),  # noqa: B023
                    lambda: schnorr.verify(bad, domain, message, signature),  # noqa: B023
                    lambda: schnorr.verify(key.public, domain, bad, signature),  # noqa: B023
                    lambda: schnorr.verify(key.public, domain, message, bad),  # noqa: B023
                    lambda: schnorr.verify_many(domain, [(key.public, message, bad)]),  # noqa: B023
                    lambda: schnorr.verify_many(domain, bad),  # noqa: B023
                    lambda: farthing.SecretKey(SEED).sign(domain, bad),  # noqa: B023
                    lambda: farthing.SecretKey(SEED).sign(bad, message),  # noqa: B023
                    lambda: farthing.SecretKey(SEED).sign_many(domain, [message, bad]),  # noqa: B023
                    lambda: farthing.SecretKey(bad),  # noqa: B023
                ):
                    self.same(call)
        for bad in ([0] * 13, [0] * 15, [P] * 14, [-1] * 14):
            with self.assertRaises(InvalidArgumentError):
                key.sign(domain, bad)

    def test_it_declines_and_never_panics(self) -> None:
        assert native is not None
        functions: list[Any] = [getattr(native, name) for name in ("permute", "compress", "hash_in", "intent_id")]
        functions += [native.SigningKey, native.is_valid, native.find_invalid]
        functions += [native.SigningKey(SEED).sign, native.SigningKey(SEED).sign_many]
        well = [(0,) * 4, (0,) * 14, (0,) * 5, (0,) * 12, bytes(80), [((4, 0, 0, 0, 0), (0,) * 14, bytes(80))]]
        for function in functions:
            for count in (0, 1, 2):
                for arguments in itertools.product((*MALFORMED, *well), repeat=count):
                    try:
                        function(*arguments)
                    except (TypeError, ValueError, OverflowError) as error:
                        self.assertNotIn(SEED.hex(), str(error))
            for _ in range(500):
                with self.subTest(function):
                    many = self.random.choices((*MALFORMED, *well), k=self.random.randrange(3, 5))
                    with contextlib.suppress(TypeError, ValueError, OverflowError):
                        function(*many)

    def test_a_panic_is_an_exception_without_its_message(self) -> None:
        program = "import farthing_accelerator\ntry: farthing_accelerator._panics()"
        done = python(program + "\nexcept RuntimeError as error: print(error)")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("FARTHING_PURE=1", done.stdout)
        self.assertRegex(done.stderr, r"^farthing_accelerator: panic at src/guard.rs:\d+:\d+\n$")

    def test_a_key_gives_no_secret(self) -> None:
        assert native is not None
        key = native.SigningKey(SEED)
        scalar = schnorr.secret_scalar(SEED)
        shown = [repr(key), str(key), *(repr(getattr(key, name)) for name in dir(key))]
        for call in (lambda: native.SigningKey(SEED[1:]), lambda: native.SigningKey(SEED.hex())):  # type: ignore[arg-type]
            shown.append(str(outcome(call)))
        for text in shown:
            for secret in (SEED.hex(), repr(SEED)[2:-1], str(scalar), hex(scalar)[2:]):
                self.assertNotIn(secret, text)
        for copied in (pickle.dumps, copy.copy, copy.deepcopy):
            with self.assertRaises(TypeError):
                copied(key)
        with self.assertRaises(AttributeError):
            key.public = (0, 0, 0, 0, 0)  # type: ignore[misc]

    def test_signing_many_releases_the_lock(self) -> None:
        assert native is not None
        key, batch = native.SigningKey(SEED), [[0] * 14] * 1_000
        interval = sys.getswitchinterval()
        sys.setswitchinterval(1_000)
        self.addCleanup(sys.setswitchinterval, interval)
        signed = key.sign_many((0, 0, 0, 0), batch)
        checks = [((*key.public,), batch[0], one) for one in signed]
        for call in (lambda: key.sign_many((0, 0, 0, 0), batch), lambda: native.find_invalid((0, 0, 0, 0), checks)):
            # A busy machine may not start the thread in time, so there are several tries.
            self.assertTrue(any(self.runs_meanwhile(call) for _ in range(50)))

    def runs_meanwhile(self, call: Callable[[], Any]) -> bool:
        """Whether another thread runs during a call that the interpreter does not interrupt."""
        ran: list[int] = []
        go = threading.Lock()
        go.acquire()

        def wait() -> None:
            with go:
                ran.append(1)

        thread = threading.Thread(target=wait)
        thread.start()
        go.release()
        call()
        meanwhile = bool(ran)
        thread.join()
        return meanwhile

    def test_it_is_of_this_protocol(self) -> None:
        self.assertEqual(cast(Any, native).PROTOCOL_VERSION, PROTOCOL_VERSION)

    def test_a_signer_signs_many_as_one_by_one(self) -> None:
        def signed() -> list[str]:
            signer = farthing.Signer(7, farthing.SecretKey(SEED), DEPLOYMENT, clock=Clock(lambda: 1_700_000_000.0))
            pays = [farthing.Pay(3, uses, uses, bytes(24)) for uses in range(1, 6)]
            made = signer.sign_many(pays, [None, 9, None, 10, 11])
            self.assertEqual([one.intent.nonce for one in made[1::2]], [9, 10])
            again = [signer.sign(pay, nonce=one.intent.nonce) for pay, one in zip(pays, made)]
            self.assertEqual(made, again)
            return [one.to_bytes().hex()[-160:] for one in made[1::2]] + [one.id or "" for one in made[1::2]]

        self.same(signed)


class Choice(unittest.TestCase):
    def test_the_environment_turns_it_off(self) -> None:
        program = "from farthing import accelerator\nprint(accelerator.native is None)"
        for value in ("1", "yes"):
            self.assertEqual(python(program, FARTHING_PURE=value).stdout, "True\n")
        if native is not None:
            for value in ("", "0"):
                self.assertEqual(python(program, FARTHING_PURE=value).stdout, "False\n")

    def test_another_interface_is_not_used(self) -> None:
        other = types.ModuleType("farthing_accelerator")
        other.INTERFACE = accelerator.INTERFACE + 1  # type: ignore[attr-defined]
        with (
            patch.dict(sys.modules, {"farthing_accelerator": other}),
            patch.dict(os.environ, {accelerator.OFF: "0"}),
            self.assertWarnsRegex(RuntimeWarning, r"interface 2, expected 1.*farthing\[fast\]"),
        ):
            self.assertIsNone(accelerator._load())
