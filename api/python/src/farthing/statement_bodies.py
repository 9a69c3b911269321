"""Statements of batches and blocks as JSON has them, in receipts and in openings of licenses."""

from __future__ import annotations

from farthing.encoding import elements_from_bytes, from_hex, parse_digest
from farthing.errors import InvalidArgumentError
from farthing.models import BatchBody, BlockBody
from farthing.quantities import TIME_MAX, integer
from farthing.statements import BatchHeader, BatchStatement, BlockStatement, Element2

_NUMBER_MAX = 2**62 - 1
_COUNT_MAX = 2**32 - 1


def batch_statement(body: BatchBody) -> BatchStatement:
    """Reads a batch's statement."""
    header = BatchHeader(
        domain=parse_digest(body.domain, "domain"),
        batch_class=integer(body.class_, 0, 255, "class"),
        number=integer(body.number, 0, _NUMBER_MAX, "number"),
        timestamp=integer(body.timestamp, 0, TIME_MAX, "timestamp"),
        old_root=parse_digest(body.old_root, "old root"),
        new_root=parse_digest(body.new_root, "new root"),
        receipts_root=parse_digest(body.receipts_root, "receipts root"),
        intents=integer(body.intents, 0, _COUNT_MAX, "intents"),
        queue_from=integer(body.queue_from, 0, _NUMBER_MAX, "queue from"),
        queue_to=integer(body.queue_to, 0, _NUMBER_MAX, "queue to"),
        public_data=parse_digest(body.public_data, "public data"),
        public_data_limbs=integer(body.public_data_limbs, 0, _COUNT_MAX, "public data limbs"),
    )
    return BatchStatement(header, _pair(body.challenge, "challenge"), _pair(body.evaluation, "evaluation"))


def block_statement(body: BlockBody) -> BlockStatement:
    """Reads a block's statement."""
    return BlockStatement(
        domain=parse_digest(body.domain, "domain"),
        first_batch=integer(body.first_batch, 0, _NUMBER_MAX, "first batch"),
        batches=integer(body.batches, 0, _COUNT_MAX, "batches"),
        timestamp=integer(body.timestamp, 0, TIME_MAX, "timestamp"),
        old_root=parse_digest(body.old_root, "old root"),
        new_root=parse_digest(body.new_root, "new root"),
        queue_from=integer(body.queue_from, 0, _NUMBER_MAX, "queue from"),
        queue_to=integer(body.queue_to, 0, _NUMBER_MAX, "queue to"),
        batches_root=parse_digest(body.batches_root, "batches root"),
    )


def _pair(values: tuple[str, ...], what: str) -> Element2:
    if len(values) != 2:
        raise InvalidArgumentError(f"{what}: {len(values)} elements, expected 2")
    [a], [b] = (elements_from_bytes(from_hex(value, 8, what), what) for value in values)
    return a, b
