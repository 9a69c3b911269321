//! The journal of `farthing simulate`. Every payment is signed and on disk before it is sent for
//! the first time. If a log is paid for again after a crash, the same bytes are sent again, and
//! only new payments are signed.
//!
//! A journal is a file of lines, each a JSON document. The first line names what the journal
//! belongs to. `{"at": N, "id": …, "intent": …}` is payment N, for the inference with this id.
//! `{"accepted": N}` means that the node has acknowledged all payments before N. A later line for
//! the same payment replaces an earlier one, which can never be settled.

use std::collections::HashMap;
use std::fs::{File, OpenOptions};
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use farthing_client::dto::{IntentBody, WireDigest, WirePublicKey};
use farthing_protocol::{AccountId, LicenseId, SignedIntent};
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// The layout of the file.
const VERSION: u32 = 2;

/// Why a journal cannot be used.
#[derive(Debug, Error)]
pub(crate) enum JournalError {
    #[error("{path}: cannot be read or written")]
    File {
        path: PathBuf,
        #[source]
        source: std::io::Error,
    },
    #[error("{path}: another process is paying for this log: wait until it ends")]
    Locked { path: PathBuf },
    #[error("{path}, line {line}: not a line of a journal, which must not be edited by hand")]
    Syntax { path: PathBuf, line: usize },
    #[error(
        "{path}: is the journal of another {what}; name another file by --journal, or start over with \
         --restart"
    )]
    Other { path: PathBuf, what: &'static str },
    #[error(
        "{path}: inference {id} of the log is not the one that was paid for: the log has changed; \
         name another file by --journal, or pay for the whole log again with --restart"
    )]
    Inference { path: PathBuf, id: String },
    #[error("a payment cannot be written as JSON")]
    Json(#[source] serde_json::Error),
    #[error("the clock of this machine is before 1970")]
    Clock,
}

/// The first line of a journal: payers and licenses.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct JournalHeader {
    pub(crate) farthing_simulation_journal: u32,
    /// The deployment.
    pub(crate) domain: WireDigest,
    /// Accounts that pay, with their keys.
    pub(crate) payers: Vec<(AccountId, WirePublicKey)>,
    pub(crate) licenses: Vec<LicenseId>,
}

impl JournalHeader {
    pub(crate) fn new(
        domain: WireDigest,
        payers: Vec<(AccountId, WirePublicKey)>,
        licenses: Vec<LicenseId>,
    ) -> Self {
        Self { farthing_simulation_journal: VERSION, domain, payers, licenses }
    }

    fn difference(&self, other: &Self) -> Option<&'static str> {
        let Self { farthing_simulation_journal, domain, payers, licenses } = self;
        [
            (
                *farthing_simulation_journal != other.farthing_simulation_journal,
                "version of this program",
            ),
            (*domain != other.domain, "rollup"),
            (*payers != other.payers, "set of payers"),
            (*licenses != other.licenses, "set of licenses"),
        ]
        .into_iter()
        .find_map(|(differs, what)| differs.then_some(what))
    }
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SignedLine {
    at: usize,
    id: String,
    intent: IntentBody,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct AcceptedLine {
    accepted: usize,
}

/// The payment of an inference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Payment {
    /// The inference's.
    pub(crate) id: String,
    pub(crate) signed: SignedIntent,
}

/// A journal that is open, and locked against other processes.
#[derive(Debug)]
pub(crate) struct Journal {
    path: PathBuf,
    file: File,
    payments: Vec<Payment>,
    /// The place of each inference's payment.
    indices: HashMap<String, usize>,
    /// The number of payments that the node has acknowledged.
    accepted: usize,
}

impl Journal {
    /// Opens the journal at `path`, or begins one. With `restart`, one that is there is renamed.
    pub(crate) fn open(
        path: &Path,
        header: &JournalHeader,
        restart: bool,
    ) -> Result<Self, JournalError> {
        let failed = |source| JournalError::File { path: path.to_owned(), source };
        if restart && std::fs::exists(path).map_err(failed)? {
            // No process may be at work with the journal that is put aside.
            drop(lock(path)?);
            std::fs::rename(path, aside(path)?).map_err(failed)?;
        }
        let mut file = lock(path)?;
        let mut text = String::new();
        file.read_to_string(&mut text).map_err(failed)?;
        // What has no line feed at its end was not whole when the process ended: nothing of it was sent.
        let whole = text.rfind('\n').map_or(0, |end| end + 1);
        file.set_len(whole as u64).map_err(failed)?;
        file.seek(SeekFrom::End(0)).map_err(failed)?;
        let (payments, indices) = (Vec::new(), HashMap::new());
        let mut journal = Self { path: path.to_owned(), file, payments, indices, accepted: 0 };
        match text[..whole].split_once('\n') {
            None => journal.begin(header)?,
            Some((first, lines)) => journal.take(first, lines, header)?,
        }
        Ok(journal)
    }

