//! The signed message: the places of its elements.

use crate::schnorr::MESSAGE_ELEMENTS;

/// Elements of a payload.
pub const PAYLOAD_ELEMENTS: usize = 5;

/// The elements of a signed message by their names: field elements for the signature, expressions of
/// a circuit for its proof.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Message<E> {
    /// Number of the operation.
    pub kind: E,
    /// Account that signs and pays.
    pub account: E,
    /// License of a payment, account of a transfer, else 0.
    pub target: E,
    /// Nano-units that the operation takes from the account.
    pub amount: E,
    /// Uses of a payment, else 0.
    pub uses: E,
    /// Nano-units for the operator.
    pub fee: E,
    /// The last second at which a batch may include it.
    pub valid_until: E,
    /// The intent's number within its account.
    pub nonce: E,
    /// Memo; terms digest and price of a registration.
    pub payload: [E; PAYLOAD_ELEMENTS],
}

impl<E> Message<E> {
    /// The elements in the order in which they are signed; the last one is reserved and `zero`.
    pub fn into_elements(self, zero: E) -> [E; MESSAGE_ELEMENTS] {
        let Self { kind, account, target, amount, uses, fee, valid_until, nonce, payload } = self;
        let [p0, p1, p2, p3, p4] = payload;
        [kind, account, target, amount, uses, fee, valid_until, nonce, p0, p1, p2, p3, p4, zero]
    }

    /// Names the elements of a message.
    pub fn from_elements(elements: [E; MESSAGE_ELEMENTS]) -> Self {
        let [kind, account, target, amount, uses, fee, valid_until, nonce, payload @ .., _] =
            elements;
        Self { kind, account, target, amount, uses, fee, valid_until, nonce, payload }
    }
}
