//! Constraints of the registrations table.

use core::ops::Range;

use p3_air::{AirBuilder, WindowAccess};
use p3_field::PrimeCharacteristicRing;
use p3_lookup::{Count, InteractionBuilder};

use farthing_protocol::{
    BYTES32_LIMBS, DIGEST_ELEMENTS, Felt, PRICE_BITS, SHARES_BITS, SHARES_TOTAL, Tag,
};

use crate::buses::{
    REGISTRATION, Section, StateLink, chain_section, check_ranges, receive_link, send_limb,
    send_link, send_tagged,
};
use crate::gadgets::columns::{BoundaryFlags, ColumnCounter, Row};
use crate::gadgets::decomposition::Decomposition;
use crate::gadgets::gate::OnRows;
use crate::tables::state::accounts::ID_BITS;

use super::{LINEAGE_BITS, PROVENANCE_HIGH_BITS, RECORD_LIMBS};

/// Kind of the record.
const RECORD: u64 = 7;

/// Columns of the main trace; the module page says what each means.
#[derive(Clone, Debug)]
pub(crate) struct RegistrationColumns {
    pub(crate) ends: BoundaryFlags,
    pub(crate) own: usize,
    pub(crate) parent: usize,
    pub(crate) license: usize,
    pub(crate) other: usize,
    pub(crate) gap: Decomposition,
    pub(crate) licensor: usize,
    pub(crate) derivative_shares: Decomposition,
    pub(crate) slack: Decomposition,
    pub(crate) lineage: usize,
    pub(crate) provenance: Range<usize>,
    pub(crate) origin: Range<usize>,
    pub(crate) nonce: usize,
    pub(crate) terms: Range<usize>,
    pub(crate) price: Decomposition,
    pub(crate) holders: usize,
    pub(crate) left: Decomposition,
    pub(crate) provenance_high: Decomposition,
    pub(crate) position: usize,
    pub(crate) width: usize,
}

impl RegistrationColumns {
    pub(crate) fn new() -> Self {
        let mut columns = ColumnCounter::default();
        let c = &mut columns;
        let shares_bits = SHARES_BITS as usize;
        Self {
            ends: BoundaryFlags::new(c),
            own: c.one(),
            parent: c.one(),
            license: c.one(),
            other: c.one(),
            gap: Decomposition::new(c, ID_BITS),
            licensor: c.one(),
            derivative_shares: Decomposition::new(c, shares_bits),
            slack: Decomposition::new(c, shares_bits),
            lineage: c.one(),
            provenance: c.many(BYTES32_LIMBS),
            origin: c.many(DIGEST_ELEMENTS),
            nonce: c.one(),
            terms: c.many(DIGEST_ELEMENTS),
            price: Decomposition::new(c, PRICE_BITS as usize),
            holders: c.one(),
            left: Decomposition::new(c, LINEAGE_BITS),
            provenance_high: Decomposition::new(c, PROVENANCE_HIGH_BITS),
            position: c.one(),
            width: c.width(),
        }
    }

    /// The range-checked numbers.
    pub(crate) fn numbers(&self) -> Vec<&Decomposition> {
        let shares = [&self.derivative_shares, &self.slack];
        let others = [&self.price, &self.left, &self.provenance_high];
        [&self.gap].into_iter().chain(shares).chain(others).collect()
    }

    fn active<E: PrimeCharacteristicRing>(&self, row: &Row<E>) -> E {
        row.at(self.own) + row.at(self.parent)
    }

    /// Left to the parent; all of them on an own row.
    fn shares<E: PrimeCharacteristicRing>(&self, row: &Row<E>) -> E {
        self.derivative_shares.value(row) + self.slack.value(row)
    }
}

pub(crate) fn eval<AB: AirBuilder<F = Felt> + InteractionBuilder>(
    columns: &RegistrationColumns,
    builder: &mut AB,
) {
    let main = builder.main();
    let row = &Row::<AB::Expr>::new(main.current_slice());
    let next = &Row::<AB::Expr>::new(main.next_slice());
    assert_order(columns, builder, row, next);
    assert_parent_is_older(columns, builder, row);
    assert_shares_suffice(columns, builder, row);
    assert_lineage(columns, builder, row, next);
    check_ranges(builder, row, &columns.numbers());
    hash_origin(columns, builder, row);
    receive_intent(columns, builder, row);
    receive_license(columns, builder, row);
    receive_parent(columns, builder, row);
    send_record(columns, builder, row, next);
}

/// Parents stand behind the license that they are of; licenses ascend.
fn assert_order<AB: AirBuilder>(
    c: &RegistrationColumns,
    builder: &mut AB,
    row: &Row<AB::Expr>,
    next: &Row<AB::Expr>,
) {
    builder.assert_bools([row.at(c.own), row.at(c.parent), c.active(row)]);
    c.ends.assert(builder, [row, next], [c.active(row), c.active(next)]);
    builder.on_first_row().assert_zero(row.at(c.parent));
    let step = next.at(c.license) - row.at(c.license);
    let mut transition = builder.on_transition();
    transition.assert_zero(next.at(c.parent) * step.clone());
    transition.assert_zero(next.at(c.own) * (step - AB::Expr::ONE - c.gap.value(next)));
}

