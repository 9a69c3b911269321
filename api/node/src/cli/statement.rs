//! Arguments of `farthing statement`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::{L1Args, path_value};

#[derive(Debug, Subcommand)]
pub(crate) enum StatementCommand {
    /// Saves a license's opening: the license in the state of a final batch, with its Merkle path. Keep it
    /// for statements about the time after that batch.
    #[command(after_help = "Examples:\n  farthing statement open 3 --out license-3.json\n  \
            farthing statement open 3 --batch 812 --out license-3-812.json")]
    Open(OpenArgs),
    /// Makes a statement: what licenses received after one final batch, up to another.
    #[command(after_help = MAKE_HELP)]
    Make(MakeArgs),
    /// Checks a statement against L1, without a node.
    #[command(after_help = VERIFY_HELP)]
    Verify(VerifyStatementArgs),
}

#[derive(Debug, Args)]
pub(crate) struct OpenArgs {
    /// The license.
    pub(crate) license: u32,
    /// The batch that left the state [default: the last final one].
    #[arg(long, value_name = "NUMBER")]
    pub(crate) batch: Option<u64>,
    /// The file to write; an existing file is replaced [default: standard output].
    #[arg(long, value_name = "FILE", value_parser = path_value())]
    pub(crate) out: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct MakeArgs {
    /// The licenses. With several, the statement is of their total.
    #[arg(required = true, value_name = "LICENSE")]
    pub(crate) licenses: Vec<u32>,
    /// The batch before the first one [default: the statement begins with the registration].
    #[arg(long, value_name = "NUMBER")]
    pub(crate) after: Option<u64>,
    /// The last batch [default: the last final one].
    #[arg(long, value_name = "NUMBER")]
    pub(crate) until: Option<u64>,
    /// The account whose part is stated, of one license.
    #[arg(long, value_name = "ACCOUNT")]
    pub(crate) share_of: Option<u32>,
    /// A file with an opening that was kept; repeatable. The node is asked for the others.
    #[arg(long = "opening", value_name = "FILE", value_parser = path_value())]
    pub(crate) openings: Vec<PathBuf>,
    /// The file to write; an existing file is replaced [default: standard output].
    #[arg(long, value_name = "FILE", value_parser = path_value())]
    pub(crate) out: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct VerifyStatementArgs {
    /// The statement.
    #[arg(value_parser = path_value())]
    pub(crate) statement: PathBuf,
    #[command(flatten)]
    pub(crate) l1: L1Args,
    /// Checks only that the statement is consistent, and does not ask L1.
    #[arg(long)]
    pub(crate) offline: bool,
}

const MAKE_HELP: &str = "\
Examples:
  farthing statement make 3 --after 812 --until 1040 --out revenue.json
  farthing statement make 3 --share-of 7 --out share.json         since the registration
  farthing statement make 3 4 9 --after 812 --out total.json      the total of three licenses
  farthing statement make 3 --opening q3.json --after 812 --opening q4.json --until 1040

Both batches must be final on L1. The node opens the state of each final batch that it sealed itself. It has
none of batches that were restored from L1: keep openings (`farthing statement open`) for those.";

const VERIFY_HELP: &str = "\
Examples:
  farthing statement verify revenue.json --l1-url http://127.0.0.1:8545 --contract 0x…
  farthing statement verify revenue.json --offline    consistent? whether it is true, only L1 knows

With --l1-url it shows that the claim is true: each license leads to the state root of its batch, and the
contract named has verified both batches. Name the contract that you trust.

Without --l1-url it shows only that the file agrees with itself. Anyone can forge such a file: the exit code
is 4, unless --offline is given.";
