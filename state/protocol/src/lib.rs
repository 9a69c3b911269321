//! Protocol of Farthing, on which all parties agree bit for bit: types and limits, the Poseidon2 hash,
//! EcGFp5 Schnorr signatures, the messages of every operation, leaves, statements and the
//! public-data format. No I/O, no threads, no clock. `state/SPEC.md` is the same in words.

mod account;
mod account_request;
mod bytes;
mod class;
mod codec;
mod curve;
mod domain;
mod eip55;
mod error;
mod error_code;
mod felt;
mod hash;
mod intent;
pub mod layout;
mod license;
mod limits;
mod operation;
mod possession;
mod public_data;
mod quantity;
mod queue;
mod schnorr;
mod stage;
mod statement;
mod witness;

pub use account::{Account, AccountIdentity, AccountState};
pub use account_request::AccountRequest;
pub use bytes::{ADDRESS_LIMBS, Address, BYTES32_LIMBS, Bytes32};
pub use class::{BatchClass, BatchCounts, CapacityExceeded};
pub use curve::{
    AffinePoint, AffineSum, DecodedPoint, FP5_ELEMENTS, Fp5, Point, SCALAR_BYTES, SCALAR_LIMBS,
    Scalar, fp5_is_square, fp5_sqrt,
};
pub use domain::Domain;
pub use eip55::{AddressTextError, Eip55};
pub use error::{DecodeError, ShareTableError, WithdrawError};
pub use error_code::ErrorCode;
pub use felt::{
    FELT_BYTES, Felt, MODULUS, canonical, felt_from_canonical, felts_from_bytes, felts_to_bytes,
};
pub use hash::{
    DIGEST_BYTES, DIGEST_ELEMENTS, Digest, RATE, SHORT_DIGEST_BYTES, SHORT_DIGEST_ELEMENTS,
    ShortDigest, Tag, WIDTH, capacity_of, compress, compress_all, hash, hash_all, hash_in,
    hash_wide, permute,
};
pub use intent::{Intent, IntentId, SignedIntent};
pub use license::{
    Holder, HolderShares, License, LicenseState, LicenseStatus, LicenseTerms, LicenseVersion,
    Licensee, Lineage, STANDING_LICENSEE_SHIFT, STANDING_SHARES_SHIFT, ShareTable,
    TERMS_LINEAGE_SHIFT, license_origin,
};
pub use limits::{
    AMOUNT_BITS, BALANCE_BITS, BATCH_ENTRIES_MAX, CHUNK_LIMBS, DEPOSIT_BALANCE_LIMIT, FEE_BITS,
    HOLDERS_MAX, LICENSEE_BITS, LIMB_BITS, LIMB_BYTES, LINEAGE_MAX, NANO_PER_BASE_UNIT, NONCE_BITS,
    PRICE_BITS, PROTOCOL_VERSION, QUEUE_ENTRIES_MAX, RECEIPTS_DEPTH, SHARES_BITS, SHARES_TOTAL,
    TIME_BITS, TREE_DEPTH, USES_BITS,
};
pub use operation::{
    Message, Operation, OperationKind, PAYLOAD_ELEMENTS, Pay, RegisterLicense, Transfer,
    UPDATE_LICENSEE_SHIFT, UPDATE_STATUS_SHIFT, UpdateLicense, Withdraw, message_head,
};
pub use public_data::{
    AccountDiff, LicenseDiff, NewLicense, OpenedAccount, PublicData, PublicDataError, Record,
    UpdatedLicense, Withdrawal,
};
pub use quantity::{
    AccountId, Amount, BaseUnits, BatchNumber, BlockNumber, Fee, LicenseId, Nano, Nonce,
    OutOfRange, Price, QueueIndex, Shares, UnixTime, Uses,
};
pub use queue::{Deposit, ForcedExit, QueueEntry, QueueOutcome};
pub use schnorr::{
    BatchError, BatchItem, CHALLENGE_BITS, Challenge, KeyEncodingError, KeyError, MESSAGE_ELEMENTS,
    MessageElements, PUBLIC_KEY_BYTES, PublicKey, SEED_BYTES, SIGNATURE_BYTES, SecretKey,
    Signature, SignatureEncodingError, SignatureError, VerifyingKey, WEIGHT_BITS, challenge,
    challenges, find_invalid, sign, verify, verify_batch,
};
pub use stage::{NotAStage, Stage};
pub use statement::{
    BLOCK_STATEMENT_BYTES, BLOCK_STATEMENT_ELEMENTS, BatchHeader, BatchStatement, BlockStatement,
    BlockStatementError, JoinError, QuadraticFelt, STATEMENT_ELEMENTS, batches_root,
    evaluate_limbs, limbs_keccak, position,
};
pub use witness::{AccountChange, BatchWitness, IntentWitness, LicenseChange, NodeChange};
