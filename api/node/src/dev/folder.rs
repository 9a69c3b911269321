//! The folder of a development rollup: the one that the user named, or a temporary one, which is
//! removed even after a crash.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tempfile::TempDir;

use crate::error::CliError;

/// The prefix of the names of temporary folders.
const PREFIX: &str = "farthing-dev-";
/// The file in a temporary folder that its process keeps locked.
const LOCK: &str = "lock";
/// A temporary folder without a lock may be one that is being made.
const YOUNG: Duration = Duration::from_secs(3_600);

/// The folder of a rollup's data.
pub(crate) struct DevFolder {
    data: PathBuf,
    temporary: Option<(TempDir, File)>,
}

impl DevFolder {
    /// The folder named; without a name a temporary one, private to the user. Temporary folders whose
    /// processes were killed are removed first: keys are in them.
    pub(crate) fn new(named: Option<PathBuf>) -> Result<Self, CliError> {
        let parent = std::env::temp_dir();
        sweep(&parent);
        if let Some(data) = named {
            return Ok(Self { data, temporary: None });
        }
        let folder = tempfile::Builder::new().prefix(PREFIX).tempdir_in(parent);
        let folder = folder.map_err(CliError::Temporary)?;
        let lock = File::create_new(folder.path().join(LOCK)).map_err(CliError::Temporary)?;
        lock.lock().map_err(CliError::Temporary)?;
        Ok(Self { data: folder.path().join("data"), temporary: Some((folder, lock)) })
    }

    pub(crate) fn data(&self) -> &Path {
        &self.data
    }

    /// The folder to be removed if this process cannot.
    pub(crate) fn temporary(&self) -> Option<&Path> {
        self.temporary.as_ref().map(|(folder, _)| folder.path())
    }
}

/// Removes temporary folders of this user whose processes have ended. What cannot be removed stays for
/// the next start.
fn sweep(parent: &Path) {
    let Ok(entries) = std::fs::read_dir(parent) else { return };
    for entry in entries.flatten() {
        remove_if_left(&entry.path());
    }
}

/// Removes a temporary folder of a development rollup, unless a process has it.
pub(super) fn remove_if_left(folder: &Path) {
    if is_left(folder) {
        let _ = std::fs::remove_dir_all(folder);
    }
}

fn is_left(folder: &Path) -> bool {
    let name = folder.file_name().map(|name| name.to_string_lossy().into_owned());
    if !name.is_some_and(|name| name.starts_with(PREFIX)) {
        return false;
    }
    let Ok(metadata) = std::fs::symlink_metadata(folder) else { return false };
    if !metadata.is_dir() || !is_own(&metadata) {
        return false;
    }
    match File::open(folder.join(LOCK)) {
        Ok(lock) => lock.try_lock().is_ok(),
        Err(_) => {
            let age = metadata.modified().ok().and_then(|made| made.elapsed().ok());
            age.is_some_and(|age| age > YOUNG)
        }
    }
}

fn is_own(metadata: &std::fs::Metadata) -> bool {
    std::os::unix::fs::MetadataExt::uid(metadata) == rustix::process::getuid().as_raw()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_of_processes_that_ended_are_removed_and_no_others() -> Result<(), CliError> {
        let parent = tempfile::tempdir().map_err(CliError::Temporary)?;
        let make = |name: &str, lock: bool| {
            let folder = parent.path().join(name);
            std::fs::create_dir(&folder)?;
            if lock {
                File::create(folder.join(LOCK))?;
            }
            Ok(folder)
        };
        let [left, held, young, other] = [
            ("farthing-dev-left", true),
            ("farthing-dev-held", true),
            ("farthing-dev-young", false),
            ("other", true),
        ]
        .map(|(name, lock)| make(name, lock));
        let failed = CliError::Temporary;
        let [left, held] = [left.map_err(failed)?, held.map_err(failed)?];
        let [young, other] = [young.map_err(failed)?, other.map_err(failed)?];
        let lock = File::open(held.join(LOCK)).map_err(failed)?;
        lock.lock().map_err(failed)?;
        sweep(parent.path());
        assert!(!left.exists() && held.exists() && young.exists() && other.exists());
        drop(lock);
        sweep(parent.path());
        assert!(!held.exists());
        Ok(())
    }
}
