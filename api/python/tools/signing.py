"""Measures how many payments a second this package signs and verifies, and how large wheels are.

python tools/signing.py [WHEEL…]

It says whether the accelerator signs. Figures count this process's processor time.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path

import farthing
from farthing import accelerator, schnorr

SECONDS = 3.0
TOGETHER = 256


def measure(what: str, together: int, work: Callable[[], object]) -> None:
    """Prints how many a second, of work that does some together."""
    work()
    count, begin = 0, time.process_time()
    while (elapsed := time.process_time() - begin) < SECONDS:
        work()
        count += together
    print(f"{what:38}{count / elapsed:8.0f}", flush=True)


def main() -> None:
    """Prints the figures."""
    print("accelerated" if accelerator.native else "pure")
    deployment = farthing.Deployment(1, "0x" + "22" * 20)
    begin = time.process_time()
    key = farthing.SecretKey(bytes(32))
    signer = farthing.Signer(7, key, deployment)
    payment = farthing.Pay(3, 20, 5_000, bytes(24))
    signed = signer.sign(payment)
    print(f"key, table and first signature        {(time.process_time() - begin) * 1e3:8.1f} ms")
    message = signed.intent.message()
    measure("signatures a second", 1, lambda: signer.sign(payment))
    measure(f"signatures a second, {TOGETHER} at once", TOGETHER, lambda: signer.sign_many([payment] * TOGETHER))
    measure("verifications a second", 1, lambda: schnorr.verify(key.public, signer.domain, message, signed.signature))
    checked = [(key.public, message, signed.signature)] * TOGETHER
    measure(
        f"verifications a second, {TOGETHER} at once", TOGETHER, lambda: schnorr.verify_many(signer.domain, checked)
    )
    for wheel in sys.argv[1:]:
        print(f"{Path(wheel).name}: {Path(wheel).stat().st_size / 1024:.1f} KiB")


if __name__ == "__main__":
    main()
