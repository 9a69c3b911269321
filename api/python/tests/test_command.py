"""The command line pays for files of usage, each row once."""

from __future__ import annotations

import contextlib
import gzip
import io
import os
from pathlib import Path
from unittest import mock

import httpx

from farthing.__main__ import main
from tests.fake_node import KEY, NODE, recipient
from tests.test_meter import Case

BURST = """Timestamp,Model,Request tokens,Response tokens,Total tokens,Log Type
5,ChatGPT,472,18,490,Conversation log
45.0,GPT-4,1087,230,1317,Conversation log
118,ChatGPT,417,0,417,API log
"""


class Command(Case):
    def run_command(self, *arguments: str) -> tuple[int, str]:
        folder = Path(self.path).parent
        key = folder / "payer.key"
        if not key.exists():
            KEY.write_file(key)
        client = httpx.Client(transport=httpx.MockTransport(self.node))
        options = ["--node", NODE, "--account", "7", "--key", str(key), "--outbox", self.path]
        said = io.StringIO()
        with (
            mock.patch("farthing.client.blocking_client", lambda _url: client),
            contextlib.redirect_stdout(said),
            contextlib.redirect_stderr(said),
        ):
            return main([*arguments, *options]), said.getvalue()

    def file(self, name: str, data: bytes) -> str:
        path = os.path.join(os.path.dirname(self.path), name)
        Path(path).write_bytes(data)
        return path

    def test_each_row_is_paid_once(self) -> None:
        file = self.file("burst.csv.gz", gzip.compress(BURST.encode()))
        rates = ("--rate", "ChatGPT=3:10", "--rate", "GPT-4=4")
        code, said = self.run_command(file, *rates)
        self.assertEqual(code, 0, said)
        self.assertIn("burst.csv.gz: 2 rows, 2 new events, 1 failed calls skipped\npaid: 2 events in 2 payments", said)
        self.assertEqual([(license, uses) for license, uses, _ in self.node.paid()], [(3, 1), (4, 230)])
        code, said = self.run_command(file, *rates)
        self.assertIn("2 rows, 0 new events, 1 failed calls skipped\npaid: 0 events", said)
        self.assertEqual((code, len(self.node.bodies)), (0, 2))

    def test_a_run_that_was_ended_goes_on(self) -> None:
        file = self.file("burst.csv", BURST.encode())
        self.node.refusals = ["", "insufficient_funds"]
        code, said = self.run_command(file, "--license", "3")
        self.assertEqual(code, 1)
        self.assertIn("refused, tried again by the next run: insufficient_funds (1)", said)
        code, said = self.run_command(file, "--license", "3", "--interval", "60")
        self.assertEqual((code, len(self.node.bodies)), (0, 2), said)

    def test_nothing_is_paid_to_another_recipient_than_the_one_given(self) -> None:
        file = self.file("burst.csv", BURST.encode())
        code, said = self.run_command(file, "--license", "3", "--recipient", f"3={recipient('license', 9)}")
        self.assertEqual((code, self.node.bodies), (1, {}))
        self.assertIn("refused, tried again by the next run: recipient_changed (1)\nwaiting: 2 events", said)
        code, said = self.run_command(file, "--license", "3", "--recipient", f"3={recipient('license', 3)}")
        self.assertEqual((code, len(self.node.bodies)), (0, 2), said)
        code, said = self.run_command(file, "--license", "3", "--recipient", "3:0x00")
        self.assertEqual(code, 2)
        self.assertIn("recipient '3:0x00': expected LICENSE=0x…", said)

    def test_errors_name_the_file_and_the_line(self) -> None:
        code, said = self.run_command(self.file("a.csv", b"time,generated\n1,x\n"), "--license", "3")
        self.assertEqual(code, 2)
        self.assertIn("a.csv, line 2: generated tokens: 'x', expected a whole number", said)
        code, said = self.run_command("/nowhere/a.csv", "--license", "3")
        self.assertEqual((code, self.node.bodies), (2, {}))
        code, said = self.run_command("/nowhere/a.csv", "--rate", "a=b")
        self.assertIn("rate 'a=b': expected MODEL=LICENSE", said)
