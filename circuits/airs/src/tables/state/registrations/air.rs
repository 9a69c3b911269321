//! Constraints of the registrations table.

use p3_air::{AirBuilder, WindowAccess};
use p3_field::PrimeCharacteristicRing;
use p3_lookup::{Count, InteractionBuilder};

use farthing_protocol::{
    BYTES32_LIMBS, DIGEST_ELEMENTS, Felt, LicenseStatus, SHARES_TOTAL, SHORT_DIGEST_ELEMENTS,
    STANDING_LICENSEE_SHIFT, STANDING_SHARES_SHIFT, TERMS_LINEAGE_SHIFT, Tag,
    UPDATE_LICENSEE_SHIFT, UPDATE_STATUS_SHIFT, WIDTH, canonical, capacity_of,
};

use crate::buses::{
    REGISTRATION, Section, StateLink, chain_section, check_ranges, receive_link, send_absorb,
    send_digest, send_limb, send_link,
};
use crate::gadgets::boundary::BoundaryFlags;
use crate::gadgets::gate::OnRows;
use crate::gadgets::layout::{Bits, Layout, Many, One, columns};
use crate::tables::state::accounts::ID_BITS;

use super::{LICENSEE_BITS, LINEAGE_BITS, ORIGIN_ELEMENTS, RECORD_LIMBS, WORD_BITS};

/// Kind of the record.
const RECORD: u64 = farthing_protocol::layout::new_license::KIND as u64;
/// Kind of the record of an update.
const UPDATE_RECORD: u64 = farthing_protocol::layout::updated_license::KIND as u64;
/// Bits of shares.
const SHARES_BITS: usize = farthing_protocol::SHARES_BITS as usize;
/// Bits of a price.
const PRICE_BITS: usize = farthing_protocol::PRICE_BITS as usize;

columns! {
    /// Columns of the main trace; the module page says what each means.
    pub(crate) struct RegistrationColumns, row RegistrationCells {
        ends: BoundaryFlags,
        own: One,
        parent: One,
        update: One,
        paused: One,
        retired: One,
        license: One,
        other: One,
        gap: Bits<ID_BITS>,
        licensor: One,
        licensee: Bits<LICENSEE_BITS>,
        account: One,
        identity: Many<SHORT_DIGEST_ELEMENTS>,
        derivative_shares: Bits<SHARES_BITS>,
        slack: Bits<SHARES_BITS>,
        lineage: One,
        provenance: Many<BYTES32_LIMBS>,
        chain: Many<DIGEST_ELEMENTS>,
        capacity: Many<DIGEST_ELEMENTS>,
        origin: Many<DIGEST_ELEMENTS>,
        nonce: One,
        price: Bits<PRICE_BITS>,
        holders: One,
        left: Bits<LINEAGE_BITS>,
        word: Bits<WORD_BITS>,
        position: One,
    }
}

impl<V: Copy> RegistrationCells<V> {
    fn active<E: PrimeCharacteristicRing>(&self) -> E
    where
        V: Into<E>,
    {
        self.own.into() + self.parent.into() + self.update.into()
    }

    /// The row has a record.
    fn recorded<E: PrimeCharacteristicRing>(&self) -> E
    where
        V: Into<E>,
    {
        self.own.into() + self.update.into()
    }

    /// The number of the status less one: zero but for updates.
    fn not_active<E: PrimeCharacteristicRing>(&self) -> E
    where
        V: Into<E>,
    {
        self.paused.into() + self.retired.into().double()
    }

    /// Left to the parent; all of them on rows with a record.
    fn shares<E: PrimeCharacteristicRing>(&self) -> E
    where
        V: Into<E>,
    {
        self.derivative_shares.value::<E>() + self.slack.value::<E>()
    }

    /// The last element of the leaf.
    fn standing<E: PrimeCharacteristicRing>(&self) -> E
    where
        V: Into<E>,
    {
        let status = E::from_u8(LicenseStatus::Active.number()) + self.not_active::<E>();
        let licensee = self.licensee.value::<E>() * E::from_u64(1 << STANDING_LICENSEE_SHIFT);
        let shares = self.derivative_shares.value::<E>() * E::from_u64(1 << STANDING_SHARES_SHIFT);
        status + licensee + shares
    }

    /// The last element of the terms, of a license of this licensor.
    fn registered<E: PrimeCharacteristicRing>(&self, licensor: E) -> E
    where
        V: Into<E>,
    {
        licensor + self.lineage.into() * E::from_u64(1 << TERMS_LINEAGE_SHIFT)
    }

    /// The part of a message that names the recipient.
    fn recipient<E>(&self) -> [E; SHORT_DIGEST_ELEMENTS]
    where
        V: Into<E>,
    {
        core::array::from_fn(|i| self.chain[i].into())
    }
}

