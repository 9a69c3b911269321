"""Recipients: accounts and licenses by the names that intents sign (state/SPEC.md, section 7).

An operator gives out numbers; a recipient follows from keys, owners, shares and manifests alone. It
is 24 bytes, the first three elements of a digest; as text, 0x and 48 hexadecimal digits.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeAlias

from farthing.encoding import (
    bytes32,
    bytes32_limbs,
    elements_from_bytes,
    elements_to_bytes,
    parse_address,
    parse_key,
    short_digest,
    to_hex,
)
from farthing.errors import InvalidArgumentError, InvalidHoldersError, RecipientChangedError, UnexpectedAnswerError
from farthing.leaves import Holder, HolderShares, identity_digest, share_table
from farthing.poseidon2 import ZERO_DIGEST, Digest, Tag, hash_elements

Recipient: TypeAlias = bytes | str
"""24 bytes, or 0x and 48 hexadecimal digits."""


def recipient_of(digest: Digest) -> str:
    """Returns the recipient of an identity, an origin or a holder chain."""
    return to_hex(elements_to_bytes(digest[:3]))


def account_recipient(public_key: str, owner: str) -> str:
    """Returns the recipient of an account, from its public key and the L1 address to which it withdraws."""
    return recipient_of(identity_digest(parse_key(public_key, "public key"), parse_address(owner, "owner")))


def holder_chain(holders: Iterable[HolderShares], recipients: Mapping[Holder, Recipient]) -> Digest:
    """Returns the commitment to a share table and to the recipients of its holders."""
    chain = ZERO_DIGEST
    for line in reversed(share_table(holders)):
        name = f"{line.holder.kind} {line.holder.id}"
        if line.holder not in recipients:
            raise InvalidHoldersError(f"holder {name}: has no recipient")
        recipient = elements_from_bytes(short_digest(recipients[line.holder], f"recipient of {name}"))
        chain = hash_elements(Tag.HOLDER_CHAIN, (*chain, line.packed(), *recipient))
    return chain


def license_origin(licensor: Recipient, chain: Digest, provenance: bytes | str = bytes(32)) -> Digest:
    """Returns the origin of a license, whose `recipient_of` is the license's recipient.

    `licensor` is the recipient of the account that registers it, `chain` the holder chain.
    """
    identity = elements_from_bytes(short_digest(licensor, "recipient of the licensor"))
    limbs = bytes32_limbs(bytes32(provenance, "provenance"))
    return hash_elements(Tag.LICENSE_ORIGIN, (*identity, *chain, *limbs))


class KnownRecipients:
    """Recipients that a client was told, and those that it signed for."""

    def __init__(self) -> None:
        self._known: dict[Holder, bytes] = {}

    def tell(self, holder: Holder, recipient: Recipient) -> None:
        """Makes this the only recipient of `holder` that is signed for."""
        self._known[holder] = short_digest(recipient)

    def check(self, holder: Holder, named: str, told: Recipient | None = None) -> str:
        """Returns the recipient to sign for.

        The node's must be `told`, else that known before; else it is known from now on.

        Raises:
            RecipientChangedError: if the node names another one.
            UnexpectedAnswerError: if it names none.
        """
        name = f"{holder.kind} {holder.id}"
        try:
            got = short_digest(named)
        except InvalidArgumentError as error:
            raise UnexpectedAnswerError(f"the node's answer about {name}: {error}") from error
        expected = self._known.setdefault(holder, got) if told is None else short_digest(told)
        if got != expected:
            raise RecipientChangedError.of(name, to_hex(expected), to_hex(got))
        return to_hex(got)
