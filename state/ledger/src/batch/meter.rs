//! Resources of a batch: exact counts, as steps are added.

use std::collections::BTreeMap;

use farthing_protocol::{
    AccountId, BatchCounts, CapacityExceeded, LicenseId, QueueEntry, RECEIPTS_DEPTH, TREE_DEPTH,
};

/// Resources that one step takes. Accounts and licenses that the batch already touches are not
/// counted again.
#[derive(Clone, Debug, Default)]
pub(crate) struct ResourceUsage {
    pub(crate) signer: Option<AccountId>,
    pub(crate) accounts: Vec<AccountId>,
    /// Licenses with the number of their holders.
    pub(crate) licenses: Vec<(LicenseId, u32)>,
    /// Credits besides those of holders.
    pub(crate) credits: u32,
    pub(crate) opened: u32,
    /// Holders of the license registered.
    pub(crate) registers: Option<u32>,
    /// Parents of the license registered.
    pub(crate) parents: u32,
    /// Licenses updated: each is a row and a record like a registration.
    pub(crate) updates: u32,
    pub(crate) queue_limbs: u32,
    pub(crate) withdrawals: u32,
}

impl ResourceUsage {
    /// The usage with that of a queue entry's own record.
    #[must_use]
    pub(crate) fn with_entry(self, entry: &QueueEntry) -> Self {
        Self { queue_limbs: entry.layout().limbs as u32, ..self }
    }
}

/// Limbs of each record of public data.
mod limbs {
    use farthing_protocol::layout::{
        account, license, new_license, opened_account, signer, updated_license, withdrawal,
    };

    pub(super) const OPENED: u32 = opened_account::LAYOUT.limbs as u32;
    pub(super) const WITHDRAWAL: u32 = withdrawal::LAYOUT.limbs as u32;
    pub(super) const ACCOUNT: u32 = account::LAYOUT.limbs as u32;
    /// Additional limbs of an account that signs.
    pub(super) const NONCE: u32 = signer::LAYOUT.limbs as u32 - ACCOUNT;
    /// Limbs of a new license without the lines of its share table.
    pub(super) const NEW_LICENSE: u32 = new_license::LAYOUT.limbs as u32;
    pub(super) const UPDATED_LICENSE: u32 = updated_license::LAYOUT.limbs as u32;
    pub(super) const LICENSE: u32 = license::LAYOUT.limbs as u32;
}

/// Permutations of Poseidon2 that a batch takes besides those of its tree nodes.
mod permutations {
    use super::RECEIPTS_DEPTH;

    /// Compressions of a row of the receipts tree, which has two levels and four children.
    const RECEIPTS_ROW: u32 = 3;
    /// Both state roots, and in each row's level of the receipts tree a row that is not full.
    pub(super) const BATCH: u32 = 2 + RECEIPTS_ROW * RECEIPTS_DEPTH as u32 / 2;
    /// Three for the challenge, one for the receipts tree.
    pub(super) const INTENT: u32 = 4;
    /// Intents whose weights come from one permutation.
    pub(super) const INTENTS_PER_WEIGHTS: u32 = 4;
    /// Old and new leaf, identity.
    pub(super) const ACCOUNT: u32 = 3;
    /// Old and new leaf, terms.
    pub(super) const LICENSE: u32 = 3;
    /// The origin of a license registered.
    pub(super) const ORIGIN: u32 = 2;
    /// A line of a new license's holder chain.
    pub(super) const HOLDER: u32 = 1;
    /// Old and new.
    pub(super) const NODE: u32 = 2;
}

/// Resources that the admitted steps of a batch use.
#[derive(Clone, Debug)]
pub(crate) struct ResourceMeter {
    accounts: BTreeMap<u32, bool>,
    licenses: BTreeMap<u32, ()>,
    counts: BatchCounts,
    table_permutations: u32,
}

impl Default for ResourceMeter {
    /// An empty batch, which already touches the operator's account.
    fn default() -> Self {
        let mut meter = Self {
            accounts: BTreeMap::new(),
            licenses: BTreeMap::new(),
            counts: BatchCounts { credits: 1, ..BatchCounts::default() },
            table_permutations: 0,
        };
        meter.touch_account(AccountId::OPERATOR);
        meter.sum_permutations();
        meter
    }
}

/// Entries that [`ResourceMeter::add`] made, to take them out again.
#[derive(Default)]
struct Journal {
    accounts: Vec<u32>,
    signer: Option<u32>,
    licenses: Vec<u32>,
}

impl ResourceMeter {
    pub(crate) const fn counts(&self) -> &BatchCounts {
        &self.counts
    }

    pub(crate) fn touches_license(&self, id: LicenseId) -> bool {
        self.licenses.contains_key(&id.get())
    }

    /// Adds a step, or changes nothing if that would pass `capacity`.
    pub(crate) fn add(
        &mut self,
        step: &ResourceUsage,
        capacity: &BatchCounts,
    ) -> Result<(), CapacityExceeded> {
        let before = (self.counts, self.table_permutations);
        let journal = self.apply(step);
        let Some(exceeded) = self.counts.exceeds(capacity) else { return Ok(()) };
        (self.counts, self.table_permutations) = before;
        self.revert(&journal);
        Err(exceeded)
    }

