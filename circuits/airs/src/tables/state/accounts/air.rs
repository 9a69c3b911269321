//! Constraints of the accounts table.

use core::ops::Range;

use p3_air::{AirBuilder, WindowAccess};
use p3_field::PrimeCharacteristicRing;
use p3_lookup::{Count, InteractionBuilder};

use farthing_protocol::{
    ADDRESS_LIMBS, BALANCE_BITS, DIGEST_ELEMENTS, FP5_ELEMENTS, Felt, NONCE_BITS, Tag,
};

use crate::buses::{
    FLOW, FlowKind, SIGNER, Section, StateLink, chain_section, check_ranges, provide_link,
    send_limb, send_link, send_tagged,
};
use crate::gadgets::columns::{BoundaryFlags, ColumnCounter, Row};
use crate::gadgets::decomposition::Decomposition;
use crate::gadgets::gate::OnRows;
use crate::tables::state::merkle::{TreeNumber, send_leaf_change};

use super::{BALANCE_LOW_BITS, ID_BITS, LOW_BITS};

/// Kind of an account's record; a signer's is one more.
const RECORD: u64 = 5;

/// Columns of the main trace; the module page says what each means.
#[derive(Clone, Debug)]
pub(crate) struct AccountColumns {
    pub(crate) ends: BoundaryFlags,
    pub(crate) existed: usize,
    pub(crate) opened: usize,
    pub(crate) absent: usize,
    pub(crate) signer: usize,
    pub(crate) exits: usize,
    pub(crate) identity_opened: usize,
    pub(crate) id: usize,
    pub(crate) gap: Decomposition,
    pub(crate) identity: Range<usize>,
    pub(crate) key: Range<usize>,
    pub(crate) owner: Range<usize>,
    pub(crate) old_balance: usize,
    pub(crate) old_nonce: usize,
    pub(crate) balance: Decomposition,
    pub(crate) swept: usize,
    pub(crate) nonce: Decomposition,
    pub(crate) old_leaf: Range<usize>,
    pub(crate) new_leaf: Range<usize>,
    pub(crate) second: usize,
    pub(crate) position: usize,
    pub(crate) owner_lookups: usize,
    pub(crate) identity_lookups: usize,
    pub(crate) holder_lookups: usize,
    pub(crate) width: usize,
}

impl AccountColumns {
    pub(crate) fn new() -> Self {
        let mut columns = ColumnCounter::default();
        let c = &mut columns;
        Self {
            ends: BoundaryFlags::new(c),
            existed: c.one(),
            opened: c.one(),
            absent: c.one(),
            signer: c.one(),
            exits: c.one(),
            identity_opened: c.one(),
            id: c.one(),
            gap: Decomposition::new(c, ID_BITS),
            identity: c.many(DIGEST_ELEMENTS),
            key: c.many(FP5_ELEMENTS),
            owner: c.many(ADDRESS_LIMBS),
            old_balance: c.one(),
            old_nonce: c.one(),
            balance: Decomposition::cut(c, BALANCE_LOW_BITS, BALANCE_BITS as usize),
            swept: c.one(),
            nonce: Decomposition::cut(c, LOW_BITS, NONCE_BITS as usize),
            old_leaf: c.many(DIGEST_ELEMENTS),
            new_leaf: c.many(DIGEST_ELEMENTS),
            second: c.one(),
            position: c.one(),
            owner_lookups: c.one(),
            identity_lookups: c.one(),
            holder_lookups: c.one(),
            width: c.width(),
        }
    }

    /// The range-checked numbers.
    pub(crate) fn numbers(&self) -> Vec<&Decomposition> {
        vec![&self.gap, &self.balance, &self.nonce]
    }

    fn present<E: PrimeCharacteristicRing>(&self, row: &Row<E>) -> E {
        row.at(self.existed) + row.at(self.opened)
    }

    fn active<E: PrimeCharacteristicRing>(&self, row: &Row<E>) -> E {
        self.present(row) + row.at(self.absent)
    }

    /// Key and owner.
    fn identity_parts<E: PrimeCharacteristicRing>(&self, row: &Row<E>) -> Vec<E> {
        row.all(&self.key).iter().chain(row.all(&self.owner)).cloned().collect()
    }
}

