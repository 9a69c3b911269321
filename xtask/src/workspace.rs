//! Files and commands of the workspace.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs, io};

use thiserror::Error;

/// Variable that makes the test of a generated file write it.
const WRITE: &str = "FARTHING_REGENERATE";

/// Reason why a generated file was not written, or is not what its source gives.
#[derive(Debug, Error)]
pub(crate) enum TaskError {
    /// The file is missing or cannot be read or written.
    #[error("{path}: {source}")]
    File {
        /// Path from the root.
        path: String,
        /// Answer of the system.
        source: io::Error,
    },
    /// The file is not what its source gives.
    #[error("{path} is not what its source gives: write it with `cargo xtask codegen {part}`")]
    Differs {
        /// Path from the root.
        path: String,
        /// Part that writes it.
        part: &'static str,
    },
    /// The command cannot be started.
    #[error("cannot start `{command}`: {source}")]
    Start {
        /// Program and arguments.
        command: String,
        /// Answer of the system.
        source: io::Error,
    },
    /// The command failed.
    #[error("`{command}` failed, see above")]
    Failed {
        /// Program and arguments.
        command: String,
    },
    /// The circuits cannot be built, or the contract's constants cannot be written from them.
    #[error("{what}: {source}")]
    Circuits {
        /// Thing that was to be made.
        what: &'static str,
        /// Reason.
        source: Box<dyn std::error::Error>,
    },
}

/// Use of generated files: they are written or compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Files are written.
    Write,
    /// Files are compared; a difference is an error.
    Check,
}

/// Root of the workspace.
pub(crate) fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

/// Content of a file, by its path from the root.
pub(crate) fn read(path: &str) -> Result<Vec<u8>, TaskError> {
    fs::read(root().join(path)).map_err(|source| TaskError::File { path: path.to_owned(), source })
}

/// Writes a file, or compares it with `content`.
pub(crate) fn put(
    mode: Mode,
    part: &'static str,
    path: &str,
    content: &[u8],
) -> Result<(), TaskError> {
    match mode {
        Mode::Check if read(path)? == content => Ok(()),
        Mode::Check => Err(TaskError::Differs { path: path.to_owned(), part }),
        Mode::Write => fs::write(root().join(path), content)
            .map_err(|source| TaskError::File { path: path.to_owned(), source }),
    }
}

/// Directory of built circuits: `FARTHING_CIRCUITS`, else `target/circuits`.
pub(crate) fn circuits() -> PathBuf {
    env::var_os("FARTHING_CIRCUITS").map_or_else(|| root().join("target/circuits"), PathBuf::from)
}

/// Command of the tests that `arguments` of `cargo test` select: they compare files, or write them.
pub(crate) fn cargo_test(mode: Mode, arguments: &[&str]) -> Command {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo"));
    let mut command = Command::new(cargo);
    command.args(["test", "--locked", "--release"]).args(arguments).current_dir(root());
    if mode == Mode::Write {
        command.env(WRITE, "1");
    }
    command
}

/// Command of a program in `l1-contracts`.
pub(crate) fn contracts(program: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.args(arguments).current_dir(root().join("l1-contracts"));
    command
}

/// Runs a command to its end.
pub(crate) fn run(command: &mut Command) -> Result<(), TaskError> {
    let words: Vec<_> = std::iter::once(command.get_program())
        .chain(command.get_args())
        .map(|word| word.to_string_lossy().into_owned())
        .collect();
    let words = words.join(" ");
    let status =
        command.status().map_err(|source| TaskError::Start { command: words.clone(), source })?;
    if status.success() { Ok(()) } else { Err(TaskError::Failed { command: words }) }
}
