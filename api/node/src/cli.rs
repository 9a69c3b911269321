//! The command line. Settings that several commands share can also be given by environment variables,
//! and in the configuration file.

mod dev;
mod earnings;
mod exit;
mod help;
mod manifest;
mod nats;
mod receipt;
mod simulate;
mod statement;
mod webhooks;

use std::path::PathBuf;

use clap::builder::{OsStringValueParser, TypedValueParser as _, ValueParser};
use clap::{Args, Parser, Subcommand};
use farthing_client::dto::{
    LicenseStatusName, WireAddress, WireBytes32, WireIntentId, WirePublicKey, WireRecipient,
};
use farthing_protocol::{AccountId, Address, AddressTextError, LicenseStatus, Licensee, Stage};

use help::{
    CLAIM_HELP, DEMO_HELP, DERIVE_HELP, DEV_HELP, EXIT_HELP, INTENT_STATUS_HELP, NODE_HELP,
    OVERVIEW, PAY_HELP, PROVER_HELP, REGISTER_HELP, RESTORE_HELP, SIMULATE_HELP, STATUS_HELP,
    UPDATE_HELP,
};

pub(crate) use dev::{DemoArgs, DevArgs, GuardArgs};
pub(crate) use earnings::EarningsArgs;
pub(crate) use exit::ExitArgs;
pub(crate) use manifest::{
    CheckManifestArgs, ExportManifestArgs, Form, ManifestCommand, ModelArgs, NetworkArgs,
    NewManifestArgs, TermsArgs, WorkArgs,
};
pub(crate) use nats::{NatsArgs, ProverArgs};
pub(crate) use receipt::{ReceiptCommand, ReceiptGetArgs, VerifyArgs};
pub(crate) use simulate::SimulateArgs;
pub(crate) use statement::{MakeArgs, OpenArgs, StatementCommand, VerifyStatementArgs};
pub(crate) use webhooks::{RegisterWebhookArgs, WebhooksCommand};

use crate::keyfile::path_arg;
use crate::tokens::Tokens;

/// Paths of options: refused if they look like a secret key and name no file.
pub(crate) fn path_value() -> ValueParser {
    ValueParser::new(OsStringValueParser::new().try_map(path_arg))
}

/// L1 addresses of options: letters of both cases must carry the checksum of EIP-55.
pub(crate) fn address(text: &str) -> Result<WireAddress, AddressTextError> {
    text.parse::<Address>().map(WireAddress::from)
}

