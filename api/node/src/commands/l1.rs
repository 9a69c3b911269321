//! L1, as commands reach it.

use alloy::network::EthereumWallet;
use alloy::primitives::Address;
use alloy::providers::{DynProvider, Provider, ProviderBuilder};
use alloy::rpc::types::TransactionReceipt;
use alloy::signers::local::PrivateKeySigner;
use alloy::transports::http::reqwest::Url;
use farthing_protocol::Domain;

use super::context::Context;
use crate::cli::L1Args;
use crate::error::CliError;
use crate::keyfile::read_secret;
use crate::redact::redact;

/// The choice of L1 by flags, environment and file.
pub(crate) struct L1Choice {
    pub(crate) url: Option<String>,
    pub(crate) contract: Option<farthing_protocol::Address>,
    pub(crate) chain_id: Option<u64>,
    key: Option<std::path::PathBuf>,
}

impl L1Choice {
    pub(crate) fn new(context: &Context, args: &L1Args) -> Self {
        let file = &context.settings.l1;
        Self {
            url: args.l1_url.clone().or_else(|| file.url.clone()),
            contract: args.contract.or(file.contract).map(|contract| contract.0),
            chain_id: args.chain_id.or(file.chain_id),
            key: args.l1_key.clone().or_else(|| file.key.clone()),
        }
    }

    pub(crate) fn contract(&self) -> Result<farthing_protocol::Address, CliError> {
        let how = "give --contract ADDRESS, or set FARTHING_CONTRACT";
        self.contract.ok_or(CliError::Missing { what: "the rollup contract", how })
    }

    pub(crate) fn url(&self) -> Result<Url, CliError> {
        let how = "give --l1-url URL, or set FARTHING_L1_URL";
        let url = self.url.as_deref().ok_or(CliError::Missing { what: "L1's URL", how })?;
        let got = || CliError::L1Url { got: redact(url) };
        let parsed = Url::parse(url).map_err(|_| got())?;
        match parsed.scheme() {
            "http" | "https" => Ok(parsed),
            _ => Err(got()),
        }
    }

    /// The deployment, if both of its parts are given.
    pub(crate) fn domain(&self) -> Option<Domain> {
        Some(Domain { chain_id: self.chain_id?, contract: self.contract? })
    }

    /// The deployment; both parts must be given.
    pub(crate) fn require_domain(&self) -> Result<Domain, CliError> {
        let contract = self.contract()?;
        let how = "give --chain-id NUMBER, or set FARTHING_CHAIN_ID";
        let chain_id = self.chain_id.ok_or(CliError::Missing { what: "L1's chain id", how })?;
        Ok(Domain { chain_id, contract })
    }

    /// The deployment, its chain id as L1 says it; [`Self::reader`] and [`Self::sender`] have
    /// compared that with the one given.
    pub(crate) async fn domain_on(&self, provider: &DynProvider) -> Result<Domain, CliError> {
        let chain_id = provider.get_chain_id().await?;
        Ok(Domain { chain_id, contract: self.contract()? })
    }

    /// The L1 wallet, if there is one.
    pub(crate) fn wallet(&self) -> Result<Option<PrivateKeySigner>, CliError> {
        let Some(path) = &self.key else { return Ok(None) };
        let secret = read_secret(path)?;
        Ok(Some(PrivateKeySigner::from_slice(secret.bytes()).map_err(CliError::L1Key)?))
    }

    pub(crate) fn require_wallet(&self) -> Result<PrivateKeySigner, CliError> {
        let how = "give --l1-key FILE, or set FARTHING_L1_KEY";
        self.wallet()?.ok_or(CliError::Missing { what: "the L1 key", how })
    }

    /// L1 for reading; the chain must be the one named, if one is.
    pub(crate) async fn reader(&self) -> Result<DynProvider, CliError> {
        self.check(ProviderBuilder::new().connect_http(self.url()?).erased()).await
    }

    /// L1 for reading, whose chain must be this one.
    pub(crate) async fn reader_of(&self, expected: u64) -> Result<DynProvider, CliError> {
        let provider = self.reader().await?;
        match provider.get_chain_id().await? {
            got if got != expected => Err(CliError::Chain { expected, got }),
            _ => Ok(provider),
        }
    }

    /// L1 for sending by the wallet.
    pub(crate) async fn sender(&self) -> Result<(DynProvider, Address), CliError> {
        let wallet = self.require_wallet()?;
        let sender = wallet.address();
        let provider = ProviderBuilder::new().wallet(EthereumWallet::from(wallet));
        let provider = provider.connect_http(self.url()?).erased();
        Ok((self.check(provider).await?, sender))
    }

    async fn check(&self, provider: DynProvider) -> Result<DynProvider, CliError> {
        let got = provider.get_chain_id().await?;
        match self.chain_id {
            Some(expected) if expected != got => Err(CliError::Chain { expected, got }),
            _ => Ok(provider),
        }
    }
}

/// A transaction that was included; one that was undone is an error.
pub(crate) fn succeeded(receipt: &TransactionReceipt) -> Result<(), CliError> {
    match receipt.status() {
        true => Ok(()),
        false => Err(CliError::L1Reverted { hash: receipt.transaction_hash }),
    }
}
