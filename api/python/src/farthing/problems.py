"""Problems that a node answers with (RFC 9457): one class for each code of the API.

`ProblemError.of_code("insufficient_funds")` is `InsufficientFundsError`. A code that this version
does not know is a plain `ProblemError`. A test compares the codes with the committed document of
the API.
"""

from __future__ import annotations

from typing import Any, ClassVar

from farthing import errors
from farthing.errors import FarthingError


class ProblemError(FarthingError):
    """A refusal by the node."""

    status: int = 0
    """The HTTP status."""
    title: str = ""
    """The same for every occurrence of the code."""
    detail: str | None = None
    """The cause this time."""
    retry_after: float | None = None
    """Seconds that the node asked to wait."""

    _classes: ClassVar[dict[str, type[ProblemError]]] = {}

    def __init_subclass__(cls, **arguments: Any) -> None:
        super().__init_subclass__(**arguments)
        ProblemError._classes[cls.code] = cls

    @classmethod
    def of_code(cls, code: str) -> type[ProblemError]:
        """Returns the class of a code."""
        return cls._classes.get(code, ProblemError)

    @classmethod
    def codes(cls) -> list[str]:
        """Returns every code that this version knows."""
        return list(cls._classes)

    @classmethod
    def from_json(cls, data: dict[str, Any], base_url: str = "") -> ProblemError:
        """Reads a problem document."""
        code, status = str(data["code"]), int(data.get("status", 0))
        kind = cls.of_code(code)
        title, detail = str(data.get("title", "")), data.get("detail")
        error = kind(f"{code}: {detail or title}")
        error.code, error.status = code, status
        error.title, error.detail = title, detail
        error.request_id = data.get("request_id")
        if kind is ProblemError:
            error.retryable = status in (408, 429) or status >= 502
        link = data.get("type")
        if isinstance(link, str):
            error.docs_url = base_url + link if link.startswith("/") else link
        return error


class RouteNotFoundError(ProblemError):
    """There is no such route."""

    code = "route_not_found"
    status = 404


class InvalidHostError(ProblemError):
    """The request must carry one Host header, and carries none or several."""

    code = "invalid_host"
    status = 400


class InvalidRequestIdError(ProblemError):
    """The X-Request-Id header is not 1 to 64 visible ASCII characters."""

    code = "invalid_request_id"
    status = 400


class MethodNotAllowedError(ProblemError):
    """The route has no such method."""

    code = "method_not_allowed"
    status = 405


class RequestTimeoutError(ProblemError):
    """The body did not arrive in time."""

    code = "request_timeout"
    status = 408
    retryable = True


class BodyTooLargeError(ProblemError):
    """The body is larger than the limit."""

    code = "body_too_large"
    status = 413


class UnsupportedMediaTypeError(ProblemError):
    """The body is not application/json in UTF-8 without a content encoding."""

    code = "unsupported_media_type"
    status = 415


class BodyUnreadableError(ProblemError):
    """The body could not be read."""

    code = "body_unreadable"
    status = 400


class MalformedJsonError(ProblemError):
    """The body is not JSON."""

    code = "malformed_json"
    status = 400


class InvalidBodyError(ProblemError):
    """The body is JSON, but not what the route takes."""

    code = "invalid_body"
    status = 422


class InvalidPathError(ProblemError):
    """A part of the path is not what it stands for."""

    code = "invalid_path"
    status = 400


class InvalidQueryError(ProblemError):
    """A query parameter is missing, unknown or out of range."""

    code = "invalid_query"
    status = 400


class InvalidCursorError(ProblemError):
    """The cursor was not made by this list."""

    code = "invalid_cursor"
    status = 400


class InvalidIdempotencyKeyError(ProblemError):
    """The Idempotency-Key header is not 1 to 128 visible ASCII characters."""

    code = "invalid_idempotency_key"
    status = 400


class IdempotencyConflictError(ProblemError):
    """The Idempotency-Key was used with another body, and that request took effect."""

    code = "idempotency_conflict"
    status = 409


class IdempotencyUnavailableError(ProblemError):
    """The node cannot keep Idempotency-Keys now: nothing was done."""

    code = "idempotency_unavailable"
    status = 503
    retryable = True


class RequestNotSignedError(ProblemError):
    """The Farthing-Signature header is missing or malformed: the account's key signs the request."""

    code = "request_not_signed"
    status = 400


