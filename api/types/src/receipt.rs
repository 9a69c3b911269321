//! Checks that a receipt agrees with itself: signature → receipts root → batch → block, with no server.
//!
//! **Consistent is not settled.** Key, batch and block are the receipt's own words: anyone can make
//! a consistent receipt of a payment that never was, for any deployment. It shows a payment only if
//! L1 has verified the batch: `finalBatch` of a contract that the reader trusts names the batch,
//! whose `committedDigest` is the digest of [`VerifiedReceipt::batch`].

use farthing_protocol::{
    BatchStatement, BlockStatement, Digest, Domain, PROTOCOL_VERSION, RECEIPTS_DEPTH,
    SignatureError, SignedIntent, challenge, compress, verify,
};
use thiserror::Error;

use crate::dto::{IntentBodyError, PathBody, ReceiptBlock, ReceiptBody, WireIntentId};

/// The contents of a consistent receipt. They are facts if, and only if, L1 has verified
/// [`VerifiedReceipt::batch`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifiedReceipt {
    /// The intent: signed by the receipt's key, and among the intents of the batch.
    pub signed: SignedIntent,
    /// The batch statement that a proof would have to be of. **Nothing in a receipt shows that the
    /// proof exists.**
    pub batch: BatchStatement,
    /// The block statement likewise; `None` if the receipt was made before its batch was proven.
    pub block: Option<BlockStatement>,
}

