"""The README's program runs against a development node as it stands there."""

from __future__ import annotations

import contextlib
import io
import re
import tempfile
import unittest
from pathlib import Path

import farthing
from tests.scenario import banner

README = Path(__file__).resolve().parents[1] / "README.md"


class Readme(unittest.TestCase):
    def test_it_is_a_quick_start(self) -> None:
        self.assertLessEqual(len(README.read_text("utf-8").splitlines()), 40)

    def test_its_program_runs(self) -> None:
        node = banner()
        if node is None:
            self.skipTest("no node: run it by api/conformance/with_node")
        [program] = re.findall(r"```python\n(.*?)```", README.read_text("utf-8"), re.DOTALL)
        folder = tempfile.TemporaryDirectory(prefix="farthing-readme-")
        self.addCleanup(folder.cleanup)
        places = {"http://127.0.0.1:8080": node["rest"], "dev-1.key": f"{node['data']}/dev-1.key"}
        for name, value in {**places, "usage.db": f"{folder.name}/usage.db"}.items():
            self.assertEqual(program.count(name), 1)
            program = program.replace(name, value)
        output = io.StringIO()
        with contextlib.redirect_stdout(output):
            exec(compile(program, str(README), "exec"), {})
        self.assertIn("5000", output.getvalue())
        meter = farthing.Meter(f"{folder.name}/usage.db")
        self.addCleanup(meter.close)
        self.assertEqual(meter.outbox.counts(), {"accepted": 1})
