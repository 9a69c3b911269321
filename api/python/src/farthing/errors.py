"""Errors of this package.

Every error has a stable `code`: that of the API for what a node refused (`farthing.problems`), one
of this page's for what the package itself refuses. No error quotes a secret.
"""

from __future__ import annotations


class FarthingError(Exception):
    """Base of all errors of this package."""

    code: str = "error"
    """Stable across versions."""
    retryable: bool = False
    """Whether the same call may succeed later."""
    outcome_unknown: bool = False
    """Whether the call may have taken effect all the same."""
    intent_id: str | None = None
    """The intent that was sent, if its outcome is not known: ask for its status."""
    request_id: str | None = None
    """The answer's `X-Request-Id`."""
    docs_url: str | None = None
    """The page that explains the code."""


class InvalidAmountError(FarthingError, ValueError):
    """An amount of money that no intent can move, or that is not exact."""

    code = "invalid_amount"


class InvalidArgumentError(FarthingError, ValueError):
    """An argument that is out of range or of another form."""

    code = "invalid_argument"


class InvalidHoldersError(FarthingError, ValueError):
    """Holders that are no share table."""

    code = "invalid_holders"


class InvalidKeyFileError(FarthingError, ValueError):
    """A key file that cannot be used. The message never quotes the file."""

    code = "invalid_key_file"


class InvalidWalletSignatureError(FarthingError, ValueError):
    """A wallet's signature that seeds no key."""

    code = "invalid_wallet_signature"


class InvalidSignatureBytesError(FarthingError, ValueError):
    """A signature or key that does not verify."""

    code = "invalid_signature_bytes"


class SignerClockError(FarthingError):
    """A nonce further ahead of the clock than nodes take."""

    code = "signer_clock"


class NoSignerError(FarthingError):
    """A call that signs, of a client without account and key."""

    code = "no_signer"


class RecipientChangedError(FarthingError):
    """A recipient that is another than the client was told, or than the node named before.

    Nothing was signed, unless the error is a `ProblemError` too: then the node refused the intent.
    """

    code = "recipient_changed"
    expected: str | None = None
    """The recipient that the client knows."""
    got: str | None = None
    """The recipient that the node names."""

    @classmethod
    def of(cls, holder: str, expected: str, got: str) -> RecipientChangedError:
        """Makes the error of an account or a license."""
        error = cls(f"the node says that {holder} is {got}, expected {expected}: the number belongs to somebody else")
        error.expected, error.got = expected, got
        return error


class InvalidReceiptError(FarthingError):
    """A receipt that contradicts itself or the deployment that was asked for."""

    code = "invalid_receipt"


class InvalidStatementError(FarthingError):
    """A revenue statement that contradicts itself or the deployment that was asked for."""

    code = "invalid_statement"
    step: str
    """The check that refused it, one of `farthing.STATEMENT_STEPS`."""

    def __init__(self, step: str, message: str) -> None:
        super().__init__(message)
        self.step = step


class NotSettledError(FarthingError):
    """A receipt or a revenue statement that agrees with itself and that L1 does not confirm."""

    code = "not_settled"


class L1Error(FarthingError):
    """An L1 endpoint that does not answer (`retryable`), or answers with an error."""

    code = "l1_error"
    retryable = True


class NoAnswerError(FarthingError):
    """No answer of the node, or none that is its own, after every retry.

    Whether the request took effect is not known. `intent_id` names the intent that was sent.
    """

    code = "no_answer"
    retryable = True


class UnexpectedAnswerError(FarthingError):
    """An answer of another form than the API's."""

    code = "unexpected_answer"


class InvalidEventError(FarthingError, ValueError):
    """A usage event with a field that is out of range or of another form; it is not recorded."""

    code = "invalid_event"


class UnknownModelError(InvalidEventError):
    """A usage event of a model that no rate maps to a license; it is not recorded."""

    code = "unknown_model"


class EventConflictError(FarthingError, ValueError):
    """A usage event with the id of another one; nothing is recorded."""

    code = "event_conflict"


class OutboxError(FarthingError):
    """An outbox that cannot be used: of another account, deployment or format, or damaged."""

    code = "outbox"


class OutboxLockedError(FarthingError):
    """An outbox that another process sends from at this moment."""

    code = "outbox_locked"
    retryable = True


class InvalidTraceError(FarthingError, ValueError):
    """A file of usage that cannot be read; `line` is where."""

    code = "invalid_trace"

    def __init__(self, message: str, line: int) -> None:
        super().__init__(message)
        self.line = line
