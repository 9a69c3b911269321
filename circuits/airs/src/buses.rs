//! Every bus: shape of its messages, who sends, who receives, what its balance means.
//!
//! | bus | message | sent by | received by |
//! | --- | --- | --- | --- |
//! | [`HASH`] | shape, state in 12, out 8 | every table that needs a permutation | poseidon2 |
//! | [`RANGE`] | bits, value | every table with bounded cells | range, as often as its count says |
//! | [`WEIGHT`] | row, h0, h1 | weights | intents |
//! | [`RECEIPT`] | level, position, digest 4 | intents, receipts | receipts |
//! | [`SCALAR`] | account, key 5, nonces 2, step highs, E limbs | intents | signers |
//! | [`SIGNER`] | account, key 5, old nonce, new nonce | signers | accounts |
//! | [`FLOW`] | space, id, price, licensee, recipient 3; the *count* is money or uses | every table that moves money | accounts, licenses |
//! | [`WITHDRAWAL`] | account, nonce, amount | intents | withdrawals |
//! | [`REGISTRATION`] | update, account, nonce, target, quantity, amount, recipient 3, payload 5 | intents | registrations |
//! | [`NODE`] | tree, level, index, old digest 4, new digest 4 | accounts, licenses, merkle | merkle |
//! | [`LIMB`] | position, limb | every table that owns a record | public data |
//! | [`LINK`] | what [`StateLink`] says | the tables of the state | the tables of the state |
//! | [`TERM`] | window, digit, x 5, y 5 | intents, signers | buckets |
//! | [`BUCKET`] | window, index, infinite, x 5, y 5 | buckets | bucket reduction |
//! | [`WINDOW`] | part, infinite, x 5, y 5 | bucket reduction | combine |
//! | [`CARRY`] | signer row, position, value | signers | carries |
//!
//! Counts are boolean except where [`FLOW`], [`RANGE`] and, for answers, [`LINK`] say otherwise, so no
//! sum of counts comes near the field's modulus; all messages of one bus have one width.

use p3_field::PrimeCharacteristicRing;
use p3_lookup::{Count, InteractionBuilder, LookupBus, PermutationCheckBus};

use farthing_protocol::{
    DIGEST_ELEMENTS, RATE, SHORT_DIGEST_ELEMENTS, Tag, WIDTH, canonical, capacity_of,
};

use crate::gadgets::boundary::BoundaryCells;
use crate::gadgets::decomposition::Decomposition;

