//! Forgeries of the order of rows: ends of tables, padding, records in public data.

use p3_field::PrimeCharacteristicRing;

use farthing_protocol::Felt;

use super::Forged;
use super::forged_leaf::ForgedLeaf;
use super::sealed::{empty, everything};
use crate::gadgets::boundary::BoundaryFlags;
use crate::tables::state::accounts::AccountColumns;
use crate::tables::state::licenses::LicenseColumns;
use crate::tables::state::queue::QueueColumns;
use crate::tables::state::registrations::RegistrationColumns;
use crate::tables::state::royalty_split::SplitColumns;
use crate::tables::state::withdrawals::WithdrawalColumns;

/// Forgeries of this page.
pub(super) const ALL: &[Forged] = &[
    ("withdrawals: ends taken back", || two_firsts("withdrawals", WithdrawalColumns::new().ends)),
    ("accounts: ends taken back", || two_firsts("accounts", AccountColumns::new().ends)),
    ("registrations: ends taken back", || {
        two_firsts("registrations", RegistrationColumns::new().ends)
    }),
    ("licenses: ends taken back", || two_firsts("licenses", LicenseColumns::new().ends)),
    ("queue: an end taken back", queue_last_taken_back),
    ("accounts: a table without padding", accounts_without_padding),
    ("queue: an entry behind padding", || behind_padding("queue", 3)),
    ("withdrawals: one behind padding", || behind_padding("withdrawals", 1)),
    ("accounts: one behind padding", || behind_padding("accounts", 3)),
    ("registrations: one behind padding", || behind_padding("registrations", 3)),
    ("licenses: one behind padding", || behind_padding("licenses", 2)),
    ("royalty split: a license behind padding", || behind_padding("royalty_split", split_start())),
    ("accounts: records change places", || records_change_places("accounts")),
    ("queue: records change places", || records_change_places("queue")),
];

/// Rows 40 and 41 are padding in every table of ends.
fn two_firsts(table: &str, ends: BoundaryFlags) -> ForgedLeaf {
    let mut lie = everything();
    lie.row(table, 40)[ends.first] = Felt::ONE;
    lie.row(table, 41)[ends.first] = -Felt::ONE;
    lie
}

fn queue_last_taken_back() -> ForgedLeaf {
    let mut lie = everything();
    let last = QueueColumns::new().ends.last;
    lie.row("queue", 40)[last] = Felt::ONE;
    lie.row("queue", 41)[last] = -Felt::ONE;
    lie
}

/// The last account is not open, so it has no record whose end would be missed.
fn accounts_without_padding() -> ForgedLeaf {
    let mut lie = empty();
    let c = AccountColumns::new();
    let height = lie.rows("accounts").len();
    for i in 1..height {
        let row = lie.row("accounts", i);
        row[c.absent] = Felt::ONE;
        row[c.id] = Felt::from_usize(i);
        c.gap.write(row, &[0]);
    }
    lie.follow();
    lie
}

/// A row of padding before row `at` of a table; what stands in it follows the row above.
fn behind_padding(table: &str, at: usize) -> ForgedLeaf {
    let mut lie = everything();
    let place = lie.place(table);
    let height = lie.height(place);
    let last = if table == "royalty_split" { height } else { height - 1 };
    let padding = lie.at(place, last - 1).to_vec();
    for row in (at..last - 1).rev() {
        let moved = lie.at(place, row).to_vec();
        lie.at(place, row + 1).copy_from_slice(&moved);
    }
    let (above, below) = (lie.at(place, at - 1).to_vec(), lie.at(place, at + 1).to_vec());
    let row = lie.at(place, at);
    row.copy_from_slice(&padding);
    let (a, l, r) = (AccountColumns::new(), LicenseColumns::new(), RegistrationColumns::new());
    match table {
        "queue" => {
            let number = QueueColumns::new().number;
            row[number] = below[number];
        }
        "accounts" => row[a.id] = above[a.id],
        "licenses" => row[l.id] = above[l.id],
        "registrations" => row[r.license] = above[r.license],
        _ => {}
    }
    lie.follow();
    lie
}

/// Row at which the second license's lines begin.
fn split_start() -> usize {
    let end = SplitColumns::new().end;
    1 + everything().find("royalty_split", end)
}

/// The records of rows 1 and 2.
fn records_change_places(table: &str) -> ForgedLeaf {
    let mut lie = everything();
    let column = match table {
        "queue" => QueueColumns::new().position,
        _ => AccountColumns::new().position,
    };
    let [one, two, three] = [1, 2, 3].map(|row| lie.row(table, row)[column]);
    lie.row(table, 2)[column] = one;
    lie.row(table, 1)[column] = one + (three - two);
    lie.publish();
    lie.permute();
    lie
}
