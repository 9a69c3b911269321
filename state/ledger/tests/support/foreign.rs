//! Batches of another prover, and the rebase on them.

use std::path::Path;

use farthing_ledger::{Ledger, Rebase, Rebased};
use farthing_protocol::{BatchClass, BatchNumber, BatchStatement, PublicData, UnixTime};

use super::{Outcome, TestLedger, genesis, time};

pub type Batches = Vec<(BatchStatement, PublicData)>;

/// The other prover's ledger, rebuilt from L1's batches so far.
pub fn stranger(world: &TestLedger, class: BatchClass, dir: &Path) -> Outcome<Ledger> {
    Ok(Ledger::restore(dir, genesis(), class, batches(world))?)
}

/// The batches sealed, as L1 shows them.
pub fn batches(world: &TestLedger) -> Batches {
    let sealed = world.sealed.iter();
    sealed.map(|s| (s.witness.statement, s.witness.public_data.clone())).collect()
}

/// The rebase of a world onto L1's batches from `first` on.
pub fn plan(world: &TestLedger, first: BatchNumber, batches: Batches) -> Rebase {
    let of = |number: u64| {
        let number = usize::try_from(number).ok()?;
        Some(world.sealed.get(number)?.witness.statement.header.timestamp)
    };
    let before = first.get().checked_sub(1).and_then(of).unwrap_or(UnixTime::MIN);
    Rebase { first, before, batches, not_before: UnixTime::MIN }
}

/// Does a rebase to its end.
pub fn rebase(world: &mut TestLedger, plan: &Rebase) -> Outcome<Rebased> {
    let report = world.ledger.rebase(plan, time(world.now))?;
    assert!(world.ledger.is_rebasing()?);
    world.ledger.forget_rebase()?;
    assert!(!world.ledger.is_rebasing()?);
    assert_eq!(world.ledger.compute_root()?, world.ledger.root());
    Ok(report)
}
