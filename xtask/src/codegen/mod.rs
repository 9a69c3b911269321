//! Generated files, by part: each has one source, and a check that it is what the source gives.

mod constants;
mod keys;

use clap::{Args, ValueEnum};

use crate::workspace::{Mode, TaskError, cargo_test, contracts, run};

/// forge, seen from `l1-contracts`.
const FORGE: &str = "node_modules/@foundry-rs/forge-linux-amd64/bin/forge";

/// Generated files that have one source, in the order in which they depend on each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Part {
    /// state/protocol/vectors: test vectors of the protocol.
    Vectors,
    /// circuits/recursion/keys.json, the contract's constants and test key; minutes and gigabytes.
    Keys,
    /// The contract's constants, from the committed test key.
    Constants,
    /// Proofs in l1-contracts/test/data, by the circuits of `keys`; minutes and gigabytes.
    Proofs,
    /// l1-contracts/artifacts: ABI and bytecode.
    Artifacts,
    /// l1-contracts/snapshots: gas.
    Gas,
    /// Bits of security in circuits/SOUNDNESS.md and README.md.
    Security,
    /// api/server/openapi.json.
    Openapi,
}

/// Arguments of `cargo xtask codegen`.
#[derive(Debug, Args)]
pub(crate) struct Codegen {
    /// Compare the files with their sources and write nothing.
    #[arg(long)]
    check: bool,
    /// Parts to write; all of them if there is no argument.
    #[arg(value_enum)]
    parts: Vec<Part>,
}

impl Codegen {
    /// Writes or compares the parts in the order of [`Part`].
    pub(crate) fn run(&self) -> Result<(), TaskError> {
        let mode = if self.check { Mode::Check } else { Mode::Write };
        let chosen = |part: &&Part| self.parts.is_empty() || self.parts.contains(part);
        Part::value_variants().iter().filter(chosen).try_for_each(|part| part.run(mode))
    }
}

impl Part {
    fn run(self, mode: Mode) -> Result<(), TaskError> {
        match self {
            Self::Vectors => {
                run(&mut cargo_test(mode, &["--package", "farthing-protocol", "--lib", "golden"]))?;
                run(&mut cargo_test(mode, &["--package", "farthing-protocol", "--test", "golden"]))
            }
            Self::Keys => keys::run(mode),
            Self::Constants => constants::run(mode),
            Self::Proofs => {
                let name = "fixtures_are_of_the_pinned_circuits";
                // Without the variable the test leaves these minutes out.
                let arguments = ["--package", "farthing-recursion", "--lib", name];
                run(cargo_test(mode, &arguments).env("FARTHING_FULL", "1"))
            }
            Self::Artifacts => {
                run(&mut contracts(FORGE, &["build"]))?;
                match mode {
                    Mode::Write => run(&mut contracts("node", &["tools/artifacts.cjs"])),
                    Mode::Check => run(&mut contracts("node", &["tools/artifacts.cjs", "--check"])),
                }
            }
            Self::Gas => {
                let mut forge = contracts(FORGE, &["test"]);
                if mode == Mode::Check {
                    forge.env("FORGE_SNAPSHOT_CHECK", "true");
                }
                run(&mut forge)?;
                run(&mut cargo_test(
                    mode,
                    &["--workspace", "--test", "gas", "--test", "gas_per_payment"],
                ))
            }
            Self::Security => {
                run(&mut cargo_test(mode, &["--package", "farthing-recursion", "security::page"]))
            }
            Self::Openapi => run(&mut cargo_test(mode, &["--workspace", "--test", "openapi"])),
        }
    }
}
