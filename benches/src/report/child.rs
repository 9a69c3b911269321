//! One measurement, one process.

use std::io;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use serde::de::DeserializeOwned;
use thiserror::Error;

/// A measurement gave nothing.
#[derive(Debug, Error)]
pub enum ChildError {
    /// It could not be started.
    #[error("the measurement could not be started: {0}")]
    Start(#[from] io::Error),
    /// It failed, and said why.
    #[error("`farthing-benches {arguments}` failed: {why}")]
    Failed {
        /// Its arguments.
        arguments: String,
        /// The last line of its standard error, or its exit status.
        why: String,
    },
    /// It did not print what was expected.
    #[error("`farthing-benches {arguments}` printed something else: {source}")]
    Output {
        /// Its arguments.
        arguments: String,
        /// The first error in its output.
        source: serde_json::Error,
    },
}

/// This program.
pub(super) struct Program(PathBuf);

impl Program {
    /// The file that runs now.
    pub(super) fn this() -> Result<Self, ChildError> {
        Ok(Self(std::env::current_exe()?))
    }

    /// Runs it with these arguments and reads what it prints.
    pub(super) fn measure<T: DeserializeOwned>(
        &self,
        arguments: &[String],
    ) -> Result<T, ChildError> {
        let mut command = Command::new(&self.0);
        let output = command.args(arguments).stdin(Stdio::null()).output()?;
        let words = || arguments.join(" ");
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr);
            let why = match said.trim() {
                "" => output.status.to_string(),
                said => said.lines().next_back().unwrap_or_default().to_owned(),
            };
            return Err(ChildError::Failed { arguments: words(), why });
        }
        let read = serde_json::from_slice(&output.stdout);
        read.map_err(|source| ChildError::Output { arguments: words(), source })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(program: &str, arguments: &[&str]) -> Result<u32, ChildError> {
        let arguments: Vec<String> = arguments.iter().map(|a| (*a).to_owned()).collect();
        Program(program.into()).measure(&arguments)
    }

    #[test]
    fn what_children_say_is_kept() {
        assert_eq!(run("echo", &["7"]).ok(), Some(7));
        assert!(matches!(run("echo", &["seven"]), Err(ChildError::Output { .. })));
        assert!(matches!(run("/nowhere/at/all", &[]), Err(ChildError::Start(_))));
        match run("sh", &["-c", "echo one >&2; echo why >&2; exit 3"]) {
            Err(ChildError::Failed { why, .. }) => assert_eq!(why, "why"),
            other => panic!("{other:?}"),
        }
    }
}