class RequestStaleError(ProblemError):
    """The request was signed too long ago, or for later: sign it again now."""

    code = "request_stale"
    status = 422


class RequestRepeatedError(ProblemError):
    """The same signed request was done before: sign it again to have it done once more."""

    code = "request_repeated"
    status = 409


class InvalidWebhookUrlError(ProblemError):
    """The webhook's URL is not one that this node posts to."""

    code = "invalid_webhook_url"
    status = 422


class TooManyWebhooksError(ProblemError):
    """The account, or the node, has as many webhooks as it may."""

    code = "too_many_webhooks"
    status = 409


class WebhookNotFoundError(ProblemError):
    """The account has no such webhook."""

    code = "webhook_not_found"
    status = 404


class EventNotFoundError(ProblemError):
    """The webhook has no such event, or has it no longer."""

    code = "event_not_found"
    status = 404


class TooManyItemsError(ProblemError):
    """More items than one request may hold."""

    code = "too_many_items"
    status = 422


class RateLimitedError(ProblemError):
    """Too many requests from this address."""

    code = "rate_limited"
    status = 429
    retryable = True


class AccountQuotaError(ProblemError):
    """No more accounts are opened at no cost now: try again later, or deposit on L1."""

    code = "account_quota"
    status = 429
    retryable = True


class ProofsBehindError(ProblemError):
    """Too many batches wait for a proof: try again later."""

    code = "proofs_behind"
    status = 503
    retryable = True


class ClockAheadError(ProblemError):
    """The node's clock is ahead of L1's: no batch is dated by it."""

    code = "clock_ahead"
    status = 503
    retryable = True


class RollupLateError(ProblemError):
    """The rollup is late on L1: nothing new is acknowledged until its proofs have caught up."""

    code = "rollup_late"
    status = 503
    retryable = True


class RollupFrozenError(ProblemError):
    """The rollup is frozen on L1: nothing is settled any more."""

    code = "rollup_frozen"
    status = 503


class OverloadedError(ProblemError):
    """The node has more work than it takes on: try again later."""

    code = "overloaded"
    status = 503
    retryable = True


class NotReadyError(ProblemError):
    """The node does not take intents now."""

    code = "not_ready"
    status = 503
    retryable = True


class DeadlineExceededError(ProblemError):
    """The node did not answer in time: whether the request took effect is not known."""

    code = "deadline_exceeded"
    status = 504
    retryable = True


class EffectUnknownError(ProblemError):
    """The node failed while it worked on the request: whether it took effect is not known."""

    code = "effect_unknown"
    status = 500
    retryable = True


class InternalError(ProblemError):
    """A defect or a failure of the node. Nothing was changed."""

    code = "internal"
    status = 500


class AccountNotFoundError(ProblemError):
    """There is no such account."""

    code = "account_not_found"
    status = 404


class AccountNotFinalError(ProblemError):
    """No state that is final on L1 has the account yet."""

    code = "account_not_final"
    status = 409


class LicenseNotFoundError(ProblemError):
    """There is no such license."""

    code = "license_not_found"
    status = 404


class IntentNotFoundError(ProblemError):
    """No such intent was accepted."""

    code = "intent_not_found"
    status = 404


class IntentHistoryUnavailableError(ProblemError):
    """This node was rebuilt from L1, which has no intents: it knows those of later batches only."""

    code = "intent_history_unavailable"
    status = 404


class BatchNotFoundError(ProblemError):
    """There is no such sealed batch."""

    code = "batch_not_found"
    status = 404


class BlockNotFoundError(ProblemError):
    """There is no such block."""

    code = "block_not_found"
    status = 404


class ProofNotReadyError(ProblemError):
    """The block is not proven yet."""

    code = "proof_not_ready"
    status = 409


class ProofNotKeptError(ProblemError):
    """This node does not keep the block's proof: it is in the calldata of the transaction on L1."""

    code = "proof_not_kept"
    status = 404


class ReceiptNotReadyError(ProblemError):
    """The intent's batch is not sealed yet."""

    code = "receipt_not_ready"
    status = 409


class UnknownAccountError(ProblemError):
    """The intent's account does not exist."""

    code = "unknown_account"
    status = 422


