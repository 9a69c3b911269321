//! Constraints of the licenses table.

use core::ops::Range;

use p3_air::{AirBuilder, WindowAccess};
use p3_field::PrimeCharacteristicRing;
use p3_lookup::{Count, InteractionBuilder};

use farthing_protocol::{BALANCE_BITS, DIGEST_ELEMENTS, Felt, LicenseStatus, Tag};

use crate::buses::{
    FLOW, FlowKind, Section, StateLink, chain_section, check_ranges, provide_link, send_limb,
    send_link, send_tagged,
};
use crate::gadgets::columns::{BoundaryFlags, ColumnCounter, Row};
use crate::gadgets::decomposition::Decomposition;
use crate::gadgets::gate::OnRows;
use crate::tables::state::accounts::{ID_BITS, LOW_BITS};
use crate::tables::state::merkle::{TreeNumber, send_leaf_change};

use super::{HALF_BITS, KEPT_BITS, RECORD_LIMBS};

/// Kind of the record.
const RECORD: u64 = 8;

/// Columns of the main trace; the module page says what each means.
#[derive(Clone, Debug)]
pub(crate) struct LicenseColumns {
    pub(crate) ends: BoundaryFlags,
    pub(crate) existed: usize,
    pub(crate) new: usize,
    pub(crate) id: usize,
    pub(crate) gap: Decomposition,
    pub(crate) terms: Range<usize>,
    pub(crate) share_table: Range<usize>,
    pub(crate) origin: Range<usize>,
    pub(crate) price: usize,
    pub(crate) vault: usize,
    pub(crate) old_received: usize,
    pub(crate) uses: usize,
    pub(crate) derived: usize,
    pub(crate) low: Decomposition,
    pub(crate) high: Decomposition,
    pub(crate) kept: Decomposition,
    pub(crate) received: Decomposition,
    pub(crate) wraps: usize,
    pub(crate) old_leaf: Range<usize>,
    pub(crate) new_leaf: Range<usize>,
    pub(crate) position: usize,
    pub(crate) origin_lookups: usize,
    pub(crate) holder_lookups: usize,
    pub(crate) width: usize,
}

impl LicenseColumns {
    pub(crate) fn new() -> Self {
        let mut columns = ColumnCounter::default();
        let c = &mut columns;
        Self {
            ends: BoundaryFlags::new(c),
            existed: c.one(),
            new: c.one(),
            id: c.one(),
            gap: Decomposition::new(c, ID_BITS),
            terms: c.many(DIGEST_ELEMENTS),
            share_table: c.many(DIGEST_ELEMENTS),
            origin: c.many(DIGEST_ELEMENTS),
            price: c.one(),
            vault: c.one(),
            old_received: c.one(),
            uses: c.one(),
            derived: c.one(),
            low: Decomposition::new(c, HALF_BITS),
            high: Decomposition::new(c, HALF_BITS),
            kept: Decomposition::new(c, KEPT_BITS),
            received: Decomposition::cut(c, LOW_BITS, BALANCE_BITS as usize),
            wraps: c.one(),
            old_leaf: c.many(DIGEST_ELEMENTS),
            new_leaf: c.many(DIGEST_ELEMENTS),
            position: c.one(),
            origin_lookups: c.one(),
            holder_lookups: c.one(),
            width: c.width(),
        }
    }

    /// The range-checked numbers.
    pub(crate) fn numbers(&self) -> Vec<&Decomposition> {
        vec![&self.gap, &self.low, &self.high, &self.kept, &self.received]
    }

    fn active<E: PrimeCharacteristicRing>(&self, row: &Row<E>) -> E {
        row.at(self.existed) + row.at(self.new)
    }
}

pub(crate) fn eval<AB: AirBuilder<F = Felt> + InteractionBuilder>(
    columns: &LicenseColumns,
    builder: &mut AB,
) {
    let main = builder.main();
    let row = &Row::<AB::Expr>::new(main.current_slice());
    let next = &Row::<AB::Expr>::new(main.next_slice());
    assert_flags(columns, builder, row);
    assert_ids_ascend(columns, builder, row, next);
    assert_new_is_empty(columns, builder, row);
    assert_padding_answers_nothing(columns, builder, row);
    assert_vault_takes_income(columns, builder, row);
    check_ranges(builder, row, &columns.numbers());
    hash_leaves(columns, builder, row);
    send_change(columns, builder, row);
    receive_flows(columns, builder, row);
    send_record(columns, builder, row, next);
    send_links(columns, builder, row);
    provide_links(columns, builder, row);
}

fn assert_flags<AB: AirBuilder>(c: &LicenseColumns, builder: &mut AB, row: &Row<AB::Expr>) {
    builder.assert_bools([row.at(c.existed), row.at(c.new), c.active(row), row.at(c.wraps)]);
}

/// Ids are below 2³² by the tree and so are their gaps: no license has two rows.
fn assert_ids_ascend<AB: AirBuilder>(
    c: &LicenseColumns,
    builder: &mut AB,
    row: &Row<AB::Expr>,
    next: &Row<AB::Expr>,
) {
    c.ends.assert(builder, [row, next], [c.active(row), c.active(next)]);
    let gap = next.at(c.id) - row.at(c.id) - AB::Expr::ONE - c.gap.value(next);
    builder.on_transition().assert_zero(c.active(next) * gap);
}

/// A license is registered where there is none.
fn assert_new_is_empty<AB: AirBuilder>(c: &LicenseColumns, builder: &mut AB, row: &Row<AB::Expr>) {
    let not_before = AB::Expr::ONE - row.at(c.existed);
    for column in [c.vault, c.old_received].into_iter().chain(c.old_leaf.clone()) {
        builder.assert_zero(not_before.clone() * row.at(column));
    }
}

