"""Receipts: whether they agree with themselves, and whether L1 confirms them.

**Consistent is not settled.** Anyone can make a consistent receipt of a payment that never was. It
shows a payment only if the contract has verified its batch: give `l1` and the contract's address,
from a source that you trust and never from the receipt.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from farthing import schnorr
from farthing.codec import to_json
from farthing.domain import PROTOCOL_VERSION, Deployment
from farthing.encoding import digest_hex, parse_digest, parse_key
from farthing.errors import FarthingError, InvalidReceiptError
from farthing.models import BlockBody, Path, Receipt, read_receipt
from farthing.poseidon2 import Digest
from farthing.statement_bodies import batch_statement, block_statement
from farthing.statements import RECEIPTS_DEPTH, BatchHeader, BatchStatement, BlockStatement, levels_of, path_root


@dataclass(frozen=True, slots=True)
class VerifiedReceipt:
    """Contents of a consistent receipt: facts if, and only if, `settled`."""

    receipt: Receipt
    batch: BatchStatement
    block: BlockStatement | None
    """None if the receipt was made before its batch was proven."""
    settled: bool = False
    """Whether L1 was asked and has verified the batch."""
    seen_at: int | None = None
    """The L1 block at which that was seen."""

    @property
    def id(self) -> str:
        """The intent's id."""
        return self.receipt.id

    @property
    def account(self) -> int:
        """The account that signed."""
        return self.receipt.intent.intent.account

    def to_json(self) -> dict[str, Any]:
        """Returns the receipt, and what is known about it."""
        return {"receipt": to_json(self.receipt), "settled": self.settled, "l1_block_seen": self.seen_at}


def verify_offline(receipt: Receipt | dict[str, Any], deployment: Deployment | None = None) -> VerifiedReceipt:
    """Checks that a receipt agrees with itself, and is of the deployment if one is given.

    Raises:
        InvalidReceiptError: names the first rule that does not hold.
    """
    try:
        if not isinstance(receipt, Receipt):
            receipt = read_receipt(receipt)
        return _verify(receipt, deployment)
    except InvalidReceiptError:
        raise
    except FarthingError as error:
        raise InvalidReceiptError(f"the receipt is not valid: {error}") from error


def _verify(receipt: Receipt, deployment: Deployment | None) -> VerifiedReceipt:
    named = receipt.deployment
    if deployment is not None and deployment != named:
        raise InvalidReceiptError(
            f"the receipt is of chain {named.chain_id} and contract {named.contract}, "
            f"expected chain {deployment.chain_id} and contract {deployment.contract}"
        )
    domain = named.digest()
    batch = batch_statement(receipt.batch)
    _check_intent(receipt, domain, batch.header)
    block = None
    if receipt.block is not None:
        block = _check_block(receipt.block.statement, receipt.block.batch_path, batch)
    return VerifiedReceipt(receipt, batch, block)


def _check_intent(receipt: Receipt, domain: Digest, header: BatchHeader) -> None:
    signed = receipt.intent
    name = signed.intent.id(domain)
    if name != receipt.id:
        raise InvalidReceiptError(f"the intent's id is {name}, the receipt says {receipt.id}")
    key, message = parse_key(receipt.key), signed.intent.message()
    schnorr.verify(key, domain, message, signed.signature)
    if header.domain != domain:
        raise InvalidReceiptError("the batch's domain is not that of the receipt's chain and contract")
    if signed.intent.valid_until < header.timestamp:
        raise InvalidReceiptError(
            f"the intent was valid until {signed.intent.valid_until}, the batch is of {header.timestamp}"
        )
    nonce_w, _ = schnorr.split(signed.signature)
    leaf = schnorr.challenge(domain, nonce_w, key, message)
    _check_path(
        "receipt path",
        receipt.receipt_path,
        leaf,
        header.receipts_root,
        levels=RECEIPTS_DEPTH,
        count=header.intents,
    )


def _check_block(body: BlockBody, path: Path, batch: BatchStatement) -> BlockStatement:
    if body.version != PROTOCOL_VERSION:
        raise InvalidReceiptError(f"the block is of protocol version {body.version}, expected {PROTOCOL_VERSION}")
    block = block_statement(body)
    if block.domain != batch.header.domain:
        raise InvalidReceiptError("the block's domain is not that of the receipt's chain and contract")
    if batch.header.number - block.first_batch != path.index:
        raise InvalidReceiptError(
            f"batch {batch.header.number} is not at place {path.index} of a block that starts with "
            f"batch {block.first_batch}"
        )
    _check_path(
        "batch path", path, batch.digest(), block.batches_root, levels=levels_of(block.batches), count=block.batches
    )
    return block


def _check_path(what: str, path: Path, leaf: Digest, root: Digest, *, levels: int, count: int) -> None:
    if len(path.siblings) != levels:
        raise InvalidReceiptError(f"the {what} has {len(path.siblings)} siblings, expected {levels}")
    if not 0 <= path.index < count:
        raise InvalidReceiptError(f"the {what} starts at leaf {path.index} of {count}")
    got = path_root(leaf, path.index, [parse_digest(sibling, what) for sibling in path.siblings])
    if got != root:
        raise InvalidReceiptError(f"the {what} leads to {digest_hex(got)}, expected {digest_hex(root)}")
