//! Circuits on disk.
//!
//! A file is named after its circuit and a fingerprint of all that determines it, the sources included,
//! and begins with a checksum: a file of another circuit is not looked at, a damaged one is rebuilt.
//! Of each circuit the files used last are kept, older ones removed.
//!
//! The directory must be as well protected as the program. An attacker who can write to it can make a
//! prover fail, and can make a verifier that takes its keys from here accept a false proof.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use rayon::prelude::*;
use sha3::{Digest as _, Keccak256};
use thiserror::Error;
use tracing::{info, instrument, warn};

/// Changes with the layout of files and with the lists of gates and generators in them.
const FORMAT: u32 = 1;
const MAGIC: [u8; 16] = *b"farthing circuit";
const CHECKSUM_BYTES: usize = 32;
/// Bytes that are hashed as one: enough of them that all cores have some.
const CHUNK_BYTES: usize = 1 << 20;
/// Bytes of the fingerprint in a file's name.
const NAME_BYTES: usize = 8;
/// Hash of the sources of circuits, by `build.rs`.
const SOURCES: &str = env!("FARTHING_CIRCUIT_SOURCES");
/// Files of one circuit that are kept: two profiles, now and before the last two changes of sources.
const FILES_KEPT: usize = 6;
/// The same of key sets, which are small, and of which there is one for each choice of classes.
const KEY_SETS_KEPT: usize = 24;
/// Name of a key set's file.
pub(super) const KEY_SET: &str = "keys";
const EXTENSION: &str = "circuit";

/// The circuits in a directory.
#[derive(Clone, Debug)]
pub(super) struct CircuitStore {
    directory: PathBuf,
}

/// All that determines a circuit, hashed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Fingerprint([u8; 32]);

/// The directory cannot be used.
#[derive(Debug, Error)]
pub enum StoreError {
    /// The system refused.
    #[error("cannot use the circuit cache {path}")]
    Io {
        /// The file or directory.
        path: PathBuf,
        /// Answer of the system.
        #[source]
        source: io::Error,
    },
    /// A circuit has a gate or generator without a serial form.
    #[error("circuit {name} cannot be serialized")]
    Encode {
        /// Name of the file that it was to be written to.
        name: String,
    },
}

impl Fingerprint {
    /// The fingerprint of anything that says in words what determines a circuit.
    pub(super) fn of(parts: &[&str]) -> Self {
        let mut hash = Keccak256::new();
        hash.update(FORMAT.to_be_bytes());
        for part in [env!("CARGO_PKG_VERSION"), SOURCES].iter().chain(parts) {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part.as_bytes());
        }
        Self(hash.finalize().into())
    }

    fn name(&self) -> String {
        self.0[..NAME_BYTES].iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

impl CircuitStore {
    /// The store in a directory, which is made.
    pub(super) fn open(directory: &Path) -> Result<Self, StoreError> {
        let directory = directory.to_owned();
        fs::create_dir_all(&directory).map_err(|source| io_error(&directory, source))?;
        Ok(Self { directory })
    }

    /// The file of a thing.
    pub(super) fn path(&self, name: &str, fingerprint: &Fingerprint) -> PathBuf {
        self.directory.join(format!("{name}-{}.{EXTENSION}", fingerprint.name()))
    }

    /// Result of `decode` on a file; nothing if the file does not exist or was not written whole.
    #[instrument(name = "circuit load", skip(self, fingerprint, decode))]
    pub(super) fn load<T>(
        &self,
        name: &str,
        fingerprint: &Fingerprint,
        decode: impl FnOnce(&[u8]) -> Option<T>,
    ) -> Result<Option<T>, StoreError> {
        let path = self.path(name, fingerprint);
        let bytes = match fs::read(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            other => other.map_err(|source| io_error(&path, source))?,
        };
        let decoded = body(&bytes, fingerprint).and_then(decode);
        if decoded.is_none() {
            warn!(path = %path.display(), "a damaged file is rebuilt");
        }
        used(&path);
        Ok(decoded)
    }

    /// Writes a file: beside its place, then there, so that no half of one is ever found.
    #[instrument(name = "circuit save", skip(self, fingerprint, body))]
    pub(super) fn save(
        &self,
        name: &str,
        fingerprint: &Fingerprint,
        body: &[u8],
    ) -> Result<(), StoreError> {
        let path = self.path(name, fingerprint);
        // The process's number keeps two provers apart that build one circuit at once.
        let beside = path.with_extension(format!("{}.part", std::process::id()));
        write(&beside, [&MAGIC, &checksum(fingerprint, body), body])
            .and_then(|()| fs::rename(&beside, &path))
            .map_err(|source| io_error(&path, source))?;
        info!(path = %path.display(), bytes = body.len(), "kept");
        self.remove_old(name);
        Ok(())
    }

    /// Removes the files of a circuit that were used before the last ones that are kept. What cannot be
    /// removed is left.
    fn remove_old(&self, name: &str) {
        let Ok(entries) = fs::read_dir(&self.directory) else { return };
        let mut files: Vec<(SystemTime, PathBuf)> = entries
            .filter_map(|entry| {
                let path = entry.ok()?.path();
                let used = fs::metadata(&path).and_then(|file| file.modified()).ok()?;
                is_of(&path, name).then_some((used, path))
            })
            .collect();
        files.sort_unstable_by(|a, b| b.cmp(a));
        let kept = if name == KEY_SET { KEY_SETS_KEPT } else { FILES_KEPT };
        for (_, path) in files.into_iter().skip(kept) {
            match fs::remove_file(&path) {
                Ok(()) => info!(path = %path.display(), "removed: not used since others"),
                Err(error) => warn!(path = %path.display(), %error, "cannot be removed"),
            }
        }
    }
}

/// Tells whether a file is of a circuit, under any fingerprint.
fn is_of(path: &Path, name: &str) -> bool {
    let fingerprint = path
        .extension()
        .filter(|extension| *extension == EXTENSION)
        .and_then(|_| path.file_stem()?.to_str()?.strip_prefix(name)?.strip_prefix('-'));
    fingerprint.is_some_and(|digits| {
        digits.len() == 2 * NAME_BYTES && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
    })
}

/// Says by its time of change that a file is in use. A directory that cannot be written to has no files
/// removed from it either.
fn used(path: &Path) {
    if let Ok(file) = File::options().append(true).open(path) {
        let _ = file.set_modified(SystemTime::now());
    }
}

fn write(path: &Path, parts: [&[u8]; 3]) -> io::Result<()> {
    let mut file = File::create(path)?;
    parts.iter().try_for_each(|part| file.write_all(part))
}

/// Content after the header, if the file is undamaged.
fn body<'b>(bytes: &'b [u8], fingerprint: &Fingerprint) -> Option<&'b [u8]> {
    let (magic, rest) = bytes.split_at_checked(MAGIC.len())?;
    let (sum, body) = rest.split_at_checked(CHECKSUM_BYTES)?;
    (magic == MAGIC && sum == checksum(fingerprint, body)).then_some(body)
}

