//! Key files: a seed as `0x` and 64 hexadecimal digits, readable by its owner only.

use std::fs::File;
use std::io::{ErrorKind, Read as _, Write as _};
use std::path::{Path, PathBuf};

use farthing_protocol::SecretKey;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use thiserror::Error;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::note::note;
use crate::redact::{is_mnemonic, looks_secret, without_prefix};

/// Bytes of a secret.
const SECRET_BYTES: usize = 32;
/// The largest key file: a key, and as much white space and marks as editors add.
const FILE_BYTES_MAX: u64 = 4_096;
/// Mark with which some editors begin a file in UTF-8.
const BYTE_ORDER_MARK: &str = "\u{feff}";

/// Why a key file cannot be used. Never quotes the file, nor what was given in place of a path.
#[derive(Debug, Error)]
pub(crate) enum KeyFileError {
    #[error("no key: give --key FILE, set FARTHING_KEY, or make one with `farthing keys new`")]
    NotGiven,
    #[error(
        "this looks like a secret key; a key is taken from a file: give the path of the file that \
         holds it. A secret that was on a command line may be in the shell's history"
    )]
    Secret,
    #[error("{path}: cannot be read or written")]
    File {
        path: PathBuf,
        #[source]
        source: std::io::Error,
    },
    #[error("{path}: no such file")]
    Missing { path: PathBuf },
    #[error("{path}: is a folder, expected a file")]
    Folder { path: PathBuf },
    #[error("{path}: is neither a file nor a pipe")]
    NoFile { path: PathBuf },
    #[error("{path}: cannot be read by this user: ask the owner of the file for access")]
    Denied { path: PathBuf },
    #[error("{path}: is empty, expected 64 hexadecimal digits")]
    Empty { path: PathBuf },
    #[error("{path}: has more than {max} bytes, the most that is read")]
    TooLarge { path: PathBuf, max: u64 },
    #[error("{path}: is not text in UTF-8")]
    Binary { path: PathBuf },
    #[error("{path}: holds {got} hexadecimal digits, expected {expected}")]
    Length { path: PathBuf, expected: usize, got: usize },
    #[error("{path}: holds {lines} lines, expected one of 64 hexadecimal digits")]
    Lines { path: PathBuf, lines: usize },
    #[error("{path}: holds {what}, expected 64 hexadecimal digits")]
    Other { path: PathBuf, what: &'static str },
    #[error("{path}: exists, and a key is never overwritten: name another file")]
    Exists { path: PathBuf },
    #[error("the random numbers of the system cannot be read")]
    Random(#[source] std::io::Error),
}

/// Thirty-two secret bytes: an L2 key's seed, or an L1 private key. Wiped when dropped; printed by
/// [`Secret::expose`] alone.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub(crate) struct Secret([u8; SECRET_BYTES]);

impl Secret {
    pub(crate) const fn new(bytes: [u8; SECRET_BYTES]) -> Self {
        Self(bytes)
    }

    pub(crate) const fn bytes(&self) -> &[u8; SECRET_BYTES] {
        &self.0
    }

    /// `0x` and 64 hexadecimal digits, for a key file or a development banner.
    pub(crate) fn expose(&self) -> Zeroizing<String> {
        use std::fmt::Write as _;
        let mut text = Zeroizing::new(String::with_capacity(2 + 2 * SECRET_BYTES));
        text.push_str("0x");
        for byte in self.0 {
            // A string takes all that is written to it.
            let _ = write!(text, "{byte:02x}");
        }
        text
    }

    /// Reads 64 hexadecimal digits, `0x` before them or not.
    fn from_digits(digits: &str) -> Option<Self> {
        let digits = without_prefix(digits).as_bytes();
        let mut secret = Self([0; SECRET_BYTES]);
        if digits.len() != 2 * SECRET_BYTES {
            return None;
        }
        for (byte, pair) in secret.0.iter_mut().zip(digits.chunks_exact(2)) {
            let nibble = |digit: u8| char::from(digit).to_digit(16);
            let value = nibble(pair[0])? << 4 | nibble(pair[1])?;
            *byte = u8::try_from(value).ok()?;
        }
        Some(secret)
    }

    /// The L2 key of this seed.
    pub(crate) fn signing_key(&self) -> SecretKey {
        SecretKey::from_seed(&self.0)
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(not shown)")
    }
}

/// In the payers file of `farthing simulate`, and in the banner of a development chain.
impl Serialize for Secret {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.expose())
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Zeroizing::new(String::deserialize(deserializer)?);
        Self::from_digits(text.trim())
            .ok_or_else(|| serde::de::Error::custom("a seed is not 64 hexadecimal digits"))
    }
}

/// Why a text in the place of a path is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub(crate) enum PathError {
    #[error(
        "this looks like a secret key; the option takes the path of a file. A secret that was on a \
         command line may be in the shell's history"
    )]
    Secret,
    #[error("expected a path, got nothing")]
    Empty,
}