    fn begin(&mut self, header: &JournalHeader) -> Result<(), JournalError> {
        self.write(&[header])?;
        // The file's name must outlive a power cut too.
        let folder = self.path.parent().filter(|folder| !folder.as_os_str().is_empty());
        let folder = File::open(folder.unwrap_or(Path::new(".")));
        folder.and_then(|folder| folder.sync_all()).map_err(|source| self.failed(source))
    }

    fn take(
        &mut self,
        first: &str,
        rest: &str,
        header: &JournalHeader,
    ) -> Result<(), JournalError> {
        let path = self.path.clone();
        let syntax = |line| JournalError::Syntax { path: path.clone(), line };
        let found: JournalHeader = serde_json::from_str(first).map_err(|_| syntax(1))?;
        if let Some(what) = found.difference(header) {
            return Err(JournalError::Other { path: self.path.clone(), what });
        }
        let mut accepted = 0;
        for (line, text) in (2..).zip(rest.lines()) {
            if let Ok(AcceptedLine { accepted: count }) = serde_json::from_str(text) {
                accepted = count;
                continue;
            }
            let SignedLine { at, id, intent } =
                serde_json::from_str(text).map_err(|_| syntax(line))?;
            let signed = SignedIntent::try_from(intent).map_err(|_| syntax(line))?;
            let is_new = at == self.payments.len() && !self.indices.contains_key(&id);
            match self.payments.get_mut(at) {
                Some(payment) if payment.id == id => payment.signed = signed,
                None if is_new => self.add(Payment { id, signed }),
                _ => return Err(syntax(line)),
            }
        }
        if accepted > self.payments.len() {
            return Err(syntax(1 + rest.lines().count()));
        }
        self.accepted = accepted;
        Ok(())
    }

    fn add(&mut self, payment: Payment) {
        self.indices.insert(payment.id.clone(), self.payments.len());
        self.payments.push(payment);
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The payments of the journal.
    pub(crate) fn payments(&self) -> &[Payment] {
        &self.payments
    }

    /// The payment of an inference, and its index.
    pub(crate) fn payment_of(&self, id: &str) -> Option<(usize, &SignedIntent)> {
        let index = *self.indices.get(id)?;
        Some((index, &self.payments.get(index)?.signed))
    }

    /// The number of payments, from the first on, that the node has acknowledged.
    pub(crate) const fn accepted(&self) -> usize {
        self.accepted
    }

    /// Writes payments of further inferences. On return they are on disk, and may be sent.
    pub(crate) fn append(&mut self, more: Vec<Payment>) -> Result<(), JournalError> {
        let indices = self.payments.len()..;
        let lines: Vec<_> =
            indices.zip(&more).map(|(at, one)| line(at, &one.id, &one.signed)).collect();
        self.write(&lines)?;
        more.into_iter().for_each(|payment| self.add(payment));
        Ok(())
    }

    /// Replaces a payment that can never be settled. On return the new one is on disk, and may be sent.
    pub(crate) fn replace(&mut self, at: usize, signed: SignedIntent) -> Result<(), JournalError> {
        let Some(id) = self.payments.get(at).map(|payment| payment.id.clone()) else {
            return Ok(());
        };
        self.write(&[line(at, &id, &signed)])?;
        if let Some(payment) = self.payments.get_mut(at) {
            payment.signed = signed;
        }
        Ok(())
    }

    /// Remembers that the node has acknowledged all payments before `count`.
    pub(crate) fn accept(&mut self, count: usize) -> Result<(), JournalError> {
        self.write(&[AcceptedLine { accepted: count }])?;
        self.accepted = count;
        Ok(())
    }

    fn write(&mut self, lines: &[impl Serialize]) -> Result<(), JournalError> {
        let mut text = Vec::new();
        for line in lines {
            serde_json::to_writer(&mut text, line).map_err(JournalError::Json)?;
            text.push(b'\n');
        }
        let written = self.file.write_all(&text).and_then(|()| self.file.sync_data());
        written.map_err(|source| self.failed(source))
    }

    fn failed(&self, source: std::io::Error) -> JournalError {
        JournalError::File { path: self.path.clone(), source }
    }
}

fn line(at: usize, id: &str, signed: &SignedIntent) -> SignedLine {
    SignedLine { at, id: id.to_owned(), intent: IntentBody::from(signed) }
}

/// Opens a file that no other process has open so; the lock ends with the process.
fn lock(path: &Path) -> Result<File, JournalError> {
    let failed = |source| JournalError::File { path: path.to_owned(), source };
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(path).map_err(failed)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(std::fs::TryLockError::WouldBlock) => {
            Err(JournalError::Locked { path: path.to_owned() })
        }
        Err(std::fs::TryLockError::Error(source)) => Err(failed(source)),
    }
}

