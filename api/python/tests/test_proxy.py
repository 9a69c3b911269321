"""Payments through a proxy that loses, repeats and delays: nothing is paid twice, nothing is lost."""

from __future__ import annotations

import json
import secrets
import subprocess
import sys
import threading
import unittest
from pathlib import Path
from typing import Any

import farthing
from farthing.encoding import to_hex
from farthing.keccak import keccak256
from tests.scenario import banner

PROXY = Path(__file__).resolve().parents[2] / "conformance" / "proxy.py"
SEED = 20261129
PAYMENTS = 500
THREADS = 4
# As many attempts as it takes: half of them meet a fault.
PATIENT = farthing.Retry(attempts=40, first_delay=0.02, max_delay=0.3, max_retry_after=0.3)


class Proxy:
    """Hostile proxy before the node."""

    def __init__(self, upstream: str) -> None:
        command = [sys.executable, str(PROXY), "--upstream", upstream, "--seed", str(SEED), "--faults", "0.5"]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        self.url = self._process.stdout.readline().strip()

    def end(self) -> dict[str, int]:
        """Ends it; returns how often each fate was drawn."""
        said, _ = self._process.communicate("", timeout=60)
        counts: dict[str, int] = json.loads(said)
        return counts


class HostileNetwork(unittest.TestCase):
    def test_nothing_is_paid_twice_and_nothing_is_lost(self) -> None:
        node = banner()
        if node is None:
            self.skipTest("no node: run it by api/conformance/with_node")
        funder = node["accounts"][1]
        direct = farthing.Farthing(node["rest"], funder["account"], key_of(funder["seed"]), retry=PATIENT)
        self.addCleanup(direct.close)
        payer = farthing.SecretKey(keccak256(b"hostile " + secrets.token_bytes(16)))
        account = direct.open_account(payer, to_hex(keccak256(payer.public_hex.encode())[12:])).id
        funds, price = 10_000_000, 7
        direct.transfer(account, funds)
        holders = [farthing.HolderShares(farthing.Holder.account(funder["account"]), 1_000_000)]
        registered = direct.register_license(price, holders)
        assert registered.registers is not None
        direct.status(registered.id, until="sequenced", timeout=60)
        proxy = Proxy(node["rest"])
        names = self.pay(proxy.url, account, payer, registered.registers)
        counts = proxy.end()
        self.assertTrue(all(counts.values()), f"a fate was never drawn: {counts}")
        self.assertEqual(len(names), PAYMENTS)
        self.assertEqual(len(set(names)), PAYMENTS)
        for name in names:
            status = direct.status(name, until="sequenced", timeout=60)
            self.assertTrue(status.reached("sequenced"), name)
            self.assertEqual(status.account, account)
        paid = PAYMENTS * price
        self.assertEqual(direct.account(account).spendable, funds - paid)
        self.assertEqual(direct.account(account).balance, funds - paid)
        self.assertEqual(direct.license(registered.registers).received, paid)

    def pay(self, url: str, account: int, key: farthing.SecretKey, license: int) -> list[str]:
        """Pays from several writers, one by one and many at once; returns the intents' names."""
        names: list[str] = []
        failures: list[BaseException] = []

        def write(share: int) -> None:
            try:
                with farthing.Farthing(url, account, key, retry=PATIENT) as client:
                    single = share // 2
                    names.extend(client.pay(license).id for _ in range(single))
                    rest = share - single
                    while rest:
                        size = min(rest, 8)
                        for result in client.pay_many([farthing.Payment(license)] * size):
                            if not isinstance(result, farthing.Accepted):
                                raise result
                            names.append(result.id)
                        rest -= size
            except BaseException as error:
                failures.append(error)

        threads: list[Any] = [threading.Thread(target=write, args=(PAYMENTS // THREADS,)) for _ in range(THREADS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if failures:
            raise failures[0]
        return names


def key_of(seed: str) -> farthing.SecretKey:
    """Returns the key of a seed of the node's banner."""
    return farthing.SecretKey(bytes.fromhex(seed.removeprefix("0x")))