/// Royalty micropayments: signed intents in, one proof on Ethereum out.
#[derive(Debug, Parser)]
#[command(name = "farthing", version, after_help = OVERVIEW)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Options of every command.
#[derive(Debug, Args)]
pub(crate) struct Global {
    /// Configuration file [default: farthing.toml, if there is one].
    #[arg(long, global = true, env = "FARTHING_CONFIG", hide_env_values = true, value_name = "FILE", value_parser = path_value())]
    pub(crate) config: Option<PathBuf>,
    /// The node's URL [default: http://127.0.0.1:8080].
    #[arg(long, global = true, env = "FARTHING_NODE", hide_env_values = true, value_name = "URL")]
    pub(crate) node: Option<String>,
    /// File with the key that signs; made by `farthing keys`.
    #[arg(long, global = true, env = "FARTHING_KEY", hide_env_values = true, value_name = "FILE", value_parser = path_value())]
    pub(crate) key: Option<PathBuf>,
    /// The account that signs.
    #[arg(
        long,
        global = true,
        env = "FARTHING_ACCOUNT",
        hide_env_values = true,
        value_name = "NUMBER"
    )]
    pub(crate) account: Option<u32>,
    /// Prints JSON.
    #[arg(long, global = true)]
    pub(crate) json: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Runs an end-to-end demo: local L1, rollup, payments for an inference log, proof, claim.
    #[command(after_help = DEMO_HELP)]
    Demo(DemoArgs),
    /// Runs an L1, the contracts and a node on this machine, with funded test accounts.
    #[command(after_help = DEV_HELP)]
    Dev(DevArgs),
    /// Pays for every inference of an inference log, one signed intent for each.
    #[command(after_help = SIMULATE_HELP)]
    Simulate(SimulateArgs),
    /// Runs a node: sequencer, prover, settler, REST server.
    #[command(after_help = NODE_HELP)]
    Node(Box<NodeArgs>),
    /// Makes proof steps for a node on this machine, over NATS.
    #[command(after_help = PROVER_HELP)]
    Prover(ProverArgs),
    /// Makes and shows the keys that sign payments.
    #[command(subcommand, after_help = "Example:\n  farthing keys new --out alice.key")]
    Keys(KeysCommand),
    /// Opens accounts, funds them from L1, shows them.
    #[command(subcommand, after_help = "Example:\n  farthing account show 7")]
    Account(AccountCommand),
    /// Registers and updates licenses; shows their terms, versions, quotes and earnings.
    #[command(subcommand, after_help = "Example:\n  farthing license quote 3 --uses 20")]
    License(LicenseCommand),
    /// Makes, checks, hashes and exports provenance manifests.
    #[command(subcommand, after_help = "Example:\n  farthing manifest hash manifest.json")]
    Manifest(ManifestCommand),
    /// Pays for uses of a license, or pays an account.
    #[command(after_help = PAY_HELP)]
    Pay(PayArgs),
    /// Withdraws tokens to the account's owner on L1; `claim` collects them there.
    #[command(
        after_help = "Example:\n  farthing withdraw --amount 12.5 --account 7 --key alice.key"
    )]
    Withdraw(WithdrawArgs),
    /// Collects an owner's withdrawals on L1.
    #[command(after_help = CLAIM_HELP)]
    Claim(ClaimArgs),
    /// Shows the status of a node, and of its rollup on L1.
    #[command(after_help = STATUS_HELP)]
    Status(StatusArgs),
    /// Shows the stage of an intent, or waits for one.
    #[command(subcommand, after_help = "Example:\n  farthing intent status 0xINTENT")]
    Intent(IntentCommand),
    /// Saves receipts, and checks them against L1 without a node.
    #[command(
        subcommand,
        after_help = "Example:\n  farthing receipt get 0xINTENT --out receipt.json"
    )]
    Receipt(ReceiptCommand),
    /// Proves what licenses received, and checks such statements against L1 without a node.
    #[command(
        subcommand,
        after_help = "Example:\n  farthing statement make 3 --after 812 --out revenue.json"
    )]
    Statement(StatementCommand),
    /// Manages webhooks of --account: URLs to which the node posts events.
    #[command(
        subcommand,
        after_help = "Example:\n  farthing webhooks list --account 7 --key alice.key"
    )]
    Webhooks(WebhooksCommand),
    /// Rebuilds a node's data from L1 alone.
    #[command(after_help = RESTORE_HELP)]
    Restore(RestoreArgs),
    /// Exits the rollup with an account's balance through L1 alone, without a node or the operator.
    #[command(after_help = EXIT_HELP)]
    Exit(ExitArgs),
    /// Cleans up after a development node that was killed; started by `farthing dev`.
    #[command(hide = true)]
    Guard(GuardArgs),
}

impl Command {
    /// Returns true if the command shows its own progress, which a log would disturb.
    pub(crate) const fn shows_steps(&self) -> bool {
        matches!(self, Self::Demo(_) | Self::Dev(_) | Self::Guard(_) | Self::Simulate(_))
    }
}

