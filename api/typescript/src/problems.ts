// A class for each problem code of the API. The codes are stable: a test compares the list with the
// OpenAPI document.

import { ProblemError } from './errors.js';

/** There is no such route. */
export class RouteNotFoundError extends ProblemError {}
/** The request must carry one Host header, and carries none or several. */
export class InvalidHostError extends ProblemError {}
/** The X-Request-Id header is not 1 to 64 visible ASCII characters. */
export class InvalidRequestIdError extends ProblemError {}
/** The route has no such method. */
export class MethodNotAllowedError extends ProblemError {}
/** The body did not arrive in time. */
export class RequestTimeoutError extends ProblemError {}
/** The body is larger than the limit. */
export class BodyTooLargeError extends ProblemError {}
/** The body is not application/json in UTF-8 without a content encoding. */
export class UnsupportedMediaTypeError extends ProblemError {}
/** The body could not be read. */
export class BodyUnreadableError extends ProblemError {}
/** The body is not JSON. */
export class MalformedJsonError extends ProblemError {}
/** The body is JSON, but does not match the schema of the route. */
export class InvalidBodyError extends ProblemError {}
/** A part of the path is malformed or out of range. */
export class InvalidPathError extends ProblemError {}
/** A query parameter is missing, unknown or out of range. */
export class InvalidQueryError extends ProblemError {}
/** The cursor does not belong to this list. */
export class InvalidCursorError extends ProblemError {}
/** The Idempotency-Key header is not 1 to 128 visible ASCII characters. */
export class InvalidIdempotencyKeyError extends ProblemError {}
/** The Idempotency-Key was used with another body, and that request took effect. */
export class IdempotencyConflictError extends ProblemError {}
/** The node cannot store Idempotency-Keys now: the request had no effect. */
export class IdempotencyUnavailableError extends ProblemError {}
/** The Farthing-Signature header is missing or malformed: the account's key signs the request. */
export class RequestNotSignedError extends ProblemError {}
/** The signature's time is too far from the node's clock: sign the request again. */
export class RequestStaleError extends ProblemError {}
/** The same signed request was carried out before: sign it again to repeat it. */
export class RequestRepeatedError extends ProblemError {}
/** This node does not post to the webhook's URL. */
export class InvalidWebhookUrlError extends ProblemError {}
/** The account or the node has reached its limit of webhooks. */
export class TooManyWebhooksError extends ProblemError {}
/** The account has no such webhook. */
export class WebhookNotFoundError extends ProblemError {}
/** The webhook has no such event, or the node no longer keeps it. */
export class EventNotFoundError extends ProblemError {}
/** The body does not follow the schema of provenance manifests. */
export class InvalidManifestError extends ProblemError {}
/** The account or the node has reached its limit of manifests. */
export class TooManyManifestsError extends ProblemError {}
/** The node has no such manifest. */
export class ManifestNotFoundError extends ProblemError {}
/** The request holds too many items. */
export class TooManyItemsError extends ProblemError {}
/** Too many requests from this address. */
export class RateLimitedError extends ProblemError {}
/** The limit of free account openings is reached: try again later, or deposit on L1. */
export class AccountQuotaError extends ProblemError {}
/** Too many batches wait for a proof: try again later. */
export class ProofsBehindError extends ProblemError {}
/** The node's clock is ahead of L1's: the node accepts nothing new until the clocks agree. */
export class ClockAheadError extends ProblemError {}
/** The rollup is late on L1: the node accepts nothing new until its proofs have caught up. */
export class RollupLateError extends ProblemError {}
/** The rollup is frozen on L1: nothing is settled any more. */
export class RollupFrozenError extends ProblemError {}
/** The node is overloaded: try again later. */
export class OverloadedError extends ProblemError {}
/** The node does not accept intents now. */
export class NotReadyError extends ProblemError {}
/** The node did not answer in time: whether the request took effect is not known. */
export class DeadlineExceededError extends ProblemError {}
/** The node failed while it worked on the request: whether it took effect is not known. */
export class EffectUnknownError extends ProblemError {}
/** An internal error of the node. Nothing was changed. */
export class InternalError extends ProblemError {}
/** There is no such account. */
export class AccountNotFoundError extends ProblemError {}
/** The account is not in a state that is final on L1 yet. */
export class AccountNotFinalError extends ProblemError {}
/** There is no such license. */
export class LicenseNotFoundError extends ProblemError {}
/** No such intent was accepted. */
export class IntentNotFoundError extends ProblemError {}
/** This node was rebuilt from L1, which holds no intents: it knows only those of later batches. */
export class IntentHistoryUnavailableError extends ProblemError {}
/** There is no such sealed batch. */
export class BatchNotFoundError extends ProblemError {}
/** There is no such block. */
export class BlockNotFoundError extends ProblemError {}
/** The block is not proven yet. */
export class ProofNotReadyError extends ProblemError {}
/** This node does not keep the block's proof: it is in the calldata of the transaction on L1. */
export class ProofNotKeptError extends ProblemError {}
/** The intent's batch is not sealed yet. */
export class ReceiptNotReadyError extends ProblemError {}
/** The intent's account does not exist. */
export class UnknownAccountError extends ProblemError {}
/** The intent was accepted, but cannot settle on L1's state: it is dropped permanently. */
export class IntentDroppedError extends ProblemError {}
/** The signature is invalid. */
export class InvalidSignatureError extends ProblemError {}
/** The key of the account is not a point of the curve: no signature is valid for it. */
export class InvalidKeyError extends ProblemError {}
/** Another intent of the account used the nonce. */
export class NonceUsedError extends ProblemError {}
/** The nonce is not above the account's largest settled nonce: the intent can never settle. */
export class NonceTooLowError extends ProblemError {}
/** A batch that this node took from L1 settled the nonce, or a greater one, of the account. The node cannot tell whether it held this intent: look for the effect before signing it again. */
export class NonceUndecidedError extends ProblemError {}
/** The nonce is too far ahead of the clock: it would block the account's later intents. */
export class NonceTooHighError extends ProblemError {}
/** The intent is valid for longer than this node accepts. */
export class ValidTooLongError extends ProblemError {}
/** The fee is below the least fee of this node. */
export class FeeTooLowError extends ProblemError {}
/** The owner can claim nothing on L1: it is the zero address, the rollup contract or the token contract. */
export class InvalidOwnerError extends ProblemError {}
/** The intent has expired. */
export class ExpiredError extends ProblemError {}
/** The license to be paid does not exist. */
export class UnknownLicenseError extends ProblemError {}
/** The license, or a parent, is paused or retired: it is neither paid nor derived from. */
export class LicensePausedError extends ProblemError {}
/** Another account alone may pay the license; nothing derives from it. */
export class NotLicenseeError extends ProblemError {}
/** The open batch registers or updates the license: send the update again once that is sealed. */
export class LicenseUpdatingError extends ProblemError {}
/** Another account registered the license: it alone updates it. */
export class NotLicensorError extends ProblemError {}
/** The license is retired and never changes again, or is to be retired with terms for others. */
export class LicenseRetiredError extends ProblemError {}
/** Price times uses is more than an intent can move. */
export class AmountTooLargeError extends ProblemError {}
/** The amount is not price times uses. */
export class AmountMismatchError extends ProblemError {}
/** The account to be credited does not exist. */
export class UnknownRecipientError extends ProblemError {}
/** An account or a license does not have the identity or origin that the intent names as its recipient. */
export class RecipientChangedProblemError extends ProblemError {}
/** A parent license does not exist, or is not older than the new license. */
export class UnknownParentError extends ProblemError {}
/** The registration leaves a parent license fewer shares than its derivative shares. */
export class ParentShareTooSmallError extends ProblemError {}
/** The license would have too many ancestors. */
export class TooManyAncestorsError extends ProblemError {}
/** The lineage is not 1 + the sum of the parents' lineages. */
export class WrongLineageError extends ProblemError {}
/** A holder does not exist. */
export class UnknownHolderError extends ProblemError {}
/** The account's spendable balance is too small. */
export class InsufficientFundsError extends ProblemError {}
/** The deposit cap is reached: the node accepts only steps that credit no account. */
export class DepositCapReachedError extends ProblemError {}
/** The intent needs more room than a batch of this node's class has. */
export class IntentTooLargeError extends ProblemError {}
/** No account number or license number is left. */
export class IdSpaceExhaustedError extends ProblemError {}

