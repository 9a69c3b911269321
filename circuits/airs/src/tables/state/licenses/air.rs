//! Constraints of the licenses table.

use p3_air::{AirBuilder, WindowAccess};
use p3_field::PrimeCharacteristicRing;
use p3_lookup::{Count, InteractionBuilder};

use farthing_protocol::{
    DIGEST_ELEMENTS, Felt, LicenseStatus, SHORT_DIGEST_ELEMENTS, STANDING_LICENSEE_SHIFT,
    STANDING_SHARES_SHIFT, TERMS_LINEAGE_SHIFT, Tag,
};

use crate::buses::{
    FLOW, FlowKind, Section, StateLink, chain_section, check_ranges, flow, flow_to, provide_link,
    receive_link, send_limb, send_link, send_tagged,
};
use crate::gadgets::boundary::BoundaryFlags;
use crate::gadgets::gate::OnRows;
use crate::gadgets::layout::{Bits, CutBits, Layout, Many, One, columns};
use crate::tables::state::accounts::{ID_BITS, LOW_BITS};
use crate::tables::state::merkle::{TreeNumber, send_leaf_change};

use super::{HALF_BITS, KEPT_BITS, LINEAGE_BITS, RECORD_LIMBS};

/// Kind of the record.
const RECORD: u64 = farthing_protocol::layout::license::KIND as u64;
/// Bits of a balance, and of what a license received.
const BALANCE_BITS: usize = farthing_protocol::BALANCE_BITS as usize;
/// Bits of shares.
const SHARES_BITS: usize = farthing_protocol::SHARES_BITS as usize;

columns! {
    /// Columns of the main trace; the module page says what each means.
    pub(crate) struct LicenseColumns, row LicenseCells {
        ends: BoundaryFlags,
        existed: One,
        new: One,
        updated: One,
        id: One,
        gap: Bits<ID_BITS>,
        terms: Many<DIGEST_ELEMENTS>,
        share_table: Many<DIGEST_ELEMENTS>,
        recipient: Many<SHORT_DIGEST_ELEMENTS>,
        licensor: One,
        lineage: Bits<LINEAGE_BITS>,
        price: One,
        standing: One,
        new_price: One,
        new_standing: One,
        not_retired: One,
        licensee: One,
        shares: Bits<SHARES_BITS>,
        vault: One,
        old_received: One,
        uses: One,
        derived: One,
        low: Bits<HALF_BITS>,
        high: Bits<HALF_BITS>,
        kept: Bits<KEPT_BITS>,
        received: CutBits<LOW_BITS, BALANCE_BITS>,
        wraps: One,
        old_leaf: Many<DIGEST_ELEMENTS>,
        new_leaf: Many<DIGEST_ELEMENTS>,
        position: One,
        standing_lookups: One,
        holder_lookups: One,
    }
}

impl<V: Copy> LicenseCells<V> {
    fn active<E: PrimeCharacteristicRing>(&self) -> E
    where
        V: Into<E>,
    {
        self.existed.into() + self.new.into()
    }

    /// The last element of the terms.
    fn registered<E: PrimeCharacteristicRing>(&self) -> E
    where
        V: Into<E>,
    {
        self.licensor.into() + self.lineage.value::<E>() * E::from_u64(1 << TERMS_LINEAGE_SHIFT)
    }
}

pub(crate) fn eval<AB: AirBuilder<F = Felt> + InteractionBuilder>(
    columns: &LicenseColumns,
    builder: &mut AB,
) {
    let main = builder.main();
    let (row, next) = (&columns.row(main.current_slice()), &columns.row(main.next_slice()));
    assert_flags(builder, row);
    assert_ids_ascend(builder, row, next);
    assert_new_is_empty(builder, row);
    assert_padding_answers_nothing(builder, row);
    assert_only_updates_change(builder, row);
    assert_retired_for_good(builder, row);
    assert_paid_is_active(builder, row);
    assert_vault_takes_income(builder, row);
    check_ranges(builder, main.current_slice(), &columns.numbers());
    hash_leaves(builder, row);
    send_change(builder, row);
    receive_flows(builder, row);
    send_record(builder, row, next);
    send_links(builder, row);
    provide_links(builder, row);
}

