//! Codes of the errors that a client may see.

/// Reason to refuse a request, the same for every error of its kind. The API gives each a string and an
/// HTTP status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorCode {
    /// Account of the intent does not exist.
    UnknownAccount,
    /// Intent that was accepted and cannot settle on L1's state.
    IntentDropped,
    /// Signature that does not hold.
    InvalidSignature,
    /// Key that is not a point.
    InvalidKey,
    /// Nonce of another intent of the account.
    NonceUsed,
    /// Nonce not above the largest of the account's sealed batches.
    NonceTooLow,
    /// Nonce that a batch taken from L1 settled.
    NonceUndecided,
    /// Nonce too far ahead of the clock.
    NonceTooHigh,
    /// Validity longer than the node takes.
    ValidTooLong,
    /// Fee below what the node asks for.
    FeeTooLow,
    /// Owner that can claim nothing on L1.
    InvalidOwner,
    /// Intent that is not valid any more.
    Expired,
    /// License to be paid does not exist.
    UnknownLicense,
    /// License that is paused or retired.
    LicensePaused,
    /// License that another account alone may pay.
    NotLicensee,
    /// License that the open batch registers or updates already.
    LicenseUpdating,
    /// License of another licensor.
    NotLicensor,
    /// Retired license, or one to be retired with terms for others.
    LicenseRetired,
    /// Price times uses is more than an intent can move.
    AmountTooLarge,
    /// Amount that is not price times uses.
    AmountMismatch,
    /// Account to be credited does not exist.
    UnknownRecipient,
    /// Recipient whose identity or origin is not the one that was signed.
    RecipientChanged,
    /// Parent that does not exist or is not older.
    UnknownParent,
    /// Parent that is left less than its derivative shares.
    ParentShareTooSmall,
    /// License with too many ancestors.
    TooManyAncestors,
    /// Lineage that is not 1 + the sum of the parents' lineages.
    WrongLineage,
    /// Holder that does not exist.
    UnknownHolder,
    /// Account that holds too little.
    InsufficientFunds,
    /// Credit while too much is deposited.
    DepositCapReached,
    /// Intent for which no batch has room.
    IntentTooLarge,
    /// No number is left for an account or a license.
    IdSpaceExhausted,
    /// License asked for does not exist.
    LicenseNotFound,
    /// More items than one request may hold.
    TooManyItems,
    /// No more accounts are opened at no cost now.
    AccountQuota,
    /// Too many batches wait for a proof.
    ProofsBehind,
    /// Node's clock is ahead of L1's.
    ClockAhead,
    /// Rollup is late on L1.
    RollupLate,
    /// Rollup is frozen on L1.
    RollupFrozen,
    /// More work than the node takes on.
    Overloaded,
    /// Node that does not take intents now.
    NotReady,
    /// Defect or failure of the node.
    Internal,
}