pub(crate) fn eval<AB: AirBuilder<F = Felt> + InteractionBuilder>(
    columns: &RegistrationColumns,
    builder: &mut AB,
) {
    let main = builder.main();
    let (row, next) = (&columns.row(main.current_slice()), &columns.row(main.next_slice()));
    assert_order(builder, row, next);
    assert_parent_is_older(builder, row);
    assert_shares_suffice(builder, row);
    assert_lineage(builder, row, next);
    assert_version(builder, row);
    assert_record(builder, row);
    check_ranges(builder, main.current_slice(), &columns.numbers());
    hash_origin(builder, row);
    receive_intent(builder, row);
    receive_license(builder, row);
    send_update(builder, row);
    receive_parent(builder, row);
    send_record(builder, row, next);
}

/// Parents follow the license that they are of; licenses ascend, then those updated. The row behind an
/// update has a number above it, be it padding.
fn assert_order<AB: AirBuilder>(
    builder: &mut AB,
    row: &RegistrationCells<AB::Var>,
    next: &RegistrationCells<AB::Var>,
) {
    let [own, parent, update] = [row.own, row.parent, row.update].map(Into::into);
    builder.assert_bools([own, parent, update, row.active::<AB::Expr>()]);
    row.ends.assert(builder, &next.ends, [row.active(), next.active()]);
    builder.on_first_row().assert_zero(row.parent);
    let step = next.license - row.license;
    let mut transition = builder.on_transition();
    transition.assert_zero(next.parent * step.clone());
    let gap: AB::Expr = next.gap.value();
    let ascends = step - AB::Expr::ONE - gap;
    transition.assert_zero(next.own * ascends.clone());
    transition.assert_zero(row.update * ascends);
    transition.assert_zero(row.update * (next.own + next.parent));
}

fn assert_parent_is_older<AB: AirBuilder>(builder: &mut AB, row: &RegistrationCells<AB::Var>) {
    let younger = row.license - row.other - AB::Expr::ONE;
    builder.assert_zero(row.parent * (younger - row.gap.value::<AB::Expr>()));
}

/// A parent gets its derivative shares or more; a license asks for 10⁶ at most.
fn assert_shares_suffice<AB: AirBuilder>(builder: &mut AB, row: &RegistrationCells<AB::Var>) {
    let whole = AB::Expr::from_u32(SHARES_TOTAL);
    builder.assert_zero(row.recorded::<AB::Expr>() * (row.shares::<AB::Expr>() - whole));
}

/// Registrations and parents are active and without a licensee. A retired license keeps no terms for
/// others.
fn assert_version<AB: AirBuilder>(builder: &mut AB, row: &RegistrationCells<AB::Var>) {
    let (licensee, shares) =
        (row.licensee.value::<AB::Expr>(), row.derivative_shares.value::<AB::Expr>());
    builder.assert_bools([row.paused.into(), row.retired.into(), row.paused + row.retired]);
    let no_update = AB::Expr::ONE - row.update;
    for value in [row.paused.into(), row.retired.into(), licensee.clone()] {
        builder.assert_zero(no_update.clone() * value);
    }
    builder.assert_zero(row.retired * licensee);
    builder.assert_zero(row.retired * shares);
}

/// Cells that stand for one thing in a registration and for another in an update: other and lineage in the
/// message; holders, account and lineage in the record.
fn assert_record<AB: AirBuilder>(builder: &mut AB, row: &RegistrationCells<AB::Var>) {
    builder.assert_zero(row.own * row.other);
    builder.assert_zero(row.own * (row.account - row.licensor));
    builder.assert_zero(row.update * (row.other - row.license));
    builder.assert_zero(row.update * row.lineage);
    builder.assert_zero(row.update * (row.account - row.licensee.value::<AB::Expr>()));
    let status = AB::Expr::from_u8(LicenseStatus::Active.number()) + row.not_active::<AB::Expr>();
    builder.assert_zero(row.update * (row.holders - status));
    let high: AB::Expr = row.word.value();
    builder.assert_zero(row.recorded::<AB::Expr>() * (row.provenance[0] - high));
}

/// lineage = 1 + Σ lineage of the parents, and at most 64.
fn assert_lineage<AB: AirBuilder>(
    builder: &mut AB,
    row: &RegistrationCells<AB::Var>,
    next: &RegistrationCells<AB::Var>,
) {
    let (left, next_left): (AB::Expr, AB::Expr) = (row.left.value(), next.left.value());
    let of_parents = row.lineage - AB::Expr::ONE;
    builder.assert_zero(row.own * (left.clone() - of_parents));
    let mut transition = builder.on_transition();
    let after = left.clone() - next.lineage;
    transition.assert_zero(next.parent * (next_left - after));
    // After the last parent nothing is left; padding has nothing left either.
    transition.assert_zero((AB::Expr::ONE - next.parent) * left);
}

