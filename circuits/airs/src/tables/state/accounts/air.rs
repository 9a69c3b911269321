//! Constraints of the accounts table.

use p3_air::{AirBuilder, WindowAccess};
use p3_field::PrimeCharacteristicRing;
use p3_lookup::{Count, InteractionBuilder};

use farthing_protocol::{
    ADDRESS_LIMBS, DIGEST_ELEMENTS, FP5_ELEMENTS, Felt, RATE, SHORT_DIGEST_ELEMENTS, Tag,
};

use crate::buses::{
    FLOW, FlowKind, SIGNER, Section, StateLink, chain_section, check_ranges, flow, flow_to,
    provide_link, send_limb, send_link, send_tagged,
};
use crate::gadgets::boundary::BoundaryFlags;
use crate::gadgets::gate::OnRows;
use crate::gadgets::layout::{Bits, CutBits, Layout, Many, One, columns};
use crate::tables::state::merkle::{TreeNumber, send_leaf_change};

use super::{BALANCE_LOW_BITS, ID_BITS, LOW_BITS};

/// Kind of an account's record; a signer's is one more.
const RECORD: u64 = farthing_protocol::layout::account::KIND as u64;
/// Bits of a balance.
const BALANCE_BITS: usize = farthing_protocol::BALANCE_BITS as usize;
/// Bits of a nonce.
const NONCE_BITS: usize = farthing_protocol::NONCE_BITS as usize;

columns! {
    /// Columns of the main trace; the module page says what each means.
    pub(crate) struct AccountColumns, row AccountCells {
        ends: BoundaryFlags,
        existed: One,
        opened: One,
        absent: One,
        signer: One,
        exits: One,
        identity_opened: One,
        id: One,
        gap: Bits<ID_BITS>,
        identity: Many<DIGEST_ELEMENTS>,
        key: Many<FP5_ELEMENTS>,
        owner: Many<ADDRESS_LIMBS>,
        old_balance: One,
        old_nonce: One,
        balance: CutBits<BALANCE_LOW_BITS, BALANCE_BITS>,
        named: One,
        swept: One,
        nonce: CutBits<LOW_BITS, NONCE_BITS>,
        old_leaf: Many<DIGEST_ELEMENTS>,
        new_leaf: Many<DIGEST_ELEMENTS>,
        second: One,
        position: One,
        owner_lookups: One,
        identity_lookups: One,
        holder_lookups: One,
    }
}

impl<V: Copy> AccountCells<V> {
    fn present<E: PrimeCharacteristicRing>(&self) -> E
    where
        V: Into<E>,
    {
        self.existed.into() + self.opened.into()
    }

    fn active<E: PrimeCharacteristicRing>(&self) -> E
    where
        V: Into<E>,
    {
        self.present::<E>() + self.absent.into()
    }

    /// The part of the identity that a signed message names.
    fn recipient(&self) -> [V; SHORT_DIGEST_ELEMENTS] {
        core::array::from_fn(|i| self.identity[i])
    }

    /// Key and owner.
    fn identity_parts<E>(&self) -> [E; RATE]
    where
        V: Into<E>,
    {
        let [k0, k1, k2, k3, k4] = self.key.map(Into::into);
        let [o0, o1, o2] = self.owner.map(Into::into);
        [k0, k1, k2, k3, k4, o0, o1, o2]
    }
}

pub(crate) fn eval<AB: AirBuilder<F = Felt> + InteractionBuilder>(
    columns: &AccountColumns,
    builder: &mut AB,
) {
    let main = builder.main();
    let (row, next) = (&columns.row(main.current_slice()), &columns.row(main.next_slice()));
    assert_flags(builder, row);
    assert_operator_is_first(builder, row);
    assert_ids_ascend(builder, row, next);
    assert_not_open_is_empty(builder, row);
    assert_only_signers_move_nonces(builder, row);
    assert_answers_are_known(builder, row);
    assert_record(builder, row, next);
    check_ranges(builder, main.current_slice(), &columns.numbers());
    hash_leaves(builder, row);
    send_change(builder, row);
    receive_signer(builder, row);
    receive_flows(builder, row);
    send_record(builder, row);
    send_links(builder, row);
    provide_links(builder, row);
}

