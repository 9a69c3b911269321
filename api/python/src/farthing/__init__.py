"""Client of Farthing, a rollup for royalty micropayments.

`Farthing` and `AsyncFarthing` speak to a node and sign for one account. `verify_receipt` checks a
receipt offline or against L1. Amounts are whole nano-units: `int`, `str` or `Decimal`, never
`float`; `tokens("0.003")` converts tokens.

Arithmetic is that of Python's integers, which is not constant time: do not sign where others can
measure how long it takes.
"""

from farthing.aio import AsyncFarthing, averify_receipt
from farthing.aio_meter import AsyncMeter
from farthing.calls import Retry
from farthing.client import Farthing, verify_receipt
from farthing.codec import to_json
from farthing.domain import Deployment
from farthing.errors import (
    EventConflictError,
    FarthingError,
    InvalidAmountError,
    InvalidArgumentError,
    InvalidEventError,
    InvalidHoldersError,
    InvalidKeyFileError,
    InvalidReceiptError,
    InvalidTraceError,
    InvalidWalletSignatureError,
    L1Error,
    NoAnswerError,
    NoSignerError,
    NotSettledError,
    OutboxError,
    OutboxLockedError,
    RecipientNotFinalError,
    SignerClockError,
    UnexpectedAnswerError,
    UnknownModelError,
)
from farthing.intents import Intent, Operation, Pay, RegisterLicense, SignedIntent, Transfer, Withdraw
from farthing.keys import SecretKey
from farthing.leaves import Holder, HolderShares
from farthing.meter import FlushReport, Meter
from farthing.models import (
    Accepted,
    Account,
    AccountOpened,
    Batch,
    Block,
    EarningsLine,
    License,
    Payment,
    Payout,
    Quote,
    Receipt,
    Status,
    Version,
    read_receipt,
)
from farthing.outbox import MeterPayment
from farthing.problems import ProblemError
from farthing.quantities import Money, format_tokens, tokens
from farthing.receipts import VerifiedReceipt
from farthing.signer import Signer
from farthing.traces import Trace, read_trace
from farthing.transport import VERSION
from farthing.usage import Fold, Rate, UsageEvent, payment_memo
from farthing.webhooks import InvalidWebhookError, verify_webhook

__version__ = VERSION

__all__ = [
    "Accepted",
    "Account",
    "AccountOpened",
    "AsyncFarthing",
    "AsyncMeter",
    "Batch",
    "Block",
    "Deployment",
    "EarningsLine",
    "EventConflictError",
    "Farthing",
    "FarthingError",
    "FlushReport",
    "Fold",
    "Holder",
    "HolderShares",
    "Intent",
    "InvalidAmountError",
    "InvalidArgumentError",
    "InvalidEventError",
    "InvalidHoldersError",
    "InvalidKeyFileError",
    "InvalidReceiptError",
    "InvalidTraceError",
    "InvalidWalletSignatureError",
    "InvalidWebhookError",
    "L1Error",
    "License",
    "Meter",
    "MeterPayment",
    "Money",
    "NoAnswerError",
    "NoSignerError",
    "NotSettledError",
    "Operation",
    "OutboxError",
    "OutboxLockedError",
    "Pay",
    "Payment",
    "Payout",
    "ProblemError",
    "Quote",
    "Rate",
    "Receipt",
    "RecipientNotFinalError",
    "RegisterLicense",
    "Retry",
    "SecretKey",
    "SignedIntent",
    "Signer",
    "SignerClockError",
    "Status",
    "Trace",
    "Transfer",
    "UnexpectedAnswerError",
    "UnknownModelError",
    "UsageEvent",
    "VerifiedReceipt",
    "Version",
    "Withdraw",
    "__version__",
    "averify_receipt",
    "format_tokens",
    "payment_memo",
    "read_receipt",
    "read_trace",
    "to_json",
    "tokens",
    "verify_receipt",
    "verify_webhook",
]
