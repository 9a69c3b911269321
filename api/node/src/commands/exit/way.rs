//! An account's way out, followed on L1.

use alloy::eips::BlockId;
use alloy::primitives::{Address, B256};
use alloy::providers::{DynProvider, Provider};
use farthing_aggregator::{L1Config, L1Event, L1History};
use farthing_l1::abi::IRollup;
use farthing_l1::abi::Rollup::{self, RollupInstance};
use farthing_l1::{Claim, account_proof, payouts};
use farthing_ledger::{AccountProof, Genesis, LedgerRestore};
use farthing_protocol::{
    AccountId, BatchClass, BatchNumber, Deposit, Domain, NANO_PER_BASE_UNIT, QueueEntry,
    QueueIndex, TREE_DEPTH,
};
use tempfile::TempDir;

use super::plan::Situation;
use crate::commands::succeeded;
use crate::error::CliError;

/// The state of a rollup, rebuilt from L1 in a temporary folder, with what concerns one account.
pub(super) struct Way {
    provider: DynProvider,
    rollup: RollupInstance<DynProvider>,
    history: L1History,
    domain: Domain,
    account: AccountId,
    /// The account's owner, from the state; the owner asked for before there is one.
    owner: Option<Address>,
    folder: TempDir,
    ledger: Option<LedgerRestore>,
    /// Payouts of final batches to the owner that are not claimed, as of the last look.
    payouts: Vec<Claim>,
    /// The owner's deposits that no final batch consumed, as of the last look.
    deposits: Vec<(QueueIndex, Deposit)>,
    /// Forced exits of the account that no final batch consumed, by requester.
    requests: Vec<(QueueIndex, Address)>,
}

impl Way {
    /// Before the first look at L1. `owner` is asked for if no final state has the account.
    pub(super) fn open(
        provider: DynProvider,
        config: &L1Config,
        domain: Domain,
        account: AccountId,
        owner: Option<Address>,
    ) -> Result<Self, CliError> {
        let rollup = Rollup::new(Address::from(config.contract.0), provider.clone());
        Ok(Self {
            history: L1History::open(config, domain.digest(), 0)?,
            folder: tempfile::tempdir().map_err(CliError::Temporary)?,
            provider,
            rollup,
            domain,
            account,
            owner,
            ledger: None,
            payouts: Vec::new(),
            deposits: Vec::new(),
            requests: Vec::new(),
        })
    }

    /// Reads L1 on to its newest block and says how things stand there.
    pub(super) async fn look(&mut self) -> Result<Situation, CliError> {
        let head = self.provider.get_block_number().await?;
        self.history.extend(head);
        while let Some(event) = self.history.next().await? {
            self.take(event)?;
        }
        if let Some(proof) = self.proof()? {
            self.owner = Some(Address::from(proof.account.identity.owner.0));
        }
        let owner = self.owner.ok_or(CliError::NoOwner { account: self.account })?;
        self.situation(head, owner).await
    }

    fn take(&mut self, event: L1Event) -> Result<(), CliError> {
        match event {
            L1Event::Genesis(operator) => {
                let genesis = Genesis { domain: self.domain, operator };
                // The class counts for batches to be sealed: there are none here.
                let ledger = LedgerRestore::begin(self.folder.path(), genesis, BatchClass::TINY);
                self.ledger = Some(ledger?);
            }
            L1Event::Entry(queued) => match queued.entry {
                QueueEntry::Deposit(deposit) => self.deposits.push((queued.index, deposit)),
                QueueEntry::ForcedExit(exit) if exit.account == self.account => {
                    self.requests.push((queued.index, Address::from(exit.requester.0)));
                }
                QueueEntry::ForcedExit(_) => {}
            },
            L1Event::Block { batches, .. } => {
                let ledger = self.ledger.as_mut().ok_or(CliError::NoDeployment)?;
                for batch in &batches {
                    ledger.apply(&batch.statement, &batch.public_data)?;
                    let number = batch.statement.header.number;
                    self.payouts.extend(payouts(number, &batch.public_data)?);
                }
            }
        }
        Ok(())
    }

    /// The account in the last final state; `None` if that has no such account.
    fn proof(&self) -> Result<Option<AccountProof>, CliError> {
        let Some(ledger) = &self.ledger else { return Err(CliError::NoDeployment) };
        Ok(ledger.ledger().reader().account_proof(self.account, BatchNumber::MAX)?)
    }

