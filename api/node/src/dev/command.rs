//! `farthing dev`.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use farthing_aggregator::BlockConfig;
use farthing_client::dto::{WireAddress, WirePublicKey};
use serde::Serialize;

use super::{DevAccount, DevConfig, DevFolder, DevNode, LocalChain, new_folder, operator};
use crate::circuits::{ClassArg, announce_first_run, circuits_folder};
use crate::cli::DevArgs;
use crate::commands::Signals;
use crate::error::CliError;
use crate::keyfile::write_secret;
use crate::note::note;
use crate::output::result;
use crate::progress::ProgressDisplay;

/// Accounts that are there from the start.
const ACCOUNTS: usize = 4;
/// Base units that each of them has on L2, and its owner on L1: 1,000 tokens.
const FUNDS_UNITS: u64 = 1_000_000_000;
/// Batches and blocks follow each other quickly, and still hold what belongs together.
const SEAL_AGE: Duration = Duration::from_secs(10);
const BLOCK_AGE: Duration = Duration::from_secs(20);

/// Addresses, files and accounts, for people and programs.
#[derive(Debug, Serialize)]
pub(crate) struct Banner {
    rest: String,
    l1: String,
    chain_id: u64,
    contract: WireAddress,
    token: WireAddress,
    data: PathBuf,
    /// The file that other commands take by `--config`.
    config: PathBuf,
    /// About the accounts' keys.
    warning: &'static str,
    accounts: Vec<DevAccount>,
}

/// The warning beside the keys.
const WARNING: &str = "FOR DEVELOPMENT ONLY: anyone can compute these keys.";

/// Runs until a signal, and ends when all threads are at rest: the stores are closed then.
pub(crate) async fn run(args: DevArgs, json: bool) -> Result<(), CliError> {
    let mut signals = Signals::new()?;
    let signal = signals.any();
    tokio::pin!(signal);
    let folder = DevFolder::new(args.folders.data.clone())?;
    let node = tokio::select! {
        started = start(args, &folder, json) => started?,
        () = &mut signal => return Ok(()),
    };
    let by_itself = tokio::select! {
        () = node.aggregator.stopped() => true,
        () = &mut signal => false,
    };
    if !json {
        note("  stopping, as soon as the running proof step can be cancelled");
    }
    node.stop().await;
    if by_itself { Err(CliError::Stopped) } else { Ok(()) }
}

async fn start(args: DevArgs, folder: &DevFolder, json: bool) -> Result<DevNode, CliError> {
    let (display, data) = (ProgressDisplay::new(!json), folder.data());
    let circuits = circuits_folder(args.folders.circuits)?;
    announce_first_run(display, &circuits);
    new_folder(data)?;
    let step = display.step("L1 and contracts");
    let (project, identity) = (args.folders.l1_contracts, operator()?.identity());
    let chain = LocalChain::start(project, identity, folder.temporary()).await?;
    step.done(&format!("anvil at {}", chain.url()));
    let config = DevConfig {
        circuits,
        data: data.to_owned(),
        class: args.class.0,
        listen: args.listen,
        seal_age: SEAL_AGE,
        blocks: BlockConfig { age: BLOCK_AGE, ..BlockConfig::default() },
    };
    let node = DevNode::start(chain, config).await?;
    let step = display.step("accounts and deposits");
    let accounts = accounts(&node, data).await?;
    step.done(&format!("{} accounts of {} tokens", accounts.len(), FUNDS_UNITS / 1_000_000));
    banner(&node, data, args.class, accounts)?.print(json)?;
    Ok(node)
}

/// Opens and funds the accounts; their key files lie beside the data.
async fn accounts(node: &DevNode, data: &Path) -> Result<Vec<DevAccount>, CliError> {
    let client = node.client()?;
    let mut accounts = Vec::with_capacity(ACCOUNTS);
    for number in 1..=ACCOUNTS {
        let mut account = DevAccount::named(format!("dev-{number}"))?;
        account.id = client.open_account(&account.key(), account.owner.0).await?.id;
        write_secret(&data.join(format!("{}.key", account.name)), &account.seed)?;
        write_secret(&data.join(format!("{}.l1.key", account.name)), &account.owner_key)?;
        node.chain.fund_l1(&account, FUNDS_UNITS).await?;
        accounts.push(account);
    }
    node.deposit(&accounts, FUNDS_UNITS).await?;
    Ok(accounts)
}