/** The class of each code. */
export const PROBLEMS = {
  route_not_found: RouteNotFoundError,
  invalid_host: InvalidHostError,
  invalid_request_id: InvalidRequestIdError,
  method_not_allowed: MethodNotAllowedError,
  request_timeout: RequestTimeoutError,
  body_too_large: BodyTooLargeError,
  unsupported_media_type: UnsupportedMediaTypeError,
  body_unreadable: BodyUnreadableError,
  malformed_json: MalformedJsonError,
  invalid_body: InvalidBodyError,
  invalid_path: InvalidPathError,
  invalid_query: InvalidQueryError,
  invalid_cursor: InvalidCursorError,
  invalid_idempotency_key: InvalidIdempotencyKeyError,
  idempotency_conflict: IdempotencyConflictError,
  idempotency_unavailable: IdempotencyUnavailableError,
  request_not_signed: RequestNotSignedError,
  request_stale: RequestStaleError,
  request_repeated: RequestRepeatedError,
  invalid_webhook_url: InvalidWebhookUrlError,
  too_many_webhooks: TooManyWebhooksError,
  webhook_not_found: WebhookNotFoundError,
  event_not_found: EventNotFoundError,
  invalid_manifest: InvalidManifestError,
  too_many_manifests: TooManyManifestsError,
  manifest_not_found: ManifestNotFoundError,
  too_many_items: TooManyItemsError,
  rate_limited: RateLimitedError,
  account_quota: AccountQuotaError,
  proofs_behind: ProofsBehindError,
  clock_ahead: ClockAheadError,
  rollup_late: RollupLateError,
  rollup_frozen: RollupFrozenError,
  overloaded: OverloadedError,
  not_ready: NotReadyError,
  deadline_exceeded: DeadlineExceededError,
  effect_unknown: EffectUnknownError,
  internal: InternalError,
  account_not_found: AccountNotFoundError,
  account_not_final: AccountNotFinalError,
  license_not_found: LicenseNotFoundError,
  intent_not_found: IntentNotFoundError,
  intent_history_unavailable: IntentHistoryUnavailableError,
  batch_not_found: BatchNotFoundError,
  block_not_found: BlockNotFoundError,
  proof_not_ready: ProofNotReadyError,
  proof_not_kept: ProofNotKeptError,
  receipt_not_ready: ReceiptNotReadyError,
  unknown_account: UnknownAccountError,
  intent_dropped: IntentDroppedError,
  invalid_signature: InvalidSignatureError,
  invalid_key: InvalidKeyError,
  nonce_used: NonceUsedError,
  nonce_too_low: NonceTooLowError,
  nonce_undecided: NonceUndecidedError,
  nonce_too_high: NonceTooHighError,
  valid_too_long: ValidTooLongError,
  fee_too_low: FeeTooLowError,
  invalid_owner: InvalidOwnerError,
  expired: ExpiredError,
  unknown_license: UnknownLicenseError,
  license_paused: LicensePausedError,
  not_licensee: NotLicenseeError,
  license_updating: LicenseUpdatingError,
  not_licensor: NotLicensorError,
  license_retired: LicenseRetiredError,
  amount_too_large: AmountTooLargeError,
  amount_mismatch: AmountMismatchError,
  unknown_recipient: UnknownRecipientError,
  recipient_changed: RecipientChangedProblemError,
  unknown_parent: UnknownParentError,
  parent_share_too_small: ParentShareTooSmallError,
  too_many_ancestors: TooManyAncestorsError,
  wrong_lineage: WrongLineageError,
  unknown_holder: UnknownHolderError,
  insufficient_funds: InsufficientFundsError,
  deposit_cap_reached: DepositCapReachedError,
  intent_too_large: IntentTooLargeError,
  id_space_exhausted: IdSpaceExhaustedError,
} as const;

/** A problem code of the API. */
export type ProblemCode = keyof typeof PROBLEMS;

/** Codes after which the same request is sent again, later: its effect happens once. */
export const RETRYABLE_CODES: ReadonlySet<string> = new Set<ProblemCode>([
  'request_timeout',
  'idempotency_unavailable',
  'rate_limited',
  'account_quota',
  'proofs_behind',
  'clock_ahead',
  'rollup_late',
  'overloaded',
  'not_ready',
  'deadline_exceeded',
  'effect_unknown',
  'license_updating',
]);