fn assert_flags<AB: AirBuilder>(builder: &mut AB, row: &AccountCells<AB::Var>) {
    let one = AB::Expr::ONE;
    builder.assert_bools([
        row.existed,
        row.opened,
        row.absent,
        row.signer,
        row.exits,
        row.identity_opened,
    ]);
    builder.assert_bool(row.active::<AB::Expr>());
    let not_opened = one.clone() - row.identity_opened;
    builder.assert_zero(row.signer * not_opened.clone());
    builder.assert_zero(row.opened * not_opened);
    let not_present = one - row.present::<AB::Expr>();
    builder.assert_zero(row.identity_opened * not_present.clone());
    builder.assert_zero(row.exits * not_present);
}

/// Without a touched leaf nothing would bind the roots.
fn assert_operator_is_first<AB: AirBuilder>(builder: &mut AB, row: &AccountCells<AB::Var>) {
    let mut first = builder.on_first_row();
    first.assert_one(row.existed);
    first.assert_zero(row.id);
}

/// Ids are below 2³² by the tree and so are their gaps: no account has two rows.
fn assert_ids_ascend<AB: AirBuilder>(
    builder: &mut AB,
    row: &AccountCells<AB::Var>,
    next: &AccountCells<AB::Var>,
) {
    row.ends.assert(builder, &next.ends, [row.active(), next.active()]);
    let gap = next.id - row.id - AB::Expr::ONE - next.gap.value::<AB::Expr>();
    builder.on_transition().assert_zero(next.active::<AB::Expr>() * gap);
}

fn assert_not_open_is_empty<AB: AirBuilder>(builder: &mut AB, row: &AccountCells<AB::Var>) {
    let one = AB::Expr::ONE;
    let not_before = one.clone() - row.existed;
    for cell in [row.old_balance, row.old_nonce].into_iter().chain(row.old_leaf) {
        builder.assert_zero(not_before.clone() * cell);
    }
    let not_after = one.clone() - row.present::<AB::Expr>();
    for cell in row.new_leaf {
        builder.assert_zero(not_after.clone() * cell);
    }
    builder.assert_zero(not_after.clone() * row.balance.value::<AB::Expr>());
    builder.assert_zero(not_after * row.named);
    builder.assert_zero((one - row.exits) * row.swept);
    for cell in row.owner {
        builder.assert_zero(row.absent * cell);
    }
}

fn assert_only_signers_move_nonces<AB: AirBuilder>(builder: &mut AB, row: &AccountCells<AB::Var>) {
    let moved = row.nonce.value::<AB::Expr>() - row.old_nonce;
    builder.assert_zero((AB::Expr::ONE - row.signer) * moved);
}

/// Columns that no hash opens could have any value.
fn assert_answers_are_known<AB: AirBuilder>(builder: &mut AB, row: &AccountCells<AB::Var>) {
    let not_opened = AB::Expr::ONE - row.identity_opened;
    builder.assert_zero(row.identity_lookups * not_opened.clone());
    builder.assert_zero(row.owner_lookups * (not_opened - row.absent));
    builder.assert_zero(row.holder_lookups * (AB::Expr::ONE - row.present::<AB::Expr>()));
}

fn assert_record<AB: AirBuilder>(
    builder: &mut AB,
    row: &AccountCells<AB::Var>,
    next: &AccountCells<AB::Var>,
) {
    let low: AB::Expr = row.balance.part(0..BALANCE_LOW_BITS);
    let nonce_high: AB::Expr = row.nonce.part(LOW_BITS..NONCE_BITS);
    let of_signer = low.clone() * AB::Expr::from_u64((1 << 8) - 1) + nonce_high;
    builder.assert_eq(row.second, low + row.signer * of_signer);
    let limbs = row.present::<AB::Expr>().double() + row.signer;
    builder.on_transition().assert_eq(next.position, row.position + limbs);
}