/// A bus on which every message is received as often as it is sent.
#[derive(Clone, Debug)]
pub(crate) struct Bus(PermutationCheckBus<'static>);

impl Bus {
    const fn new(name: &'static str) -> Self {
        Self(PermutationCheckBus::new(name))
    }

    /// Sends a message `count` times.
    #[track_caller]
    pub(crate) fn send<AB: InteractionBuilder, E: Into<AB::Expr>>(
        &self,
        builder: &mut AB,
        message: impl IntoIterator<Item = E>,
        count: Count<AB::Expr>,
    ) {
        #[cfg(test)]
        crate::check::mark_line(core::panic::Location::caller());
        self.0.send(builder, message, count);
    }

    /// Receives a message `count` times.
    #[track_caller]
    pub(crate) fn receive<AB: InteractionBuilder, E: Into<AB::Expr>>(
        &self,
        builder: &mut AB,
        message: impl IntoIterator<Item = E>,
        count: Count<AB::Expr>,
    ) {
        #[cfg(test)]
        crate::check::mark_line(core::panic::Location::caller());
        self.0.receive(builder, message, count);
    }
}

/// Permutations. Message: shape ([`HashShape`]), the state before it (12), and of the state after
/// it eight elements, which ones the shape says. The receiving table states that the permutation
/// maps one to the other. A poseidon2 row sends at most one message.
pub(crate) const HASH: Bus = Bus::new("hash");

/// `(bits, value)`: value < 2^bits, bits ≤ 12. The provided count is free.
pub(crate) const RANGE: LookupBus<'static> = LookupBus::new("range");

/// `(i, h0, h1)`: the two hash outputs that make the weight of intent row i.
pub(crate) const WEIGHT: Bus = Bus::new("weight");

/// `(level, position, digest)`: a present node of the receipts tree, level 0 the leaves, four
/// children to a node. Each is received exactly once, by its parent.
pub(crate) const RECEIPT: Bus = Bus::new("receipt");

/// `(account, key, old nonce, new nonce, step highs, E limbs)`: one signer's intents, summed up.
pub(crate) const SCALAR: Bus = Bus::new("scalar");

/// `(account, key, old nonce, new nonce)`: this account signs in this batch, its key is the leaf's
/// key and its last nonce moves from old to new. The accounts table has one row per account and
/// receives at most one such message on it, hence one group of intents per account.
pub(crate) const SIGNER: Bus = Bus::new("signer");

/// `(space, id, price, licensee, recipient)` with the moved quantity as *count*: the sum of a message's
/// counts over all tables is zero, so the LogUp identity itself is the conservation of money. Price,
/// licensee and recipient are zero where nothing is said of them:
///
/// - `(Account, id)`, count in nano: + credits, − debits, and the accounts table takes up
///   `new − old` (minus what it takes from other operations).
/// - `(Named, id, identity)`, count in nano: credits whose signers named the account; the accounts
///   table takes them up for the identity of its leaf only.
/// - `(License, id, price, licensee, origin)`, count in uses: the licenses table takes up the sum U of
///   the uses at its leaf's price, licensee and origin, if it is active, and receives price·U. A payer
///   names no licensee but itself.
/// - `(Parent, id)`, count in nano: what derivatives leave to a license.
///
/// Counts are field elements, not small: that they do not wrap is argued from the bounds of the
/// amounts (< 2⁴⁶ each, at most 2¹⁶ entries, balances < 2⁶²), not from p3's height bound.
pub(crate) const FLOW: Bus = Bus::new("flow");

/// `(account, nonce, amount)` of each `Withdraw`.
pub(crate) const WITHDRAWAL: Bus = Bus::new("withdrawal");

/// `(update, account, nonce, target, quantity, amount, recipient, payload)` of each `RegisterLicense`
/// and, with update = 1, each `UpdateLicense`: what it registers or changes, and the chain of the holders
/// or the origin of the license that its signer meant.
pub(crate) const REGISTRATION: Bus = Bus::new("registration");

/// `(tree, level, index, old digest, new digest)`: a node of a state tree changes so in this batch;
/// level 0 are the leaves. Accounts and licenses send each touched leaf once, because their ids
/// ascend; the parent's row takes it, with a witness for the child that is not touched.
pub(crate) const NODE: Bus = Bus::new("node");

/// `(position, limb)`: one limb of public data. The public data's rows have each position below
/// the statement's number once, so what is sent is a permutation of them: nothing is left out,
/// nothing stands in two places.
pub(crate) const LIMB: Bus = Bus::new("limb");

/// `(link, up to ten elements)`: everything that is said rarely between the tables of the state.
/// One bus, because messages of one bus share columns.
pub(crate) const LINK: Bus = Bus::new("link");

/// `(window, digit, x, y)`: add digit·(x, y) to the window's sum.
pub(crate) const TERM: Bus = Bus::new("term");

/// `(window, index, infinite, x, y)`: the sum of the points in a nonempty bucket.
pub(crate) const BUCKET: Bus = Bus::new("bucket");

/// `(part, infinite, x, y)`: part 2w is the plain sum S of window w's buckets, part 2w + 1 their
/// sum T weighted by index; the window's value is 2T + S.
pub(crate) const WINDOW: Bus = Bus::new("window");

/// `(signer row, position, value)`: one position of the identity that reduces E modulo n.
pub(crate) const CARRY: Bus = Bus::new("carry");

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

/// Kind of owner that a [`FLOW`] message's id names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FlowKind {
    /// An account's balance.
    Account = 0,
    /// Uses of a license.
    License = 1,
    /// Nano that derivatives leave to a license.
    Parent = 2,
    /// An account's balance, credited under its identity.
    Named = 3,
}