/// A padding row takes up no money and vouches for nothing.
fn assert_padding_answers_nothing<AB: AirBuilder>(
    c: &LicenseColumns,
    builder: &mut AB,
    row: &Row<AB::Expr>,
) {
    let padding = AB::Expr::ONE - c.active(row);
    for column in [c.uses, c.derived, c.origin_lookups, c.holder_lookups] {
        builder.assert_zero(padding.clone() * row.at(column));
    }
}

fn assert_vault_takes_income<AB: AirBuilder>(
    c: &LicenseColumns,
    builder: &mut AB,
    row: &Row<AB::Expr>,
) {
    let income = row.at(c.price) * row.at(c.uses) + row.at(c.derived);
    let total = c.low.value(row) + c.high.value(row) * AB::Expr::from_u64(1 << HALF_BITS);
    builder.assert_eq(total, row.at(c.vault) + income.clone());
    let ever = c.received.value(row) + row.at(c.wraps) * AB::Expr::from_u64(1 << BALANCE_BITS);
    builder.assert_eq(ever, row.at(c.old_received) + income);
}

fn hash_leaves<AB: AirBuilder<F = Felt> + InteractionBuilder>(
    c: &LicenseColumns,
    builder: &mut AB,
    row: &Row<AB::Expr>,
) {
    let [t0, t1, t2, t3] = row.array(&c.share_table);
    let [o0, o1, o2, o3] = row.array(&c.origin);
    let terms = [t0, t1, t2, t3, o0, o1, o2, o3];
    send_tagged(builder, Tag::LicenseTerms, terms, row.array(&c.terms), c.active(row));
    let [t0, t1, t2, t3] = row.array(&c.terms);
    let leaf = |vault: AB::Expr, received: AB::Expr| {
        let (t0, t1, t2, t3) = (t0.clone(), t1.clone(), t2.clone(), t3.clone());
        let status = AB::Expr::from_u64(LicenseStatus::Active as u64);
        [t0, t1, t2, t3, row.at(c.price), vault, received, status]
    };
    let old = leaf(row.at(c.vault), row.at(c.old_received));
    send_tagged(builder, Tag::LicenseLeaf, old, row.array(&c.old_leaf), row.at(c.existed));
    let new = leaf(c.kept.value(row), c.received.value(row));
    send_tagged(builder, Tag::LicenseLeaf, new, row.array(&c.new_leaf), c.active(row));
}

fn send_change<AB: InteractionBuilder>(c: &LicenseColumns, builder: &mut AB, row: &Row<AB::Expr>) {
    let leaves = [row.all(&c.old_leaf), row.all(&c.new_leaf)];
    send_leaf_change(builder, TreeNumber::Licenses, row.at(c.id), leaves, c.active(row));
}

/// Only uses at the leaf's price are taken up: a payment at another one balances against nothing.
fn receive_flows<AB: InteractionBuilder>(
    c: &LicenseColumns,
    builder: &mut AB,
    row: &Row<AB::Expr>,
) {
    let uses = [AB::Expr::from_u64(FlowKind::License as u64), row.at(c.id), row.at(c.price)];
    FLOW.receive(builder, uses, Count::provided(row.at(c.uses)));
    let parent = [AB::Expr::from_u64(FlowKind::Parent as u64), row.at(c.id), AB::Expr::ZERO];
    FLOW.receive(builder, parent, Count::provided(row.at(c.derived)));
}

fn send_record<AB: InteractionBuilder>(
    c: &LicenseColumns,
    builder: &mut AB,
    row: &Row<AB::Expr>,
    next: &Row<AB::Expr>,
) {
    let position = row.at(c.position);
    let word = |value: u64| AB::Expr::from_u64(value);
    let kind_and_id = word(RECORD << 48) + row.at(c.id) * word(1 << 16);
    let high = c.received.part(row, LOW_BITS..BALANCE_BITS as usize);
    let head = kind_and_id + c.kept.value(row) * word(1 << 8) + high;
    send_limb(builder, position.clone(), head, c.active(row));
    let low = c.received.part(row, 0..LOW_BITS);
    send_limb(builder, position.clone() + AB::Expr::ONE, low, c.active(row));
    let behind = position.clone() + c.active(row) * word(RECORD_LIMBS);
    builder.on_transition().assert_eq(next.at(c.position), behind);
    let (first, last) = (row.at(c.ends.first), row.at(c.ends.last));
    chain_section(builder, Section::Licenses, position, first, last);
}

fn send_links<AB: InteractionBuilder>(c: &LicenseColumns, builder: &mut AB, row: &Row<AB::Expr>) {
    let split = [row.at(c.id), c.low.value(row), c.high.value(row), c.kept.value(row)];
    let split = split.into_iter().chain(row.all(&c.share_table).to_vec()).chain([row.at(c.new)]);
    send_link(builder, StateLink::Split, split, c.active(row));
    let new = [row.at(c.id)].into_iter().chain(row.all(&c.terms).to_vec());
    let new = new.chain([row.at(c.price)]).chain(row.all(&c.origin).to_vec());
    send_link(builder, StateLink::NewLicense, new, row.at(c.new));
}

fn provide_links<AB: InteractionBuilder>(
    c: &LicenseColumns,
    builder: &mut AB,
    row: &Row<AB::Expr>,
) {
    let origin = [row.at(c.id)].into_iter().chain(row.all(&c.origin).to_vec());
    provide_link(builder, StateLink::Origin, origin, row.at(c.origin_lookups));
    provide_link(
        builder,
        StateLink::Holder,
        [AB::Expr::ONE, row.at(c.id)],
        row.at(c.holder_lookups),
    );
}
