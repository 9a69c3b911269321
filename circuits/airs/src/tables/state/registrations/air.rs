//! Constraints of the registrations table.

use p3_air::{AirBuilder, WindowAccess};
use p3_field::PrimeCharacteristicRing;
use p3_lookup::{Count, InteractionBuilder};

use farthing_protocol::{
    BYTES32_LIMBS, DIGEST_ELEMENTS, Felt, LicenseStatus, SHARES_TOTAL, SHORT_DIGEST_ELEMENTS,
    STANDING_LINEAGE_SHIFT, STANDING_SHARES_SHIFT, Tag, WIDTH, canonical, capacity_of,
};

use crate::buses::{
    REGISTRATION, Section, StateLink, chain_section, check_ranges, receive_link, send_absorb,
    send_digest, send_limb, send_link,
};
use crate::gadgets::boundary::BoundaryFlags;
use crate::gadgets::gate::OnRows;
use crate::gadgets::layout::{Bits, Layout, Many, One, columns};
use crate::tables::state::accounts::ID_BITS;

use super::{LINEAGE_BITS, ORIGIN_ELEMENTS, PROVENANCE_HIGH_BITS, RECORD_LIMBS};

/// Kind of the record.
const RECORD: u64 = farthing_protocol::layout::new_license::KIND as u64;
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
        license: One,
        other: One,
        gap: Bits<ID_BITS>,
        licensor: One,
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
        provenance_high: Bits<PROVENANCE_HIGH_BITS>,
        position: One,
    }
}

impl<V: Copy> RegistrationCells<V> {
    fn active<E: PrimeCharacteristicRing>(&self) -> E
    where
        V: Into<E>,
    {
        self.own.into() + self.parent.into()
    }

    /// Left to the parent; all of them on an own row.
    fn shares<E: PrimeCharacteristicRing>(&self) -> E
    where
        V: Into<E>,
    {
        self.derivative_shares.value::<E>() + self.slack.value::<E>()
    }

    /// The last element of the leaf, of an active license.
    fn standing<E: PrimeCharacteristicRing>(&self) -> E
    where
        V: Into<E>,
    {
        let shares = self.derivative_shares.value::<E>() * E::from_u64(1 << STANDING_SHARES_SHIFT);
        let lineage = self.lineage.into() * E::from_u64(1 << STANDING_LINEAGE_SHIFT);
        E::from_u64(LicenseStatus::Active as u64) + shares + lineage
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
    check_ranges(builder, main.current_slice(), &columns.numbers());
    hash_origin(builder, row);
    receive_intent(builder, row);
    receive_license(builder, row);
    receive_parent(builder, row);
    send_record(builder, row, next);
}

/// Parents follow the license that they are of; licenses ascend.
fn assert_order<AB: AirBuilder>(
    builder: &mut AB,
    row: &RegistrationCells<AB::Var>,
    next: &RegistrationCells<AB::Var>,
) {
    builder.assert_bools([row.own.into(), row.parent.into(), row.active::<AB::Expr>()]);
    row.ends.assert(builder, &next.ends, [row.active(), next.active()]);
    builder.on_first_row().assert_zero(row.parent);
    let step = next.license - row.license;
    let mut transition = builder.on_transition();
    transition.assert_zero(next.parent * step.clone());
    let gap: AB::Expr = next.gap.value();
    transition.assert_zero(next.own * (step - AB::Expr::ONE - gap));
}

fn assert_parent_is_older<AB: AirBuilder>(builder: &mut AB, row: &RegistrationCells<AB::Var>) {
    let younger = row.license - row.other - AB::Expr::ONE;
    builder.assert_zero(row.parent * (younger - row.gap.value::<AB::Expr>()));
}

/// A parent gets its derivative shares or more; a license asks for 10⁶ at most.
fn assert_shares_suffice<AB: AirBuilder>(builder: &mut AB, row: &RegistrationCells<AB::Var>) {
    let whole = AB::Expr::from_u32(SHARES_TOTAL);
    builder.assert_zero(row.own * (row.shares::<AB::Expr>() - whole));
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
    let high: AB::Expr = row.provenance_high.value();
    let [p0, p1, p2, p3, p4] = row.provenance;
    builder.assert_zero(row.own * (p0 - high));
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
/// holders.
fn receive_intent<AB: InteractionBuilder>(builder: &mut AB, row: &RegistrationCells<AB::Var>) {
    let lineage = row.lineage * AB::Expr::from_u64(1 << PRICE_BITS);
    let target = lineage + row.price.value::<AB::Expr>();
    let [h0, h1, h2, _] = row.chain.map(Into::into);
    let mut message: Vec<AB::Expr> = vec![row.licensor.into(), row.nonce.into(), target];
    message.extend([row.derivative_shares.value(), h0, h1, h2]);
    message.extend(row.provenance.map(Into::into));
    REGISTRATION.receive(builder, message, Count::bounded(row.own.into(), 1));
    let licensor = [AB::Expr::ZERO, row.licensor.into()];
    let licensor = licensor.into_iter().chain(row.identity.map(Into::into));
    send_link(builder, StateLink::Holder, licensor, row.own);
}

fn receive_license<AB: InteractionBuilder>(builder: &mut AB, row: &RegistrationCells<AB::Var>) {
    let mut license: Vec<AB::Expr> = vec![row.license.into()];
    license.push(row.price.value());
    license.extend(row.origin.map(Into::into));
    license.push(row.standing());
    receive_link(builder, StateLink::NewLicense, license, row.own);
    let first_line = row.position + AB::Expr::from_u64(RECORD_LIMBS);
    let lines = [row.license.into(), row.holders.into(), first_line];
    let lines = lines.into_iter().chain(row.chain.map(Into::into));
    receive_link(builder, StateLink::Lines, lines, row.own);
}

fn receive_parent<AB: InteractionBuilder>(builder: &mut AB, row: &RegistrationCells<AB::Var>) {
    let parent: [AB::Expr; 3] = [row.license.into(), row.other.into(), row.shares()];
    receive_link(builder, StateLink::Parent, parent, row.parent);
    send_link(builder, StateLink::Standing, [row.other.into(), row.standing()], row.parent);
}

fn send_record<AB: InteractionBuilder>(
    builder: &mut AB,
    row: &RegistrationCells<AB::Var>,
    next: &RegistrationCells<AB::Var>,
) {
    let word = |value: u64| AB::Expr::from_u64(value);
    let head = word(RECORD << 48) + row.license * word(1 << 16);
    let head = head + row.holders * word(1 << 8);
    let shares: AB::Expr = row.derivative_shares.value();
    let licensor = row.licensor * word(1 << SHARES_BITS) + shares;
    let price = row.price.value::<AB::Expr>() * word(1 << 16) + row.lineage;
    let limbs = [head, licensor, price].into_iter().chain(row.provenance.map(Into::into));
    for (i, limb) in limbs.enumerate() {
        send_limb(builder, row.position + AB::Expr::from_usize(i), limb, row.own);
    }
    let limbs = row.own * (row.holders + word(RECORD_LIMBS));
    builder.on_transition().assert_eq(next.position, row.position + limbs);
    chain_section(builder, Section::Registrations, row.position, row.ends);
}
