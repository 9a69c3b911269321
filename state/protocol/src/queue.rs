//! Entries of the L1 queue. Every entry can be consumed.

use serde::{Deserialize, Serialize};
use sha3::{Digest as _, Keccak256};

use crate::account::AccountIdentity;
use crate::bytes::{Address, Bytes32};
use crate::layout::{self, RecordLayout};
use crate::limits::{DEPOSIT_BALANCE_LIMIT, LIMB_BITS};
use crate::quantity::{AccountId, Amount, Nano, OutOfRange};
use crate::schnorr::PublicKey;

/// A deposit as L1 recorded it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Unchecked")]
pub struct Deposit {
    /// The L1 owner of the account to credit.
    pub owner: Address,
    /// The five words of the key of the account to credit, as given on L1: each is reduced modulo
    /// p, and they need not be a point.
    pub key: [u64; 5],
    /// Nano-units, less than 2⁵⁶. Only an [`Amount`] is credited.
    amount: u64,
}

/// The fields of a deposit as serde formats carry them.
#[derive(Deserialize)]
struct Unchecked {
    owner: Address,
    key: [u64; 5],
    amount: u64,
}

impl TryFrom<Unchecked> for Deposit {
    type Error = OutOfRange;
    fn try_from(Unchecked { owner, key, amount }: Unchecked) -> Result<Self, OutOfRange> {
        Self::new(owner, key, amount)
    }
}

/// A request, made on L1, to take out the whole balance of an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ForcedExit {
    /// The L1 address that asks.
    pub requester: Address,
    /// The account to empty. It has an effect only if the requester owns it.
    pub account: AccountId,
}

/// An entry of the L1 queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum QueueEntry {
    /// Credits the account of that owner and key; opens it if there is none.
    Deposit(Deposit),
    /// Withdraws the balance that the batch leaves on the account.
    ForcedExit(ForcedExit),
}

/// Effect of a queue entry that was consumed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum QueueOutcome {
    /// The deposit was credited to this account.
    Credited(AccountId),
    /// The deposit was refused because this account held 2⁶¹ or more: refundable on L1.
    RefusedByBalance(AccountId),
    /// The deposit was refused because it is not an [`Amount`]: refundable on L1.
    RefusedByAmount,
    /// The account is emptied at the end of the batch.
    Exits,
    /// The requester does not own the account: nothing happened.
    NoEffect,
}

impl Deposit {
    /// A deposit of `amount` nano; an error at 2⁵⁶ or more, which no L1 entry can say.
    pub fn new(owner: Address, key: [u64; 5], amount: u64) -> Result<Self, OutOfRange> {
        let max = (1 << LIMB_BITS) - 1;
        if amount > max {
            return Err(OutOfRange { quantity: "Deposit", got: amount, min: 0, max });
        }
        Ok(Self { owner, key, amount })
    }

    /// Nano-units as L1 recorded them, less than 2⁵⁶.
    pub const fn raw_amount(&self) -> u64 {
        self.amount
    }

    /// The account that it is for.
    pub fn identity(&self) -> AccountIdentity {
        AccountIdentity { key: PublicKey::from_words_reduced(self.key), owner: self.owner }
    }

    /// Amount credited to an account that held `old` when the batch began; `None` if refused.
    pub fn accepted(&self, old: Nano) -> Option<Amount> {
        if old.get() >= DEPOSIT_BALANCE_LIMIT {
            return None;
        }
        Amount::new(self.amount).ok()
    }
}

impl QueueEntry {
    /// Kind and fields of its record in public data; the kind is the first byte of its hash, too.
    pub const fn layout(&self) -> &'static RecordLayout {
        match self {
            Self::Deposit(_) => &layout::deposit::LAYOUT,
            Self::ForcedExit(_) => &layout::forced_exit::LAYOUT,
        }
    }

    /// Kind 1, owner (20), amount (7), key (5 × 8); or kind 2, requester (20), account (4).
    /// Big-endian.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = vec![self.layout().kind];
        match self {
            Self::Deposit(deposit) => {
                bytes.extend(deposit.owner.0);
                bytes.extend(&deposit.amount.to_be_bytes()[1..]);
                deposit.key.iter().for_each(|word| bytes.extend(word.to_be_bytes()));
            }
            Self::ForcedExit(exit) => {
                bytes.extend(exit.requester.0);
                bytes.extend(exit.account.get().to_be_bytes());
            }
        }
        bytes
    }

    /// The queue's hash chain with this entry behind `previous`:
    /// `keccak256(previous ‖ entry bytes)`. An empty queue has the hash 0.
    pub fn chain(&self, previous: &Bytes32) -> Bytes32 {
        let mut keccak = Keccak256::new();
        keccak.update(previous.0);
        keccak.update(self.to_bytes());
        Bytes32(keccak.finalize().into())
    }
}

/// The words of a key as public data carries them: five high bytes in one limb, then five limbs of
/// the low 56 bits.
pub(crate) fn key_limbs(words: [u64; 5]) -> [u64; 6] {
    let high = words.iter().fold(0, |limb, word| (limb << 8) | (word >> LIMB_BITS));
    let mut limbs = [high; 6];
    for (limb, word) in limbs[1..].iter_mut().zip(words) {
        *limb = word & ((1 << LIMB_BITS) - 1);
    }
    limbs
}

/// Reads [`key_limbs`]; `None` if the first limb has more than five bytes.
pub(crate) fn key_words(limbs: [u64; 6]) -> Option<[u64; 5]> {
    let mut words = [0; 5];
    for (i, word) in words.iter_mut().enumerate() {
        *word = (limbs[0] >> (8 * (4 - i)) & 0xff) << LIMB_BITS | limbs[i + 1];
    }
    (limbs[0] >> 40 == 0).then_some(words)
}
