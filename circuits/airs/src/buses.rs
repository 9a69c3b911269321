//! Every bus: shape of its messages, who sends, who receives, what its balance means.
//!
//! | bus | message | sent by | received by |
//! | --- | --- | --- | --- |
//! | [`HASH`] | shape, state in 12, out 8 | poseidon2 | whoever needs a permutation |
//! | [`RANGE`] | bits, value | range | every table with bounded cells |
//! | [`WEIGHT`] | row, h0, h1 | weights | intents |
//! | [`RECEIPT`] | level, position, digest 4 | intents, receipts | receipts |
//! | [`SCALAR`] | account, key 5, nonces 2, climb, E limbs | intents | signers |
//! | [`SIGNER`] | account, key 5, old nonce, new nonce | signers | accounts |
//! | [`FLOW`] | space, id, price; the *count* is money or uses | every table that moves money | accounts, licenses |
//! | [`WITHDRAWAL`] | account, nonce, amount | intents | public data |
//! | [`REGISTRATION`] | account, nonce, payload 5 | intents | registrations |
//! | [`TERM`] | window, digit, x 5, y 5 | intents, signers | buckets |
//! | [`BUCKET`] | window, index, infinite, x 5, y 5 | buckets | bucket reduction |
//! | [`WINDOW`] | part, infinite, x 5, y 5 | bucket reduction | combine |
//! | [`CARRY`] | signer row, position, value | signers | carries |
//!
//! Counts are boolean except where [`FLOW`] and [`RANGE`] say otherwise, so no sum of counts comes
//! near the field's modulus; all messages of one bus have one width.

use p3_field::PrimeCharacteristicRing;
use p3_lookup::{Count, InteractionBuilder, LookupBus, PermutationCheckBus};

use farthing_protocol::{DIGEST_ELEMENTS, RATE, WIDTH};

/// Permutations. Message: shape ([`HashShape`]), the state before it (12), and of the state after
/// it eight elements, which ones the shape says. The receiving table states that the permutation
/// maps one to the other. A poseidon2 row sends at most one message.
pub(crate) const HASH: PermutationCheckBus<'static> = PermutationCheckBus::new("hash");

/// `(bits, value)`: value < 2^bits, bits ≤ 12. The provided count is free.
pub(crate) const RANGE: LookupBus<'static> = LookupBus::new("range");

/// `(i, h0, h1)`: the two hash outputs that make the weight of intent row i.
pub(crate) const WEIGHT: PermutationCheckBus<'static> = PermutationCheckBus::new("weight");

/// `(level, position, digest)`: a present node of the receipts tree, level 0 the leaves, four
/// children to a node. Each is received exactly once, by its parent.
pub(crate) const RECEIPT: PermutationCheckBus<'static> = PermutationCheckBus::new("receipt");

/// `(account, key, old nonce, new nonce, climb, E limbs)`: one signer's intents, summed up.
pub(crate) const SCALAR: PermutationCheckBus<'static> = PermutationCheckBus::new("scalar");

/// `(account, key, old nonce, new nonce)`: this account signs in this batch, its key is the leaf's
/// key and its last nonce moves from old to new. The accounts table has one row per account and
/// receives at most one such message on it, hence one group of intents per account.
pub(crate) const SIGNER: PermutationCheckBus<'static> = PermutationCheckBus::new("signer");

/// `(space, id, price)` with the moved quantity as *count*: the sum of a message's counts over all
/// tables is zero, so the LogUp identity itself is the conservation of money. Two kinds:
///
/// - `(Account, id, 0)`, count in nano: + credits, − debits, and the accounts table takes up
///   `new − old` (minus what it takes from other operations).
/// - `(License, id, price)`, count in uses: the licenses table takes up the sum U of the uses at
///   its leaf's price and receives price·U.
///
/// Counts are field elements, not small: that they do not wrap is argued from the bounds of the
/// amounts (< 2⁴⁶ each, at most 2¹⁶ entries, balances < 2⁶²), not from p3's height bound.
pub(crate) const FLOW: PermutationCheckBus<'static> = PermutationCheckBus::new("flow");