/// Why a receipt shows nothing; errors win in this order.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ReceiptError {
    /// The receipt is of another deployment than the one asked for.
    #[error("the receipt is of chain {} and contract {}", .got.chain_id, .got.contract)]
    Deployment {
        /// The deployment it is of.
        got: Domain,
    },
    /// The intent breaks a rule.
    #[error("intent: {0}")]
    Intent(#[from] IntentBodyError),
    /// The intent has another name.
    #[error("the intent's id is {expected}, the receipt says {got}")]
    Id {
        /// The name it has.
        expected: WireIntentId,
        /// The name given.
        got: WireIntentId,
    },
    /// The signature is not by that key.
    #[error(transparent)]
    Signature(#[from] SignatureError),
    /// The batch, or the block, is of another deployment.
    #[error("the {what}'s domain is not that of the receipt's chain and contract")]
    Domain {
        /// Batch or block.
        what: &'static str,
    },
    /// The intent was not valid at the batch's time.
    #[error("the intent was valid until {valid_until}, the batch is of {batch_time}")]
    Expired {
        /// The intent's last second.
        valid_until: u64,
        /// The batch's time.
        batch_time: u64,
    },
    /// The path has another number of siblings than the tree has levels.
    #[error("the {what} has {got} siblings, expected {expected}")]
    PathLength {
        /// Which path.
        what: &'static str,
        /// Levels of the tree.
        expected: u32,
        /// Siblings given.
        got: usize,
    },
    /// The leaf's index is beyond the last one.
    #[error("the {what} starts at leaf {got} of {count}")]
    Index {
        /// Which path.
        what: &'static str,
        /// The number of leaves.
        count: u32,
        /// The index given.
        got: u32,
    },
    /// The path ends elsewhere.
    #[error("the {what} leads to {got}, expected {expected}")]
    Root {
        /// Which path.
        what: &'static str,
        /// The root in the statement.
        expected: Digest,
        /// The root to which the path leads.
        got: Digest,
    },
    /// The block's statement is of another protocol version.
    #[error("the block is of protocol version {got}, expected {expected}")]
    Version {
        /// This program's.
        expected: u32,
        /// The block's.
        got: u32,
    },
    /// The block does not hold the batch at that index.
    #[error("batch {batch} is not at place {index} of a block that starts with batch {first}")]
    Place {
        /// The batch.
        batch: u64,
        /// The block's first batch.
        first: u64,
        /// The index given.
        index: u32,
    },
}

/// Checks that a receipt agrees with itself, which a made-up one does too: whether its payment is
/// settled, only L1 says. With `deployment`, the receipt must be of that one; without, it names a
/// deployment itself, and the caller must compare it with the one that he trusts.
///
/// # Errors
/// If a part of the receipt contradicts another.
pub fn verify_receipt(
    receipt: &ReceiptBody,
    deployment: Option<&Domain>,
) -> Result<VerifiedReceipt, ReceiptError> {
    let named = receipt.domain();
    if deployment.is_some_and(|expected| *expected != named) {
        return Err(ReceiptError::Deployment { got: named });
    }
    let domain = named.digest();
    let signed = SignedIntent::try_from(receipt.intent.clone())?;
    let batch = BatchStatement::from(&receipt.batch);
    check_intent(receipt, &signed, &domain, &batch)?;
    let block = receipt.block.as_ref().map(|block| check_block(block, &batch)).transpose()?;
    Ok(VerifiedReceipt { signed, batch, block })
}

fn check_intent(
    receipt: &ReceiptBody,
    signed: &SignedIntent,
    domain: &Digest,
    batch: &BatchStatement,
) -> Result<(), ReceiptError> {
    let id = WireIntentId::from(signed.intent.id(domain));
    if id != receipt.id {
        return Err(ReceiptError::Id { expected: id, got: receipt.id });
    }
    let message = signed.intent.message();
    verify(&receipt.key.0, domain, &message, &signed.signature)?;
    if batch.header.domain != *domain {
        return Err(ReceiptError::Domain { what: "batch" });
    }
    let (valid_until, batch_time) = (signed.intent.valid_until, batch.header.timestamp);
    if valid_until < batch_time {
        let (valid_until, batch_time) = (valid_until.get(), batch_time.get());
        return Err(ReceiptError::Expired { valid_until, batch_time });
    }
    let leaf = challenge(domain, &signed.signature.r, &receipt.key.0, &message);
    let tree = Tree {
        what: "receipt path",
        levels: RECEIPTS_DEPTH as u32,
        leaves: batch.header.intents,
        root: batch.header.receipts_root,
    };
    tree.check(&Digest::new(leaf.elements()), &receipt.receipt_path)
}

fn check_block(
    block: &ReceiptBlock,
    batch: &BatchStatement,
) -> Result<BlockStatement, ReceiptError> {
    let version = block.statement.version;
    if version != PROTOCOL_VERSION {
        return Err(ReceiptError::Version { expected: PROTOCOL_VERSION, got: version });
    }
    let statement = BlockStatement::from(&block.statement);
    if statement.domain != batch.header.domain {
        return Err(ReceiptError::Domain { what: "block" });
    }
    let (number, first) = (batch.header.number.get(), statement.first_batch.get());
    let index = block.batch_path.index;
    if number.checked_sub(first) != Some(u64::from(index)) {
        return Err(ReceiptError::Place { batch: number, first, index });
    }
    let tree = Tree {
        what: "batch path",
        levels: levels_of(statement.batches),
        leaves: statement.batches,
        root: statement.batches_root,
    };
    tree.check(&batch.digest(), &block.batch_path)?;
    Ok(statement)
}

/// Levels of a tree over `leaves` leaves, filled up to a power of two.
const fn levels_of(leaves: u32) -> u32 {
    if leaves <= 1 { 0 } else { u32::BITS - (leaves - 1).leading_zeros() }
}

/// A tree as its statement commits to it.
struct Tree {
    what: &'static str,
    levels: u32,
    leaves: u32,
    root: Digest,
}

impl Tree {
    fn check(&self, leaf: &Digest, path: &PathBody) -> Result<(), ReceiptError> {
        let Self { what, levels, leaves, root } = *self;
        if path.siblings.len() != levels as usize {
            return Err(ReceiptError::PathLength {
                what,
                expected: levels,
                got: path.siblings.len(),
            });
        }
        if path.index >= leaves {
            return Err(ReceiptError::Index { what, count: leaves, got: path.index });
        }
        let mut index = path.index;
        let got = path.siblings.iter().fold(*leaf, |node, sibling| {
            let parent = match index & 1 {
                0 => compress(&node, &sibling.0),
                _ => compress(&sibling.0, &node),
            };
            index >>= 1;
            parent
        });
        if got == root { Ok(()) } else { Err(ReceiptError::Root { what, expected: root, got }) }
    }
}
