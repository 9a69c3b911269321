//! Every limit of the protocol, with its reason. Where a limit depends on another, a `const`
//! assertion says how.

use crate::felt::MODULUS;

/// Version of messages, leaves, statements and public data.
pub const PROTOCOL_VERSION: u32 = 2;

/// Nano-units in one base unit of the settlement token (6 decimals on L1, 9 here).
pub const NANO_PER_BASE_UNIT: u64 = 1_000;

/// An intent or a deposit moves less than 2⁴⁶ nano (≈ 70,368 tokens), so that 2¹⁶ of them sum to
/// less than 2⁶².
pub const AMOUNT_BITS: u32 = 46;
/// A balance, a vault and what a license received are less than 2⁶²: one field element, with room
/// for sums of a batch below the modulus.
pub const BALANCE_BITS: u32 = 62;
/// A fee is less than 2³² nano (≈ 4.29 tokens): two 16-bit range checks.
pub const FEE_BITS: u32 = 32;
/// A price per use is less than 2⁴⁰ nano (≈ 1,099 tokens).
pub const PRICE_BITS: u32 = 40;
/// A payment is for 1 to 2²³ uses; times the price it cannot wrap the field.
pub const USES_BITS: u32 = 23;
/// A nonce is less than 2⁶²: a counter or a clock in microseconds both fit, and differences of two
/// nonces do not wrap.
pub const NONCE_BITS: u32 = 62;
/// A time is less than 2⁴⁰ seconds since 1970.
pub const TIME_BITS: u32 = 40;

/// The most entries (intents, credits of one kind) on one account in a batch.
pub const BATCH_ENTRIES_MAX: u64 = 1 << 16;

/// A license has exactly this many shares.
pub const SHARES_TOTAL: u32 = 1_000_000;
/// Bits that hold a number of shares.
pub const SHARES_BITS: u32 = 20;
/// Bits of a licensee's account: with a license's number it is one element of a message, which is below
/// 2⁶³.
pub const LICENSEE_BITS: u32 = 31;
/// The most holders of a license: bounds the rows that one payment can cost.
pub const HOLDERS_MAX: usize = 16;
/// The largest lineage of a license, 1 + Σ lineage of its parents. It bounds the licenses that one
/// payment touches, and with [`HOLDERS_MAX`] the accounts: 1,024. Whether a class has room for the
/// tree nodes of all of them depends on their numbers; a license is registered only if it has.
pub const LINEAGE_MAX: u32 = 64;

/// A deposit to an account that held this much or more when its batch began is refused and can be
/// taken back on L1: with [`QUEUE_ENTRIES_MAX`] deposits more, a balance stays below 2⁶².
pub const DEPOSIT_BALANCE_LIMIT: u64 = 1 << 61;
/// The most entries of the L1 queue that one batch consumes.
pub const QUEUE_ENTRIES_MAX: u64 = 1 << 14;

/// Levels of each state tree: ids are 32 bits.
pub const TREE_DEPTH: usize = 32;
/// Levels of the receipts tree: 2¹⁶ intents.
pub const RECEIPTS_DEPTH: usize = 16;

/// Bytes of one limb of public data: always canonical in the field.
pub const LIMB_BYTES: usize = 7;
/// Bits of one limb of public data.
pub const LIMB_BITS: u32 = 56;
/// Limbs of a chunk of public data, 28 KiB: the unit in which L1 hashes it. Four of them fit a
/// transaction of 128 KiB, the most that ordinary nodes relay, so a large batch can take several.
pub const CHUNK_LIMBS: usize = 1 << 12;

const _: () = assert!(
    ((1 << AMOUNT_BITS) - 1) * BATCH_ENTRIES_MAX < 1 << BALANCE_BITS,
    "the sum of all amounts of a batch is a balance"
);
const _: () = assert!(
    (1 << BALANCE_BITS) + 2 * (1u64 << BALANCE_BITS) < MODULUS,
    "old balance, credits of intents and credits of licenses do not wrap"
);
const _: () = assert!(
    ((1 << AMOUNT_BITS) + (1 << FEE_BITS)) * BATCH_ENTRIES_MAX < MODULUS,
    "the debits of a batch do not wrap"
);
const _: () = assert!(PRICE_BITS + USES_BITS <= 63, "price times uses does not wrap");
const _: () = assert!(1 << SHARES_BITS > SHARES_TOTAL);
const _: () = assert!(
    DEPOSIT_BALANCE_LIMIT + QUEUE_ENTRIES_MAX * (1 << AMOUNT_BITS) < 1 << BALANCE_BITS,
    "accepted deposits keep a balance in range"
);
const _: () = assert!(1 << RECEIPTS_DEPTH == BATCH_ENTRIES_MAX);
const _: () = assert!(LIMB_BITS as usize == 8 * LIMB_BYTES && 1 << LIMB_BITS < MODULUS);
