"""Requests that an account's key signs, and that settle nothing, such as for a webhook.

state/SPEC.md, section 9, defines every byte.
"""

from __future__ import annotations

from farthing.encoding import bytes32_limbs
from farthing.keccak import keccak256
from farthing.poseidon2 import Digest, Tag, hash_elements


def request_content(method: str, target: str, body: bytes) -> bytes:
    """Returns keccak256 of an HTTP request: method, space, target (path and query), line feed, body."""
    return keccak256(f"{method} {target}\n".encode(), body)


def request_domain(account: int, time: int, content: bytes, deployment: Digest) -> Digest:
    """Returns the domain of the signature: no intent's, and no opening's."""
    return hash_elements(Tag.ACCOUNT_REQUEST, (*deployment, account, time, *bytes32_limbs(content)))
