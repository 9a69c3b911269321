//! Forgeries of the withdrawals table.

use p3_field::PrimeCharacteristicRing;

use farthing_protocol::{Felt, canonical};

use super::Forged;
use super::forged_leaf::ForgedLeaf;
use super::sealed::everything;
use crate::tables::state::withdrawals::WithdrawalColumns;

/// Forgeries of this page.
pub(super) const ALL: &[Forged] = &[
    ("an intent withdrawn as minus one exit", half_withdrawals),
    ("what is kept is minus one", kept_below_zero),
    ("what is kept is a whole unit", kept_of_a_unit),
];

/// The record of the first withdrawal is an exit's, which a row without a record takes back.
fn half_withdrawals() -> ForgedLeaf {
    let mut lie = everything();
    let c = WithdrawalColumns::new();
    let intent = lie.find("withdrawals", c.intent);
    let row = lie.row("withdrawals", intent);
    let amount = canonical(row[c.amount]);
    c.units.write(row, &[amount / 1_000]);
    let kept = canonical(c.kept.read(row).value::<Felt>());
    c.held.write(row, &[amount + kept]);
    let mut taken_back = row.to_vec();
    (row[c.intent], row[c.exit]) = (Felt::ZERO, Felt::ONE);
    taken_back[c.exit] = -Felt::ONE;
    let rows = lie.rows("withdrawals");
    let mut active = rows.iter().map(|row| row[c.intent] + row[c.exit] != Felt::ZERO);
    let first = intent + active.by_ref().skip(intent).position(|active| !active).expect("padding");
    let ends = [c.ends.first, c.ends.last];
    for column in ends {
        taken_back[column] = lie.row("withdrawals", first)[column];
    }
    lie.row("withdrawals", first).copy_from_slice(&taken_back);
    lie.follow();
    lie
}

fn kept_below_zero() -> ForgedLeaf {
    let mut lie = everything();
    let c = WithdrawalColumns::new();
    let row = lie.row("withdrawals", 40);
    row[c.kept.columns.start] = -Felt::ONE;
    row[c.kept_slack.columns.start] = Felt::from_u32(1_000);
    lie
}

fn kept_of_a_unit() -> ForgedLeaf {
    let mut lie = everything();
    let c = WithdrawalColumns::new();
    let row = lie.row("withdrawals", 40);
    row[c.kept.columns.start] = Felt::from_u32(1_000);
    row[c.kept_slack.columns.start] = -Felt::ONE;
    lie
}