#[derive(Debug, Args)]
pub(crate) struct L1Args {
    /// L1's JSON-RPC endpoint.
    #[arg(long, env = "FARTHING_L1_URL", hide_env_values = true, value_name = "URL")]
    pub(crate) l1_url: Option<String>,
    /// The rollup contract.
    #[arg(long, env = "FARTHING_CONTRACT", hide_env_values = true, value_name = "ADDRESS", value_parser = address)]
    pub(crate) contract: Option<WireAddress>,
    /// L1's chain id.
    #[arg(long, env = "FARTHING_CHAIN_ID", hide_env_values = true, value_name = "NUMBER")]
    pub(crate) chain_id: Option<u64>,
    /// File with the L1 private key that sends transactions.
    #[arg(long, env = "FARTHING_L1_KEY", hide_env_values = true, value_name = "FILE", value_parser = path_value())]
    pub(crate) l1_key: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct NodeArgs {
    #[command(flatten)]
    pub(crate) l1: L1Args,
    #[command(flatten)]
    pub(crate) own: OwnArgs,
    /// Address of the REST server [default: 127.0.0.1:8080].
    #[arg(long, env = "FARTHING_LISTEN", hide_env_values = true, value_name = "ADDRESS")]
    pub(crate) listen: Option<std::net::SocketAddr>,
    /// Folder of the circuits [default: farthing/circuits in the user's cache folder]. They are
    /// built once, which takes minutes.
    #[arg(long, env = "FARTHING_CIRCUITS", hide_env_values = true, value_name = "FOLDER", value_parser = path_value())]
    pub(crate) circuits: Option<PathBuf>,
    /// Seals batches and forms blocks, but proves none of them.
    #[arg(long, conflicts_with = "nats")]
    pub(crate) no_prover: bool,
    #[command(flatten)]
    pub(crate) nats: NatsArgs,
}

/// Settings on which a node's data depend.
#[derive(Debug, Args)]
pub(crate) struct OwnArgs {
    /// Folder of the node's data [default: farthing-data].
    #[arg(long, env = "FARTHING_DATA", hide_env_values = true, value_name = "FOLDER", value_parser = path_value())]
    pub(crate) data: Option<PathBuf>,
    /// Class of the batches: tiny, 1k, 4k, 16k or 64k [default: 16k].
    #[arg(long, env = "FARTHING_CLASS", hide_env_values = true)]
    pub(crate) class: Option<String>,
    /// The L1 block that holds the contract's deployment.
    #[arg(long, env = "FARTHING_DEPLOYED_AT", hide_env_values = true, value_name = "NUMBER")]
    pub(crate) deployed_at: Option<u64>,
    /// The key of account 0, which receives the fees.
    #[arg(long, env = "FARTHING_OPERATOR_KEY", hide_env_values = true, value_name = "KEY")]
    pub(crate) operator_key: Option<WirePublicKey>,
    /// The L1 owner of account 0.
    #[arg(long, env = "FARTHING_OPERATOR_OWNER", hide_env_values = true, value_name = "ADDRESS", value_parser = address)]
    pub(crate) operator_owner: Option<WireAddress>,
}

#[derive(Debug, Args)]
pub(crate) struct RestoreArgs {
    #[command(flatten)]
    pub(crate) l1: L1Args,
    #[command(flatten)]
    pub(crate) own: OwnArgs,
}

#[derive(Debug, Subcommand)]
pub(crate) enum KeysCommand {
    /// Makes a key from the system's random numbers.
    #[command(after_help = "Example:\n  farthing keys new --out alice.key")]
    New(KeyOut),
    /// Derives a key from an L1 wallet: the same wallet gives the same key again.
    #[command(after_help = DERIVE_HELP)]
    Derive(DeriveArgs),
    /// Shows the public key of --key.
    #[command(after_help = "Example:\n  farthing keys show --key alice.key")]
    Show,
}

#[derive(Debug, Args)]
pub(crate) struct KeyOut {
    /// The file to write; it must not exist.
    #[arg(long, value_name = "FILE", value_parser = path_value())]
    pub(crate) out: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct DeriveArgs {
    #[command(flatten)]
    pub(crate) l1: L1Args,
    /// File with the wallet's signature of the message, 65 bytes in hexadecimal digits; - is standard
    /// input. Not the signature itself: command lines are seen by others and kept by shells.
    #[arg(long, value_name = "FILE", conflicts_with = "l1_key", value_parser = path_value())]
    pub(crate) signature: Option<PathBuf>,
    /// The file to write; it must not exist.
    #[arg(long, value_name = "FILE", value_parser = path_value())]
    pub(crate) out: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum AccountCommand {
    /// Opens an account for --key, or finds the existing one. Costs nothing.
    #[command(
        after_help = "Example:\n  farthing account open --owner 0xYOUR_L1_ADDRESS --key alice.key"
    )]
    Open {
        /// The L1 address to which the account withdraws.
        #[arg(long, value_name = "ADDRESS", value_parser = address)]
        owner: WireAddress,
    },
    /// Lists all accounts of the node.
    #[command(after_help = "Example:\n  farthing account list --json")]
    List,
    /// Shows an account: --account, or the number given.
    #[command(after_help = "Example:\n  farthing account show 7")]
    Show {
        /// The account.
        number: Option<u32>,
    },
    /// Shows the royalties of an account and every other movement of its balance, batch by batch:
    /// --account, or the number given.
    #[command(after_help = "Examples:\n  farthing account earnings 7\n  \
            farthing account earnings 7 --from 2026-10-01 --to 2027-01-01 --csv > account-7.csv\n\n\
            As CSV, each movement has a line; the amounts sum to the change of the balance.")]
    Earnings {
        /// The account.
        number: Option<u32>,
        #[command(flatten)]
        earnings: EarningsArgs,
    },
    /// Shows the Merkle path of an account in the last state that is final on L1: the arguments of the
    /// contract's `escape`, once the rollup is frozen. With --l1-url, the command checks that the contract
    /// holds that state. `farthing exit` needs no node.
    #[command(
        after_help = "Example:\n  farthing account proof 7 --json --l1-url http://127.0.0.1:8545"
    )]
    Proof(ProofArgs),
    /// Deposits tokens on L1 for the account of --key; the rollup opens it if it does not exist.
    #[command(after_help = "Example:\n  farthing account deposit --amount 25 --owner 0x… \
        --key alice.key \\\n      --l1-url http://127.0.0.1:8545 --l1-key wallet.key")]
    Deposit(DepositArgs),
}