/// The kinds of [`LINK`] message. *Asked* ones are look-ups: the provided count is free, so they
/// bind the asker to what a row says and nothing else; the others are received once per sending.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StateLink {
    /// Account id, key 5, owner 3, old balance: looked up by deposits in accounts.
    Identity = 1,
    /// Account id, absent, exits, owner 3: looked up by withdrawals and forced exits in accounts.
    Owner = 2,
    /// Kind of holder, id, recipient 3: looked up in accounts (0) and licenses (1) by royalty split and,
    /// for licensors, by registrations: it is touched and has this identity or origin.
    Holder = 3,
    /// License id, standing, licensor and lineage in one: looked up by registrations in licenses.
    Standing = 4,
    /// Account id: from the first effective forced exit of an account to its withdrawal.
    Exit = 5,
    /// Account id, nano swept, balance kept: from an exiting account to its withdrawal.
    Sweep = 6,
    /// Account id, key 5, owner 3: from an account opened to its record.
    Opening = 7,
    /// License id, low and high half of V, remainder, share table 4, new: from a license to its
    /// split.
    Split = 8,
    /// License id, price, origin 3, licensor and lineage in one, standing: from a new license to its
    /// registration.
    NewLicense = 9,
    /// License id, holders, position of the first line, holder chain 4: from a new license's split to
    /// its registration.
    Lines = 10,
    /// License id, parent id, shares: from a new license's split to its registration.
    Parent = 11,
    /// Section, position: where the records of a table start, from the table before.
    Section = 12,
    /// License id, licensor, origin 3, new price, new standing: from an update to its license.
    Update = 13,
}

/// The order of records in public data; each section is one table's. The queue's comes first, at 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Section {
    /// Withdrawals.
    Withdrawals = 1,
    /// Accounts.
    Accounts = 2,
    /// New licenses, then updated ones.
    Registrations = 3,
    /// Licenses.
    Licenses = 4,
    /// Behind the last record.
    End = 5,
}

/// Asks for the first four outputs of a permutation.
#[track_caller]
pub(crate) fn send_digest<AB: InteractionBuilder>(
    builder: &mut AB,
    input: [AB::Expr; WIDTH],
    digest: [AB::Expr; DIGEST_ELEMENTS],
    count: AB::Expr,
) {
    send_hash(builder, HashShape::Digest, input, digest.into(), count);
}

/// Asks for the capacity after a permutation.
#[track_caller]
pub(crate) fn send_absorb<AB: InteractionBuilder>(
    builder: &mut AB,
    input: [AB::Expr; WIDTH],
    capacity: [AB::Expr; DIGEST_ELEMENTS],
    count: AB::Expr,
) {
    send_hash(builder, HashShape::Absorb, input, capacity.into(), count);
}

/// Asks for the rate after a permutation.
#[track_caller]
pub(crate) fn send_squeeze<AB: InteractionBuilder>(
    builder: &mut AB,
    input: [AB::Expr; WIDTH],
    rate: [AB::Expr; RATE],
    count: AB::Expr,
) {
    send_hash(builder, HashShape::Squeeze, input, rate.into(), count);
}

#[track_caller]
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

/// Elements of a [`FLOW`] message.
pub(crate) const FLOW_MESSAGE: usize = 4 + SHORT_DIGEST_ELEMENTS;

/// The [`FLOW`] message of a space that tells neither price, licensee nor recipient.
pub(crate) fn flow<E: PrimeCharacteristicRing>(space: E, id: impl Into<E>) -> [E; FLOW_MESSAGE] {
    flow_to(space, id, E::ZERO, E::ZERO, [E::ZERO; SHORT_DIGEST_ELEMENTS])
}

