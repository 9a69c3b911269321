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
/** The body is JSON, but not what the route takes. */
export class InvalidBodyError extends ProblemError {}
/** A part of the path is not what it stands for. */
export class InvalidPathError extends ProblemError {}
/** A query parameter is missing, unknown or out of range. */
export class InvalidQueryError extends ProblemError {}
/** The cursor was not made by this list. */
export class InvalidCursorError extends ProblemError {}
/** The Idempotency-Key header is not 1 to 128 visible ASCII characters. */
export class InvalidIdempotencyKeyError extends ProblemError {}
/** The Idempotency-Key was used with another body, and that request took effect. */
export class IdempotencyConflictError extends ProblemError {}
/** The node cannot keep Idempotency-Keys now: nothing was done. */
export class IdempotencyUnavailableError extends ProblemError {}
/** The Farthing-Signature header is missing or malformed: the account's key signs the request. */
export class RequestNotSignedError extends ProblemError {}
/** The request was signed too long ago, or for later: sign it again now. */
export class RequestStaleError extends ProblemError {}
/** The same signed request was done before: sign it again to have it done once more. */
export class RequestRepeatedError extends ProblemError {}
/** The webhook's URL is not one that this node posts to. */
export class InvalidWebhookUrlError extends ProblemError {}
/** The account, or the node, has as many webhooks as it may. */
export class TooManyWebhooksError extends ProblemError {}
/** The account has no such webhook. */
export class WebhookNotFoundError extends ProblemError {}
/** The webhook has no such event, or has it no longer. */
export class EventNotFoundError extends ProblemError {}
/** More items than one request may hold. */
export class TooManyItemsError extends ProblemError {}
/** Too many requests from this address. */
export class RateLimitedError extends ProblemError {}
/** No more accounts are opened at no cost now: try again later, or deposit on L1. */
export class AccountQuotaError extends ProblemError {}
/** Too many batches wait for a proof: try again later. */
export class ProofsBehindError extends ProblemError {}
/** The node's clock is ahead of L1's: no batch is dated by it. */
export class ClockAheadError extends ProblemError {}
/** The rollup is late on L1: nothing new is acknowledged until its proofs have caught up. */
export class RollupLateError extends ProblemError {}
/** The rollup is frozen on L1: nothing is settled any more. */
export class RollupFrozenError extends ProblemError {}
/** The node has more work than it takes on: try again later. */
export class OverloadedError extends ProblemError {}
/** The node does not take intents now. */
export class NotReadyError extends ProblemError {}
/** The node did not answer in time: whether the request took effect is not known. */
export class DeadlineExceededError extends ProblemError {}
/** The node failed while it worked on the request: whether it took effect is not known. */
export class EffectUnknownError extends ProblemError {}
/** A defect or a failure of the node. Nothing was changed. */
export class InternalError extends ProblemError {}
/** There is no such account. */
export class AccountNotFoundError extends ProblemError {}
/** No state that is final on L1 has the account yet. */
export class AccountNotFinalError extends ProblemError {}
/** There is no such license. */
export class LicenseNotFoundError extends ProblemError {}
/** No such intent was accepted. */
export class IntentNotFoundError extends ProblemError {}
/** This node was rebuilt from L1, which has no intents: it knows those of later batches only. */
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
/** The intent was accepted, and cannot settle on L1's state: it is dropped for good. */
export class IntentDroppedError extends ProblemError {}
/** The signature is not right. */
export class InvalidSignatureError extends ProblemError {}
/** The key of the account is no point: nobody can sign for it. */
export class InvalidKeyError extends ProblemError {}
/** Another intent of the account used the nonce. */
export class NonceUsedError extends ProblemError {}
/** The nonce is not above the largest of the account's sealed batches: the intent is never settled. */
export class NonceTooLowError extends ProblemError {}
/** A batch that this node took from L1 settled the nonce or a greater one of the account: whether that was this intent, it does not know. Look for its effect before signing it again. */
export class NonceUndecidedError extends ProblemError {}
/** The nonce is so far ahead of the clock that it would shut the account out. */
export class NonceTooHighError extends ProblemError {}
/** The intent is valid for longer than this node takes. */
export class ValidTooLongError extends ProblemError {}
/** The fee is less than this node asks for. */
export class FeeTooLowError extends ProblemError {}
/** The owner can claim nothing on L1: it is zero, the rollup or the token. */
export class InvalidOwnerError extends ProblemError {}
/** The intent is not valid any more. */
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
/** An account or a license has another identity or origin than the intent names as its recipient. */
export class RecipientChangedProblemError extends ProblemError {}
/** A parent does not exist, or is not older. */
export class UnknownParentError extends ProblemError {}
/** A parent is left less than its derivative shares. */
export class ParentShareTooSmallError extends ProblemError {}
/** The license would have too many ancestors. */
export class TooManyAncestorsError extends ProblemError {}
/** The lineage is not 1 + the sum of the parents' lineages. */
export class WrongLineageError extends ProblemError {}
/** A holder does not exist. */
export class UnknownHolderError extends ProblemError {}
/** The account holds too little. */
export class InsufficientFundsError extends ProblemError {}
/** So much is deposited that only steps that credit nobody are accepted. */
export class DepositCapReachedError extends ProblemError {}
/** No batch has room for what the intent touches. */
export class IntentTooLargeError extends ProblemError {}
/** Every number of an account or a license is used. */
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
