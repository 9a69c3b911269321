//! Layouts of the records of public data: kinds, widths and places of fields.
//!
//! Writer and reader take them from here, and so do the ledger's count of limbs, the circuits' tables
//! and, through `l1-contracts/src/libraries/PublicDataLayout.sol`, the contract. The golden vectors and
//! the contract's tests are written by hand and say the same a second time.

use core::ops::Range;

use crate::limits::{BALANCE_BITS, LICENSEE_BITS, LIMB_BITS, NONCE_BITS, PRICE_BITS, SHARES_BITS};

/// The kind, in the top byte of a record's first limb.
pub const KIND_FIELD: RecordField = RecordField::new("kind", 0, LIMB_BITS - 8..LIMB_BITS, 0);
/// Low bits of a balance, in a record's second limb.
const BALANCE_LOW_BITS: u32 = 48;
/// Low bits of a nonce, and of all that a license received, in a record's last limb.
const LOW_BITS: u32 = 54;
/// Bits of base units: ⌊(2⁶² − 1) / 1000⌋ is less than 2⁵³.
const BASE_UNITS_BITS: u32 = 53;
/// Bits of a vault: it is less than the number of holders.
const VAULT_BITS: u32 = 4;

const _: () = assert!(1 << VAULT_BITS == crate::limits::HOLDERS_MAX);
const _: () =
    assert!(((1 << BALANCE_BITS) - 1) / crate::limits::NANO_PER_BASE_UNIT < 1 << BASE_UNITS_BITS);

/// Bits of one limb, and the whole limbs that follow if the field is longer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecordField {
    /// The name in errors of the reader.
    pub name: &'static str,
    /// The limb within the record.
    pub limb: usize,
    /// The lowest bit within that limb.
    pub low: u32,
    /// Bits in that limb.
    pub bits: u32,
    /// Limbs behind it that belong to the field whole.
    pub whole: usize,
}

impl RecordField {
    const fn new(name: &'static str, limb: usize, bits: Range<u32>, whole: usize) -> Self {
        let Range { start, end } = bits;
        assert!(start < end && end <= LIMB_BITS, "a field has bits of its limb");
        Self { name, limb, low: start, bits: end - start, whole }
    }

    /// The factor of the field's value in its limb.
    pub const fn weight(&self) -> u64 {
        1 << self.low
    }

    /// The byte of the record at which a field of whole bytes begins.
    pub const fn byte(&self) -> usize {
        self.limb * LIMB_BITS as usize / 8 + (LIMB_BITS - self.low - self.bits) as usize / 8
    }

    /// The bits that the field has of a limb.
    const fn mask(&self, limb: usize) -> u64 {
        if limb == self.limb {
            ((1 << self.bits) - 1) << self.low
        } else if limb > self.limb && limb <= self.limb + self.whole {
            (1 << LIMB_BITS) - 1
        } else {
            0
        }
    }

    /// Writes a value of one limb into a record whose bits of the field are zero.
    pub(crate) fn put(&self, record: &mut [u64], value: u64) {
        debug_assert!(value >> self.bits == 0 && self.whole == 0, "{} fits", self.name);
        if let Some(limb) = record.get_mut(self.limb) {
            *limb |= value << self.low;
        }
    }

    /// Writes a value of several limbs, the first of which is of the field's bits.
    pub(crate) fn put_limbs<const N: usize>(&self, record: &mut [u64], value: [u64; N]) {
        debug_assert!(N == 1 + self.whole && self.low == 0, "{} fits", self.name);
        for (limb, value) in record.iter_mut().skip(self.limb).zip(value) {
            *limb |= value;
        }
    }

    /// The value of a field of one limb.
    pub(crate) fn get(&self, record: &[u64]) -> u64 {
        let limb = record.get(self.limb).copied().unwrap_or_default();
        limb >> self.low & ((1 << self.bits) - 1)
    }

    /// The limbs of a longer field.
    pub(crate) fn get_limbs<const N: usize>(&self, record: &[u64]) -> [u64; N] {
        let mut limbs = record.iter().skip(self.limb);
        core::array::from_fn(|i| {
            limbs.next().copied().unwrap_or_default() & self.mask(self.limb + i)
        })
    }
}

/// Kind, width and fields of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecordLayout {
    /// The name, as the specification has it.
    pub name: &'static str,
    /// The number in the top byte of the first limb.
    pub kind: u8,
    /// Limbs, not counting the lines of a share table.
    pub limbs: usize,
    /// Every field; bits outside of all of them are zero.
    pub fields: &'static [RecordField],
}