/// The new name of a journal that is not continued.
fn aside(path: &Path) -> Result<PathBuf, JournalError> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_err(|_| JournalError::Clock)?;
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".{}", now.as_micros()));
    Ok(PathBuf::from(name))
}

#[cfg(test)]
mod tests {
    use farthing_client::Signer;
    use farthing_protocol::{Amount, Bytes32, Digest, SecretKey, ShortDigest, Transfer};

    use super::*;

    type TestResult<T = ()> = Result<T, Box<dyn std::error::Error>>;

    fn header() -> JournalHeader {
        let key = *SecretKey::from_seed(&[1; 32]).public_key();
        let payers = vec![(AccountId::from(7), key.into())];
        JournalHeader::new(Digest::ZERO.into(), payers, vec![LicenseId::from(3)])
    }

    fn signed(count: usize) -> TestResult<Vec<Payment>> {
        let signer = Signer::new(AccountId::from(7), SecretKey::from_seed(&[1; 32]), Digest::ZERO);
        let payment = |index| {
            let transfer = Transfer {
                to: AccountId::from(8),
                amount: Amount::MIN,
                recipient: ShortDigest::default(),
                memo: Bytes32::default(),
            };
            Ok(Payment { id: format!("log:{index}"), signed: signer.transfer(transfer)? })
        };
        (0..count).map(payment).collect()
    }

    #[test]
    fn what_was_written_is_there_again_byte_for_byte() -> TestResult {
        let dir = tempfile::tempdir()?;
        let path = dir.path().join("journal");
        let payments = signed(4)?;
        let mut journal = Journal::open(&path, &header(), false)?;
        journal.append(payments[..2].to_vec())?;
        journal.accept(1)?;
        journal.append(vec![payments[2].clone()])?;
        journal.replace(1, payments[3].signed.clone())?;
        assert!(matches!(Journal::open(&path, &header(), false), Err(JournalError::Locked { .. })));
        assert!(matches!(Journal::open(&path, &header(), true), Err(JournalError::Locked { .. })));
        drop(journal);
        let journal = Journal::open(&path, &header(), false)?;
        let mut expected = payments[..3].to_vec();
        expected[1].signed = payments[3].signed.clone();
        assert_eq!((journal.payments(), journal.accepted()), (&expected[..], 1));
        assert_eq!(journal.payment_of("log:1"), Some((1, &payments[3].signed)));
        assert_eq!(journal.payment_of("log:3"), None);
        Ok(())
    }

    #[test]
    fn a_line_that_was_not_whole_is_dropped_and_written_again() -> TestResult {
        let dir = tempfile::tempdir()?;
        let path = dir.path().join("journal");
        let payments = signed(2)?;
        Journal::open(&path, &header(), false)?.append(payments.clone())?;
        let whole = std::fs::read(&path)?;
        let second = whole[..whole.len() - 1].iter().rposition(|b| *b == b'\n').ok_or("lines")? + 1;
        for end in [second, second + 1, whole.len() - 1] {
            std::fs::write(&path, &whole[..end])?;
            let mut journal = Journal::open(&path, &header(), false)?;
            assert_eq!(journal.payments(), &payments[..1], "{end}");
            journal.append(vec![payments[1].clone()])?;
            drop(journal);
            assert_eq!(std::fs::read(&path)?, whole);
        }
        // An end in the first line: nothing was signed.
        std::fs::write(&path, &whole[..9])?;
        assert_eq!(Journal::open(&path, &header(), false)?.payments(), &[]);
        Ok(())
    }

    #[test]
    fn a_journal_of_something_else_is_refused_and_put_aside_on_request() -> TestResult {
        let dir = tempfile::tempdir()?;
        let path = dir.path().join("journal");
        Journal::open(&path, &header(), false)?.append(signed(1)?)?;
        let mut other = header();
        other.licenses.push(LicenseId::from(4));
        let refused = Journal::open(&path, &other, false);
        assert!(matches!(refused, Err(JournalError::Other { what: "set of licenses", .. })));
        std::fs::write(dir.path().join("text"), "no journal\n")?;
        let text = Journal::open(&dir.path().join("text"), &other, false);
        assert!(matches!(text, Err(JournalError::Syntax { line: 1, .. })));
        assert_eq!(Journal::open(&path, &other, true)?.payments(), &[]);
        assert_eq!(std::fs::read_dir(dir.path())?.count(), 3, "the old one is kept");
        Ok(())
    }
}