pub(crate) fn eval<AB: AirBuilder<F = Felt> + InteractionBuilder>(
    columns: &AccountColumns,
    builder: &mut AB,
) {
    let main = builder.main();
    let row = &Row::<AB::Expr>::new(main.current_slice());
    let next = &Row::<AB::Expr>::new(main.next_slice());
    assert_flags(columns, builder, row);
    assert_operator_is_first(columns, builder, row);
    assert_ids_ascend(columns, builder, row, next);
    assert_not_open_is_empty(columns, builder, row);
    assert_only_signers_move_nonces(columns, builder, row);
    assert_answers_are_known(columns, builder, row);
    assert_record(columns, builder, row, next);
    check_ranges(builder, row, &columns.numbers());
    hash_leaves(columns, builder, row);
    send_change(columns, builder, row);
    receive_signer(columns, builder, row);
    receive_flow(columns, builder, row);
    send_record(columns, builder, row);
    send_links(columns, builder, row);
    provide_links(columns, builder, row);
}

fn assert_flags<AB: AirBuilder>(c: &AccountColumns, builder: &mut AB, row: &Row<AB::Expr>) {
    let one = AB::Expr::ONE;
    builder.assert_bools(
        [c.existed, c.opened, c.absent, c.signer, c.exits, c.identity_opened]
            .map(|flag| row.at(flag)),
    );
    builder.assert_bool(c.active(row));
    let not_opened = one.clone() - row.at(c.identity_opened);
    builder.assert_zero(row.at(c.signer) * not_opened.clone());
    builder.assert_zero(row.at(c.opened) * not_opened);
    let not_present = one - c.present(row);
    builder.assert_zero(row.at(c.identity_opened) * not_present.clone());
    builder.assert_zero(row.at(c.exits) * not_present);
}

/// Without a touched leaf nothing would bind the roots.
fn assert_operator_is_first<AB: AirBuilder>(
    c: &AccountColumns,
    builder: &mut AB,
    row: &Row<AB::Expr>,
) {
    let mut first = builder.on_first_row();
    first.assert_one(row.at(c.existed));
    first.assert_zero(row.at(c.id));
}

/// Ids are below 2³² by the tree and so are their gaps: no account has two rows.
fn assert_ids_ascend<AB: AirBuilder>(
    c: &AccountColumns,
    builder: &mut AB,
    row: &Row<AB::Expr>,
    next: &Row<AB::Expr>,
) {
    c.ends.assert(builder, [row, next], [c.active(row), c.active(next)]);
    let gap = next.at(c.id) - row.at(c.id) - AB::Expr::ONE - c.gap.value(next);
    builder.on_transition().assert_zero(c.active(next) * gap);
}

fn assert_not_open_is_empty<AB: AirBuilder>(
    c: &AccountColumns,
    builder: &mut AB,
    row: &Row<AB::Expr>,
) {
    let one = AB::Expr::ONE;
    let not_before = one.clone() - row.at(c.existed);
    let before = [c.old_balance, c.old_nonce].into_iter().chain(c.old_leaf.clone());
    for column in before {
        builder.assert_zero(not_before.clone() * row.at(column));
    }
    let not_after = one.clone() - c.present(row);
    for column in c.new_leaf.clone() {
        builder.assert_zero(not_after.clone() * row.at(column));
    }
    builder.assert_zero(not_after * c.balance.value(row));
    builder.assert_zero((one - row.at(c.exits)) * row.at(c.swept));
    for column in c.owner.clone() {
        builder.assert_zero(row.at(c.absent) * row.at(column));
    }
}

fn assert_only_signers_move_nonces<AB: AirBuilder>(
    c: &AccountColumns,
    builder: &mut AB,
    row: &Row<AB::Expr>,
) {
    let moved = c.nonce.value(row) - row.at(c.old_nonce);
    builder.assert_zero((AB::Expr::ONE - row.at(c.signer)) * moved);
}

/// Columns that no hash opens could have any value.
fn assert_answers_are_known<AB: AirBuilder>(
    c: &AccountColumns,
    builder: &mut AB,
    row: &Row<AB::Expr>,
) {
    let not_opened = AB::Expr::ONE - row.at(c.identity_opened);
    builder.assert_zero(row.at(c.identity_lookups) * not_opened.clone());
    builder.assert_zero(row.at(c.owner_lookups) * (not_opened - row.at(c.absent)));
    builder.assert_zero(row.at(c.holder_lookups) * (AB::Expr::ONE - c.present(row)));
}

fn assert_record<AB: AirBuilder>(
    c: &AccountColumns,
    builder: &mut AB,
    row: &Row<AB::Expr>,
    next: &Row<AB::Expr>,
) {
    let low = c.balance.part(row, 0..BALANCE_LOW_BITS);
    let nonce_high = c.nonce.part(row, LOW_BITS..NONCE_BITS as usize);
    let of_signer = low.clone() * AB::Expr::from_u64((1 << 8) - 1) + nonce_high;
    builder.assert_eq(row.at(c.second), low + row.at(c.signer) * of_signer);
    let limbs = c.present(row).double() + row.at(c.signer);
    builder.on_transition().assert_eq(next.at(c.position), row.at(c.position) + limbs);
}