impl RecordLayout {
    const fn new(
        name: &'static str,
        kind: u8,
        limbs: usize,
        fields: &'static [RecordField],
    ) -> Self {
        let layout = Self { name, kind, limbs, fields };
        layout.check();
        layout
    }

    /// Stops the compiler unless the fields lie within the record and apart from each other.
    const fn check(&self) {
        let mut limb = 0;
        while limb < self.limbs {
            let mut taken = KIND_FIELD.mask(limb);
            let mut i = 0;
            while i < self.fields.len() {
                let mask = self.fields[i].mask(limb);
                assert!(taken & mask == 0, "fields do not overlap");
                taken |= mask;
                i += 1;
            }
            limb += 1;
        }
        let mut i = 0;
        while i < self.fields.len() {
            assert!(self.fields[i].limb + self.fields[i].whole < self.limbs, "a field fits");
            i += 1;
        }
    }

    /// The layout of records of this kind.
    pub fn of_kind(kind: u8) -> Option<&'static Self> {
        Self::ALL.iter().find(|layout| layout.kind == kind)
    }

    /// The first limb of a record of this kind whose fields are zero.
    pub const fn head(&self) -> u64 {
        (self.kind as u64) << KIND_FIELD.low
    }

    /// Adds a record with its kind, its fields zero; returns its limbs.
    pub(crate) fn start<'a>(&self, limbs: &'a mut Vec<u64>) -> &'a mut [u64] {
        let first = limbs.len();
        limbs.push(self.head());
        limbs.resize(first + self.limbs, 0);
        limbs.split_at_mut(first).1
    }

    /// The kind in a record's first limb.
    pub(crate) const fn kind_of(head: u64) -> u8 {
        (head >> KIND_FIELD.low) as u8
    }

    /// The field to blame if a bit outside of all fields is set: the next lower one of its limb.
    pub(crate) fn spoiled(&self, record: &[u64]) -> Option<&'static str> {
        record.iter().enumerate().take(self.limbs).find_map(|(limb, value)| {
            let used =
                self.fields.iter().fold(KIND_FIELD.mask(limb), |all, field| all | field.mask(limb));
            let highest = (value & !used).checked_ilog2()?;
            let below = self.fields.iter().filter(|f| f.limb == limb && f.low <= highest);
            Some(below.max_by_key(|field| field.low).map_or("head", |field| field.name))
        })
    }
}

/// A number for the outcome of a queue entry.
pub mod outcome {
    /// A deposit refused by its amount; a forced exit of an account that the requester does not own.
    pub const NO_EFFECT: u64 = 0;
    /// A deposit credited; a forced exit that empties its account.
    pub const EFFECT: u64 = 1;
    /// A deposit refused by the balance of its account.
    pub const REFUSED_BY_BALANCE: u64 = 2;
}

