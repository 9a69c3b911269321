//! `Deposit`: always consumed. It credits the account of its owner and key, and opens that account
//! if it does not exist. A deposit is refused, and can be taken back on L1, if it is not an amount
//! or if its account held too much when the batch began.

use farthing_protocol::{AccountId, Amount, Deposit, Nano, OpenedAccount, QueueOutcome};

use super::{Effect, Effects};

/// The account that a deposit is for.
pub(crate) struct DepositAccount {
    pub(crate) id: AccountId,
    /// The balance when the batch began.
    pub(crate) old_balance: Nano,
    /// Set if the deposit opens it.
    pub(crate) opens: bool,
}

/// Outcome and effects of a deposit. `account` finds the account, if the amount is one.
pub(crate) fn check_deposit<E>(
    deposit: &Deposit,
    account: impl FnOnce() -> Result<DepositAccount, E>,
) -> Result<(QueueOutcome, Effects), E> {
    if Amount::new(deposit.raw_amount()).is_err() {
        return Ok((QueueOutcome::RefusedByAmount, Effects::default()));
    }
    let DepositAccount { id, old_balance, opens } = account()?;
    let opened = OpenedAccount { id, identity: deposit.identity() };
    let opening = opens.then_some(Effect::OpenAccount(opened));
    let (outcome, effect) = match deposit.accepted(old_balance) {
        Some(amount) => (QueueOutcome::Credited(id), Effect::Deposit { account: id, amount }),
        None => (QueueOutcome::RefusedByBalance(id), Effect::Touch { account: id }),
    };
    Ok((outcome, Effects::new(opening.into_iter().chain([effect]))))
}
