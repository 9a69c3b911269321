//! Forgeries of the royalty split.

use p3_field::PrimeCharacteristicRing;

use farthing_protocol::{Felt, canonical};

use super::Forged;
use super::forged_leaf::ForgedLeaf;
use super::sealed::{everything, holders, sixteen_holders};
use crate::tables::state::licenses::LicenseColumns;
use crate::tables::state::royalty_split::SplitColumns;

/// Forgeries of this page.
pub(super) const ALL: &[Forged] = &[
    ("shares on padding", shares_on_padding),
    ("a split without an end, the table full", open_split_in_a_full_table),
    ("a split without an end", open_split),
    ("a second block of five lines", short_second_block),
    ("a first block without a second", first_row_is_late),
    ("lines that are counted from two", first_count),
    ("a window that is filled from two", first_filled),
    ("a share of another's, low half", floor_low),
    ("a share of another's, high half", floor_high),
    ("a nano that nobody spends", first_spent),
    ("a share table of another sum", other_total),
    ("another length of a share table", other_capacity),
    ("nine lines in a block", nine_lines_in_a_block),
];

fn shares_on_padding() -> ForgedLeaf {
    let mut lie = everything();
    let c = SplitColumns::new();
    let last = lie.rows("royalty_split").len() - 1;
    let row = lie.row("royalty_split", last);
    row[c.shares.columns.start] = Felt::ONE;
    row[c.total] = Felt::ONE;
    lie
}

/// The last license's lines once more, behind them and without an end.
fn split_again(mut lie: ForgedLeaf) -> ForgedLeaf {
    let c = SplitColumns::new();
    let rows = lie.rows("royalty_split");
    let used = rows.iter().filter(|row| row[c.active] == Felt::ONE).count();
    let license = rows[used - 1][c.license];
    let group: Vec<Vec<Felt>> = rows
        .into_iter()
        .take(used)
        .filter(|row| row[c.license] == license)
        .map(|row| row.to_vec())
        .collect();
    for (i, row) in group.iter().enumerate() {
        let cells = lie.row("royalty_split", used + i);
        cells.copy_from_slice(row);
        cells[c.end] = Felt::ZERO;
    }
    lie.follow();
    lie
}

fn open_split_in_a_full_table() -> ForgedLeaf {
    let lie = sixteen_holders(7, 5);
    assert_eq!(1 << lie.class.state.log_royalty_split, 8 * 16);
    split_again(lie)
}

/// The row of padding behind it carries everything on: nothing is dealt, so it may.
fn open_split() -> ForgedLeaf {
    let mut lie = split_again(holders(&[5, 5], 1, 0));
    let c = SplitColumns::new();
    let used = 3 * 5;
    let last = lie.row("royalty_split", used - 1).to_vec();
    c.gap.write(lie.row("royalty_split", used - 1), &[0]);
    let row = lie.row("royalty_split", used);
    let same = [c.license].into_iter().chain(c.capacity.clone()).chain(c.digest.clone());
    for column in same.chain([c.total, c.spent]) {
        row[column] = last[column];
    }
    // The line before account 1's is account 0's.
    row[c.position] = last[c.position] - Felt::ONE;
    row[c.count] = last[c.count] + Felt::ONE;
    row[c.filled.columns.start] = last[c.filled.columns.start] + Felt::ONE;
    let lines: Vec<Felt> = [c.row(&last).packed::<Felt>()]
        .into_iter()
        .chain(last[c.window.clone()].iter().copied())
        .collect();
    for (column, line) in c.window.clone().zip(lines) {
        row[column] = line;
    }
    lie
}

/// Thirteen lines: eight above, five below the cut.
fn short_second_block() -> ForgedLeaf {
    let mut lie = holders(&[13], 5, 1_000);
    lie.cut_lines(0..13, Some(7));
    lie.resplit(true);
    lie.follow();
    lie
}

/// The first license has eight lines, a whole block.
fn first_row_is_late() -> ForgedLeaf {
    let mut lie = holders(&[8], 5, 1_000);
    let c = SplitColumns::new();
    for row in 0..8 {
        lie.row("royalty_split", row)[c.late] = Felt::ONE;
    }
    lie.resplit(true);
    lie.follow();
    lie
}

fn first_count() -> ForgedLeaf {
    let mut lie = holders(&[5], 5, 1_000);
    let c = SplitColumns::new();
    for row in 0..5 {
        let row = lie.row("royalty_split", row);
        row[c.count] += Felt::ONE;
        row[c.capacity.start + 1] += Felt::ONE;
    }
    lie.resplit(false);
    lie.follow();
    lie
}

fn first_filled() -> ForgedLeaf {
    let mut lie = holders(&[5], 5, 1_000);
    let c = SplitColumns::new();
    for row in 0..5 {
        lie.row("royalty_split", row)[c.filled.columns.start] += Felt::ONE;
    }
    lie
}

/// The holder of the first row gives the one of the second a thousand nano.
fn floor_low() -> ForgedLeaf {
    let mut lie = holders(&[5], 5, 1_000);
    let c = SplitColumns::new();
    move_quotient(&mut lie, c.quotient_low.columns.start, Felt::from_u64(100), 100);
    lie.follow();
    lie
}

fn floor_high() -> ForgedLeaf {
    let mut lie = holders(&[2], 1, (1 << 40) - 1);
    let c = SplitColumns::new();
    move_quotient(&mut lie, c.quotient_high.columns.start, Felt::ONE, 1 << 31);
    lie.follow();
    lie
}

fn move_quotient(lie: &mut ForgedLeaf, column: usize, piece: Felt, nano: u64) {
    let spent = SplitColumns::new().spent;
    let row = lie.row("royalty_split", 0);
    row[column] -= piece;
    row[spent] -= Felt::from_u64(nano);
    lie.row("royalty_split", 1)[column] += piece;
}

/// The license keeps a nano more than is left.
fn first_spent() -> ForgedLeaf {
    let mut lie = holders(&[5], 5, 1_000);
    let (c, l) = (SplitColumns::new(), LicenseColumns::new());
    for row in 0..5 {
        lie.row("royalty_split", row)[c.spent] -= Felt::ONE;
    }
    lie.row("licenses", 0)[l.kept.columns.start] += Felt::ONE;
    lie.follow();
    lie
}

/// The line of the last row, the first of the table, has a share less: nothing is paid.
fn other_total() -> ForgedLeaf {
    let mut lie = holders(&[5], 1, 0);
    let c = SplitColumns::new();
    let row = lie.row("royalty_split", 4);
    let shares = canonical(c.shares.read(row).value::<Felt>());
    c.shares.write(row, &[shares - 1]);
    row[c.total] -= Felt::ONE;
    lie.resplit(false);
    lie.follow();
    lie
}

fn other_capacity() -> ForgedLeaf {
    let mut lie = holders(&[5], 5, 1_000);
    let c = SplitColumns::new();
    for row in 0..5 {
        lie.row("royalty_split", row)[c.capacity.start] += Felt::ONE;
    }
    lie.resplit(false);
    lie.follow();
    lie
}

/// The uppermost line falls out of the hash.
fn nine_lines_in_a_block() -> ForgedLeaf {
    let mut lie = holders(&[9], 5, 1_000);
    lie.cut_lines(0..9, None);
    lie.resplit(true);
    lie.follow();
    lie
}
