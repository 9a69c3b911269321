//! Key files: a seed as `0x` and 64 hexadecimal digits, readable by its owner only.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use farthing_client::dto::WireBytes32;
use farthing_protocol::SecretKey;
use thiserror::Error;

/// Why a key file cannot be used.
#[derive(Debug, Error)]
pub(crate) enum KeyFileError {
    #[error("no key: give --key FILE, set FARTHING_KEY, or make one with `farthing keys new`")]
    NotGiven,
    #[error("{path}: cannot be read or written")]
    File {
        path: PathBuf,
        #[source]
        source: std::io::Error,
    },
    #[error("{path}: exists, and a key is never overwritten")]
    Exists { path: PathBuf },
    #[error("{path}: not a key, expected 0x and 64 hexadecimal digits")]
    Syntax { path: PathBuf },
    #[error("no random numbers from the system")]
    Random(#[source] std::io::Error),
}

/// Thirty-two secret bytes of a key file: an L2 key's seed, or an L1 private key.
pub(crate) fn read_secret(path: &Path) -> Result<[u8; 32], KeyFileError> {
    let text = std::fs::read_to_string(path)
        .map_err(|source| KeyFileError::File { path: path.to_owned(), source })?;
    let text = text.trim();
    let bytes: WireBytes32 =
        text.parse().map_err(|_| KeyFileError::Syntax { path: path.to_owned() })?;
    Ok(bytes.0.0)
}

/// The L2 key of a key file.
pub(crate) fn read_key(path: Option<&Path>) -> Result<SecretKey, KeyFileError> {
    let seed = read_secret(path.ok_or(KeyFileError::NotGiven)?)?;
    Ok(SecretKey::from_seed(&seed))
}

/// Writes a seed to a new file; one that exists is never overwritten.
pub(crate) fn write_secret(path: &Path, seed: &[u8; 32]) -> Result<(), KeyFileError> {
    let failed = |source| KeyFileError::File { path: path.to_owned(), source };
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path).map_err(|source| match source.kind() {
        std::io::ErrorKind::AlreadyExists => KeyFileError::Exists { path: path.to_owned() },
        _ => failed(source),
    })?;
    writeln!(file, "{}", farthing_protocol::Bytes32(*seed)).map_err(failed)?;
    file.sync_all().map_err(failed)
}

/// Thirty-two bytes of the system's random numbers.
pub(crate) fn random_seed() -> Result<[u8; 32], KeyFileError> {
    use std::io::Read as _;
    let mut seed = [0; 32];
    let mut file = std::fs::File::open("/dev/urandom").map_err(KeyFileError::Random)?;
    file.read_exact(&mut seed).map_err(KeyFileError::Random)?;
    Ok(seed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_file_is_private_and_never_overwritten() -> Result<(), Box<dyn std::error::Error>> {
        let dir = tempfile::tempdir()?;
        let path = dir.path().join("key");
        let seed = random_seed()?;
        write_secret(&path, &seed)?;
        assert_eq!(read_secret(&path)?, seed);
        assert!(matches!(write_secret(&path, &[1; 32]), Err(KeyFileError::Exists { .. })));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            assert_eq!(std::fs::metadata(&path)?.permissions().mode() & 0o777, 0o600);
        }
        assert!(matches!(read_key(None), Err(KeyFileError::NotGiven)));
        std::fs::write(&path, "0x12")?;
        assert!(matches!(read_secret(&path), Err(KeyFileError::Syntax { .. })));
        Ok(())
    }
}
