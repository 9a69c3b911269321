//! Records of a sealed batch, for queries.

use farthing_ledger::share_out;
use farthing_protocol::{
    BatchStatement, BatchWitness, Holder, LicenseId, Nano, PublicData, PublicDataError, Record,
    ShareTable,
};
use serde::{Deserialize, Serialize};

/// Summary of a sealed batch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BatchSummary {
    /// The statement of its proof.
    pub statement: BatchStatement,
    /// Queue entries consumed.
    pub queue_entries: u32,
    /// Accounts opened.
    pub opened: u32,
    /// Accounts whose balance or nonce changed.
    pub accounts: u32,
    /// Licenses whose vault or total changed.
    pub licenses: u32,
    /// Withdrawals made.
    pub withdrawals: u32,
    /// Bytes of public data.
    pub public_data_bytes: u32,
}

/// The split of a license's income: `vault_before + received = Σ parts + vault_after`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoyaltySplit {
    /// In the vault before.
    pub vault_before: Nano,
    /// Received from payments and from derivatives.
    pub received: Nano,
    /// The part of each holder, in the share table's order.
    pub parts: Vec<(Holder, Nano)>,
    /// In the vault after.
    pub vault_after: Nano,
}

impl RoyaltySplit {
    /// Splits a vault and what is added to it over the holders.
    pub(crate) fn new(shares: &ShareTable, vault_before: Nano, received: Nano) -> Self {
        let total = vault_before.checked_add(received).unwrap_or(Nano::MAX);
        let shared = share_out(shares, total);
        Self { vault_before, received, parts: shared.parts, vault_after: shared.remainder }
    }
}

impl BatchSummary {
    /// Counts the records of the public data: the same for a batch sealed here and one from L1.
    pub(crate) fn of(
        statement: &BatchStatement,
        data: &PublicData,
    ) -> Result<Self, PublicDataError> {
        let bytes = count(data.to_bytes().len());
        let mut summary = Self {
            statement: *statement,
            queue_entries: 0,
            opened: 0,
            accounts: 0,
            licenses: 0,
            withdrawals: 0,
            public_data_bytes: bytes,
        };
        for record in data.records()? {
            match record {
                Record::Queue(..) => summary.queue_entries += 1,
                Record::OpenedAccount(_) => summary.opened += 1,
                Record::Withdrawal(_) => summary.withdrawals += 1,
                Record::Account(_) => summary.accounts += 1,
                Record::License(_) => summary.licenses += 1,
                Record::NewLicense(_) | Record::UpdatedLicense(_) => {}
            }
        }
        Ok(summary)
    }
}

/// All counts of a batch are far below 2³²: its class says so.
fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

/// The split of each license that a batch touches.
pub(crate) fn royalty_splits(witness: &BatchWitness) -> Vec<(LicenseId, RoyaltySplit)> {
    let splits = witness.licenses.iter().map(|change| {
        let vault = change.old.map_or(Nano::ZERO, |old| old.vault);
        (change.id, RoyaltySplit::new(&change.terms.shares, vault, change.received))
    });
    splits.collect()
}