/// A path as the command line takes it: never a secret, unless a file has that name.
pub(crate) fn path_arg(text: std::ffi::OsString) -> Result<PathBuf, PathError> {
    let path = PathBuf::from(text);
    match path.as_os_str() {
        text if text.is_empty() => Err(PathError::Empty),
        text if looks_secret(&text.to_string_lossy()) && !path.exists() => Err(PathError::Secret),
        _ => Ok(path),
    }
}

/// Opens a file of secrets. A path that looks like a secret and names no file is not repeated. The
/// contents, freed of the mark of UTF-8; wiped when dropped.
pub(crate) fn read_private(path: &Path, limit: u64) -> Result<Zeroizing<String>, KeyFileError> {
    let named = || path.to_owned();
    let failed = |source: std::io::Error| match source.kind() {
        _ if looks_secret(&path.to_string_lossy()) => KeyFileError::Secret,
        ErrorKind::NotFound => KeyFileError::Missing { path: named() },
        ErrorKind::PermissionDenied => KeyFileError::Denied { path: named() },
        ErrorKind::IsADirectory => KeyFileError::Folder { path: named() },
        _ => KeyFileError::File { path: named(), source },
    };
    // Of the largest size: a vector that grows leaves copies behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(limit as usize + 64));
    if path == Path::new("-") {
        let input = std::io::stdin().lock();
        input.take(limit + 1).read_to_end(&mut bytes).map_err(failed)?;
    } else {
        let kind = std::fs::metadata(path).map_err(failed)?;
        if kind.is_dir() {
            return Err(KeyFileError::Folder { path: named() });
        }
        if !kind.is_file() && !is_pipe(&kind) {
            return Err(KeyFileError::NoFile { path: named() });
        }
        let file = File::open(path).map_err(failed)?;
        warn_if_readable_by_others(path, &file);
        file.take(limit + 1).read_to_end(&mut bytes).map_err(failed)?;
    }
    if bytes.len() as u64 > limit {
        return Err(KeyFileError::TooLarge { path: named(), max: limit });
    }
    let text = std::str::from_utf8(&bytes).map_err(|_| KeyFileError::Binary { path: named() })?;
    let text = text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text);
    if text.contains('\0') {
        return Err(KeyFileError::Binary { path: named() });
    }
    Ok(Zeroizing::new(text.to_owned()))
}

#[cfg(unix)]
fn is_pipe(kind: &std::fs::Metadata) -> bool {
    std::os::unix::fs::FileTypeExt::is_fifo(&kind.file_type())
}

#[cfg(not(unix))]
fn is_pipe(_: &std::fs::Metadata) -> bool {
    false
}

/// Says so if other users can read a file of secrets: it is used all the same.
fn warn_if_readable_by_others(path: &Path, file: &File) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt as _;
        // The file that was opened, not the one that may have its name by now.
        let Ok(opened) = file.metadata() else { return };
        let mode = opened.mode() & 0o777;
        if opened.is_file() && mode & 0o077 != 0 {
            let path = path.display();
            note(&format!(
                "warning: {path}: other users can read or write it (mode {mode:04o}); \
                 `chmod 600 {path}` keeps it to its owner"
            ));
        }
    }
}

/// The secret in a key file. Marks of UTF-8, line feeds of any system, white space around the digits
/// and a missing `0x` change nothing of what it says, and are taken.
pub(crate) fn read_secret(path: &Path) -> Result<Secret, KeyFileError> {
    let text = read_private(path, FILE_BYTES_MAX)?;
    let path = || path.to_owned();
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let line = match lines.as_slice() {
        [] => return Err(KeyFileError::Empty { path: path() }),
        [line] => *line,
        more => return Err(KeyFileError::Lines { path: path(), lines: more.len() }),
    };
    let digits = without_prefix(line);
    if digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        let (expected, got) = (2 * SECRET_BYTES, digits.len());
        let secret = Secret::from_digits(line);
        return secret.ok_or_else(|| KeyFileError::Length { path: path(), expected, got });
    }
    let what = match line {
        line if is_mnemonic(line) => "a mnemonic, which is not a key of Farthing",
        line if line.starts_with('{') || line.starts_with('[') => "JSON",
        line if line.starts_with("-----") => "a key in another format (PEM)",
        _ => "other characters",
    };
    Err(KeyFileError::Other { path: path(), what })
}

/// The L2 key of a key file.
pub(crate) fn read_key(path: Option<&Path>) -> Result<SecretKey, KeyFileError> {
    Ok(read_secret(path.ok_or(KeyFileError::NotGiven)?)?.signing_key())
}

