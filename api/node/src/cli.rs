//! The command line. Every flag can also be set by an environment variable; what is in neither is
//! looked for in the configuration file.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use farthing_client::dto::{IntentStage, WireAddress, WireBytes32, WireIntentId, WirePublicKey};

use crate::commands::TraceArgs;
use crate::demo::DemoArgs;
use crate::dev::DevArgs;
use crate::tokens::Tokens;

/// Royalty micropayments: signed intents in, one proof on Ethereum out.
#[derive(Debug, Parser)]
#[command(name = "farthing", version, after_help = OVERVIEW)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

const OVERVIEW: &str = "\
A first payment, with a node at http://127.0.0.1:8080:
  farthing keys new --out alice.key              a key that signs payments
  farthing account open --owner 0xYOUR_L1_ADDRESS --key alice.key
  farthing account deposit --amount 25 --l1-key wallet.key --key alice.key --owner 0x…
  farthing license quote 3 --uses 20             what 20 uses of license 3 give to whom
  farthing pay 3 --uses 20 --account 7 --key alice.key --wait sequenced
  farthing status INTENT --receipt receipt.json
  farthing verify receipt.json                   needs no node

Settings come from flags, then environment variables (FARTHING_…, see each command's help), then
farthing.toml, or the file that --config names:
  [client]  node, key, account
  [node]    data, class, seal_seconds, block_seconds, block_batches, operator_key, operator_owner
  [node.admission]  nonce_ahead_seconds_max, validity_seconds_max, pay_fee_nano_min,
            transfer_fee_nano_min, withdraw_fee_nano_min, register_license_fee_nano_min,
            accounts_per_minute, accounts_burst, unproven_batches_max, clock_ahead_seconds_max
  [l1]      url, chain_id, contract, token, deployed_at, confirmations, key
  [server]  listen and limits

Logs go to standard error; FARTHING_LOG=debug shows more.";

/// What every command takes.
#[derive(Debug, Args)]
pub(crate) struct Global {
    /// Configuration file [default: farthing.toml, if there is one].
    #[arg(long, global = true, env = "FARTHING_CONFIG", value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// The node's URL [default: http://127.0.0.1:8080].
    #[arg(long, global = true, env = "FARTHING_NODE", value_name = "URL")]
    pub(crate) node: Option<String>,
    /// File with the key that signs; made by `farthing keys`.
    #[arg(long, global = true, env = "FARTHING_KEY", value_name = "FILE")]
    pub(crate) key: Option<PathBuf>,
    /// The account that signs.
    #[arg(long, global = true, env = "FARTHING_ACCOUNT", value_name = "NUMBER")]
    pub(crate) account: Option<u32>,
    /// Prints JSON.
    #[arg(long, global = true)]
    pub(crate) json: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Shows the whole: an L1, a rollup, payments for a trace, a proof on L1, a claim.
    #[command(after_help = DEMO_HELP)]
    Demo(DemoArgs),
    /// Runs an L1, the contracts and a node on this machine, with accounts to play with.
    #[command(after_help = DEV_HELP)]
    Dev(DevArgs),
    /// Pays for every inference of a trace, one signed intent for each.
    #[command(after_help = TRACE_HELP)]
    Trace(TraceArgs),
    /// Runs a node: sequencer, prover, settler, REST server.
    #[command(after_help = NODE_HELP)]
    Node(NodeArgs),
    /// Makes and shows the keys that sign payments.
    #[command(subcommand, after_help = "Example:\n  farthing keys new --out alice.key")]
    Keys(KeysCommand),
    /// Opens accounts, funds them from L1, shows them.
    #[command(subcommand, after_help = "Example:\n  farthing account show 7")]
    Account(AccountCommand),
    /// Registers licenses; shows their terms, quotes and statements.
    #[command(subcommand, after_help = "Example:\n  farthing license quote 3 --uses 20")]
    License(LicenseCommand),
    /// Pays for uses of a license, or pays an account.
    #[command(after_help = PAY_HELP)]
    Pay(PayArgs),
    /// Takes money out to the account's owner on L1; `claim` collects it there.
    #[command(
        after_help = "Example:\n  farthing withdraw --amount 12.5 --account 7 --key alice.key"
    )]
    Withdraw(WithdrawArgs),
    /// Collects on L1 what withdrawals brought there.
    #[command(after_help = CLAIM_HELP)]
    Claim(ClaimArgs),
    /// Shows how a node is, or where an intent is.
    #[command(after_help = STATUS_HELP)]
    Status(StatusArgs),
    /// Checks a receipt, with no node.
    #[command(after_help = VERIFY_HELP)]
    Verify(VerifyArgs),
    /// Rebuilds a node's data from L1 alone.
    #[command(after_help = RESTORE_HELP)]
    Restore(RestoreArgs),
}

