"""The conformance scenario, with both clients at once: both wait for the same blocks."""

from __future__ import annotations

import threading
import unittest

from tests.scenario import Scenario, banner


class Conformance(unittest.TestCase):
    def test_scenario(self) -> None:
        node = banner()
        if node is None:
            self.skipTest("no node: run it by api/conformance/with_node")
        outcomes: dict[str, int | BaseException] = {}

        def run(name: str, asynchronous: bool) -> None:
            assert node is not None
            try:
                scenario = Scenario(node, asynchronous=asynchronous)
                outcomes[name] = scenario.run()
                scenario.close()
            except BaseException as error:
                outcomes[name] = error

        names = (("blocking", False), ("asyncio", True))
        threads = [threading.Thread(target=run, args=arguments) for arguments in names]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for name, _ in names:
            outcome = outcomes[name]
            with self.subTest(name):
                if isinstance(outcome, BaseException):
                    raise outcome
                self.assertGreaterEqual(outcome, 30)