#[derive(Debug, Args)]
pub(crate) struct ProofArgs {
    #[command(flatten)]
    pub(crate) l1: L1Args,
    /// The account [default: --account].
    pub(crate) number: Option<u32>,
}

#[derive(Debug, Args)]
pub(crate) struct DepositArgs {
    #[command(flatten)]
    pub(crate) l1: L1Args,
    /// Tokens, at most 6 decimals.
    #[arg(long)]
    pub(crate) amount: Tokens,
    /// The account's L1 owner [default: the sender].
    #[arg(long, value_name = "ADDRESS", value_parser = address)]
    pub(crate) owner: Option<WireAddress>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum LicenseCommand {
    /// Registers a license of --account.
    #[command(after_help = REGISTER_HELP)]
    Register(RegisterArgs),
    /// Changes a license of --account from the next batch on.
    #[command(after_help = UPDATE_HELP)]
    Update(UpdateArgs),
    /// Lists all licenses of the node.
    #[command(after_help = "Example:\n  farthing license list --json")]
    List,
    /// Shows a license.
    #[command(after_help = "Example:\n  farthing license show 3")]
    Show {
        /// The license.
        license: u32,
    },
    /// Shows how a payment would be divided among the holders.
    #[command(after_help = "Example:\n  farthing license quote 3 --uses 20")]
    Quote {
        /// The license.
        license: u32,
        /// Uses to be paid for.
        #[arg(long, default_value_t = 1)]
        uses: u32,
    },
    /// Shows the versions of a license, newest first: its prices and provenances.
    #[command(after_help = "Example:\n  farthing license versions 3 --json")]
    Versions {
        /// The license.
        license: u32,
    },
    /// Shows what a license received, from whom, and what went to each holder, batch by batch.
    #[command(after_help = "Examples:\n  farthing license earnings 3 --json\n  \
            farthing license earnings 3 --from 2026-10-01 --to 2027-01-01 --csv > license-3.csv\n\n\
            As CSV, each payer and each derivative of a batch has a line; the amounts sum to what the \
            license received.")]
    Earnings {
        /// The license.
        license: u32,
        #[command(flatten)]
        earnings: EarningsArgs,
    },
}

#[derive(Debug, Args)]
pub(crate) struct RegisterArgs {
    /// Tokens per use.
    #[arg(long)]
    pub(crate) price: Tokens,
    /// A holder: ACCOUNT=SHARES; repeatable.
    #[arg(long = "share", value_name = "ACCOUNT=SHARES", value_parser = pair)]
    pub(crate) shares: Vec<(u32, u32)>,
    /// A license that this one derives from: LICENSE=SHARES; repeatable.
    #[arg(long = "parent", value_name = "LICENSE=SHARES", value_parser = pair)]
    pub(crate) parents: Vec<(u32, u32)>,
    /// The shares, of 1,000,000, that a derivative must leave to this license.
    #[arg(long, default_value_t = 0, value_name = "SHARES")]
    pub(crate) derivative_shares: u32,
    /// The manifest whose hash is the provenance: `farthing manifest new` writes one.
    #[arg(long, value_name = "FILE", conflicts_with = "provenance", value_parser = path_value())]
    pub(crate) manifest: Option<PathBuf>,
    /// The provenance: 32 bytes.
    #[arg(long, value_name = "BYTES")]
    pub(crate) provenance: Option<WireBytes32>,
    #[command(flatten)]
    pub(crate) wait: WaitArgs,
}

#[derive(Debug, Args)]
#[command(group(clap::ArgGroup::new("changes").required(true).multiple(true)
    .args(["price", "status", "derivative_shares", "licensee", "manifest", "provenance"])))]
