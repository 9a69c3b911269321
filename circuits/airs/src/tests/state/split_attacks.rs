//! Attacks on the royalty split: shares rounded, withheld, dealt by a table that is none.

use p3_field::PrimeCharacteristicRing;

use farthing_protocol::{
    AccountId, BatchWitness, Digest, Felt, Holder, HolderShares, LicenseId, Nano, Shares,
    TERMS_LINEAGE_SHIFT, Tag, hash,
};

use super::batches::{everything, one_payment, settled_world};
use super::changes::{account, add, license, lie};
use super::forgery::{Forgery, recipient, reseal, reseal_leaves};
use super::test_ledger::{TestLedger, account_holder, deposit, parent, pay, register};
use crate::tables::state::accounts::AccountColumns;
use crate::tables::state::royalty_split::SplitColumns;

#[test]
fn round_a_share_up() {
    let mut witness = everything();
    // License 1 keeps a nano less, its first holder gets it.
    let kept = license(&mut witness, 1).new.vault.get();
    assert!(kept > 0, "there is a remainder to steal");
    license(&mut witness, 1).new.vault = Nano::from(kept as u8 - 1);
    add(&mut witness, 4, 1);
    reseal(&mut witness, false);
    let mut forgery = Forgery::of(&witness);
    let c = SplitColumns::new();
    let rows = forgery.rows("royalty_split").into_iter();
    let mut first_lines = rows.filter(|row| row[c.license] == Felt::ONE && row[c.end] == Felt::ONE);
    let row = first_lines.next().expect("a line");
    row[c.spent] += Felt::ONE;
    row[c.quotient_low.columns.start] += Felt::ONE;
    row[c.remainder.columns.start] -= Felt::from_u32(1_000_000);
    row[c.remainder_slack.columns.start] += Felt::from_u32(1_000_000);
    forgery.assert_refused(&["range"]);
}

/// The holder and the license agree on less, the operator keeps the rest.
#[test]
fn withhold_a_share() {
    lie(|witness| {
        add(witness, 4, -1);
        add(witness, 0, 1);
    })
    .assert_refused(&["flow"]);
}

/// Account 7 holds shares; with nothing paid out it must still be touched.
#[test]
fn omit_a_holder() {
    let mut world = settled_world();
    world.admit(1, 1, 2, pay(1, 7, 1_000));
    let mut witness = world.seal();
    let gone = AccountId::from(3);
    let (old, new) = {
        let change = account(&mut witness, 3);
        (change.old.expect("open").balance.get(), change.new.expect("open").balance.get())
    };
    witness.accounts.retain(|change| change.id != gone);
    add(&mut witness, 0, (new - old) as i64);
    reseal(&mut witness, false);
    Forgery::of(&witness).assert_refused(&["flow", "link"]);
}

/// Payments to a license pass its parent by.
#[test]
fn omit_a_parent() {
    let mut witness = one_payment();
    witness.licenses.retain(|change| change.id != LicenseId::from(0));
    for holder in [2, 3] {
        let change = account(&mut witness, holder);
        change.new = change.old;
    }
    reseal(&mut witness, false);
    Forgery::of(&witness).assert_refused(&["flow", "link"]);
}

/// Also if there is nothing for it: or its vault could be left where it is for ever.
#[test]
fn omit_a_parent_that_gets_nothing() {
    let mut world = settled_world();
    world.admit(1, 1, 0, register(0, 0, 2, &[(account_holder(1), 700_000), (parent(0), 300_000)]));
    world.seal();
    world.admit(1, 1, 0, pay(2, 1, 0));
    let mut witness = world.seal();
    Forgery::of(&witness).assert_accepted();
    witness.licenses.retain(|change| change.id != LicenseId::from(0));
    reseal(&mut witness, false);
    Forgery::of(&witness).assert_refused(&["link"]);
}

/// Sixteen holders of a license that costs nothing, and the table that the prover says it has; all
/// else follows, the old root too, so nothing but the table is wrong.
fn split_by(forged: &[HolderShares]) -> Forgery {
    let mut world = TestLedger::new();
    for i in 1..=17 {
        world.consume(deposit(i, 1_000_000));
    }
    world.seal();
    let honest: Vec<(Holder, u32)> = (1..=16).map(|i| (account_holder(i), 62_500)).collect();
    world.admit(1, 1, 0, register(0, 0, 1, &honest));
    world.seal();
    world.admit(17, 17, 0, pay(0, 1, 0));
    let mut witness = world.seal();
    let table: Vec<Felt> = forged.iter().map(|line| Felt::new(line.packed())).collect();
    let terms = terms_digest(&mut witness, &hash(Tag::ShareTable, &table));
    let change = license(&mut witness, 0).clone();
    reseal_leaves(&mut witness, false, |leaves| {
        let old = change.old.expect("registered").leaf(&terms);
        leaves.insert(0, [old, change.new.leaf(&terms)]);
    });
    let mut forgery = Forgery::with_splits(&witness, |groups| {
        let names = forged.iter().map(|line| recipient(&witness, line.holder).unwrap_or_default());
        groups[0].recipients = names.collect();
        groups[0].lines = forged.to_vec().into();
    });
    let c = AccountColumns::new();
    for row in forgery.rows("accounts") {
        let names = |line: &&HolderShares| matches!(line.holder, Holder::Account(id) if id.felt() == row[c.id]);
        let active = row[c.existed] == Felt::ONE;
        row[c.holder_lookups] =
            Felt::from_usize(forged.iter().filter(names).count() * active as usize);
    }
    forgery
}