class IntentDroppedError(ProblemError):
    """The intent was accepted, and cannot settle on L1's state: it is dropped for good."""

    code = "intent_dropped"
    status = 409


class InvalidSignatureError(ProblemError):
    """The signature is not right."""

    code = "invalid_signature"
    status = 422


class InvalidKeyError(ProblemError):
    """The key of the account is no point: nobody can sign for it."""

    code = "invalid_key"
    status = 422


class NonceUsedError(ProblemError):
    """Another intent of the account used the nonce."""

    code = "nonce_used"
    status = 409


class NonceTooLowError(ProblemError):
    """The nonce is not above the largest of the account's sealed batches: the intent is never settled."""

    code = "nonce_too_low"
    status = 409


class NonceUndecidedError(ProblemError):
    """A batch that this node took from L1 settled the nonce or a greater one of the account.

    Whether that was this intent, it does not know: look for its effect before signing it again.
    """

    code = "nonce_undecided"
    status = 409


class NonceTooHighError(ProblemError):
    """The nonce is so far ahead of the clock that it would shut the account out."""

    code = "nonce_too_high"
    status = 422


class ValidTooLongError(ProblemError):
    """The intent is valid for longer than this node takes."""

    code = "valid_too_long"
    status = 422


class FeeTooLowError(ProblemError):
    """The fee is less than this node asks for."""

    code = "fee_too_low"
    status = 422


class InvalidOwnerError(ProblemError):
    """The owner can claim nothing on L1: it is zero, the rollup or the token."""

    code = "invalid_owner"
    status = 422


class ExpiredError(ProblemError):
    """The intent is not valid any more."""

    code = "expired"
    status = 422


class UnknownLicenseError(ProblemError):
    """The license to be paid does not exist."""

    code = "unknown_license"
    status = 422


class LicensePausedError(ProblemError):
    """The license, or a parent, is paused or retired: it is neither paid nor derived from."""

    code = "license_paused"
    status = 409


class NotLicenseeError(ProblemError):
    """Another account alone may pay the license; nothing derives from it."""

    code = "not_licensee"
    status = 403


class LicenseUpdatingError(ProblemError):
    """The open batch registers or updates the license: send the update again once that is sealed."""

    code = "license_updating"
    status = 409
    retryable = True


class NotLicensorError(ProblemError):
    """Another account registered the license: it alone updates it."""

    code = "not_licensor"
    status = 403


class LicenseRetiredError(ProblemError):
    """The license is retired and never changes again, or is to be retired with terms for others."""

    code = "license_retired"
    status = 409


class AmountTooLargeError(ProblemError):
    """Price times uses is more than an intent can move."""

    code = "amount_too_large"
    status = 422


class AmountMismatchError(ProblemError):
    """The amount is not price times uses."""

    code = "amount_mismatch"
    status = 422


class UnknownRecipientError(ProblemError):
    """The account to be credited does not exist."""

    code = "unknown_recipient"
    status = 422


class RecipientChangedError(ProblemError, errors.RecipientChangedError):
    """An account or a license has another identity or origin than the intent names as its recipient."""

    code = "recipient_changed"
    status = 422


class UnknownParentError(ProblemError):
    """A parent does not exist, or is not older."""

    code = "unknown_parent"
    status = 422


class ParentShareTooSmallError(ProblemError):
    """A parent is left less than its derivative shares."""

    code = "parent_share_too_small"
    status = 422


class TooManyAncestorsError(ProblemError):
    """The license would have too many ancestors."""

    code = "too_many_ancestors"
    status = 422


class WrongLineageError(ProblemError):
    """The lineage is not 1 + the sum of the parents' lineages."""

    code = "wrong_lineage"
    status = 422


class UnknownHolderError(ProblemError):
    """A holder does not exist."""

    code = "unknown_holder"
    status = 422


class InsufficientFundsError(ProblemError):
    """The account holds too little."""

    code = "insufficient_funds"
    status = 422


class DepositCapReachedError(ProblemError):
    """So much is deposited that only steps that credit nobody are accepted."""

    code = "deposit_cap_reached"
    status = 422


class IntentTooLargeError(ProblemError):
    """No batch has room for what the intent touches."""

    code = "intent_too_large"
    status = 422


class IdSpaceExhaustedError(ProblemError):
    """Every number of an account or a license is used."""

    code = "id_space_exhausted"
    status = 422