fn assert_flags<AB: AirBuilder>(builder: &mut AB, row: &LicenseCells<AB::Var>) {
    let active: AB::Expr = row.active();
    let [existed, new, updated] = [row.existed, row.new, row.updated].map(Into::into);
    builder.assert_bools([existed, new, active, updated, row.wraps.into()]);
}

/// Ids are below 2³² by the tree and so are their gaps: no license has two rows.
fn assert_ids_ascend<AB: AirBuilder>(
    builder: &mut AB,
    row: &LicenseCells<AB::Var>,
    next: &LicenseCells<AB::Var>,
) {
    row.ends.assert(builder, &next.ends, [row.active(), next.active()]);
    let gap = next.id - row.id - AB::Expr::ONE - next.gap.value::<AB::Expr>();
    builder.on_transition().assert_zero(next.active::<AB::Expr>() * gap);
}

/// A license is registered where there is none, and updated where there is one.
fn assert_new_is_empty<AB: AirBuilder>(builder: &mut AB, row: &LicenseCells<AB::Var>) {
    let not_before = AB::Expr::ONE - row.existed;
    let before = [row.vault, row.old_received, row.updated];
    for cell in before.into_iter().chain(row.old_leaf) {
        builder.assert_zero(not_before.clone() * cell);
    }
}

/// A padding row takes up no money and vouches for nothing.
fn assert_padding_answers_nothing<AB: AirBuilder>(builder: &mut AB, row: &LicenseCells<AB::Var>) {
    let padding = AB::Expr::ONE - row.active::<AB::Expr>();
    for cell in [row.uses, row.derived, row.standing_lookups, row.holder_lookups] {
        builder.assert_zero(padding.clone() * cell);
    }
}

fn assert_only_updates_change<AB: AirBuilder>(builder: &mut AB, row: &LicenseCells<AB::Var>) {
    let unchanged = AB::Expr::ONE - row.updated;
    builder.assert_zero(unchanged.clone() * (row.new_price - row.price));
    builder.assert_zero(unchanged * (row.new_standing - row.standing));
}

/// A retired license has this one standing, which no other has.
fn assert_retired_for_good<AB: AirBuilder>(builder: &mut AB, row: &LicenseCells<AB::Var>) {
    let from_retired = row.standing - AB::Expr::from_u8(LicenseStatus::Retired.number());
    builder.assert_zero(row.updated * (from_retired * row.not_retired - AB::Expr::ONE));
}

/// The standing of a license that is paid is that of an active one, with the licensee whom payers name:
/// who is an account, so that there is one reading.
fn assert_paid_is_active<AB: AirBuilder>(builder: &mut AB, row: &LicenseCells<AB::Var>) {
    let active = AB::Expr::from_u8(LicenseStatus::Active.number());
    let licensee = row.licensee * AB::Expr::from_u64(1 << STANDING_LICENSEE_SHIFT);
    let shares = row.shares.value::<AB::Expr>() * AB::Expr::from_u64(1 << STANDING_SHARES_SHIFT);
    builder.assert_zero(row.uses * (row.standing - active - licensee - shares));
}

fn assert_vault_takes_income<AB: AirBuilder>(builder: &mut AB, row: &LicenseCells<AB::Var>) {
    let income = row.price * row.uses + row.derived;
    let (low, high): (AB::Expr, AB::Expr) = (row.low.value(), row.high.value());
    let total = low + high * AB::Expr::from_u64(1 << HALF_BITS);
    builder.assert_eq(total, row.vault + income.clone());
    let received: AB::Expr = row.received.value();
    let ever = received + row.wraps * AB::Expr::from_u64(1 << BALANCE_BITS);
    builder.assert_eq(ever, row.old_received + income);
}

