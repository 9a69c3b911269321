//! The choice of the circuits that prove, and the folder in which they are kept.

use std::path::{Path, PathBuf};
use std::str::FromStr;

use farthing_protocol::BatchClass;

use crate::error::CliError;
use crate::progress::ProgressDisplay;

/// A batch class by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ClassArg(pub(crate) BatchClass);

impl FromStr for ClassArg {
    type Err = CliError;
    fn from_str(got: &str) -> Result<Self, CliError> {
        let class = BatchClass::from_name(got);
        class.map(Self).ok_or_else(|| CliError::Class { got: got.to_owned() })
    }
}

/// The folder named, or the one in the user's cache folder.
pub(crate) fn circuits_folder(named: Option<PathBuf>) -> Result<PathBuf, CliError> {
    if let Some(folder) = named {
        return Ok(folder);
    }
    let var = |name| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let cache = var("XDG_CACHE_HOME").or_else(|| Some(var("HOME")?.join(".cache")));
    let how = "give --circuits FOLDER, or set FARTHING_CIRCUITS";
    let cache = cache.ok_or(CliError::Missing { what: "the folder of circuits", how })?;
    Ok(cache.join("farthing").join("circuits"))
}

/// Says beforehand that a first run takes longer: without circuits on disk they are built first.
pub(crate) fn announce_first_run(display: ProgressDisplay, folder: &Path) {
    if !has_circuits(folder) {
        display.say(&format!(
            "No circuits in {}: they are built before the first proof, which takes a minute or two on \
             two cores and more on a busy machine, and are kept there.",
            folder.display()
        ));
    }
}

fn has_circuits(folder: &Path) -> bool {
    let circuit = |path: PathBuf| path.extension().is_some_and(|kind| kind == "circuit");
    std::fs::read_dir(folder).is_ok_and(|files| files.flatten().any(|file| circuit(file.path())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_without_circuits_is_told_from_one_that_has_them() -> std::io::Result<()> {
        let folder = tempfile::tempdir()?;
        assert!(!has_circuits(folder.path()) && !has_circuits(&folder.path().join("none")));
        std::fs::write(folder.path().join("wrap-0123.7.part"), "")?;
        assert!(!has_circuits(folder.path()));
        std::fs::write(folder.path().join("wrap-0123.circuit"), "")?;
        assert!(has_circuits(folder.path()));
        Ok(())
    }
}
