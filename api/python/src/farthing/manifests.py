"""Canonical bytes and hash of provenance manifests: RFC 8785 and SHA-256.

The node and `farthing manifest check` check the schema; here is checked only that the text is JSON as
manifests use it, so that its hash is the same everywhere.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any, NoReturn

from farthing.errors import InvalidArgumentError

MANIFEST_BYTES_MAX = 64 * 1024
"""The bytes of a manifest."""
INTEGER_MAX = 2**53 - 1
"""The largest number: RFC 8785 writes numbers as ECMAScript does."""


def canonical_manifest(text: str | bytes) -> bytes:
    """The canonical bytes of a manifest."""
    try:
        encoded = text.encode() if isinstance(text, str) else text
        if len(encoded) > MANIFEST_BYTES_MAX:
            raise InvalidArgumentError(
                f"the manifest has {len(encoded)} bytes, at most {MANIFEST_BYTES_MAX} are allowed"
            )
        value = json.loads(
            encoded.decode(),
            object_pairs_hook=_members,
            parse_int=_integer,
            parse_float=_refuse_number,
            parse_constant=_refuse_number,
        )
        return _canonical(value).encode()
    except InvalidArgumentError:
        raise
    except (ValueError, RecursionError) as error:
        raise InvalidArgumentError(f"not the JSON of a manifest: {error}") from None


def manifest_hash(text: str | bytes) -> str:
    """The hash of a manifest, which is the provenance of its license: `0x` and 64 digits."""
    return "0x" + hashlib.sha256(canonical_manifest(text)).hexdigest()


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise InvalidArgumentError("not the JSON of a manifest: a member is given twice")
    return members


def _integer(text: str) -> int:
    if text.startswith("-") or len(text) > len(str(INTEGER_MAX)) or int(text) > INTEGER_MAX:
        _refuse_number(text)
    return int(text)


def _refuse_number(text: str) -> NoReturn:
    raise InvalidArgumentError(f"not the JSON of a manifest: {text[:32]}, expected a whole number from 0 to 2^53 - 1")


def _canonical(value: Any) -> str:
    if isinstance(value, dict):
        # By UTF-16 code units, which is not the order of code points.
        names = sorted(value, key=lambda name: name.encode("utf-16-be"))
        return "{" + ",".join(f"{_canonical(name)}:{_canonical(value[name])}" for name in names) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(_canonical, value)) + "]"
    if value is None:
        raise InvalidArgumentError("not the JSON of a manifest: null, expected no member instead")
    return json.dumps(value, ensure_ascii=False)