pub(crate) struct UpdateArgs {
    /// The license.
    pub(crate) license: u32,
    /// Tokens per use.
    #[arg(long)]
    pub(crate) price: Option<Tokens>,
    /// The status: active, paused or retired (for good).
    #[arg(long, value_parser = status)]
    pub(crate) status: Option<LicenseStatus>,
    /// The shares, of 1,000,000, that a derivative must leave to this license.
    #[arg(long, value_name = "SHARES")]
    pub(crate) derivative_shares: Option<u32>,
    /// The account that alone may pay; `none` lets every account pay.
    #[arg(long, value_name = "ACCOUNT|none", value_parser = licensee)]
    pub(crate) licensee: Option<Licensee>,
    /// The manifest whose hash is the provenance: `farthing manifest new` writes one.
    #[arg(long, value_name = "FILE", conflicts_with = "provenance", value_parser = path_value())]
    pub(crate) manifest: Option<PathBuf>,
    /// The provenance itself.
    #[arg(long, value_name = "BYTES")]
    pub(crate) provenance: Option<WireBytes32>,
    #[command(flatten)]
    pub(crate) wait: WaitArgs,
}

/// The status of a license.
fn status(text: &str) -> Result<LicenseStatus, &'static str> {
    let named = LicenseStatusName::ALL.into_iter().find(|status| status.as_str() == text);
    named.map(Into::into).ok_or("expected active, paused or retired")
}

/// The account that alone may pay, or every account.
fn licensee(text: &str) -> Result<Licensee, &'static str> {
    if text == "none" {
        return Ok(Licensee::ANYBODY);
    }
    let account = text.parse::<u32>().ok().map(AccountId::from);
    let account = account.and_then(|account| farthing_client::dto::licensee(Some(account)).ok());
    account.ok_or("expected an account from 1 to 2147483647, or none")
}

/// `NUMBER=NUMBER`.
fn pair(text: &str) -> Result<(u32, u32), &'static str> {
    let parsed = text
        .split_once('=')
        .and_then(|(id, shares)| Some((id.trim().parse().ok()?, shares.trim().parse().ok()?)));
    parsed.ok_or("expected NUMBER=SHARES, such as 7=600000")
}

/// As the `Idempotency-Key` header takes it.
fn idempotency_key(text: &str) -> Result<String, &'static str> {
    let fits = (1..=128).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
    fits.then(|| text.to_owned()).ok_or("expected 1 to 128 visible ASCII characters")
}

