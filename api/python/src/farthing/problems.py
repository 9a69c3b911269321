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
    """The body is JSON, but does not match the schema of the route."""

    code = "invalid_body"
    status = 422


class InvalidPathError(ProblemError):
    """A part of the path is malformed or out of range."""

    code = "invalid_path"
    status = 400


class InvalidQueryError(ProblemError):
    """A query parameter is missing, unknown or out of range."""

    code = "invalid_query"
    status = 400


class InvalidCursorError(ProblemError):
    """The cursor does not belong to this list."""

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
    """The node cannot store Idempotency-Keys now: the request had no effect."""

    code = "idempotency_unavailable"
    status = 503
    retryable = True


class RequestNotSignedError(ProblemError):
    """The Farthing-Signature header is missing or malformed: the account's key signs the request."""

    code = "request_not_signed"
    status = 400


class RequestStaleError(ProblemError):
    """The signature's time is too far from the node's clock: sign the request again."""

    code = "request_stale"
    status = 422


class RequestRepeatedError(ProblemError):
    """The same signed request was carried out before: sign it again to repeat it."""

    code = "request_repeated"
    status = 409


class InvalidWebhookUrlError(ProblemError):
    """This node does not post to the webhook's URL."""

    code = "invalid_webhook_url"
    status = 422


class TooManyWebhooksError(ProblemError):
    """The account or the node has reached its limit of webhooks."""

    code = "too_many_webhooks"
    status = 409


class WebhookNotFoundError(ProblemError):
    """The account has no such webhook."""

    code = "webhook_not_found"
    status = 404


class EventNotFoundError(ProblemError):
    """The webhook has no such event, or the node no longer keeps it."""

    code = "event_not_found"
    status = 404


class InvalidManifestError(ProblemError):
    """The body does not follow the schema of provenance manifests."""

    code = "invalid_manifest"
    status = 422


class TooManyManifestsError(ProblemError):
    """The account or the node has reached its limit of manifests."""

    code = "too_many_manifests"
    status = 409


class ManifestNotFoundError(ProblemError):
    """The node has no such manifest."""

    code = "manifest_not_found"
    status = 404


class TooManyItemsError(ProblemError):
    """The request holds too many items."""

    code = "too_many_items"
    status = 422


class RateLimitedError(ProblemError):
    """Too many requests from this address."""

    code = "rate_limited"
    status = 429
    retryable = True


class AccountQuotaError(ProblemError):
    """The limit of free account openings is reached: try again later, or deposit on L1."""

    code = "account_quota"
    status = 429
    retryable = True


class ProofsBehindError(ProblemError):
    """Too many batches wait for a proof: try again later."""

    code = "proofs_behind"
    status = 503
    retryable = True


class ClockAheadError(ProblemError):
    """The node's clock is ahead of L1's: the node accepts nothing new until the clocks agree."""

    code = "clock_ahead"
    status = 503
    retryable = True


class RollupLateError(ProblemError):
    """The rollup is late on L1: the node accepts nothing new until its proofs have caught up."""

    code = "rollup_late"
    status = 503
    retryable = True


class RollupFrozenError(ProblemError):
    """The rollup is frozen on L1: nothing is settled any more."""

    code = "rollup_frozen"
    status = 503


class OverloadedError(ProblemError):
    """The node is overloaded: try again later."""

    code = "overloaded"
    status = 503
    retryable = True


class NotReadyError(ProblemError):
    """The node does not accept intents now."""

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
    """An internal error of the node. Nothing was changed."""

    code = "internal"
    status = 500


class AccountNotFoundError(ProblemError):
    """There is no such account."""

    code = "account_not_found"
    status = 404


class AccountNotFinalError(ProblemError):
    """The account is not in a state that is final on L1 yet."""

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
    """This node was rebuilt from L1, which holds no intents: it knows only those of later batches."""

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
    """The intent was accepted, but cannot settle on L1's state: it is dropped permanently."""

    code = "intent_dropped"
    status = 409


class InvalidSignatureError(ProblemError):
    """The signature is invalid."""

    code = "invalid_signature"
    status = 422


class InvalidKeyError(ProblemError):
    """The key of the account is not a point of the curve: no signature is valid for it."""

    code = "invalid_key"
    status = 422


class NonceUsedError(ProblemError):
    """Another intent of the account used the nonce."""

    code = "nonce_used"
    status = 409


class NonceTooLowError(ProblemError):
    """The nonce is not above the account's largest settled nonce: the intent can never settle."""

    code = "nonce_too_low"
    status = 409


class NonceUndecidedError(ProblemError):
    """A batch that this node took from L1 settled the nonce, or a greater one, of the account.

    The node cannot tell whether it held this intent: look for the effect before signing it again.
    """

    code = "nonce_undecided"
    status = 409


class NonceTooHighError(ProblemError):
    """The nonce is too far ahead of the clock: it would block the account's later intents."""

    code = "nonce_too_high"
    status = 422


class ValidTooLongError(ProblemError):
    """The intent is valid for longer than this node accepts."""

    code = "valid_too_long"
    status = 422


class FeeTooLowError(ProblemError):
    """The fee is below the least fee of this node."""

    code = "fee_too_low"
    status = 422


class InvalidOwnerError(ProblemError):
    """The owner can claim nothing on L1: it is the zero address, the rollup contract or the token contract."""

    code = "invalid_owner"
    status = 422


class ExpiredError(ProblemError):
    """The intent has expired."""

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
    """An account or a license does not have the identity or origin that the intent names as its recipient."""

    code = "recipient_changed"
    status = 422


class UnknownParentError(ProblemError):
    """A parent license does not exist, or is not older than the new license."""

    code = "unknown_parent"
    status = 422


class ParentShareTooSmallError(ProblemError):
    """The registration leaves a parent license fewer shares than its derivative shares."""

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
    """The account's spendable balance is too small."""

    code = "insufficient_funds"
    status = 422


class DepositCapReachedError(ProblemError):
    """The deposit cap is reached: the node accepts only steps that credit no account."""

    code = "deposit_cap_reached"
    status = 422


class IntentTooLargeError(ProblemError):
    """The intent needs more room than a batch of this node's class has."""

    code = "intent_too_large"
    status = 422


class IdSpaceExhaustedError(ProblemError):
    """No account number or license number is left."""

    code = "id_space_exhausted"
    status = 422