/// The banner; the file that tells it to other commands is written beside the data.
pub(crate) fn banner(
    node: &DevNode,
    data: &Path,
    class: ClassArg,
    accounts: Vec<DevAccount>,
) -> Result<Banner, CliError> {
    let token = farthing_protocol::Address(node.chain.token.address().into_array());
    let config = data.join("farthing.toml");
    let text = settings(node, class)?;
    std::fs::write(&config, text)
        .map_err(|source| CliError::File { path: config.clone(), source })?;
    Ok(Banner {
        rest: node.url.clone(),
        l1: node.chain.url().to_string(),
        chain_id: node.chain.domain.chain_id,
        contract: node.chain.domain.contract.into(),
        token: token.into(),
        data: data.to_owned(),
        config,
        warning: WARNING,
        accounts,
    })
}

impl Banner {
    /// As a line of JSON, or for people.
    pub(crate) fn print(&self, json: bool) -> Result<(), CliError> {
        match json {
            true => result(&serde_json::to_string(self).map_err(CliError::Json)?),
            false => result(&self.to_string()),
        }
    }
}

/// A configuration file for commands that use this node and this L1, or make a node of their own.
fn settings(node: &DevNode, class: ClassArg) -> Result<String, CliError> {
    let l1 = node.chain.l1_config();
    let operator = operator()?.identity();
    let (key, owner) = (WirePublicKey::from(operator.key), WireAddress::from(operator.owner));
    let (url, contract) = (node.chain.url(), WireAddress::from(node.chain.domain.contract));
    Ok(format!(
        "# Settings of a running `farthing dev`. For development only.\n\
         [client]\nnode = '{}'\n\n\
         [node]\nclass = '{}'\noperator_key = '{key}'\noperator_owner = '{owner}'\n\n\
         [l1]\nurl = '{url}'\nchain_id = {}\ncontract = '{contract}'\ndeployed_at = {}\n\
         confirmations = {}\n",
        node.url, class.0.name, node.chain.domain.chain_id, l1.deployed_at, l1.confirmations,
    ))
}

impl std::fmt::Display for Banner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut text = String::new();
        writeln!(text, "\n  REST      {}   (docs: {}/docs)", self.rest, self.rest)?;
        writeln!(text, "  L1        {}   (chain {})", self.l1, self.chain_id)?;
        writeln!(text, "  rollup    {}", self.contract)?;
        writeln!(text, "  token     {}", self.token)?;
        writeln!(text, "  data      {}", self.data.display())?;
        writeln!(text, "  commands  farthing --config {} status", self.config.display())?;
        writeln!(text, "\n  {}", self.warning)?;
        for account in &self.accounts {
            let DevAccount { name, id, owner, .. } = account;
            writeln!(text, "  account {id:<4} {name:<12} owner {owner}")?;
            writeln!(text, "    L2 seed {}", *account.seed.expose())?;
            writeln!(text, "    L1 key  {}", *account.owner_key.expose())?;
        }
        write!(text, "\n  Ctrl-C ends it.")?;
        f.write_str(&text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_banner_says_where_all_is_and_whose_keys_are_for_development_only() {
        let account = DevAccount::named("dev-1".into());
        let accounts: Vec<DevAccount> = account.into_iter().collect();
        let banner = Banner {
            rest: "http://127.0.0.1:8080".into(),
            l1: "http://127.0.0.1:8545/".into(),
            chain_id: 31_337,
            contract: farthing_protocol::Address([0x11; 20]).into(),
            token: farthing_protocol::Address([0x22; 20]).into(),
            data: "data".into(),
            config: "data/farthing.toml".into(),
            warning: WARNING,
            accounts: accounts.clone(),
        };
        let text = banner.to_string();
        let keys = accounts.iter().flat_map(|account| [&account.seed, &account.owner_key]);
        let keys: Vec<String> = keys.map(|key| key.expose().to_string()).collect();
        assert!(keys.iter().all(|key| !format!("{accounts:?}").contains(&key[2..])));
        assert_eq!(keys.len(), 2);
        let warned = text.split_once(WARNING).map_or("", |(_, rest)| rest);
        assert!(keys.iter().all(|key| warned.contains(key)), "keys stand behind the warning");
        for folder in
            [banner.rest.as_str(), banner.l1.as_str(), "/docs", "--config data/farthing.toml"]
        {
            assert!(text.contains(folder), "{folder}");
        }
        assert!(text.ends_with("Ctrl-C ends it."));
    }
}