/// Writes a secret to a new file; one that exists is never overwritten.
pub(crate) fn write_secret(path: &Path, secret: &Secret) -> Result<(), KeyFileError> {
    let mut line = secret.expose();
    line.push('\n');
    write_private(path, &line)
}

/// Writes a new file that its owner alone can read; one that exists is never overwritten.
pub(crate) fn write_private(path: &Path, text: &str) -> Result<(), KeyFileError> {
    let failed = |source| KeyFileError::File { path: path.to_owned(), source };
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path).map_err(|source| match source.kind() {
        ErrorKind::AlreadyExists => KeyFileError::Exists { path: path.to_owned() },
        _ => failed(source),
    })?;
    file.write_all(text.as_bytes()).map_err(failed)?;
    file.sync_all().map_err(failed)
}

/// A secret of the system's random numbers.
pub(crate) fn random_secret() -> Result<Secret, KeyFileError> {
    let mut secret = Secret([0; SECRET_BYTES]);
    let mut file = File::open("/dev/urandom").map_err(KeyFileError::Random)?;
    file.read_exact(&mut secret.0).map_err(KeyFileError::Random)?;
    Ok(secret)
}

#[cfg(test)]
mod tests {
    use super::*;

    type TestResult = Result<(), Box<dyn std::error::Error>>;

    #[test]
    fn a_key_file_is_private_and_never_overwritten() -> TestResult {
        let dir = tempfile::tempdir()?;
        let path = dir.path().join("key");
        let secret = random_secret()?;
        write_secret(&path, &secret)?;
        assert_eq!(read_secret(&path)?, secret);
        let other = Secret::new([1; 32]);
        assert!(matches!(write_secret(&path, &other), Err(KeyFileError::Exists { .. })));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            assert_eq!(std::fs::metadata(&path)?.permissions().mode() & 0o777, 0o600);
        }
        assert!(matches!(read_key(None), Err(KeyFileError::NotGiven)));
        assert!(!format!("{secret:?}").contains(&secret.expose()[2..10]));
        Ok(())
    }

    #[test]
    fn what_editors_add_changes_nothing() -> TestResult {
        let dir = tempfile::tempdir()?;
        let path = dir.path().join("key");
        let digits = "aB".repeat(32);
        for text in [
            format!("0x{digits}\n"),
            format!("0X{digits}"),
            digits.clone(),
            format!("\u{feff}0x{digits}\r\n"),
            format!("\r\n  {digits} \t\r\n\r\n"),
        ] {
            std::fs::write(&path, &text)?;
            assert_eq!(read_secret(&path)?.bytes(), &[0xab; 32], "{text:?}");
        }
        Ok(())
    }

    #[test]
    fn other_files_are_answered_precisely_and_never_quoted() -> TestResult {
        let dir = tempfile::tempdir()?;
        let path = dir.path().join("key");
        let digits = "ab".repeat(32);
        let cases: [(Vec<u8>, &str); 9] = [
            (Vec::new(), "is empty"),
            (b"\r\n \n".to_vec(), "is empty"),
            (digits[1..].into(), "63 hexadecimal digits"),
            (format!("0x{digits}ab").into(), "66 hexadecimal digits"),
            (format!("{digits}\n{digits}").into(), "2 lines"),
            (b"{\"seed\":1}".to_vec(), "holds JSON"),
            (b"\xff\xfe0\0x\0".to_vec(), "is not text"),
            (format!("0x{}g", &digits[1..]).into(), "other characters"),
            (vec![b'a'; 5_000], "more than 4096 bytes"),
        ];
        for (bytes, expected) in cases {
            std::fs::write(&path, bytes)?;
            let error = read_secret(&path).err().ok_or(expected)?.to_string();
            assert!(error.contains(expected), "{error}, expected {expected}");
            assert!(!error.contains("abab"), "{error}");
        }
        let folder = read_secret(dir.path()).err().ok_or("a folder")?;
        assert!(matches!(folder, KeyFileError::Folder { .. }));
        let missing = read_secret(&dir.path().join("none"));
        assert!(matches!(missing, Err(KeyFileError::Missing { .. })));
        let secret = read_secret(Path::new(&format!("0x{digits}"))).err().ok_or("a secret")?;
        assert!(matches!(secret, KeyFileError::Secret) && !secret.to_string().contains("abab"));
        Ok(())
    }

    #[test]
    fn a_secret_is_not_a_path_unless_a_file_has_its_name() -> TestResult {
        let dir = tempfile::tempdir()?;
        let name = "cd".repeat(32);
        let path = dir.path().join(&name);
        assert_eq!(path_arg(name.into()), Err(PathError::Secret));
        assert_eq!(path_arg(path.clone().into()), Err(PathError::Secret));
        std::fs::write(&path, "")?;
        assert_eq!(path_arg(path.clone().into()), Ok(path));
        assert_eq!(path_arg(String::new().into()), Err(PathError::Empty));
        Ok(())
    }
}