/// A [`FLOW`] message.
pub(crate) fn flow_to<E: PrimeCharacteristicRing>(
    space: E,
    id: impl Into<E>,
    price: impl Into<E>,
    licensee: impl Into<E>,
    recipient: [impl Into<E>; SHORT_DIGEST_ELEMENTS],
) -> [E; FLOW_MESSAGE] {
    let [r0, r1, r2] = recipient.map(Into::into);
    [space, id.into(), price.into(), licensee.into(), r0, r1, r2]
}

/// Elements of a [`LINK`] message.
pub(crate) const LINK_MESSAGE: usize = 11;

/// Sends a link.
#[track_caller]
pub(crate) fn send_link<AB: InteractionBuilder>(
    builder: &mut AB,
    link: StateLink,
    elements: impl IntoIterator<Item: Into<AB::Expr>>,
    count: impl Into<AB::Expr>,
) {
    LINK.send(builder, link_message::<AB>(link, elements), Count::bounded(count.into(), 1));
}

/// Receives a link.
#[track_caller]
pub(crate) fn receive_link<AB: InteractionBuilder>(
    builder: &mut AB,
    link: StateLink,
    elements: impl IntoIterator<Item: Into<AB::Expr>>,
    count: impl Into<AB::Expr>,
) {
    LINK.receive(builder, link_message::<AB>(link, elements), Count::bounded(count.into(), 1));
}

/// Provides a link that is looked up `count` times.
#[track_caller]
pub(crate) fn provide_link<AB: InteractionBuilder>(
    builder: &mut AB,
    link: StateLink,
    elements: impl IntoIterator<Item: Into<AB::Expr>>,
    count: impl Into<AB::Expr>,
) {
    LINK.receive(builder, link_message::<AB>(link, elements), Count::provided(count.into()));
}

fn link_message<AB: InteractionBuilder>(
    link: StateLink,
    elements: impl IntoIterator<Item: Into<AB::Expr>>,
) -> Vec<AB::Expr> {
    let mut message = vec![AB::Expr::from_u64(link as u64)];
    message.extend(elements.into_iter().map(Into::into));
    assert!(message.len() <= LINK_MESSAGE, "a longer message would be cut off");
    message.resize(LINK_MESSAGE, AB::Expr::ZERO);
    message
}

/// Takes a section's first position on the first row and sends the next section's on the last,
/// which is padding.
#[track_caller]
pub(crate) fn chain_section<AB: InteractionBuilder>(
    builder: &mut AB,
    section: Section,
    position: AB::Var,
    ends: BoundaryCells<AB::Var>,
) {
    let number = AB::Expr::from_u64(section as u64) + ends.last;
    let next = [number, position.into()];
    send_link(builder, StateLink::Section, next, ends.last - ends.first);
}

/// Sends `count` limbs at `position`.
#[track_caller]
pub(crate) fn send_limb<AB: InteractionBuilder>(
    builder: &mut AB,
    position: impl Into<AB::Expr>,
    limb: impl Into<AB::Expr>,
    count: impl Into<AB::Expr>,
) {
    LIMB.send(builder, [position.into(), limb.into()], Count::bounded(count.into(), 1));
}

/// The digest of eight elements under `tag`.
#[track_caller]
pub(crate) fn send_tagged<AB: InteractionBuilder>(
    builder: &mut AB,
    tag: Tag,
    elements: [AB::Expr; RATE],
    digest: [AB::Var; DIGEST_ELEMENTS],
    count: impl Into<AB::Expr>,
) {
    let capacity = capacity_of(tag, RATE).map(|element| AB::Expr::from_u64(canonical(element)));
    let mut elements = elements.into_iter().chain(capacity);
    let input = core::array::from_fn(|_| elements.next().unwrap_or(AB::Expr::ZERO));
    send_digest(builder, input, digest.map(Into::into), count.into());
}

/// Bounds each piece of each number in a row.
pub(crate) fn check_ranges<AB: InteractionBuilder>(
    builder: &mut AB,
    row: &[AB::Var],
    numbers: &[&Decomposition],
) {
    for (column, bits) in numbers.iter().flat_map(|number| number.lookups()) {
        RANGE.lookup_key(builder, [AB::Expr::from_usize(bits), row[column].into()], 1);
    }
}
