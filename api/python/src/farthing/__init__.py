"""Client of Farthing, a rollup for royalty micropayments.

`Farthing` and `AsyncFarthing` speak to a node and sign for one account. `verify_receipt` checks a
receipt offline or against L1. Amounts are whole nano-units: `int`, `str` or `Decimal`, never
`float`; `tokens("0.003")` converts tokens.

Arithmetic is that of Python's integers, which is not constant time: do not sign where others can
measure how long it takes.
"""

from farthing.aio import AsyncFarthing, averify_receipt
from farthing.calls import Retry
from farthing.client import Farthing, verify_receipt
from farthing.codec import to_json
from farthing.domain import Deployment
from farthing.errors import (
    FarthingError,
    InvalidAmountError,
    InvalidArgumentError,
    InvalidHoldersError,
    InvalidKeyFileError,
    InvalidReceiptError,
    InvalidWalletSignatureError,
    L1Error,
    NoAnswerError,
    NoSignerError,
    NotSettledError,
    RecipientChangedError,
    SignerClockError,
    UnexpectedAnswerError,
)
from farthing.intents import Intent, Operation, Pay, RegisterLicense, SignedIntent, Transfer, Withdraw
from farthing.keys import SecretKey
from farthing.leaves import Holder, HolderShares
from farthing.models import (
    Accepted,
    Account,
    AccountOpened,
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
from farthing.problems import ProblemError
from farthing.quantities import Money, format_tokens, tokens
from farthing.receipts import VerifiedReceipt
from farthing.recipients import Recipient, account_recipient, holder_chain, license_origin, recipient_of
from farthing.signer import Signer
from farthing.transport import VERSION

__version__ = VERSION

__all__ = [
    "Accepted",
    "Account",
    "AccountOpened",
    "AsyncFarthing",
    "Deployment",
    "EarningsLine",
    "Farthing",
    "FarthingError",
    "Holder",
    "HolderShares",
    "Intent",
    "InvalidAmountError",
    "InvalidArgumentError",
    "InvalidHoldersError",
    "InvalidKeyFileError",
    "InvalidReceiptError",
    "InvalidWalletSignatureError",
    "L1Error",
    "License",
    "Money",
    "NoAnswerError",
    "NoSignerError",
    "NotSettledError",
    "Operation",
    "Pay",
    "Payment",
    "Payout",
    "ProblemError",
    "Quote",
    "Receipt",
    "Recipient",
    "RecipientChangedError",
    "RegisterLicense",
    "Retry",
    "SecretKey",
    "SignedIntent",
    "Signer",
    "SignerClockError",
    "Status",
    "Transfer",
    "UnexpectedAnswerError",
    "VerifiedReceipt",
    "Version",
    "Withdraw",
    "__version__",
    "account_recipient",
    "averify_receipt",
    "format_tokens",
    "holder_chain",
    "license_origin",
    "read_receipt",
    "recipient_of",
    "to_json",
    "tokens",
    "verify_receipt",
]