#[derive(Debug, Args)]
pub(crate) struct PayArgs {
    /// The license to pay.
    #[arg(required_unless_present = "to", conflicts_with = "to")]
    pub(crate) license: Option<u32>,
    /// Uses to pay for.
    #[arg(long, default_value_t = 1, conflicts_with = "to")]
    pub(crate) uses: u32,
    /// The account to pay.
    #[arg(long, value_name = "ACCOUNT", requires = "amount")]
    pub(crate) to: Option<u32>,
    /// Tokens, for --to.
    #[arg(long, requires = "to", conflicts_with = "license")]
    pub(crate) amount: Option<Tokens>,
    /// The recipient that the account or the license must have, as its owner gave it. Without this option
    /// the command trusts the node.
    #[arg(long, value_name = "BYTES")]
    pub(crate) recipient: Option<WireRecipient>,
    /// Provenance of the inferences paid for, or a reference: 32 bytes.
    #[arg(long, value_name = "BYTES")]
    pub(crate) memo: Option<WireBytes32>,
    /// Signs and prints the request body of POST /v1/intents, but sends nothing.
    #[arg(long, conflicts_with = "wait")]
    pub(crate) dry_run: bool,
    /// Idempotency key of this payment: 1 to 128 visible ASCII characters. The node remembers a key for
    /// a day, and refuses another payment under it.
    #[arg(long, value_name = "TEXT", conflicts_with = "dry_run", value_parser = idempotency_key)]
    pub(crate) idempotency_key: Option<String>,
    #[command(flatten)]
    pub(crate) wait: WaitArgs,
}

#[derive(Debug, Args)]
pub(crate) struct WithdrawArgs {
    /// Tokens, at most 6 decimals.
    #[arg(long)]
    pub(crate) amount: Tokens,
    /// A reference: 32 bytes.
    #[arg(long, value_name = "BYTES")]
    pub(crate) memo: Option<WireBytes32>,
    #[command(flatten)]
    pub(crate) wait: WaitArgs,
}

#[derive(Debug, Args)]
pub(crate) struct WaitArgs {
    /// Waits until the intent has reached this stage: sequenced, proven or finalized.
    #[arg(long, value_name = "STAGE")]
    pub(crate) wait: Option<Stage>,
    /// The most seconds to wait; after them the command fails.
    #[arg(long, default_value_t = 600, value_name = "SECONDS")]
    pub(crate) timeout: u64,
}

#[derive(Debug, Args)]
pub(crate) struct ClaimArgs {
    /// The owner whose withdrawals are claimed.
    #[arg(value_parser = address)]
    pub(crate) owner: WireAddress,
    #[command(flatten)]
    pub(crate) l1: L1Args,
    /// Shows what can be claimed, but sends nothing.
    #[arg(long)]
    pub(crate) dry_run: bool,
}

#[derive(Debug, Args)]
pub(crate) struct StatusArgs {
    #[command(flatten)]
    pub(crate) l1: L1Args,
}

#[derive(Debug, Subcommand)]
pub(crate) enum IntentCommand {
    /// Shows the stage of an intent: accepted, sequenced, proven, finalized, or dropped.
    #[command(after_help = INTENT_STATUS_HELP)]
    Status(IntentStatusArgs),
}

#[derive(Debug, Args)]
pub(crate) struct IntentStatusArgs {
    /// The intent.
    pub(crate) intent: WireIntentId,
    #[command(flatten)]
    pub(crate) wait: WaitArgs,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn holders_are_pairs() {
        assert_eq!(pair("7=600000"), Ok((7, 600_000)));
        for bad in ["7", "7=", "=1", "x=1", "7=1=2", "4294967296=1"] {
            assert!(pair(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn addresses_of_mixed_letters_carry_a_checksum() {
        let parse = |owner: &str| {
            Cli::try_parse_from(["farthing", "account", "open", "--owner", owner]).is_ok()
        };
        let good = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed";
        assert!(parse(good) && parse(&good.to_lowercase()));
        assert!(!parse("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAeD"));
    }

    #[test]
    fn a_payment_is_to_a_license_or_to_an_account() {
        let parse = |line: &str| Cli::try_parse_from(line.split(' ')).is_ok();
        assert!(parse("farthing pay 3 --uses 20"));
        assert!(parse("farthing pay --to 8 --amount 0.25"));
        assert!(!parse("farthing pay"));
        assert!(!parse("farthing pay --to 8"));
        assert!(!parse("farthing pay 3 --to 8 --amount 1"));
        assert!(!parse("farthing pay 3 --amount 1"));
    }
}