fn terms_digest(witness: &mut BatchWitness, table: &Digest) -> Digest {
    let terms = &license(witness, 0).terms;
    let lineage = u64::from(terms.lineage.get()) << TERMS_LINEAGE_SHIFT;
    let registered = Felt::new(u64::from(terms.licensor.get()) + lineage);
    let name = terms.recipient().elements().into_iter().chain([registered]);
    let elements: Vec<Felt> = table.elements().into_iter().chain(name).collect();
    hash(Tag::LicenseTerms, &elements)
}

/// Accounts with shares of one license.
fn table(lines: impl IntoIterator<Item = (u32, u64)>) -> Vec<HolderShares> {
    let line = |(account, shares)| HolderShares {
        holder: account_holder(account),
        shares: Shares::new(shares).expect("shares"),
    };
    lines.into_iter().map(line).collect()
}

/// Says by how much a line's key is above the one before it, as a field element.
fn set_gaps(forgery: &mut Forgery) {
    let c = SplitColumns::new();
    let mut rows = forgery.rows("royalty_split");
    for i in 1..rows.len() {
        let key = |row: &[Felt]| c.row(row).key::<Felt>();
        let gap = key(rows[i - 1]) - key(rows[i]) - Felt::ONE;
        let open = rows[i - 1][c.active] - rows[i - 1][c.end];
        // In range it stands there in pieces.
        if open == Felt::ONE && farthing_protocol::canonical(gap) >> 33 != 0 {
            rows[i - 1][c.gap.columns.clone()].fill(Felt::ZERO);
            rows[i - 1][c.gap.columns.start] = gap;
        }
    }
}

#[test]
fn share_table_in_another_order() {
    split_by(&table((1..=16).map(|i| (i, 62_500)))).assert_accepted();
    for ids in [[1, 3, 2], [1, 1, 2]] {
        let mut forgery = split_by(&table(ids.into_iter().zip([500_000, 250_000, 250_000])));
        set_gaps(&mut forgery);
        forgery.assert_refused(&["range"]);
    }
}

#[test]
fn share_table_of_another_sum() {
    for last in [62_499, 62_501] {
        let forged = (1..=16).map(|i| (i, if i == 16 { last } else { 62_500 }));
        split_by(&table(forged)).assert_refused(&["royalty_split"]);
    }
}

#[test]
fn share_table_with_a_line_of_nothing() {
    let mut forgery = split_by(&table([(1, 1_000_000), (2, 0)]));
    let c = SplitColumns::new();
    let row = forgery.row("royalty_split", 0);
    row[c.shares.columns.clone()].fill(Felt::ZERO);
    row[c.shares.columns.start] = -Felt::ONE;
    forgery.assert_refused(&["range"]);
}

/// Seventeen lines: nine of them in a block, or two cuts.
#[test]
fn share_table_of_too_many_lines() {
    let forged = table((1..=17).map(|i| (i, if i == 17 { 40_000 } else { 60_000 })));
    split_by(&forged).assert_refused(&["hash", "range"]);
    let mut forgery = split_by(&forged);
    let c = SplitColumns::new();
    let row = forgery.row("royalty_split", 0);
    row[c.cut] = Felt::ONE;
    for row in 1..=8 {
        let row = forgery.row("royalty_split", row);
        row[c.late] = Felt::ONE;
        let filled = row[c.filled.columns.start];
        row[c.filled.columns.start] = filled - Felt::ONE;
    }
    forgery.assert_refused(&["hash", "royalty_split"]);
}

#[test]
fn share_table_without_a_line() {
    split_by(&[]).assert_refused(&["hash", "link"]);
}

/// Receipts of a license since its registration are kept modulo 2⁶², by the ledger's rule.
#[test]
fn received_starts_anew_at_its_limit() {
    let received = |new: u64| {
        let mut witness = one_payment();
        let change = license(&mut witness, 1);
        assert_eq!(change.received.get(), 7_000);
        change.old.as_mut().expect("registered").received =
            Nano::new((1 << 62) - 500).expect("below the limit");
        change.new.received = Nano::new(new).expect("below the limit");
        reseal(&mut witness, false);
        Forgery::of(&witness)
    };
    received(6_500).assert_accepted();
    received(6_501).assert_refused(&["licenses"]);
    received((1 << 62) - 1).assert_refused(&["licenses"]);
}
