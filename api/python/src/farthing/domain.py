"""Deployment of the protocol: a chain and a contract."""

from __future__ import annotations

from dataclasses import dataclass

from farthing.encoding import address_limbs, parse_address, to_hex
from farthing.poseidon2 import Digest, Tag, hash_elements
from farthing.quantities import integer

PROTOCOL_VERSION = 2
"""The version of messages, leaves and statements."""


@dataclass(frozen=True, slots=True)
class Deployment:
    """Chain id (EIP-155) and address of the rollup contract."""

    chain_id: int
    contract: str

    def __post_init__(self) -> None:
        integer(self.chain_id, 0, 2**64 - 1, "chain id")
        object.__setattr__(self, "contract", to_hex(parse_address(self.contract, "contract")))

    def digest(self) -> Digest:
        """Returns the domain of signatures, statements and ids of this deployment."""
        high, low = divmod(self.chain_id, 2**32)
        limbs = address_limbs(parse_address(self.contract))
        return hash_elements(Tag.DOMAIN, (PROTOCOL_VERSION, high, low, *limbs))
