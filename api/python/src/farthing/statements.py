"""Statements of batches and blocks: the public inputs of proofs (state/SPEC.md, section 13)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from farthing.domain import PROTOCOL_VERSION
from farthing.encoding import elements_to_bytes
from farthing.field import P
from farthing.keccak import keccak256
from farthing.poseidon2 import ZERO_DIGEST, Digest, Tag, compress, hash_elements

RECEIPTS_DEPTH = 16
TREE_DEPTH = 32
CHUNK_LIMBS = 4_096

Element2: TypeAlias = tuple[int, int]
"""An element of GF(p)[X]/(X² − 7)."""


@dataclass(frozen=True, slots=True)
class BatchHeader:
    """Statement of a batch without the evaluation of its public data."""

    domain: Digest
    batch_class: int
    number: int
    timestamp: int
    old_root: Digest
    new_root: Digest
    receipts_root: Digest
    intents: int
    queue_from: int
    queue_to: int
    public_data: Digest
    public_data_limbs: int

    def elements(self) -> list[int]:
        """Returns elements 0 to 27 of the statement."""
        return [
            PROTOCOL_VERSION,
            *self.domain,
            self.batch_class,
            self.number,
            self.timestamp,
            *self.old_root,
            *self.new_root,
            *self.receipts_root,
            self.intents,
            self.queue_from,
            self.queue_to,
            *self.public_data,
            self.public_data_limbs,
        ]

    def challenge(self, data_hash: bytes) -> Element2:
        """Returns where the public data is evaluated; `data_hash` is the contract's hash of it."""
        d = keccak256(data_hash, elements_to_bytes(self.elements()))
        return int.from_bytes(d[:16], "big") % P, int.from_bytes(d[16:], "big") % P


@dataclass(frozen=True, slots=True)
class BatchStatement:
    """Public inputs of a batch's proof."""

    header: BatchHeader
    challenge: Element2
    evaluation: Element2

    def elements(self) -> list[int]:
        """Returns the 32 elements."""
        return [*self.header.elements(), *self.challenge, *self.evaluation]

    def digest(self) -> Digest:
        """Returns the statement's digest, a leaf of its block's batches root."""
        return hash_elements(Tag.BATCH_STATEMENT, self.elements())


@dataclass(frozen=True, slots=True)
class BlockStatement:
    """Public inputs of a block's proof."""

    domain: Digest
    first_batch: int
    batches: int
    timestamp: int
    old_root: Digest
    new_root: Digest
    queue_from: int
    queue_to: int
    batches_root: Digest

    def elements(self) -> list[int]:
        """Returns the 22 elements."""
        return [
            PROTOCOL_VERSION,
            *self.domain,
            self.first_batch,
            self.batches,
            self.timestamp,
            *self.old_root,
            *self.new_root,
            self.queue_from,
            self.queue_to,
            *self.batches_root,
        ]

    def digest(self) -> Digest:
        """Returns the statement's digest."""
        return hash_elements(Tag.BLOCK_STATEMENT, self.elements())


def batches_root(digests: Sequence[Digest]) -> Digest:
    """Returns the root over batches' digests, filled up with zeros to a power of two."""
    level = list(digests)
    level += [ZERO_DIGEST] * ((1 << levels_of(len(level))) - len(level))
    while len(level) > 1:
        level = [compress(a, b) for a, b in zip(level[0::2], level[1::2])]
    return level[0]


def levels_of(leaves: int) -> int:
    """Returns the levels of a tree over so many leaves, filled up to a power of two."""
    return (leaves - 1).bit_length() if leaves > 1 else 0


def path_root(leaf: Digest, index: int, siblings: Sequence[Digest]) -> Digest:
    """Returns the root that a path leads to; the lowest bit of the index is the lowest turn."""
    node = leaf
    for sibling in siblings:
        node = compress(sibling, node) if index & 1 else compress(node, sibling)
        index >>= 1
    return node


def license_path_root(leaf: Digest, license: int, siblings: Sequence[Digest], accounts: Digest) -> Digest:
    """Returns the state root that a license's path leads to."""
    return compress(accounts, path_root(leaf, license, siblings))


def public_data_commitment(limbs: Sequence[int]) -> Digest:
    """Returns the circuit's commitment to public data."""
    return hash_elements(Tag.PUBLIC_DATA, limbs)


def public_data_keccak(data: bytes) -> bytes:
    """Returns the contract's hash of public data: a chain over chunks of 4096 limbs."""
    chunk = CHUNK_LIMBS * 7
    h = keccak256(data[:chunk])
    for start in range(chunk, len(data), chunk):
        h = keccak256(h, data[start : start + chunk])
    return h


def evaluate(limbs: Sequence[int], at: Element2) -> Element2:
    """Evaluates public data at a challenge, by Horner's rule from the first limb."""
    r0, r1 = at
    y0 = y1 = 0
    for limb in limbs:
        y0, y1 = (y0 * r0 + 7 * y1 * r1 + limb) % P, (y0 * r1 + y1 * r0) % P
    return y0, y1
