//! The signed message: the places of its elements.

use p3_field::PrimeCharacteristicRing;

use crate::hash::SHORT_DIGEST_ELEMENTS;
use crate::limits::{FEE_BITS, SHARES_BITS, USES_BITS};
use crate::schnorr::MESSAGE_ELEMENTS;

/// Elements of a payload.
pub const PAYLOAD_ELEMENTS: usize = 5;

/// Bits of a quantity: uses are at most 2²³ and shares less than 2²⁰.
const QUANTITY_BITS: u32 = 24;

/// Bits of a status.
const STATUS_BITS: u32 = 2;

const _: () = assert!(USES_BITS < QUANTITY_BITS && SHARES_BITS + STATUS_BITS < QUANTITY_BITS);
const _: () = assert!(FEE_BITS + QUANTITY_BITS + 7 < 64, "seven bits of kinds, below p");

/// The elements of a signed message by their names: field elements for the signature, expressions of
/// a circuit for its proof.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Message<E> {
    /// Number of the operation.
    pub kind: E,
    /// Uses of a payment, derivative shares of a registration, derivative shares + status·2²⁰ of an
    /// update, else 0: less than 2²⁴.
    pub quantity: E,
    /// Nano-units for the operator.
    pub fee: E,
    /// Account that signs and pays.
    pub account: E,
    /// License of a payment, account of a transfer, lineage of a registration, license + licensee·2³²
    /// of an update, else 0.
    pub target: E,
    /// Nano-units that the operation takes from the account; the price of a registration or an
    /// update, which take none.
    pub amount: E,
    /// The last second at which a batch may include it.
    pub valid_until: E,
    /// The intent's number within its account.
    pub nonce: E,
    /// Origin of the license paid or updated, identity of the account credited, holder chain of a registration:
    /// the first three elements; else 0.
    pub recipient: [E; SHORT_DIGEST_ELEMENTS],
    /// Memo; provenance of a registration or an update.
    pub payload: [E; PAYLOAD_ELEMENTS],
}

/// The first element of a message: kind·2⁵⁶ + quantity·2³² + fee. Their ranges make the reading
/// unique.
pub fn message_head<E: PrimeCharacteristicRing>(kind: E, quantity: E, fee: E) -> E {
    let kind = kind * E::from_u64(1 << (FEE_BITS + QUANTITY_BITS));
    kind + quantity * E::from_u64(1 << FEE_BITS) + fee
}

impl<E: PrimeCharacteristicRing> Message<E> {
    /// The elements in the order in which they are signed.
    pub fn into_elements(self) -> [E; MESSAGE_ELEMENTS] {
        let Self { kind, quantity, fee, account, target, amount, valid_until, nonce, .. } = self;
        let ([r0, r1, r2], [p0, p1, p2, p3, p4]) = (self.recipient, self.payload);
        let head = message_head(kind, quantity, fee);
        [head, account, target, amount, valid_until, nonce, r0, r1, r2, p0, p1, p2, p3, p4]
    }
}