/// Of a file's body and its fingerprint.
fn checksum(fingerprint: &Fingerprint, body: &[u8]) -> [u8; CHECKSUM_BYTES] {
    let chunks: Vec<[u8; 32]> =
        body.par_chunks(CHUNK_BYTES).map(|chunk| Keccak256::digest(chunk).into()).collect();
    let mut hash = Keccak256::new();
    hash.update(fingerprint.0);
    hash.update((body.len() as u64).to_be_bytes());
    chunks.iter().for_each(|chunk| hash.update(chunk));
    hash.finalize().into()
}

fn io_error(path: &Path, source: io::Error) -> StoreError {
    StoreError::Io { path: path.to_owned(), source }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    /// Only what was written whole under the same fingerprint is read.
    #[test]
    fn damaged_and_foreign_files_are_nothing() {
        let folder = tempfile::tempdir().expect("a directory");
        let store = CircuitStore::open(folder.path()).expect("a store");
        let (one, other) = (Fingerprint::of(&["a", "b"]), Fingerprint::of(&["ab", ""]));
        assert_ne!(one, other, "parts are kept apart");
        let load = |fingerprint: &Fingerprint| {
            store.load("thing", fingerprint, |body| Some(body.to_vec())).expect("readable")
        };
        let body = vec![7; CHUNK_BYTES + 5];
        assert_eq!(load(&one), None);
        store.save("thing", &one, &body).expect("saved");
        assert_eq!(load(&one), Some(body.clone()));
        assert_eq!(load(&other), None);

        let path = store.path("thing", &one);
        fs::copy(&path, store.path("thing", &other)).expect("copied");
        assert_eq!(load(&other), None, "of another fingerprint");
        let good = fs::read(&path).expect("the file");
        let header = MAGIC.len() + CHECKSUM_BYTES;
        for index in [0, MAGIC.len(), header, header + CHUNK_BYTES, good.len() - 1] {
            let mut bad = good.clone();
            bad[index] ^= 1;
            fs::write(&path, bad).expect("written");
            assert_eq!(load(&one), None, "byte {index}");
        }
        for length in [0, MAGIC.len(), header - 1, header, good.len() - 1] {
            fs::write(&path, &good[..length]).expect("written");
            assert_eq!(load(&one), None, "{length} bytes");
        }
        fs::write(&path, [&good[..], b"x"].concat()).expect("written");
        assert_eq!(load(&one), None, "a byte more");
        store.save("thing", &one, &body).expect("saved");
        assert_eq!(load(&one), Some(body));
        assert!(store.load("thing", &one, |_| None::<()>).expect("readable").is_none());
    }

    /// A change of sources leaves files behind; those used last stay, of this circuit and of others.
    #[test]
    fn old_files_are_removed() {
        let folder = tempfile::tempdir().expect("a directory");
        let store = CircuitStore::open(folder.path()).expect("a store");
        let fingerprint = |i: usize| Fingerprint::of(&[&i.to_string()]);
        let is_there = |name: &str, i: usize| store.path(name, &fingerprint(i)).exists();
        store.save("join", &fingerprint(0), b"another circuit").expect("saved");
        for i in 0..FILES_KEPT {
            store.save("wrap", &fingerprint(i), b"body").expect("saved");
            let file = File::options().append(true).open(store.path("wrap", &fingerprint(i)));
            let age = Duration::from_secs(1_000 - i as u64);
            file.and_then(|file| file.set_modified(SystemTime::now() - age)).expect("dated");
        }
        let first = store.load("wrap", &fingerprint(0), |body| Some(body.len())).expect("readable");
        assert_eq!(first, Some(4));
        store.save("wrap", &fingerprint(FILES_KEPT), b"body").expect("saved");
        let left: Vec<usize> = (0..=FILES_KEPT).filter(|i| is_there("wrap", *i)).collect();
        assert_eq!(left.len(), FILES_KEPT);
        assert!(!is_there("wrap", 1), "the one used longest ago; the first was used since");
        assert!(is_there("join", 0));
    }

    #[test]
    fn a_directory_that_is_a_file_is_an_error() {
        let file = tempfile::NamedTempFile::new().expect("a file");
        assert!(matches!(CircuitStore::open(file.path()), Err(StoreError::Io { .. })));
    }
}
