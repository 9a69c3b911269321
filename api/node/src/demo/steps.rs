//! The steps of the scenario.

use std::ffi::OsString;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use alloy::primitives::{B256, U256};
use farthing_aggregator::BlockConfig;
use farthing_client::dto::IntentAccepted;
use farthing_client::{Client, LicenseChanges};
use farthing_l1::abi::Rollup;
use farthing_protocol::{
    Amount, BatchNumber, Bytes32, IntentId, LicenseId, NANO_PER_BASE_UNIT, Price, Uses, Withdraw,
};
use zeroize::Zeroizing;

use super::child;
use super::l1::{Gas, Reserve};
use super::participants::{Listed, Participants, Size};
use super::proof::{StepClock, until_final};
use super::summary::{PriceChange, ProvenBlock, Summary, VerifiedReceipt, Withdrawal};
use crate::circuits::{announce_first_run, circuits_folder};
use crate::cli::DemoArgs;
use crate::commands::{Payer, PayersFile, SimulationReport, succeeded};
use crate::dev::{DevAccount, DevConfig, DevFolder, DevNode, LocalChain, new_folder, operator};
use crate::error::CliError;
use crate::keyfile::write_private;
use crate::progress::ProgressDisplay;

/// Base units that each platform deposits: 100 tokens for a payment of at most 0.0035 each.
const FUNDS_UNITS: u64 = 100_000_000;
/// Nothing is sealed for its age: the scenario decides when.
const NEVER: Duration = Duration::from_secs(24 * 3_600);
/// Port of the REST server if it is to stay.
const SERVE_PORT: u16 = 8080;

/// The scenario at work.
pub(super) struct Scenario<'a> {
    args: &'a DemoArgs,
    data: &'a Path,
    display: ProgressDisplay,
    size: Size,
    node: DevNode,
    client: Client,
    clock: StepClock,
    participants: Participants,
    licenses: Vec<Listed>,
}

impl<'a> Scenario<'a> {
    /// Starts an L1, the contracts and a node, and opens all accounts.
    pub(super) async fn begin(
        args: &'a DemoArgs,
        folder: &'a DevFolder,
        display: ProgressDisplay,
    ) -> Result<Self, CliError> {
        let data = folder.data();
        let circuits = circuits_folder(args.folders.circuits.clone())?;
        announce_first_run(display, &circuits);
        new_folder(data)?;
        let step = display.step("L1 and contracts");
        let (project, identity) = (args.folders.l1_contracts.clone(), operator()?.identity());
        let chain = LocalChain::start(project, identity, folder.temporary()).await?;
        step.done("anvil, token, verifier, rollup");
        let port = if args.serve { SERVE_PORT } else { 0 };
        let listen = args.listen.unwrap_or_else(|| SocketAddr::from((Ipv4Addr::LOCALHOST, port)));
        let config = DevConfig {
            data: data.to_owned(),
            circuits,
            class: args.class.0,
            listen,
            seal_age: NEVER,
            blocks: BlockConfig { age: NEVER, ..BlockConfig::default() },
        };
        let node = DevNode::start(chain, config).await?;
        let (client, clock) = (node.client()?, StepClock::start(&node.aggregator));
        let size = Size::for_class(args.class.0);
        let step = display.step("accounts by REST");
        let participants = Participants::open(&client, size).await?;
        step.done(&format!("{} platforms, {} creators", size.platforms, size.creators));
        Ok(Self {
            args,
            data,
            display,
            size,
            node,
            client,
            clock,
            participants,
            licenses: Vec::new(),
        })
    }

    /// Platforms deposit on L1; L2 sees it after the confirmations.
    pub(super) async fn fund(&self) -> Result<(), CliError> {
        let step = self.display.step("deposits on L1");
        step.say("waiting for confirmations");
        self.node.deposit(&self.participants.platforms, FUNDS_UNITS).await?;
        let tokens = FUNDS_UNITS / 1_000_000;
        step.done(&format!("{tokens} tokens for each of {} platforms", self.size.platforms));
        Ok(())
    }

    /// Creators register licenses, some of works that derive from others.
    pub(super) async fn register(&mut self) -> Result<(), CliError> {
        let Size { originals, derivatives, .. } = self.size;
        let all = (originals + derivatives) as u64;
        let step = self.display.bar("licenses", all);
        let done = |done| step.reach(done, all);
        self.licenses = self.participants.register(&self.client, self.size, done).await?;
        step.done(&format!("{originals} originals, {derivatives} derived from them"));
        Ok(())
    }

    /// A client process of its own pays for the inference log, an intent for each line.
    pub(super) async fn pay(&self) -> Result<SimulationReport, CliError> {
        let payers = self.write_payers()?;
        let mut arguments: Vec<OsString> = vec!["simulate".into(), "--node".into()];
        arguments.push(self.node.url.clone().into());
        arguments.extend(["--payers".into(), payers.into_os_string()]);
        arguments.extend(["--payments".into(), self.args.payments.to_string().into()]);
        if let Some(log) = &self.args.log {
            arguments.extend(["--log".into(), log.clone().into_os_string()]);
        }
        child::run("the paying client", arguments, self.display.is_shown()).await
    }