fn hash_leaves<AB: AirBuilder<F = Felt> + InteractionBuilder>(
    builder: &mut AB,
    row: &LicenseCells<AB::Var>,
) {
    let active: AB::Expr = row.active();
    let [t0, t1, t2, t3] = row.share_table.map(Into::into);
    let [o0, o1, o2] = row.recipient.map(Into::into);
    let terms = [t0, t1, t2, t3, o0, o1, o2, row.registered()];
    send_tagged(builder, Tag::LicenseTerms, terms, row.terms, active.clone());
    let leaf = |price: AB::Var, vault: AB::Expr, received: AB::Expr, standing: AB::Var| {
        let [t0, t1, t2, t3] = row.terms.map(Into::into);
        [t0, t1, t2, t3, price.into(), vault, received, standing.into()]
    };
    let old = leaf(row.price, row.vault.into(), row.old_received.into(), row.standing);
    send_tagged(builder, Tag::LicenseLeaf, old, row.old_leaf, row.existed);
    let new = leaf(row.new_price, row.kept.value(), row.received.value(), row.new_standing);
    send_tagged(builder, Tag::LicenseLeaf, new, row.new_leaf, active);
}

fn send_change<AB: InteractionBuilder>(builder: &mut AB, row: &LicenseCells<AB::Var>) {
    let leaves = [row.old_leaf, row.new_leaf];
    send_leaf_change(builder, TreeNumber::Licenses, row.id, leaves, row.active());
}

/// Only uses at the leaf's price, licensee and origin are taken up: a payment at another price, by
/// somebody else, or to another license, balances against nothing.
fn receive_flows<AB: InteractionBuilder>(builder: &mut AB, row: &LicenseCells<AB::Var>) {
    let space = |kind: FlowKind| AB::Expr::from_u64(kind as u64);
    let license = space(FlowKind::License);
    let uses = flow_to(license, row.id, row.price, row.licensee, row.recipient);
    FLOW.receive(builder, uses, Count::provided(row.uses.into()));
    let parent = flow(space(FlowKind::Parent), row.id);
    FLOW.receive(builder, parent, Count::provided(row.derived.into()));
}

fn send_record<AB: InteractionBuilder>(
    builder: &mut AB,
    row: &LicenseCells<AB::Var>,
    next: &LicenseCells<AB::Var>,
) {
    let word = |value: u64| AB::Expr::from_u64(value);
    let active: AB::Expr = row.active();
    let kind_and_id = word(RECORD << 48) + row.id * word(1 << 16);
    let high: AB::Expr = row.received.part(LOW_BITS..BALANCE_BITS);
    let head = kind_and_id + row.kept.value::<AB::Expr>() * word(1 << 8) + high;
    send_limb(builder, row.position, head, active.clone());
    let low: AB::Expr = row.received.part(0..LOW_BITS);
    send_limb(builder, row.position + AB::Expr::ONE, low, active.clone());
    let behind = row.position + active * word(RECORD_LIMBS);
    builder.on_transition().assert_eq(next.position, behind);
    chain_section(builder, Section::Licenses, row.position, row.ends);
}

fn send_links<AB: InteractionBuilder>(builder: &mut AB, row: &LicenseCells<AB::Var>) {
    let active: AB::Expr = row.active();
    let mut split: Vec<AB::Expr> =
        vec![row.id.into(), row.low.value(), row.high.value(), row.kept.value()];
    split.extend(row.share_table.map(Into::into));
    split.push(row.new.into());
    send_link(builder, StateLink::Split, split, active);
    let new = [row.id, row.price].into_iter().chain(row.recipient).map(Into::into);
    let new = new.chain([row.registered(), row.standing.into()]);
    send_link(builder, StateLink::NewLicense, new, row.new);
    let update = [row.id, row.licensor].into_iter().chain(row.recipient);
    let update = update.chain([row.new_price, row.new_standing]);
    receive_link(builder, StateLink::Update, update, row.updated);
}

fn provide_links<AB: InteractionBuilder>(builder: &mut AB, row: &LicenseCells<AB::Var>) {
    let standing = [row.id.into(), row.standing.into(), row.registered::<AB::Expr>()];
    provide_link(builder, StateLink::Standing, standing, row.standing_lookups);
    let holder = [AB::Expr::ONE, row.id.into()];
    let holder = holder.into_iter().chain(row.recipient.map(Into::into));
    provide_link(builder, StateLink::Holder, holder, row.holder_lookups);
}
