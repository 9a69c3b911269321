"""Signatures of webhooks: HMAC-SHA256 of time and body under a secret that node and receiver share."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import time
from collections.abc import Sequence
from typing import Any, Literal

from farthing.errors import FarthingError

SIGNATURE_HEADER = "Farthing-Webhook-Signature"
"""The header that carries the signatures."""
TOLERANCE_SECONDS = 300
"""Seconds by which the receiver's clock and the time of an attempt may differ."""

Fault = Literal["malformed", "mismatch", "stale"]

_TEXTS: dict[Fault, str] = {
    "malformed": "the signature header is malformed: expected t=UNIX_SECONDS,v1=HEX",
    "mismatch": "no signature of the webhook is by a secret that this receiver knows",
    "stale": "the webhook's time is too far from the clock of this receiver",
}


class InvalidWebhookError(FarthingError):
    """A webhook that is not to be trusted. `fault` is `malformed`, `mismatch` or `stale`."""

    code = "invalid_webhook"
    fault: Fault

    def __init__(self, fault: Fault) -> None:
        super().__init__(_TEXTS[fault])
        self.fault = fault


def verify_webhook(
    body: bytes,
    header: str | None,
    secrets: str | Sequence[str],
    *,
    now: float | None = None,
    tolerance: float = TOLERANCE_SECONDS,
) -> dict[str, Any]:
    """Checks a webhook and returns its event.

    `body` is the request's body as it arrived, byte for byte: JSON that was read and written again is
    another text. Give both secrets during a rotation. An event may arrive twice: its `id` tells.
    """
    known = [secrets] if isinstance(secrets, str) else secrets
    fault = webhook_fault(body, header or "", known, time.time() if now is None else now, tolerance)
    if fault is not None:
        raise InvalidWebhookError(fault)
    event: dict[str, Any] = json.loads(body)
    return event


def webhook_fault(body: bytes, header: str, secrets: Sequence[str], now: float, tolerance: float) -> Fault | None:
    """Returns why a webhook is not to be trusted, or None."""
    parsed = _parse(header)
    if parsed is None:
        return "malformed"
    signed_at, signatures = parsed
    matches = False
    for secret in secrets:
        if not secret:
            continue
        expected = hmac.new(secret.encode(), f"{signed_at}.".encode() + body, hashlib.sha256).hexdigest()
        for given in signatures:
            matches |= hmac.compare_digest(given.encode(), expected.encode())
    if not matches:
        return "mismatch"
    return None if abs(int(signed_at) - now) <= tolerance else "stale"


def _parse(header: str) -> tuple[str, list[str]] | None:
    """Returns the time's text and the signatures of version 1. Those of other versions are passed over."""
    times: list[str] = []
    signatures: list[str] = []
    for part in header.split(","):
        name, found, value = part.partition("=")
        if not found:
            return None
        if name == "t":
            times.append(value)
        elif name == "v1":
            signatures.append(value)
    if len(times) != 1 or not re.fullmatch(r"[0-9]{1,12}", times[0]) or not signatures:
        return None
    return times[0], signatures