    fn write_payers(&self) -> Result<PathBuf, CliError> {
        let payer = |platform: &DevAccount| {
            let seed = platform.seed.clone();
            Payer { account: platform.id, seed }
        };
        let payers = self.participants.platforms.iter().map(payer).collect();
        // Derivatives first: they are what is in fashion, and pay those before them.
        let (new, old): (Vec<_>, Vec<_>) = self.licenses.iter().partition(|one| one.derivative);
        let licenses = new.into_iter().chain(old).map(|one| one.id).collect();
        let path = self.data.join("payers.json");
        let text = serde_json::to_string_pretty(&PayersFile { payers, licenses });
        write_private(&path, &Zeroizing::new(text.map_err(CliError::Json)?))?;
        Ok(path)
    }

    /// Proves all batches that are not final as one block, and waits until L1 has verified it.
    pub(super) async fn prove(&self) -> Result<ProvenBlock, CliError> {
        let before = Gas::spent(&self.node.chain).await?;
        let batch = self.seal().await?;
        let step = self.display.bar("proof of the payments", 0);
        until_final(&self.node.aggregator, batch, &step).await?;
        let gas = Gas::spent(&self.node.chain).await?.less(before);
        let block = self.client.batch(batch).await?.block;
        let block = block.ok_or(CliError::Unknown { what: "the block of the payments" })?.0;
        let proof_bytes = self.client.block_proof(block).await?.proof.0.len();
        let batches = self.client.block(block).await?.statement.batches;
        step.done(&format!("{proof_bytes} bytes, verified on L1 for {} gas", gas.prove));
        Ok(ProvenBlock { batches, proof_bytes, gas })
    }

    /// Seals what is open and forms a block of all that waits; the last batch.
    async fn seal(&self) -> Result<BatchNumber, CliError> {
        let sealed = self.node.aggregator.seal().await?;
        self.node.aggregator.form_block().await?;
        sealed.ok_or(CliError::Unknown { what: "a batch to seal" })
    }

    /// A creator doubles a price. In the batch of the update a use is still paid at the old one.
    pub(super) async fn change_price(&self) -> Result<PriceChange, CliError> {
        let step = self.display.step("price change");
        let unknown = CliError::Unknown { what: "a license whose price changes" };
        let (Some(listed), Some(licensor)) =
            (self.licenses.first(), self.participants.creators.first())
        else {
            return Err(unknown);
        };
        let price = self.client.license(listed.id).await?.price.0;
        let doubled = Some(Price::new(price.get() * 2)?);
        let changes = LicenseChanges { price: doubled, ..LicenseChanges::default() };
        let signer = self.client.signer(licensor.id, licensor.key()).await?;
        self.client.update_license(&signer, listed.id, &changes).await?;
        let old = self.pay_one_use(listed.id).await?;
        step.done("in the batch of the update the old price is paid");
        let license = listed.id.get();
        Ok(PriceChange { license, old: old.into(), new: old.into() })
    }

    /// A use of the license in the next batch, at the new price.
    pub(super) async fn pay_changed_price(
        &self,
        change: PriceChange,
    ) -> Result<PriceChange, CliError> {
        let step = self.display.step("next batch");
        let new = self.pay_one_use(LicenseId::from(change.license)).await?;
        step.done("the new price is paid");
        Ok(PriceChange { new: new.into(), ..change })
    }

    /// A platform pays for one use; the amount.
    async fn pay_one_use(&self, license: LicenseId) -> Result<Amount, CliError> {
        let unknown = CliError::Unknown { what: "a platform that pays" };
        let platform = self.participants.platforms.first().ok_or(unknown)?;
        let signer = self.client.signer(platform.id, platform.key()).await?;
        let amount = self.client.quote(license, Uses::MIN).await?.amount.0;
        self.client.pay(&signer, license, Uses::MIN, Bytes32::default()).await?;
        Ok(amount)
    }

    /// The creator who earned most takes it out and collects the tokens on L1.
    pub(super) async fn withdraw_and_claim(&self) -> Result<Withdrawal, CliError> {
        let mut richest = None;
        for creator in &self.participants.creators {
            let balance = self.client.account(creator.id).await?.balance.0;
            richest = richest.max(Some((balance.base_units(), creator.id)));
        }
        let unknown = || CliError::Unknown { what: "a creator who earned anything" };
        let (units, account) = richest.filter(|(units, _)| *units > 0).ok_or_else(unknown)?;
        let creator = self.participants.creators.iter().find(|creator| creator.id == account);
        let creator = creator.ok_or_else(unknown)?;
        let name = format!("{} withdraws", creator.name);
        let step = self.display.bar(&name, 0);
        let signer = self.client.signer(account, creator.key()).await?;
        let withdraw = Withdraw::new(Amount::new(units * NANO_PER_BASE_UNIT)?, Bytes32::default())?;
        let IntentAccepted { batch, .. } = self.client.withdraw(&signer, withdraw).await?;
        self.seal().await?;
        until_final(&self.node.aggregator, batch.0, &step).await?;
        let transaction = self.claim(creator, units).await?;
        step.done(&format!("{units} base units claimed on L1"));
        let (account, owner) = (account.get(), creator.owner);
        Ok(Withdrawal { account, owner, units, transaction })
    }

