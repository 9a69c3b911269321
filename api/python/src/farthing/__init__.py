"""Client of Farthing, a rollup for royalty micropayments.

`Farthing` and `AsyncFarthing` speak to a node and sign for one account. `verify_receipt` and
`verify_statement` check a receipt and a revenue statement, offline or against L1. Amounts are whole
nano-units: `int`, `str` or `Decimal`, never `float`; `tokens("0.003")` converts tokens.

Arithmetic is that of Python's integers, which is not constant time: do not sign where others can
measure how long it takes.
"""

from farthing.aio import AsyncFarthing, averify_receipt, averify_statement
from farthing.aio_meter import AsyncMeter
from farthing.calls import Retry
from farthing.client import Farthing, verify_receipt, verify_statement
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
    InvalidStatementError,
    InvalidTraceError,
    InvalidWalletSignatureError,
    L1Error,
    NoAnswerError,
    NoSignerError,
    NotSettledError,
    OutboxError,
    OutboxLockedError,
    RecipientChangedError,
    SignerClockError,
    UnexpectedAnswerError,
    UnknownModelError,
)
from farthing.event_stream import StreamedEvent
from farthing.intents import Intent, Operation, Pay, RegisterLicense, SignedIntent, Transfer, UpdateLicense, Withdraw
from farthing.keys import SecretKey
from farthing.leaves import Holder, HolderShares
from farthing.manifests import canonical_manifest, manifest_hash
from farthing.meter import FlushReport, Meter
from farthing.models import (
    Accepted,
    Account,
    AccountEarningsLine,
    AccountOpened,
    Batch,
    Block,
    EarningsLine,
    EventFilter,
    License,
    LicenseVersion,
    LicenseVersionLine,
    Payment,
    Payout,
    Quote,
    Receipt,
    Status,
    Version,
    Webhook,
    WebhookDelivery,
    WebhookSecret,
    read_receipt,
)
from farthing.outbox import MeterPayment
from farthing.problems import ProblemError
from farthing.quantities import Money, format_tokens, tokens
from farthing.receipts import VerifiedReceipt
from farthing.recipients import Recipient, account_recipient, holder_chain, license_origin, recipient_of
from farthing.revenue_statements import (
    STATEMENT_STEPS,
    Claim,
    RefusedStatement,
    RevenueClaim,
    ShareClaim,
    StatementStep,
    TotalClaim,
    VerifiedStatement,
    check_statement,
)
from farthing.signer import Signer
from farthing.traces import Trace, read_trace
from farthing.transport import VERSION
from farthing.usage import Fold, Rate, UsageEvent, payment_memo
from farthing.webhooks import InvalidWebhookError, verify_webhook

__version__ = VERSION

__all__ = [
    "STATEMENT_STEPS",
    "Accepted",
    "Account",
    "AccountEarningsLine",
    "AccountOpened",
    "AsyncFarthing",
    "AsyncMeter",
    "Batch",
    "Block",
    "Claim",
    "Deployment",
    "EarningsLine",
    "EventConflictError",
    "EventFilter",
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
    "InvalidStatementError",
    "InvalidTraceError",
    "InvalidWalletSignatureError",
    "InvalidWebhookError",
    "L1Error",
    "License",
    "LicenseVersion",
    "LicenseVersionLine",
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
    "Recipient",
    "RecipientChangedError",
    "RefusedStatement",
    "RegisterLicense",
    "Retry",
    "RevenueClaim",
    "SecretKey",
    "ShareClaim",
    "SignedIntent",
    "Signer",
    "SignerClockError",
    "StatementStep",
    "Status",
    "StreamedEvent",
    "TotalClaim",
    "Trace",
    "Transfer",
    "UnexpectedAnswerError",
    "UnknownModelError",
    "UpdateLicense",
    "UsageEvent",
    "VerifiedReceipt",
    "VerifiedStatement",
    "Version",
    "Webhook",
    "WebhookDelivery",
    "WebhookSecret",
    "Withdraw",
    "__version__",
    "account_recipient",
    "averify_receipt",
    "averify_statement",
    "canonical_manifest",
    "check_statement",
    "format_tokens",
    "holder_chain",
    "license_origin",
    "manifest_hash",
    "payment_memo",
    "read_receipt",
    "read_trace",
    "recipient_of",
    "to_json",
    "tokens",
    "verify_receipt",
    "verify_statement",
    "verify_webhook",
]