impl Command {
    /// Whether it shows what it does itself: a log would be in the way.
    pub(crate) const fn shows_steps(&self) -> bool {
        matches!(self, Self::Demo(_) | Self::Dev(_) | Self::Trace(_))
    }
}

const DEMO_HELP: &str = "\
Examples:
  farthing demo                                  2,000 payments for a generated trace
  farthing demo --trace trace.csv --payments 500
  farthing demo --serve                          leaves it running
  farthing demo --json                           the summary for programs

Nothing is faked: an L1 (anvil), the contracts, a node with its prover, a client process of its own,
one proof that the contract verifies, tokens that a creator collects. Circuits are built once, which
takes minutes, and kept.";

const DEV_HELP: &str = "\
Examples:
  farthing dev                                   then, elsewhere: farthing status
  farthing dev --class tiny --listen 127.0.0.1:0 --json

Accounts 1 to 4 have 1,000 tokens each; their owners have as many on L1, and ether for gas. Their keys
are for development only: everybody can compute them. They lie in the data folder, as dev-1.key (L2) and
dev-1.l1.key (L1), beside farthing.toml, with which every other command finds node, L1 and contract:
  farthing --config DATA/farthing.toml pay 0 --uses 5 --account 1 --key DATA/dev-1.key";

const TRACE_HELP: &str = "\
Examples:
  farthing trace --wallet wallet.json --trace trace.csv --payments 500
  farthing trace --wallet wallet.json            2,000 inferences, made up

