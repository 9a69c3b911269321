//! Where each part of the batch statement stands among a leaf proof's public values.
//!
//! Every table that reads the statement gets the same 32 elements; the verifier passes them once
//! for each such table.

/// Elements of a batch statement.
pub const STATEMENT_ELEMENTS: usize = 32;

/// Version of the protocol.
pub const VERSION: usize = 0;
/// Chain id and contract address: four elements, the capacity of every challenge sponge.
pub const DOMAIN: usize = 1;
/// Identifier of the batch class.
pub const CLASS: usize = 5;
/// Number of the batch.
pub const NUMBER: usize = 6;
/// Unix seconds at which the batch was sealed, u40.
pub const TIMESTAMP: usize = 7;
/// State root before the batch: four elements.
pub const OLD_ROOT: usize = 8;
/// State root after the batch: four elements.
pub const NEW_ROOT: usize = 12;
/// Root of the receipts tree: four elements.
pub const RECEIPTS_ROOT: usize = 16;
/// Number of signed intents.
pub const INTENTS: usize = 20;
/// First L1-queue entry consumed.
pub const QUEUE_FROM: usize = 21;
/// First L1-queue entry not consumed.
pub const QUEUE_TO: usize = 22;
/// Commitment to the public data: four elements.
pub const PUBLIC_DATA_COMMITMENT: usize = 23;
/// Limbs of public data.
pub const PUBLIC_DATA_LIMBS: usize = 27;
/// The challenge at which the limb polynomial is evaluated: two elements.
pub const CHALLENGE: usize = 28;
/// The evaluation of the limb polynomial: two elements.
pub const EVALUATION: usize = 30;

const _: () = assert!(EVALUATION + 2 == STATEMENT_ELEMENTS, "the positions tile the statement");