    fn apply(&mut self, step: &ResourceUsage) -> Journal {
        let mut journal = Journal::default();
        for account in step.accounts.iter().chain(&step.signer) {
            if self.touch_account(*account) {
                journal.accounts.push(account.get());
            }
        }
        if let Some(signer) = step.signer {
            self.counts.intents += 1;
            let signed = self.accounts.insert(signer.get(), true);
            if signed != Some(true) {
                self.counts.signers += 1;
                self.counts.limbs += limbs::NONCE;
                journal.signer = Some(signer.get());
            }
        }
        for (license, holders) in &step.licenses {
            if self.touch_license(*license, *holders) {
                journal.licenses.push(license.get());
            }
        }
        self.counts.credits += step.credits;
        self.counts.opened += step.opened;
        self.counts.limbs += step.opened * limbs::OPENED;
        if let Some(holders) = step.registers {
            self.counts.registrations += 1;
            self.counts.parents += step.parents;
            self.counts.limbs += limbs::NEW_LICENSE + holders;
            self.table_permutations += permutations::ORIGIN + permutations::HOLDER * holders;
        }
        self.counts.registrations += step.updates;
        self.counts.limbs += step.updates * limbs::UPDATED_LICENSE;
        if step.queue_limbs > 0 {
            self.counts.queue_entries += 1;
            self.counts.limbs += step.queue_limbs;
        }
        self.counts.withdrawals += step.withdrawals;
        self.counts.limbs += step.withdrawals * limbs::WITHDRAWAL;
        self.sum_permutations();
        journal
    }

    fn revert(&mut self, journal: &Journal) {
        if let Some(signer) = journal.signer {
            self.accounts.insert(signer, false);
        }
        for account in &journal.accounts {
            self.accounts.remove(account);
        }
        for license in &journal.licenses {
            self.licenses.remove(license);
        }
    }

    fn touch_account(&mut self, id: AccountId) -> bool {
        if self.accounts.contains_key(&id.get()) {
            return false;
        }
        self.counts.accounts += 1;
        self.counts.limbs += limbs::ACCOUNT;
        self.counts.nodes += new_nodes(&self.accounts, id.get());
        self.accounts.insert(id.get(), false);
        true
    }

    fn touch_license(&mut self, id: LicenseId, holders: u32) -> bool {
        if self.licenses.contains_key(&id.get()) {
            return false;
        }
        self.counts.licenses += 1;
        self.counts.holders += holders;
        self.counts.credits += holders;
        self.counts.limbs += limbs::LICENSE;
        self.counts.nodes += new_nodes(&self.licenses, id.get());
        self.table_permutations += holders.div_ceil(farthing_protocol::RATE as u32);
        self.licenses.insert(id.get(), ());
        true
    }

    fn sum_permutations(&mut self) {
        let c = &self.counts;
        self.counts.permutations = permutations::BATCH
            + permutations::INTENT * c.intents
            + c.intents.div_ceil(permutations::INTENTS_PER_WEIGHTS)
            + permutations::ACCOUNT * c.accounts
            + permutations::LICENSE * c.licenses
            + self.table_permutations
            + permutations::NODE * c.nodes
            + c.limbs.div_ceil(farthing_protocol::RATE as u32);
    }
}

/// Number of inner nodes on the path of leaf `id` that are on no path of the leaves `touched`:
/// those below the node where it leaves the path of its nearest neighbour.
fn new_nodes<V>(touched: &BTreeMap<u32, V>, id: u32) -> u32 {
    let below = touched.range(..id).next_back();
    let above = touched.range(id..).next();
    let shared = [below, above].into_iter().flatten().map(|(n, _)| (n ^ id).leading_zeros()).max();
    match shared {
        None => TREE_DEPTH as u32,
        Some(common_bits) => TREE_DEPTH as u32 - 1 - common_bits,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: BatchCounts = BatchCounts {
        intents: u32::MAX,
        signers: u32::MAX,
        accounts: u32::MAX,
        opened: u32::MAX,
        licenses: u32::MAX,
        registrations: u32::MAX,
        parents: u32::MAX,
        holders: u32::MAX,
        credits: u32::MAX,
        queue_entries: u32::MAX,
        withdrawals: u32::MAX,
        nodes: u32::MAX,
        permutations: u32::MAX,
        limbs: u32::MAX,
    };

    #[test]
    fn what_does_not_fit_leaves_no_trace() {
        let mut meter = ResourceMeter::default();
        let first = ResourceUsage { signer: Some(AccountId::from(7)), ..ResourceUsage::default() };
        assert!(meter.add(&first, &ALL).is_ok());
        let step = ResourceUsage {
            signer: Some(AccountId::from(9)),
            accounts: vec![AccountId::from(7), AccountId::from(8), AccountId::from(8)],
            licenses: vec![(LicenseId::from(1), 3)],
            credits: 1,
            ..ResourceUsage::default()
        };
        let mut full = ALL;
        full.holders = 2;
        let before = format!("{meter:?}");
        let refused = meter.add(&step, &full);
        assert_eq!(refused.map_err(|e| (e.resource, e.needed, e.capacity)), Err(("holders", 3, 2)));
        assert_eq!(format!("{meter:?}"), before);
        assert!(meter.add(&step, &ALL).is_ok());
        let counts = *meter.counts();
        assert_eq!((counts.intents, counts.signers, counts.accounts), (2, 2, 4));
        assert_eq!((counts.licenses, counts.holders, counts.credits), (1, 3, 5));
        // Operator 0, accounts 7, 8, 9: 8 and 9 share a parent. License 1 alone in its tree.
        assert_eq!(counts.nodes, 32 + 2 + 3 + 32);
        assert_eq!(counts.limbs, 4 * 2 + 2 + 2);
    }
}