/// The origin of a new license: of its licensor, its holders and its manifest.
fn hash_origin<AB: AirBuilder<F = Felt> + InteractionBuilder>(
    builder: &mut AB,
    row: &RegistrationCells<AB::Var>,
) {
    let [p0, p1, p2, p3, p4] = row.provenance;
    let capacity = row.capacity.map(Into::<AB::Expr>::into);
    let start = capacity_of(Tag::LicenseOrigin, ORIGIN_ELEMENTS);
    let start = start.map(|element| AB::Expr::from_u64(canonical(element)));
    let first = row.identity.into_iter().chain(row.chain).chain([p0]).map(Into::into);
    let rest = [p1, p2, p3, p4].into_iter().map(Into::into);
    let rest = rest.chain([(); DIGEST_ELEMENTS].map(|()| AB::Expr::ZERO));
    send_absorb(builder, sponge(first, start), capacity.clone(), row.own.into());
    send_digest(builder, sponge(rest, capacity), row.origin.map(Into::into), row.own.into());
}

/// The state of a sponge from rate and capacity.
fn sponge<E: PrimeCharacteristicRing>(
    rate: impl IntoIterator<Item = E>,
    capacity: [E; DIGEST_ELEMENTS],
) -> [E; WIDTH] {
    let mut elements = rate.into_iter().chain(capacity);
    core::array::from_fn(|_| elements.next().unwrap_or(E::ZERO))
}

/// The licensor is the signer of the intent, its identity that of the leaf. The signer meant these
/// holders, or the license of this origin.
fn receive_intent<AB: InteractionBuilder>(builder: &mut AB, row: &RegistrationCells<AB::Var>) {
    let licensee =
        row.licensee.value::<AB::Expr>() * AB::Expr::from_u64(1 << UPDATE_LICENSEE_SHIFT);
    let target = row.lineage + row.other + licensee;
    let status =
        (row.not_active::<AB::Expr>() + row.update) * AB::Expr::from_u64(1 << UPDATE_STATUS_SHIFT);
    let quantity = row.derivative_shares.value::<AB::Expr>() + status;
    let mut message: Vec<AB::Expr> = [row.update, row.licensor, row.nonce].map(Into::into).to_vec();
    message.extend([target, quantity, row.price.value()]);
    message.extend(row.recipient::<AB::Expr>());
    message.extend(row.provenance.map(Into::into));
    REGISTRATION.receive(builder, message, Count::bounded(row.recorded(), 1));
    let licensor = [AB::Expr::ZERO, row.licensor.into()];
    let licensor = licensor.into_iter().chain(row.identity.map(Into::into));
    send_link(builder, StateLink::Holder, licensor, row.own);
}

fn receive_license<AB: InteractionBuilder>(builder: &mut AB, row: &RegistrationCells<AB::Var>) {
    let mut license: Vec<AB::Expr> = vec![row.license.into()];
    license.push(row.price.value());
    let [o0, o1, o2, _] = row.origin.map(Into::into);
    license.extend([o0, o1, o2, row.registered(row.licensor.into()), row.standing()]);
    receive_link(builder, StateLink::NewLicense, license, row.own);
    let first_line = row.position + AB::Expr::from_u64(RECORD_LIMBS);
    let lines = [row.license.into(), row.holders.into(), first_line];
    let lines = lines.into_iter().chain(row.chain.map(Into::into));
    receive_link(builder, StateLink::Lines, lines, row.own);
}

/// The license updated has the origin that was signed, and its signer as licensor.
fn send_update<AB: InteractionBuilder>(builder: &mut AB, row: &RegistrationCells<AB::Var>) {
    let mut update: Vec<AB::Expr> = vec![row.license.into(), row.licensor.into()];
    update.extend(row.recipient::<AB::Expr>());
    update.extend([row.price.value(), row.standing()]);
    send_link(builder, StateLink::Update, update, row.update);
}

fn receive_parent<AB: InteractionBuilder>(builder: &mut AB, row: &RegistrationCells<AB::Var>) {
    let parent: [AB::Expr; 3] = [row.license.into(), row.other.into(), row.shares()];
    receive_link(builder, StateLink::Parent, parent, row.parent);
    let registered = row.registered(row.word.value::<AB::Expr>());
    let standing = [row.other.into(), row.standing(), registered];
    send_link(builder, StateLink::Standing, standing, row.parent);
}

fn send_record<AB: InteractionBuilder>(
    builder: &mut AB,
    row: &RegistrationCells<AB::Var>,
    next: &RegistrationCells<AB::Var>,
) {
    let word = |value: u64| AB::Expr::from_u64(value);
    let kind = row.own * word(RECORD << 48) + row.update * word(UPDATE_RECORD << 48);
    let head = kind + row.license * word(1 << 16) + row.holders * word(1 << 8);
    let shares: AB::Expr = row.derivative_shares.value();
    let account = row.account * word(1 << SHARES_BITS) + shares;
    let price = row.price.value::<AB::Expr>() * word(1 << 16) + row.lineage;
    let limbs = [head, account, price].into_iter().chain(row.provenance.map(Into::into));
    let recorded: AB::Expr = row.recorded();
    for (i, limb) in limbs.enumerate() {
        send_limb(builder, row.position + AB::Expr::from_usize(i), limb, recorded.clone());
    }
    let limbs = row.own * row.holders + recorded * word(RECORD_LIMBS);
    builder.on_transition().assert_eq(next.position, row.position + limbs);
    chain_section(builder, Section::Registrations, row.position, row.ends);
}