    /// Collects the only withdrawal of a creator, with his own L1 key.
    async fn claim(&self, creator: &DevAccount, units: u64) -> Result<B256, CliError> {
        let owner = creator.l1_address();
        let page = self.client.payouts(creator.owner.0, None).await?;
        let unknown = CliError::Unknown { what: "a withdrawal that can be claimed" };
        let found = page.items.into_iter().next();
        let (found, claim) =
            found.and_then(|found| Some((found.clone(), found.claim?))).ok_or(unknown)?;
        let provider = self.node.chain.provider_of(creator).await?;
        let rollup = Rollup::new(*self.node.chain.rollup.address(), provider);
        let path = claim.path.iter().map(|node| B256::from(node.0.0)).collect();
        let (batch, units_claimed) = (found.batch.0.get(), U256::from(units));
        let before = self.node.chain.token.balanceOf(owner).call().await?;
        let call = rollup.claim(batch, found.chunk, found.index, owner, units_claimed, path);
        let receipt = call.send().await?.get_receipt().await?;
        succeeded(&receipt)?;
        let got = self.node.chain.token.balanceOf(owner).call().await?.saturating_sub(before);
        match got == units_claimed {
            true => Ok(receipt.transaction_hash),
            false => Err(CliError::Claimed { expected: units, got: got.to_string() }),
        }
    }

    /// The receipt of the last payment, checked against L1 by a process that knows no node.
    pub(super) async fn check_receipt(&self, id: IntentId) -> Result<VerifiedReceipt, CliError> {
        let step = self.display.step("receipt, checked on L1");
        let receipt = self.client.receipt(id).await?;
        let path = self.data.join("receipt.json");
        std::fs::write(&path, serde_json::to_vec_pretty(&receipt).map_err(CliError::Json)?)
            .map_err(|source| CliError::File { path: path.clone(), source })?;
        let domain = self.node.chain.domain;
        let contract = receipt.contract.to_string();
        let arguments: Vec<OsString> = vec![
            "receipt".into(),
            "verify".into(),
            path.into_os_string(),
            "--chain-id".into(),
            domain.chain_id.to_string().into(),
            "--contract".into(),
            contract.into(),
            "--l1-url".into(),
            self.node.chain.url().to_string().into(),
        ];
        let verified: VerifiedReceipt = child::run("the receipt's check", arguments, false).await?;
        step.done("the payment is in a batch that the contract has verified");
        Ok(verified)
    }

    /// The contract holds what it owes to all owners.
    pub(super) async fn check_reserve(&self) -> Result<Reserve, CliError> {
        let step = self.display.step("reserve");
        let participants = self.participants.platforms.iter().chain(&self.participants.creators);
        let owners: Vec<_> = participants.map(|account| account.owner.0).collect();
        let reserve = Reserve::add_up(&self.node.chain, &self.client, &owners).await?.check()?;
        step.done("the contract holds all that L2 owes");
        Ok(reserve)
    }

    /// The summary.
    pub(super) async fn end(
        &self,
        paid: SimulationReport,
        block: ProvenBlock,
        price_change: PriceChange,
        withdrawal: Withdrawal,
        receipt: VerifiedReceipt,
        reserve: Reserve,
    ) -> Result<Summary, CliError> {
        let mut creators_paid = 0;
        for creator in &self.participants.creators {
            let got = self.client.account(creator.id).await?.balance.0.get();
            creators_paid += usize::from(got > 0 || creator.owner == withdrawal.owner);
        }
        let proof_seconds = self.clock.seconds();
        Ok(Summary {
            payments: paid.payments,
            paid: paid.paid,
            client_seconds: paid.seconds,
            platforms: self.size.platforms,
            creators: self.size.creators,
            creators_paid,
            licenses: self.licenses.len(),
            derivatives: self.size.derivatives,
            class: self.args.class.0.name,
            gas_per_payment: block.gas.total() as f64 / paid.payments.max(1) as f64,
            block,
            proof_seconds,
            price_change,
            withdrawal,
            receipt,
            reserve,
            seconds: 0.0,
        })
    }

    /// The node, and the accounts of all participants.
    pub(super) fn into_parts(self) -> (DevNode, Vec<DevAccount>) {
        let Participants { platforms, creators } = self.participants;
        (self.node, platforms.into_iter().chain(creators).collect())
    }
}