fn hash_leaves<AB: AirBuilder<F = Felt> + InteractionBuilder>(
    builder: &mut AB,
    row: &AccountCells<AB::Var>,
) {
    let parts = row.identity_parts();
    send_tagged(builder, Tag::AccountIdentity, parts, row.identity, row.identity_opened);
    let [i0, i1, i2, i3] = row.identity.map(Into::<AB::Expr>::into);
    let leaf = |balance: AB::Expr, nonce: AB::Expr| {
        let (z0, z1) = (AB::Expr::ZERO, AB::Expr::ZERO);
        [i0.clone(), i1.clone(), i2.clone(), i3.clone(), balance, nonce, z0, z1]
    };
    let old = leaf(row.old_balance.into(), row.old_nonce.into());
    send_tagged(builder, Tag::AccountLeaf, old, row.old_leaf, row.existed);
    let new = leaf(row.balance.value(), row.nonce.value());
    send_tagged(builder, Tag::AccountLeaf, new, row.new_leaf, row.present::<AB::Expr>());
}

fn send_change<AB: InteractionBuilder>(builder: &mut AB, row: &AccountCells<AB::Var>) {
    let leaves = [row.old_leaf, row.new_leaf];
    send_leaf_change(builder, TreeNumber::Accounts, row.id, leaves, row.active());
}

fn receive_signer<AB: InteractionBuilder>(builder: &mut AB, row: &AccountCells<AB::Var>) {
    let mut message: Vec<AB::Expr> = vec![row.id.into()];
    message.extend(row.key.map(Into::into));
    message.extend([row.old_nonce.into(), row.nonce.value()]);
    SIGNER.receive(builder, message, Count::bounded(row.signer.into(), 1));
}

/// Credits of signers who named another identity are not taken up, and balance against nothing.
fn receive_flows<AB: InteractionBuilder>(builder: &mut AB, row: &AccountCells<AB::Var>) {
    let space = |kind: FlowKind| AB::Expr::from_u64(kind as u64);
    let named =
        flow_to(space(FlowKind::Named), row.id, AB::Expr::ZERO, AB::Expr::ZERO, row.recipient());
    FLOW.receive(builder, named, Count::provided(row.named.into()));
    let gained = row.balance.value::<AB::Expr>() + row.swept - row.old_balance;
    let rest = flow(space(FlowKind::Account), row.id);
    FLOW.receive(builder, rest, Count::provided(gained - row.named));
}

fn send_record<AB: InteractionBuilder>(builder: &mut AB, row: &AccountCells<AB::Var>) {
    let kind = (row.signer + AB::Expr::from_u64(RECORD)) * AB::Expr::from_u64(1 << 48);
    let high: AB::Expr = row.balance.part(BALANCE_LOW_BITS..BALANCE_BITS);
    let head = kind + row.id * AB::Expr::from_u64(1 << 16) + high;
    let at = |offset: u64| row.position + AB::Expr::from_u64(offset);
    let present: AB::Expr = row.present();
    let low: AB::Expr = row.nonce.part(0..LOW_BITS);
    send_limb(builder, at(0), head, present.clone());
    send_limb(builder, at(1), row.second, present);
    send_limb(builder, at(2), low, row.signer);
}

fn send_links<AB: InteractionBuilder>(builder: &mut AB, row: &AccountCells<AB::Var>) {
    let sweep: [AB::Expr; 3] = [row.id.into(), row.swept.into(), row.balance.value()];
    send_link(builder, StateLink::Sweep, sweep, row.exits);
    let opening = [row.id].into_iter().chain(row.key).chain(row.owner);
    send_link(builder, StateLink::Opening, opening, row.opened);
    chain_section(builder, Section::Accounts, row.position, row.ends);
}

fn provide_links<AB: InteractionBuilder>(builder: &mut AB, row: &AccountCells<AB::Var>) {
    let identity = [row.id].into_iter().chain(row.key).chain(row.owner).chain([row.old_balance]);
    provide_link(builder, StateLink::Identity, identity, row.identity_lookups);
    let owner = [row.id, row.absent, row.exits].into_iter().chain(row.owner);
    provide_link(builder, StateLink::Owner, owner, row.owner_lookups);
    let holder = [AB::Expr::ZERO, row.id.into()];
    let holder = holder.into_iter().chain(row.recipient().map(Into::into));
    provide_link(builder, StateLink::Holder, holder, row.holder_lookups);
}
