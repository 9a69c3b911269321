//! Batches of another prover, and the rebase on them.

use std::path::Path;

use farthing_ledger::{Ledger, Rebase, Rebased};
use farthing_protocol::{BatchClass, BatchNumber, BatchStatement, PublicData, UnixTime};

use super::{TestLedger, TestResult, genesis, time};

pub type Batches = Vec<(BatchStatement, PublicData)>;

/// The other prover's ledger, rebuilt from L1's batches.
pub fn stranger(test: &TestLedger, class: BatchClass, dir: &Path) -> TestResult<Ledger> {
    Ok(Ledger::restore(dir, genesis(), class, batches(test))?)
}

/// The batches sealed, as L1 shows them.
pub fn batches(test: &TestLedger) -> Batches {
    let sealed = test.sealed.iter();
    sealed.map(|s| (s.witness.statement, s.witness.public_data.clone())).collect()
}

/// The rebase of a ledger onto L1's batches from `first` on.
pub fn plan(test: &TestLedger, first: BatchNumber, batches: Batches) -> Rebase {
    let of = |number: u64| {
        let number = usize::try_from(number).ok()?;
        Some(test.sealed.get(number)?.witness.statement.header.timestamp)
    };
    let before = first.get().checked_sub(1).and_then(of).unwrap_or(UnixTime::MIN);
    Rebase { first, before, batches, not_before: UnixTime::MIN }
}

/// Does a rebase to its end.
pub fn rebase(test: &mut TestLedger, plan: &Rebase) -> TestResult<Rebased> {
    let report = test.ledger.rebase(plan, time(test.now))?;
    assert!(test.ledger.is_rebasing()?);
    test.ledger.forget_rebase()?;
    assert!(!test.ledger.is_rebasing()?);
    assert_eq!(test.ledger.compute_root()?, test.ledger.root());
    Ok(report)
}