/// `(account, nonce, amount)` of each `Withdraw`.
pub(crate) const WITHDRAWAL: PermutationCheckBus<'static> = PermutationCheckBus::new("withdrawal");

/// `(account, nonce, payload)` of each `RegisterLicense`; payload is terms digest (4) and price.
pub(crate) const REGISTRATION: PermutationCheckBus<'static> =
    PermutationCheckBus::new("registration");

/// `(window, digit, x, y)`: add digit·(x, y) to the window's sum.
pub(crate) const TERM: PermutationCheckBus<'static> = PermutationCheckBus::new("term");

/// `(window, index, infinite, x, y)`: the sum of the points in a nonempty bucket.
pub(crate) const BUCKET: PermutationCheckBus<'static> = PermutationCheckBus::new("bucket");

/// `(part, infinite, x, y)`: part 2w is the plain sum S of window w's buckets, part 2w + 1 their
/// sum T weighted by index; the window's value is 2T + S.
pub(crate) const WINDOW: PermutationCheckBus<'static> = PermutationCheckBus::new("window");

/// `(signer row, position, value)`: one position of the identity that reduces E modulo n.
pub(crate) const CARRY: PermutationCheckBus<'static> = PermutationCheckBus::new("carry");

/// Elements of a [`HASH`] message.
pub(crate) const HASH_MESSAGE: usize = 1 + WIDTH + RATE;

/// Which outputs of a permutation a [`HASH`] message shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum HashShape {
    /// Outputs 0..4, then zeros: a digest.
    Digest = 0,
    /// Outputs 8..12, then zeros: the capacity that the next block of a sponge starts from.
    Absorb = 1,
    /// Outputs 0..8: a full rate.
    Squeeze = 2,
}

/// What a [`FLOW`] message's id names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Space {
    /// An account's balance.
    Account = 0,
    /// Uses of a license.
    License = 1,
}

/// Asks for the first four outputs of a permutation.
pub(crate) fn send_digest<AB: InteractionBuilder>(
    builder: &mut AB,
    input: [AB::Expr; WIDTH],
    digest: [AB::Expr; DIGEST_ELEMENTS],
    count: AB::Expr,
) {
    send_hash(builder, HashShape::Digest, input, digest.into(), count);
}

/// Asks for the capacity after a permutation.
pub(crate) fn send_absorb<AB: InteractionBuilder>(
    builder: &mut AB,
    input: [AB::Expr; WIDTH],
    capacity: [AB::Expr; DIGEST_ELEMENTS],
    count: AB::Expr,
) {
    send_hash(builder, HashShape::Absorb, input, capacity.into(), count);
}

/// Asks for the rate after a permutation.
pub(crate) fn send_squeeze<AB: InteractionBuilder>(
    builder: &mut AB,
    input: [AB::Expr; WIDTH],
    rate: [AB::Expr; RATE],
    count: AB::Expr,
) {
    send_hash(builder, HashShape::Squeeze, input, rate.into(), count);
}

fn send_hash<AB: InteractionBuilder>(
    builder: &mut AB,
    shape: HashShape,
    input: [AB::Expr; WIDTH],
    output: Vec<AB::Expr>,
    count: AB::Expr,
) {
    let mut message = vec![AB::Expr::from_u64(shape as u64)];
    message.extend(input);
    message.extend(output);
    message.resize(HASH_MESSAGE, AB::Expr::ZERO);
    HASH.send(builder, message, Count::bounded(count, 1));
}

/// Bounds each `(value, bits)`.
pub(crate) fn check_ranges<AB: InteractionBuilder>(
    builder: &mut AB,
    values: impl IntoIterator<Item = (AB::Expr, usize)>,
) {
    for (value, bits) in values {
        RANGE.lookup_key(builder, [AB::Expr::from_usize(bits), value], 1);
    }
}
