//! Rows of the withdrawals table.

use p3_field::PrimeCharacteristicRing;
use p3_matrix::dense::RowMajorMatrix;

use farthing_protocol::{Address, Felt, NANO_PER_BASE_UNIT};

use super::RECORD_LIMBS;
use super::air::WithdrawalColumns;

/// One withdrawal, in the order of public data.
#[derive(Clone, Debug)]
pub(crate) struct WithdrawalRow {
    pub(crate) account: u32,
    /// The intent's nonce; `None` for a forced exit.
    pub(crate) nonce: Option<u64>,
    pub(crate) amount: u64,
    /// Nano that a forced exit leaves in the account.
    pub(crate) kept: u64,
    /// True if the account exits.
    pub(crate) exiting: bool,
    pub(crate) owner: Address,
}

/// The trace; moves `position` behind the records.
pub(crate) fn trace(
    withdrawals: &[WithdrawalRow],
    position: &mut u64,
    log_height: usize,
) -> RowMajorMatrix<Felt> {
    let columns = WithdrawalColumns::new();
    let mut rows = Felt::zero_vec(columns.width << log_height);
    columns.ends.write(&mut rows, columns.width);
    for (i, row) in rows.chunks_exact_mut(columns.width).enumerate() {
        row[columns.position] = Felt::new(*position);
        let withdrawal = withdrawals.get(i);
        let kept = withdrawal.map_or(0, |withdrawal| withdrawal.kept);
        columns.kept.write(row, &[kept]);
        columns.kept_slack.write(row, &[(NANO_PER_BASE_UNIT - 1).saturating_sub(kept)]);
        if let Some(withdrawal) = withdrawal {
            write(&columns, row, withdrawal);
            *position += RECORD_LIMBS;
        }
    }
    RowMajorMatrix::new(rows, columns.width)
}

fn write(c: &WithdrawalColumns, row: &mut [Felt], withdrawal: &WithdrawalRow) {
    row[c.account] = Felt::from_u32(withdrawal.account);
    row[c.amount] = Felt::new(withdrawal.amount);
    row[c.exiting] = Felt::from_bool(withdrawal.exiting);
    row[c.owner.clone()].copy_from_slice(&withdrawal.owner.felts());
    match withdrawal.nonce {
        Some(nonce) => {
            row[c.intent] = Felt::ONE;
            row[c.nonce] = Felt::new(nonce);
        }
        None => {
            row[c.exit] = Felt::ONE;
            c.units.write(row, &[withdrawal.amount / NANO_PER_BASE_UNIT]);
            c.held.write(row, &[withdrawal.amount + withdrawal.kept]);
        }
    }
}
