//! Rows of the queue table.

use p3_field::{Field, PrimeCharacteristicRing};
use p3_matrix::dense::RowMajorMatrix;

use farthing_protocol::{
    AMOUNT_BITS, Address, DEPOSIT_BALANCE_LIMIT, Deposit, Felt, ForcedExit, OpenedAccount,
    QueueOutcome, canonical,
};

use crate::gadgets::layout::ColumnKind;

use super::columns::{KeyWord, QueueColumns};
use super::{DEPOSIT_LIMBS, EXIT_LIMBS, HALF_BITS, OPENED_LIMBS, WORD_LOW_BITS};

/// One row, with what the state says about it.
#[derive(Clone, Debug)]
pub(crate) enum QueueRow {
    Deposit { deposit: Deposit, outcome: QueueOutcome, old_balance: u64 },
    Exit { exit: ForcedExit, effect: bool, sweeps: bool, owner: Option<Address>, exiting: bool },
    Opened(OpenedAccount),
}

/// The trace; moves `position` behind the records.
pub(crate) fn trace(
    queue: &[QueueRow],
    queue_from: u64,
    position: &mut u64,
    log_height: usize,
) -> RowMajorMatrix<Felt> {
    let columns = QueueColumns::new();
    let mut rows = Felt::zero_vec(columns.width << log_height);
    columns.ends.write(&mut rows, columns.width);
    let mut number = queue_from;
    let mut opened_before = None;
    for (i, row) in rows.chunks_exact_mut(columns.width).enumerate() {
        row[columns.position] = Felt::new(*position);
        row[columns.number] = Felt::new(number);
        match queue.get(i) {
            None => {}
            Some(QueueRow::Deposit { deposit, outcome, old_balance }) => {
                write_deposit(&columns, row, deposit, *outcome, *old_balance);
                *position += DEPOSIT_LIMBS;
                number += 1;
            }
            Some(QueueRow::Exit { exit, effect, sweeps, owner, exiting }) => {
                write_owner(&columns, row, &exit.requester);
                row[if *effect { columns.exits } else { columns.denied }] = Felt::ONE;
                row[columns.sweeps] = Felt::from_bool(*sweeps);
                row[columns.account] = exit.account.felt();
                row[columns.exiting] = Felt::from_bool(*exiting);
                write_true_owner(&columns, row, *owner, &exit.requester);
                *position += EXIT_LIMBS;
                number += 1;
            }
            Some(QueueRow::Opened(opened)) => {
                write_opened(&columns, row, opened, opened_before);
                opened_before = Some(opened.id.get());
                *position += OPENED_LIMBS;
            }
        }
        write_head(&columns, row);
    }
    RowMajorMatrix::new(rows, columns.width)
}

fn write_deposit(
    c: &QueueColumns,
    row: &mut [Felt],
    deposit: &Deposit,
    outcome: QueueOutcome,
    old_balance: u64,
) {
    write_owner(c, row, &deposit.owner);
    write_words(c, row, deposit.key);
    c.amount.write(row, &[deposit.raw_amount()]);
    let (flag, account) = match outcome {
        QueueOutcome::Credited(id) => (c.credited, id.felt()),
        QueueOutcome::RefusedByBalance(id) => (c.refused_by_balance, id.felt()),
        _ => (c.too_large, Felt::ZERO),
    };
    row[flag] = Felt::ONE;
    row[c.account] = account;
    if flag == c.too_large {
        let high = Felt::new(deposit.raw_amount() >> AMOUNT_BITS);
        row[c.inverses.start] = high.try_inverse().unwrap_or_default();
        return;
    }
    row[c.old_balance] = Felt::new(old_balance);
    let slack = match flag == c.credited {
        true => (DEPOSIT_BALANCE_LIMIT - 1).saturating_sub(old_balance),
        false => old_balance.saturating_sub(DEPOSIT_BALANCE_LIMIT),
    };
    c.slack.write(row, &[slack]);
}

fn write_true_owner(
    c: &QueueColumns,
    row: &mut [Felt],
    owner: Option<Address>,
    requester: &Address,
) {
    row[c.absent] = Felt::from_bool(owner.is_none());
    let Some(owner) = owner else { return };
    row[c.true_owner.clone()].copy_from_slice(&owner.felts());
    let differences = requester.felts().into_iter().zip(owner.felts()).map(|(a, b)| a - b);
    let differing = differences.enumerate().find(|(_, difference)| *difference != Felt::ZERO);
    if let Some((i, difference)) = differing {
        row[c.inverses.start + i] = difference.inverse();
    }
}

fn write_opened(c: &QueueColumns, row: &mut [Felt], opened: &OpenedAccount, before: Option<u32>) {
    write_owner(c, row, &opened.identity.owner);
    write_words(c, row, opened.identity.key.elements().map(canonical));
    row[c.opened] = Felt::ONE;
    row[c.account] = opened.id.felt();
    let gap =
        before.map_or(0, |before| u64::from(opened.id.get()).wrapping_sub(u64::from(before) + 1));
    c.slack.write(row, &[gap]);
    for word in &c.words {
        let [_, high] = KeyWord::read(word, row).halves::<Felt>();
        let below_max = high - Felt::from_u64((1 << HALF_BITS) - 1);
        row[word.inverse] = below_max.try_inverse().unwrap_or_default();
    }
}

fn write_owner(c: &QueueColumns, row: &mut [Felt], owner: &Address) {
    let [first, second, third] = owner.limbs();
    c.owner_high.write(row, &[first]);
    row[c.owner_low.clone()].copy_from_slice(&[Felt::new(second), Felt::new(third)]);
}

fn write_words(c: &QueueColumns, row: &mut [Felt], words: [u64; 5]) {
    for (column, word) in c.words.iter().zip(words) {
        column.high.write(row, &[word >> WORD_LOW_BITS]);
        column.low.write(row, &[word & ((1 << WORD_LOW_BITS) - 1)]);
    }
}

fn write_head(c: &QueueColumns, row: &mut [Felt]) {
    let word = |value: u64| Felt::new(value);
    let cells = c.row(row);
    let kind = cells.deposit::<Felt>() + cells.exit::<Felt>() * word(2) + row[c.opened] * word(3);
    let outcome = row[c.credited] + row[c.exits] + row[c.refused_by_balance] * word(2);
    let shift = if row[c.opened] == Felt::ONE { 1 << 16 } else { 1 << 8 };
    row[c.head] = kind * word(1 << 48) + outcome * word(1 << 40) + row[c.account] * word(shift);
}
