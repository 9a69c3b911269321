//! Which circuits prove, and where they are kept.

use std::path::PathBuf;
use std::str::FromStr;

use farthing_protocol::BatchClass;

use crate::error::CliError;

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
