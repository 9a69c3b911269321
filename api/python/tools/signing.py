"""Measures how many payments a second this package signs, and how large its wheel is.

python tools/signing.py [WHEEL]
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import farthing
from farthing import schnorr

SECONDS = 3.0


def main() -> None:
    """Prints the figures."""
    deployment = farthing.Deployment(1, "0x" + "22" * 20)
    begin = time.perf_counter()
    key = farthing.SecretKey(bytes(32))
    signer = farthing.Signer(7, key, deployment)
    payment = farthing.Pay(3, 20, 5_000, bytes(24))
    signed = signer.sign(payment)
    print(f"key, table and first signature    {(time.perf_counter() - begin) * 1e3:8.1f} ms")
    count, begin = 0, time.perf_counter()
    while (elapsed := time.perf_counter() - begin) < SECONDS:
        signed = signer.sign(payment)
        count += 1
    print(f"signatures a second, one thread   {count / elapsed:8.0f}")
    count, begin = 0, time.perf_counter()
    while (elapsed := time.perf_counter() - begin) < SECONDS:
        schnorr.verify(key.public, signer.domain, signed.intent.message(), signed.signature)
        count += 1
    print(f"verifications a second            {count / elapsed:8.0f}")
    for wheel in sys.argv[1:]:
        print(f"wheel                             {Path(wheel).stat().st_size / 1024:8.1f} KiB")


if __name__ == "__main__":
    main()