wallet.json: {\"payers\": [{\"account\": 1, \"seed\": \"0x…\"}], \"licenses\": [3, 1, 2]}. A generated
token is a use; the memo of a payment is the keccak256 of its line.";

const NODE_HELP: &str = "\
Examples:
  farthing node --config farthing.toml
  farthing node --data ./data --class 1k --chain-id 31337 --contract 0x… --l1-url http://127.0.0.1:8545 \\
      --deployed-at 3 --l1-key operator.key --operator-key 0x… --operator-owner 0x…

Without --l1-url nothing is settled and no deposit arrives. It ends on SIGINT or SIGTERM, after what
it has taken is answered.";

const PAY_HELP: &str = "\
Examples:
  farthing pay 3 --uses 20                        20 uses of license 3, at its price
  farthing pay 3 --uses 1 --memo 0x…              with the provenance of the inference
  farthing pay --to 8 --amount 0.25               a quarter of a token to account 8
  farthing pay 3 --uses 1 --wait sequenced        waits until its batch is sealed
  farthing pay 3 --uses 1 --dry-run | curl -d @- -H 'Content-Type: application/json' \
      -H 'Idempotency-Key: order-17' http://127.0.0.1:8080/v1/intents

--account and --key say who pays. A payment is refused if it cannot be settled, with the reason.";

const CLAIM_HELP: &str = "\
Examples:
  farthing claim 0xOWNER --l1-url http://127.0.0.1:8545 --l1-key any-wallet.key
  farthing claim 0xOWNER --dry-run               what there is to claim

Anybody may send the claims; the tokens go to the owner.";

const STATUS_HELP: &str = "\
Examples:
  farthing status                                 the node
  farthing status 0xINTENT                        an intent: accepted, sequenced, proven, finalized
  farthing status 0xINTENT --wait finalized --timeout 600
  farthing status 0xINTENT --receipt receipt.json";

const VERIFY_HELP: &str = "\
Examples:
  farthing verify receipt.json --chain-id 1 --contract 0x…
  farthing verify receipt.json --l1-url http://127.0.0.1:8545 --contract 0x…

Without --l1-url it shows that the batch settles the intent and that the block contains the batch;
with it, also that the contract has verified a proof of it. Name the contract that you trust.";

const RESTORE_HELP: &str = "\
Example:
  farthing restore --config farthing.toml --data restored
  farthing node --config farthing.toml --data restored

The folder must hold no data. State, blocks and withdrawals come back; what single intents said is not
on L1, so receipts and statements of earlier batches do not: keep receipts. If it is interrupted, start
it again: what it had made is dropped first.";

#[derive(Debug, Args)]
pub(crate) struct L1Args {
    /// L1's JSON-RPC endpoint.
    #[arg(long, env = "FARTHING_L1_URL", value_name = "URL")]
    pub(crate) l1_url: Option<String>,
    /// The rollup contract.
    #[arg(long, env = "FARTHING_CONTRACT", value_name = "ADDRESS")]
    pub(crate) contract: Option<WireAddress>,
    /// L1's chain id.
    #[arg(long, env = "FARTHING_CHAIN_ID", value_name = "NUMBER")]
    pub(crate) chain_id: Option<u64>,
    /// File with the L1 private key that sends.
    #[arg(long, env = "FARTHING_L1_KEY", value_name = "FILE")]
    pub(crate) l1_key: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct NodeArgs {
    #[command(flatten)]
    pub(crate) l1: L1Args,
    #[command(flatten)]
    pub(crate) own: OwnArgs,
    /// Where the REST server listens [default: 127.0.0.1:8080].
    #[arg(long, env = "FARTHING_LISTEN", value_name = "ADDRESS")]
    pub(crate) listen: Option<std::net::SocketAddr>,
    /// Where circuits are kept [default: farthing/circuits in the user's cache folder]. They are
    /// built once, which takes minutes.
    #[arg(long, env = "FARTHING_CIRCUITS", value_name = "FOLDER")]
    pub(crate) circuits: Option<PathBuf>,
    /// Seals batches and forms blocks, and proves nothing.
    #[arg(long)]
    pub(crate) no_prover: bool,
}

/// What a node's data depend on.
#[derive(Debug, Args)]
pub(crate) struct OwnArgs {
    /// Where everything durable lies [default: farthing-data].
    #[arg(long, env = "FARTHING_DATA", value_name = "FOLDER")]
    pub(crate) data: Option<PathBuf>,
    /// Class of the batches: tiny, 1k, 4k, 16k or 64k [default: 16k].
    #[arg(long, env = "FARTHING_CLASS")]
    pub(crate) class: Option<String>,
    /// The L1 block that holds the contract's deployment.
    #[arg(long, env = "FARTHING_DEPLOYED_AT", value_name = "NUMBER")]
    pub(crate) deployed_at: Option<u64>,
    /// The key of account 0, which receives the fees.
    #[arg(long, env = "FARTHING_OPERATOR_KEY", value_name = "KEY")]
    pub(crate) operator_key: Option<WirePublicKey>,
    /// The L1 owner of account 0.
    #[arg(long, env = "FARTHING_OPERATOR_OWNER", value_name = "ADDRESS")]
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
    /// Derives the key of an L1 wallet: the same wallet gets the same key back.
    #[command(after_help = WALLET_HELP)]
    Wallet(WalletArgs),
    /// Shows the public key of --key.
    #[command(after_help = "Example:\n  farthing keys show --key alice.key")]
    Show,
}

const WALLET_HELP: &str = "\
Examples:
  farthing keys wallet --l1-key wallet.key --chain-id 1 --contract 0x… --out alice.key
  farthing keys wallet --chain-id 1 --contract 0x…            prints the message to sign elsewhere
  farthing keys wallet --signature 0x… --out alice.key        with the signature from there

The wallet signs a fixed EIP-712 message; the hash of the signature seeds the key. Whoever sees the
signature has the key.";

#[derive(Debug, Args)]
pub(crate) struct KeyOut {
    /// The file to write; it must not exist.
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct WalletArgs {
    #[command(flatten)]
    pub(crate) l1: L1Args,
    /// The wallet's signature of the message, 65 bytes.
    #[arg(long, value_name = "SIGNATURE", conflicts_with = "l1_key")]
    pub(crate) signature: Option<String>,
    /// The file to write; it must not exist.
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum AccountCommand {
    /// Opens an account of --key, or finds it. Costs nothing.
    #[command(
        after_help = "Example:\n  farthing account open --owner 0xYOUR_L1_ADDRESS --key alice.key"
    )]
    Open {
        /// The L1 address to which it withdraws.
        #[arg(long, value_name = "ADDRESS")]
        owner: WireAddress,
    },
    /// Shows an account: --account, or the number given.
    #[command(after_help = "Example:\n  farthing account show 7")]
    Show {
        /// The account.
        number: Option<u32>,
    },
    /// Deposits tokens on L1 for the account of --key; L2 opens it if there is none.
    #[command(after_help = "Example:\n  farthing account deposit --amount 25 --owner 0x… \
        --key alice.key \\\n      --l1-url http://127.0.0.1:8545 --l1-key wallet.key")]
    Deposit(DepositArgs),
}

#[derive(Debug, Args)]
pub(crate) struct DepositArgs {
    #[command(flatten)]
    pub(crate) l1: L1Args,
    /// Tokens, at most 6 decimals.
    #[arg(long)]
    pub(crate) amount: Tokens,
    /// The account's L1 owner [default: who sends].
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) owner: Option<WireAddress>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum LicenseCommand {
    /// Registers a license of --account.
    #[command(after_help = REGISTER_HELP)]
    Register(RegisterArgs),
    /// Shows a license.
    #[command(after_help = "Example:\n  farthing license show 3")]
    Show {
        /// The license.
        license: u32,
    },
    /// Shows what a payment would give to whom.
    #[command(after_help = "Example:\n  farthing license quote 3 --uses 20")]
    Quote {
        /// The license.
        license: u32,
        /// Uses to be paid for.
        #[arg(long, default_value_t = 1)]
        uses: u32,
    },
    /// Shows what a license received and what went to each holder, batch by batch.
    #[command(after_help = "Example:\n  farthing license statement 3 --json")]
    Statement {
        /// The license.
        license: u32,
    },
}

const REGISTER_HELP: &str = "\
Examples:
  farthing license register --price 0.00025 --share 7=600000 --share 8=400000 --manifest model.json
  farthing license register --price 0.001 --share 9=750000 --parent 3=250000 --provenance 0x…

Shares are parts of 1,000,000, all of which must be given. A parent must be left at least its
derivative shares. The provenance is the keccak256 of the manifest: model version, training data,
terms, content address.";

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
    /// What a derivative must leave to this license, of 1,000,000 shares.
    #[arg(long, default_value_t = 0, value_name = "SHARES")]
    pub(crate) derivative_shares: u32,
    /// The manifest whose hash is the provenance.
    #[arg(long, value_name = "FILE", conflicts_with = "provenance")]
    pub(crate) manifest: Option<PathBuf>,
    /// The provenance itself.
    #[arg(long, value_name = "BYTES")]
    pub(crate) provenance: Option<WireBytes32>,
}

/// `NUMBER=NUMBER`.
fn pair(text: &str) -> Result<(u32, u32), &'static str> {
    let parsed = text
        .split_once('=')
        .and_then(|(id, shares)| Some((id.trim().parse().ok()?, shares.trim().parse().ok()?)));
    parsed.ok_or("expected NUMBER=SHARES, such as 7=600000")
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
    /// Provenance of the inferences paid for, or a reference: 32 bytes.
    #[arg(long, value_name = "BYTES")]
    pub(crate) memo: Option<WireBytes32>,
    /// Signs and prints the body that POST /v1/intents takes, and sends nothing.
    #[arg(long, conflicts_with = "wait")]
    pub(crate) dry_run: bool,
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
    /// Waits until the intent has come so far: sequenced, proven or finalized.
    #[arg(long, value_name = "STAGE")]
    pub(crate) wait: Option<IntentStage>,
    /// Seconds to wait at most; then it is an error.
    #[arg(long, default_value_t = 600, value_name = "SECONDS")]
    pub(crate) timeout: u64,
}

#[derive(Debug, Args)]
pub(crate) struct ClaimArgs {
    /// The owner whose withdrawals are claimed.
    pub(crate) owner: WireAddress,
    #[command(flatten)]
    pub(crate) l1: L1Args,
    /// Shows what there is to claim, and sends nothing.
    #[arg(long)]
    pub(crate) dry_run: bool,
}

#[derive(Debug, Args)]
pub(crate) struct StatusArgs {
    /// The intent; without it, the node.
    pub(crate) intent: Option<WireIntentId>,
    #[command(flatten)]
    pub(crate) wait: WaitArgs,
    /// Writes the intent's receipt to a file.
    #[arg(long, value_name = "FILE", requires = "intent")]
    pub(crate) receipt: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct VerifyArgs {
    /// The receipt.
    pub(crate) receipt: PathBuf,
    #[command(flatten)]
    pub(crate) l1: L1Args,
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
