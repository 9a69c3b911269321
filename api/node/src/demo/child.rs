//! Child processes: the same program with other arguments.

use std::ffi::OsString;
use std::process::Stdio;

use serde::de::DeserializeOwned;

use crate::error::CliError;

/// Runs a command of this program and reads the JSON that it prints. It ends with this one.
pub(super) async fn run<T: DeserializeOwned>(
    what: &'static str,
    arguments: Vec<OsString>,
    shown: bool,
) -> Result<T, CliError> {
    let failed = |source| CliError::Spawn { what, source };
    let program = std::env::current_exe().map_err(failed)?;
    let child = tokio::process::Command::new(program)
        .arg("--json")
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(if shown { Stdio::inherit() } else { Stdio::null() })
        .kill_on_drop(true)
        .spawn()
        .map_err(failed)?;
    let output = child.wait_with_output().await.map_err(failed)?;
    if !output.status.success() {
        return Err(CliError::Process { what, status: output.status });
    }
    serde_json::from_slice(&output.stdout).map_err(|source| CliError::Report { what, source })
}