fn assert_parent_is_older<AB: AirBuilder>(
    c: &RegistrationColumns,
    builder: &mut AB,
    row: &Row<AB::Expr>,
) {
    let younger = row.at(c.license) - row.at(c.other) - AB::Expr::ONE;
    builder.assert_zero(row.at(c.parent) * (younger - c.gap.value(row)));
}

/// A parent gets its derivative shares or more; a license asks for 10⁶ at most.
fn assert_shares_suffice<AB: AirBuilder>(
    c: &RegistrationColumns,
    builder: &mut AB,
    row: &Row<AB::Expr>,
) {
    let whole = AB::Expr::from_u32(SHARES_TOTAL);
    builder.assert_zero(row.at(c.own) * (c.shares(row) - whole));
}

/// lineage = 1 + Σ lineage of the parents, and at most 64.
fn assert_lineage<AB: AirBuilder>(
    c: &RegistrationColumns,
    builder: &mut AB,
    row: &Row<AB::Expr>,
    next: &Row<AB::Expr>,
) {
    let (left, next_left) = (c.left.value(row), c.left.value(next));
    let of_parents = row.at(c.lineage) - AB::Expr::ONE;
    builder.assert_zero(row.at(c.own) * (left.clone() - of_parents));
    let mut transition = builder.on_transition();
    let after = left.clone() - next.at(c.lineage);
    transition.assert_zero(next.at(c.parent) * (next_left - after));
    // Behind the last parent nothing is left; padding has nothing left either.
    transition.assert_zero((AB::Expr::ONE - next.at(c.parent)) * left);
}

fn hash_origin<AB: AirBuilder<F = Felt> + InteractionBuilder>(
    c: &RegistrationColumns,
    builder: &mut AB,
    row: &Row<AB::Expr>,
) {
    let high = c.provenance_high.value(row);
    builder.assert_zero(row.at(c.own) * (row.at(c.provenance.start) - high));
    let [p0, p1, p2, p3, p4] = row.array(&c.provenance);
    let (shares, lineage) = (c.derivative_shares.value(row), row.at(c.lineage));
    let parts = [row.at(c.licensor), shares, lineage, p0, p1, p2, p3, p4];
    send_tagged(builder, Tag::LicenseOrigin, parts, row.array(&c.origin), c.active(row));
}

/// The licensor is who signed.
fn receive_intent<AB: InteractionBuilder>(
    c: &RegistrationColumns,
    builder: &mut AB,
    row: &Row<AB::Expr>,
) {
    let mut message = vec![row.at(c.licensor), row.at(c.nonce)];
    message.extend_from_slice(row.all(&c.terms));
    message.push(c.price.value(row));
    REGISTRATION.receive(builder, message, Count::bounded(row.at(c.own), 1));
}

fn receive_license<AB: InteractionBuilder>(
    c: &RegistrationColumns,
    builder: &mut AB,
    row: &Row<AB::Expr>,
) {
    let license = [row.at(c.license)].into_iter().chain(row.all(&c.terms).to_vec());
    let license = license.chain([c.price.value(row)]).chain(row.all(&c.origin).to_vec());
    receive_link(builder, StateLink::NewLicense, license, row.at(c.own));
    let first_line = row.at(c.position) + AB::Expr::from_u64(RECORD_LIMBS);
    let lines = [row.at(c.license), row.at(c.holders), first_line];
    receive_link(builder, StateLink::Lines, lines, row.at(c.own));
}

fn receive_parent<AB: InteractionBuilder>(
    c: &RegistrationColumns,
    builder: &mut AB,
    row: &Row<AB::Expr>,
) {
    let parent = [row.at(c.license), row.at(c.other), c.shares(row)];
    receive_link(builder, StateLink::Parent, parent, row.at(c.parent));
    let origin = [row.at(c.other)].into_iter().chain(row.all(&c.origin).to_vec());
    send_link(builder, StateLink::Origin, origin, row.at(c.parent));
}

fn send_record<AB: InteractionBuilder>(
    c: &RegistrationColumns,
    builder: &mut AB,
    row: &Row<AB::Expr>,
    next: &Row<AB::Expr>,
) {
    let word = |value: u64| AB::Expr::from_u64(value);
    let head = word(RECORD << 48) + row.at(c.license) * word(1 << 16);
    let head = head + row.at(c.holders) * word(1 << 8);
    let who = row.at(c.licensor) * word(1 << SHARES_BITS) + c.derivative_shares.value(row);
    let price = c.price.value(row) * word(1 << 16) + row.at(c.lineage);
    let limbs = [head, who, price].into_iter().chain(row.all(&c.provenance).to_vec());
    let position = row.at(c.position);
    for (i, limb) in limbs.enumerate() {
        send_limb(builder, position.clone() + AB::Expr::from_usize(i), limb, row.at(c.own));
    }
    let limbs = row.at(c.own) * (row.at(c.holders) + word(RECORD_LIMBS));
    builder.on_transition().assert_eq(next.at(c.position), position.clone() + limbs);
    let (first, last) = (row.at(c.ends.first), row.at(c.ends.last));
    chain_section(builder, Section::Registrations, position, first, last);
}