    async fn situation(&mut self, head: u64, owner: Address) -> Result<Situation, CliError> {
        let at = BlockId::number(head);
        let block = self.provider.get_block(at).await?.ok_or(CliError::L1Block { number: head })?;
        let next = self.rollup.queueNext().block(at).call().await?;
        let deadline = match next < self.rollup.queueLength().block(at).call().await? {
            true => Some(self.rollup.deadline(next).block(at).call().await?),
            false => None,
        };
        let frozen = self.rollup.frozen().block(at).call().await?;
        self.drop_settled(next, owner).await?;
        let requested = self.requests.iter().find(|(_, by)| *by == owner);
        Ok(Situation {
            owner,
            now: block.header.timestamp,
            frozen,
            balance: self.proof()?.map(|proof| proof.account.state.balance),
            escaped: self.rollup.hasEscaped(self.account.get()).block(at).call().await?,
            requested: requested.map(|(index, _)| *index),
            deadline,
            unclaimed: self.payouts.len(),
            deposits: self.deposits.len(),
        })
    }

    /// Forgets what is not the owner's, what L2 has consumed, and what L1 has paid.
    async fn drop_settled(&mut self, queue_next: u64, owner: Address) -> Result<(), CliError> {
        self.requests.retain(|(index, _)| index.get() >= queue_next);
        self.deposits.retain(|(index, deposit)| {
            index.get() >= queue_next && Address::from(deposit.owner.0) == owner
        });
        self.payouts.retain(|claim| Address::from(claim.payout.owner.0) == owner);
        let mut unpaid = Vec::new();
        for claim in self.payouts.drain(..) {
            let (batch, index) = (claim.payout.batch.get(), claim.payout.index);
            if !self.rollup.isClaimed(batch, index).call().await? {
                unpaid.push(claim);
            }
        }
        self.payouts = unpaid;
        let mut waiting = Vec::new();
        for (index, deposit) in self.deposits.drain(..) {
            if !self.rollup.isRefunded(index.get()).call().await? {
                waiting.push((index, deposit));
            }
        }
        self.deposits = waiting;
        Ok(())
    }

    /// Collects every payout; returns what was paid, in base units, with the transactions.
    pub(super) async fn claim(&self) -> Result<Vec<(u64, B256)>, CliError> {
        let mut paid = Vec::new();
        for claim in &self.payouts {
            let IRollup::Claim { batch, chunk, index, owner, units, path } = claim.into();
            let call = self.rollup.claim(batch, chunk, index, owner, units, path);
            paid.push((claim.payout.units.get(), sent(call.send().await?).await?));
        }
        Ok(paid)
    }

    /// Takes every deposit back; returns what was paid, in base units, with the transactions.
    pub(super) async fn refund(&self) -> Result<Vec<(u64, B256)>, CliError> {
        let mut paid = Vec::new();
        for (index, deposit) in &self.deposits {
            let (owner, nano) = (Address::from(deposit.owner.0), deposit.raw_amount());
            let call = self.rollup.refund(index.get(), owner, deposit.key, nano);
            let units = nano / NANO_PER_BASE_UNIT;
            paid.push((units, sent(call.send().await?).await?));
        }
        Ok(paid)
    }

    /// Takes the balance out of the frozen rollup; returns it in base units.
    pub(super) async fn escape(&self) -> Result<Vec<(u64, B256)>, CliError> {
        let Some(proof) = self.proof()? else { return Ok(Vec::new()) };
        let AccountProof { account, path, licenses_root } = proof;
        let siblings: [_; TREE_DEPTH] =
            path.siblings.try_into().map_err(|_| CliError::Unknown { what: "the path" })?;
        let leaf = account_proof(self.account, &account, &siblings);
        let call = self.rollup.escape(leaf, B256::from(licenses_root.to_bytes()));
        let units = account.state.balance.get() / NANO_PER_BASE_UNIT;
        Ok(vec![(units, sent(call.send().await?).await?)])
    }

    /// Asks L1 for the whole balance.
    pub(super) async fn request(&self) -> Result<B256, CliError> {
        sent(self.rollup.requestForcedExit(self.account.get()).send().await?).await
    }

    /// Freezes the rollup for good.
    pub(super) async fn freeze(&self) -> Result<B256, CliError> {
        sent(self.rollup.freeze().send().await?).await
    }
}

/// The hash of a transaction that L1 has included and not undone.
async fn sent(
    pending: alloy::providers::PendingTransactionBuilder<alloy::network::Ethereum>,
) -> Result<B256, CliError> {
    let receipt = pending.get_receipt().await?;
    succeeded(&receipt)?;
    Ok(receipt.transaction_hash)
}