fn hash_leaves<AB: AirBuilder<F = Felt> + InteractionBuilder>(
    c: &AccountColumns,
    builder: &mut AB,
    row: &Row<AB::Expr>,
) {
    let parts = c.identity_parts(row);
    let parts = core::array::from_fn(|i| parts[i].clone());
    send_tagged(
        builder,
        Tag::AccountIdentity,
        parts,
        row.array(&c.identity),
        row.at(c.identity_opened),
    );
    let [i0, i1, i2, i3] = row.array(&c.identity);
    let leaf = |balance: AB::Expr, nonce: AB::Expr| {
        let (z0, z1) = (AB::Expr::ZERO, AB::Expr::ZERO);
        [i0.clone(), i1.clone(), i2.clone(), i3.clone(), balance, nonce, z0, z1]
    };
    let old = leaf(row.at(c.old_balance), row.at(c.old_nonce));
    send_tagged(builder, Tag::AccountLeaf, old, row.array(&c.old_leaf), row.at(c.existed));
    let new = leaf(c.balance.value(row), c.nonce.value(row));
    send_tagged(builder, Tag::AccountLeaf, new, row.array(&c.new_leaf), c.present(row));
}

fn send_change<AB: InteractionBuilder>(c: &AccountColumns, builder: &mut AB, row: &Row<AB::Expr>) {
    let leaves = [row.all(&c.old_leaf), row.all(&c.new_leaf)];
    send_leaf_change(builder, TreeNumber::Accounts, row.at(c.id), leaves, c.active(row));
}

fn receive_signer<AB: InteractionBuilder>(
    c: &AccountColumns,
    builder: &mut AB,
    row: &Row<AB::Expr>,
) {
    let mut message = vec![row.at(c.id)];
    message.extend_from_slice(row.all(&c.key));
    message.extend([row.at(c.old_nonce), c.nonce.value(row)]);
    SIGNER.receive(builder, message, Count::bounded(row.at(c.signer), 1));
}

fn receive_flow<AB: InteractionBuilder>(c: &AccountColumns, builder: &mut AB, row: &Row<AB::Expr>) {
    let message = [AB::Expr::from_u64(FlowKind::Account as u64), row.at(c.id), AB::Expr::ZERO];
    let gained = c.balance.value(row) + row.at(c.swept) - row.at(c.old_balance);
    FLOW.receive(builder, message, Count::provided(gained));
}

fn send_record<AB: InteractionBuilder>(c: &AccountColumns, builder: &mut AB, row: &Row<AB::Expr>) {
    let kind = (row.at(c.signer) + AB::Expr::from_u64(RECORD)) * AB::Expr::from_u64(1 << 48);
    let high = c.balance.part(row, BALANCE_LOW_BITS..BALANCE_BITS as usize);
    let head = kind + row.at(c.id) * AB::Expr::from_u64(1 << 16) + high;
    let at = |offset: u64| row.at(c.position) + AB::Expr::from_u64(offset);
    send_limb(builder, at(0), head, c.present(row));
    send_limb(builder, at(1), row.at(c.second), c.present(row));
    send_limb(builder, at(2), c.nonce.part(row, 0..LOW_BITS), row.at(c.signer));
}

fn send_links<AB: InteractionBuilder>(c: &AccountColumns, builder: &mut AB, row: &Row<AB::Expr>) {
    let sweep = [row.at(c.id), row.at(c.swept), c.balance.value(row)];
    send_link(builder, StateLink::Sweep, sweep, row.at(c.exits));
    let opening = [row.at(c.id)].into_iter().chain(c.identity_parts(row));
    send_link(builder, StateLink::Opening, opening, row.at(c.opened));
    let (first, last) = (row.at(c.ends.first), row.at(c.ends.last));
    chain_section(builder, Section::Accounts, row.at(c.position), first, last);
}

fn provide_links<AB: InteractionBuilder>(
    c: &AccountColumns,
    builder: &mut AB,
    row: &Row<AB::Expr>,
) {
    let id = row.at(c.id);
    let identity = [id.clone()].into_iter().chain(c.identity_parts(row));
    let identity = identity.chain([row.at(c.old_balance)]);
    provide_link(builder, StateLink::Identity, identity, row.at(c.identity_lookups));
    let owner = [id.clone(), row.at(c.absent), row.at(c.exits)];
    let owner = owner.into_iter().chain(row.all(&c.owner).to_vec());
    provide_link(builder, StateLink::Owner, owner, row.at(c.owner_lookups));
    provide_link(builder, StateLink::Holder, [AB::Expr::ZERO, id], row.at(c.holder_lookups));
}