macro_rules! records {
    ($(
        $(#[$doc:meta])*
        $module:ident $name:literal: kind $kind:literal, $limbs:literal limbs {
            $($(#[$field_doc:meta])* $field:ident = $label:literal, $limb:literal, $bits:expr, $whole:literal;)*
        }
    )*) => {
        $(
            $(#[$doc])*
            pub mod $module {
                use super::*;

                $($(#[$field_doc])* pub const $field: RecordField =
                    RecordField::new($label, $limb, $bits, $whole);)*

                /// Number in the top byte of the first limb.
                pub const KIND: u8 = $kind;
                /// Kind, width and all fields.
                pub const LAYOUT: RecordLayout =
                    RecordLayout::new($name, KIND, $limbs, &[$($field),*]);
            }
        )*

        impl RecordLayout {
            /// Every layout, by kind.
            pub const ALL: &'static [Self] = &[$($module::LAYOUT),*];
        }
    };
}

// A field: its name in errors, its limb, its bits there, the whole limbs behind it.
records! {
    /// Deposit that a batch consumed.
    deposit "deposit": kind 1, 11 limbs {
        /// See [`outcome`].
        OUTCOME = "outcome", 0, 40..48, 0;
        /// Account credited, or refused because of its balance; 0 if refused by the amount.
        ACCOUNT = "account", 0, 8..40, 0;
        /// L1 owner of the account.
        OWNER = "address", 1, 0..48, 2;
        /// Nano-units as L1 recorded them.
        AMOUNT = "amount", 4, 0..LIMB_BITS, 0;
        /// Top bytes of the key's words, then their low 56 bits, word by word.
        KEY = "key", 5, 0..40, 5;
    }
    /// Forced exit that a batch consumed.
    forced_exit "forced exit": kind 2, 4 limbs {
        /// See [`outcome`].
        OUTCOME = "outcome", 0, 40..48, 0;
        /// Account to empty.
        ACCOUNT = "account", 0, 8..40, 0;
        /// L1 address that asked for it.
        REQUESTER = "address", 1, 0..48, 2;
    }
    /// Account opened in the batch.
    opened_account "opened account": kind 3, 10 limbs {
        /// Its number.
        ID = "id", 0, 16..48, 0;
        /// L1 owner.
        OWNER = "address", 1, 0..48, 2;
        /// Top bytes of the key's words, then their low 56 bits, word by word.
        KEY = "key", 4, 0..40, 5;
    }
    /// Claim on L1.
    withdrawal "withdrawal": kind 4, 4 limbs {
        /// L1 address that may claim it.
        OWNER = "address", 0, 0..48, 2;
        /// Base units of the token.
        BASE_UNITS = "withdrawal amount", 3, 0..BASE_UNITS_BITS, 0;
    }
    /// Touched account that signed nothing.
    account "account": kind 5, 2 limbs {
        /// Its number.
        ID = "id", 0, 16..48, 0;
        /// Balance ÷ 2⁴⁸.
        BALANCE_HIGH = "balance", 0, 0..BALANCE_BITS - BALANCE_LOW_BITS, 0;
        /// Balance mod 2⁴⁸.
        BALANCE_LOW = "balance", 1, 0..BALANCE_LOW_BITS, 0;
    }
    /// Touched account that signed an intent.
    signer "account that signed": kind 6, 3 limbs {
        /// Its number.
        ID = "id", 0, 16..48, 0;
        /// Balance ÷ 2⁴⁸.
        BALANCE_HIGH = "balance", 0, 0..BALANCE_BITS - BALANCE_LOW_BITS, 0;
        /// Balance mod 2⁴⁸.
        BALANCE_LOW = "balance", 1, 8..8 + BALANCE_LOW_BITS, 0;
        /// Nonce ÷ 2⁵⁴.
        NONCE_HIGH = "nonce", 1, 0..NONCE_BITS - LOW_BITS, 0;
        /// Nonce mod 2⁵⁴.
        NONCE_LOW = "nonce", 2, 0..LOW_BITS, 0;
    }
    /// License registered in the batch; one limb for each line of its share table follows.
    new_license "new license": kind 7, 8 limbs {
        /// Its number.
        ID = "id", 0, 16..48, 0;
        /// Number of lines.
        HOLDERS = "number of holders", 0, 8..16, 0;
        /// Account that registered it.
        LICENSOR = "licensor", 1, SHARES_BITS..SHARES_BITS + 32, 0;
        /// Shares that a derivative must leave to it.
        DERIVATIVE_SHARES = "derivative shares", 1, 0..SHARES_BITS, 0;
        /// Nano-units per use.
        PRICE = "price", 2, 16..16 + PRICE_BITS, 0;
        /// 1 + Σ lineage of the parents.
        LINEAGE = "lineage", 2, 0..16, 0;
        /// Hash of the manifest.
        PROVENANCE = "provenance", 3, 0..32, 4;
    }
    /// Touched license.
    license "license": kind 8, 2 limbs {
        /// Its number.
        ID = "id", 0, 16..48, 0;
        /// Nano-units left in the vault.
        VAULT = "vault", 0, 8..8 + VAULT_BITS, 0;
        /// All ever received ÷ 2⁵⁴.
        RECEIVED_HIGH = "received", 0, 0..BALANCE_BITS - LOW_BITS, 0;
        /// All ever received mod 2⁵⁴.
        RECEIVED_LOW = "received", 1, 0..LOW_BITS, 0;
    }
    /// License updated in the batch; it stands before the licenses touched.
    updated_license "updated license": kind 9, 8 limbs {
        /// Its number.
        ID = "id", 0, 16..48, 0;
        /// Number of its status.
        STATUS = "status", 0, 8..16, 0;
        /// Account that alone may pay, or 0.
        LICENSEE = "licensee", 1, SHARES_BITS..SHARES_BITS + LICENSEE_BITS, 0;
        /// Shares that a derivative must leave to it.
        DERIVATIVE_SHARES = "derivative shares", 1, 0..SHARES_BITS, 0;
        /// Nano-units per use.
        PRICE = "price", 2, 16..16 + PRICE_BITS, 0;
        /// Hash of the manifest.
        PROVENANCE = "provenance", 3, 0..32, 4;
    }
}

const _: () = {
    let mut i = 0;
    while i < RecordLayout::ALL.len() {
        assert!(RecordLayout::ALL[i].kind as usize == i + 1, "kinds are numbered from 1 on");
        i += 1;
    }
};
