//! The rollup on L1: gas, and the reserve against what the rollup owes.

use std::collections::BTreeSet;

use alloy::providers::Provider;
use alloy::rpc::types::Filter;
use alloy::sol_types::SolEvent;
use farthing_client::Client;
use farthing_l1::abi::Rollup;
use farthing_protocol::NANO_PER_BASE_UNIT;
use serde::Serialize;

use crate::commands::all_pages;
use crate::dev::LocalChain;
use crate::error::CliError;

/// Gas spent, by purpose.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub(super) struct Gas {
    /// Public data.
    pub(super) commit: u64,
    /// Proofs.
    pub(super) prove: u64,
}

/// The contract's reserve and all that it owes, in nano-units.
#[derive(Clone, Copy, Debug, Serialize)]
pub(super) struct Reserve {
    pub(super) held: u128,
    pub(super) balances: u128,
    pub(super) vaults: u128,
    pub(super) unclaimed: u128,
}

impl Gas {
    /// The difference to an earlier look.
    pub(super) const fn less(self, before: Self) -> Self {
        Self { commit: self.commit - before.commit, prove: self.prove - before.prove }
    }

    /// All of it.
    pub(super) const fn total(&self) -> u64 {
        self.commit + self.prove
    }

    /// Sums the gas of all transactions with public data or proofs.
    pub(super) async fn spent(chain: &LocalChain) -> Result<Self, CliError> {
        let events = [Rollup::PublicData::SIGNATURE_HASH, Rollup::BatchCommitted::SIGNATURE_HASH];
        let proven = [Rollup::BlockProven::SIGNATURE_HASH];
        Ok(Self {
            commit: gas_of(chain, events.to_vec()).await?,
            prove: gas_of(chain, proven.to_vec()).await?,
        })
    }
}

/// Gas of the transactions with these events; each counts once.
async fn gas_of(chain: &LocalChain, events: Vec<alloy::primitives::B256>) -> Result<u64, CliError> {
    let filter = Filter::new().address(*chain.rollup.address()).from_block(0);
    let logs = chain.provider.get_logs(&filter.event_signature(events)).await?;
    let hashes: BTreeSet<_> = logs.iter().filter_map(|log| log.transaction_hash).collect();
    let mut gas = 0;
    for hash in hashes {
        let receipt = chain.provider.get_transaction_receipt(hash).await?;
        let receipt = receipt.ok_or(CliError::Unknown { what: "the gas of an L1 transaction" })?;
        gas += receipt.gas_used;
    }
    Ok(gas)
}

impl Reserve {
    /// Adds up what L2 says it owes, and asks the token what the contract holds.
    pub(super) async fn add_up(
        chain: &LocalChain,
        client: &Client,
        owners: &[farthing_protocol::Address],
    ) -> Result<Self, CliError> {
        let mut reserve = Self { held: 0, balances: 0, vaults: 0, unclaimed: 0 };
        let accounts = all_pages(async |cursor| client.accounts(cursor).await).await?;
        for account in accounts {
            reserve.balances += u128::from(account.balance.0.get());
        }
        for license in all_pages(async |cursor| client.licenses(cursor).await).await? {
            reserve.vaults += u128::from(license.vault.0.get());
        }
        for owner in owners {
            let payouts = all_pages(async |cursor| client.payouts(*owner, cursor).await).await?;
            for payout in payouts {
                let (batch, index) = (payout.batch.0.get(), payout.index);
                if !chain.rollup.isClaimed(batch, index).call().await? {
                    reserve.unclaimed += u128::from(payout.base_units.0.nano().get());
                }
            }
        }
        let units = chain.token.balanceOf(*chain.rollup.address()).call().await?;
        let held = u128::try_from(units).ok();
        let held = held.and_then(|units| units.checked_mul(u128::from(NANO_PER_BASE_UNIT)));
        let too_large =
            || CliError::TooLarge { what: "the contract's balance", got: units.to_string() };
        reserve.held = held.ok_or_else(too_large)?;
        Ok(reserve)
    }

    /// All that is owed.
    pub(super) const fn owed(&self) -> u128 {
        self.balances + self.vaults + self.unclaimed
    }

    /// An error if more is owed than held.
    pub(super) const fn check(self) -> Result<Self, CliError> {
        if self.held < self.owed() {
            return Err(CliError::Reserve { held: self.held, owed: self.owed() });
        }
        Ok(self)
    }
}
