//! Records of a sealed batch, for queries.

use farthing_ledger::{BatchWitness, share_out};
use farthing_protocol::{
    BatchNumber, BatchStatement, Holder, LicenseId, LicenseState, Nano, PublicData,
    PublicDataError, Record,
};
use serde::{Deserialize, Serialize};

/// A sealed batch in short.
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

/// A line of a license's earnings: what it received in a batch, and what went to whom.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LicenseLine {
    /// The batch.
    pub batch: BatchNumber,
    /// In the vault before.
    pub vault_before: Nano,
    /// Received in the batch, from payments and from derivatives.
    pub received: Nano,
    /// The part of each holder, in the share table's order.
    pub parts: Vec<(Holder, Nano)>,
    /// In the vault after.
    pub vault_after: Nano,
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
                Record::NewLicense(_) => {}
            }
        }
        Ok(summary)
    }
}

/// All counts of a batch are far below 2³²: its class says so.
fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

pub(crate) fn license_lines(witness: &BatchWitness) -> Vec<(LicenseId, LicenseLine)> {
    let batch = witness.statement.header.number;
    let lines = witness.licenses.iter().map(|change| {
        let vault_before = change.old.map_or(LicenseState::NEW.vault, |old| old.vault);
        let total = vault_before.checked_add(change.received).unwrap_or(Nano::MAX);
        let shared = share_out(&change.terms.shares, total);
        let line = LicenseLine {
            batch,
            vault_before,
            received: change.received,
            parts: shared.parts,
            vault_after: change.new.vault,
        };
        (change.id, line)
    });
    lines.collect()
}
