//! Makes and checks statements about revenue: what licenses received between two final batches.
//!
//! A license's leaf has the total that it received. The openings of the leaf at two batches show the total
//! before and after, and the difference is the revenue, exactly. L1 keeps the digest of each final batch's
//! statement, which has the state root, so no server is asked.
//!
//! **Consistent is not true.** Anyone can make consistent openings of a state that never was. A claim is
//! true only if L1 has verified each batch of [`VerifiedStatement::batches`]: `finalBatch` of a contract
//! that the reader trusts names the batch, and `committedDigest` is the digest of its statement.

use farthing_protocol::{
    AccountId, BatchNumber, BatchStatement, Digest, Domain, Holder, LicenseId, Nano, SHARES_TOTAL,
    Shares, compress,
};
use thiserror::Error;

use crate::dto::{
    ClaimStatedBody, LicenseFieldsError, LicenseOpeningBody, StatementBody, StatementEntryBody,
    WireBatchNumber,
};

/// The `type` of a statement.
pub const STATEMENT_TYPE: &str = "farthing.statement";
/// The version of statements that this program makes and checks.
pub const STATEMENT_VERSION: u32 = 1;
/// The most licenses of a statement.
pub const STATEMENT_LICENSES_MAX: usize = 1_000;

/// Why an opening shows nothing; errors win in this order.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum OpeningError {
    /// The opening is of another license.
    #[error("the opening is of license {got}, expected license {expected}")]
    License {
        /// The license asked for.
        expected: LicenseId,
        /// The license given.
        got: LicenseId,
    },
    /// The batch is of another deployment than the opening names.
    #[error(
        "the domain of batch {batch} is not that of chain {} and contract {}",
        .named.chain_id, .named.contract
    )]
    Domain {
        /// The batch.
        batch: BatchNumber,
        /// The deployment named.
        named: Domain,
    },
    /// The fields are not those of any license.
    #[error("license {license}: {error}")]
    Fields {
        /// The license.
        license: LicenseId,
        /// The reason.
        error: LicenseFieldsError,
    },
    /// The path ends elsewhere.
    #[error(
        "the path of license {license} leads to state root {got}, batch {batch} states {expected}"
    )]
    Root {
        /// The license.
        license: LicenseId,
        /// The batch.
        batch: BatchNumber,
        /// The state root after the batch.
        expected: Digest,
        /// The root to which the path leads.
        got: Digest,
    },
}

/// Why a statement proves nothing; errors win in this order.
#[derive(Debug, Error)]
pub enum StatementError {
    /// The text is not JSON.
    #[error("not JSON: {0}")]
    Json(#[source] serde_json::Error),
    /// The JSON is not a statement.
    #[error("type {got:?}, expected {STATEMENT_TYPE:?}")]
    Type {
        /// The type given.
        got: String,
    },
    /// The statement is of another version of the format.
    #[error("version {got}, expected {STATEMENT_VERSION}: use a newer program")]
    Version {
        /// The version given.
        got: String,
    },
    /// A field is missing, unknown or malformed.
    #[error("{0}")]
    Fields(#[source] serde_json::Error),
    /// The statement has no license, or too many.
    #[error("{got} licenses, expected 1 to {STATEMENT_LICENSES_MAX}")]
    Licenses {
        /// The number of licenses.
        got: usize,
    },
    /// The licenses are not in ascending order, or one is there twice.
    #[error("license {got} comes after license {previous}: expected ascending numbers")]
    Order {
        /// The license before.
        previous: LicenseId,
        /// The license that is not greater.
        got: LicenseId,
    },
    /// The statement is of another deployment than the one asked for, or its openings are of several.
    #[error(
        "license {license}: the opening is of chain {} and contract {}, expected chain {} and contract {}",
        .got.chain_id, .got.contract, .expected.chain_id, .expected.contract
    )]
    Deployment {
        /// The license.
        license: LicenseId,
        /// The deployment expected.
        expected: Domain,
        /// The deployment that an opening names.
        got: Domain,
    },
    /// An opening does not lead to its batch.
    #[error(transparent)]
    Opening(#[from] OpeningError),
    /// The openings of the licenses are not all of the same two batches.
    #[error("license {license} is not opened at the same batches as license {first}")]
    Batches {
        /// The first license.
        first: LicenseId,
        /// The license that is opened at others.
        license: LicenseId,
    },
    /// The first batch is not before the last one.
    #[error("batch {after} is not before batch {until}")]
    Period {
        /// The batch before the first one.
        after: BatchNumber,
        /// The last batch.
        until: BatchNumber,
    },
    /// The account holds no share of the license.
    #[error("account {account} holds no share of license {license}")]
    NotHolder {
        /// The license.
        license: LicenseId,
        /// The account.
        account: AccountId,
    },
    /// The claim needs another number of licenses.
    #[error("a claim of one license has openings of {got}")]
    OneLicense {
        /// The number of licenses.
        got: usize,
    },
    /// The sum is 2⁶² or more, which no claim states.
    #[error("the licenses received more than a claim can state")]
    TooMuch,
    /// The claim is not what the openings show.
    #[error(
        "the claim does not follow from the openings: {field} is {expected}, the claim says {got}"
    )]
    Claim {
        /// The field.
        field: &'static str,
        /// The value that follows.
        expected: String,
        /// The value claimed.
        got: String,
    },
}

/// The contents of a consistent statement. They are facts if, and only if, L1 has verified
/// [`VerifiedStatement::batches`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifiedStatement {
    /// The deployment.
    pub domain: Domain,
    /// The claim.
    pub claim: ClaimStatedBody,
    /// The batch before the first one, unless the claim begins with the registration.
    pub after: Option<BatchStatement>,
    /// The last batch.
    pub until: BatchStatement,
}

impl VerifiedStatement {
    /// The batches that L1 must have verified.
    pub fn batches(&self) -> impl Iterator<Item = &BatchStatement> {
        self.after.iter().chain([&self.until])
    }
}

/// The claim that is wanted of some openings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClaimKind {
    /// The sum that one license received.
    Revenue,
    /// An account's part of what one license received.
    Share(AccountId),
    /// The sum that several licenses received.
    Total,
}

/// Checks that a license's path leads from its leaf to the state root of the batch that it names.
///
/// # Errors
/// If the opening is of another license, or contradicts itself.
pub fn verify_license_opening(
    id: LicenseId,
    opening: &LicenseOpeningBody,
) -> Result<BatchStatement, OpeningError> {
    if opening.id != id {
        return Err(OpeningError::License { expected: id, got: opening.id });
    }
    let statement = BatchStatement::from(&opening.batch);
    let (batch, named) = (statement.header.number, opening.domain());
    if statement.header.domain != named.digest() {
        return Err(OpeningError::Domain { batch, named });
    }
    let leaf = opening.leaf().map_err(|error| OpeningError::Fields { license: id, error })?;
    let mut index = id.get();
    let licenses_root = opening.siblings.iter().fold(leaf, |node, sibling| {
        let parent = match index & 1 {
            0 => compress(&node, &sibling.0),
            _ => compress(&sibling.0, &node),
        };
        index >>= 1;
        parent
    });
    let got = compress(&opening.accounts_root.0, &licenses_root);
    match statement.header.new_root {
        expected if expected == got => Ok(statement),
        expected => Err(OpeningError::Root { license: id, batch, expected, got }),
    }
}

/// Reads a statement.
///
/// # Errors
/// If the text is not a statement of this version.
pub fn parse_statement(text: &str) -> Result<StatementBody, StatementError> {
    let value: serde_json::Value = serde_json::from_str(text).map_err(StatementError::Json)?;
    let field = |name: &str| value.get(name).cloned().unwrap_or_default();
    if field("type") != STATEMENT_TYPE {
        let got = field("type");
        let got = got.as_str().map_or_else(|| got.to_string(), str::to_owned);
        return Err(StatementError::Type { got });
    }
    if field("version") != STATEMENT_VERSION {
        return Err(StatementError::Version { got: field("version").to_string() });
    }
    // From the text: it has the place of a mistake.
    serde_json::from_str(text).map_err(StatementError::Fields)
}

/// Makes a statement of openings.
///
/// # Errors
/// If the openings do not prove a claim of this kind.
pub fn make_statement(
    kind: ClaimKind,
    licenses: Vec<StatementEntryBody>,
) -> Result<StatementBody, StatementError> {
    let opened = open(&licenses, None)?;
    let claim = claim(kind, &licenses, &opened)?;
    let type_name = STATEMENT_TYPE.to_owned();
    Ok(StatementBody { type_name, version: STATEMENT_VERSION, claim, licenses })
}

/// Checks that a statement's claim follows from its openings, which a made-up one does too: whether its
/// batches are final, only L1 says. With `deployment`, the statement must be of that one; without, it
/// names a deployment itself, and the caller must compare it with the one that he trusts.
///
/// # Errors
/// If a part of the statement contradicts another.
pub fn verify_statement(
    statement: &StatementBody,
    deployment: Option<&Domain>,
) -> Result<VerifiedStatement, StatementError> {
    if statement.type_name != STATEMENT_TYPE {
        return Err(StatementError::Type { got: statement.type_name.clone() });
    }
    if statement.version != STATEMENT_VERSION {
        return Err(StatementError::Version { got: statement.version.to_string() });
    }
    let opened = open(&statement.licenses, deployment)?;
    let kind = match &statement.claim {
        ClaimStatedBody::Revenue { .. } => ClaimKind::Revenue,
        ClaimStatedBody::Share { account, .. } => ClaimKind::Share(*account),
        ClaimStatedBody::Total { .. } => ClaimKind::Total,
    };
    let claim = claim(kind, &statement.licenses, &opened)?;
    compare(&claim, &statement.claim)?;
    let Opened { domain, after, until } = opened;
    Ok(VerifiedStatement { domain, claim, after, until })
}

/// The batches at which all licenses are opened.
struct Opened {
    domain: Domain,
    after: Option<BatchStatement>,
    until: BatchStatement,
}

/// Checks every opening, and that all are of the same batches.
fn open(
    licenses: &[StatementEntryBody],
    deployment: Option<&Domain>,
) -> Result<Opened, StatementError> {
    let number = licenses.len();
    let first = licenses.first().filter(|_| number <= STATEMENT_LICENSES_MAX);
    let first = first.ok_or(StatementError::Licenses { got: number })?;
    for pair in licenses.windows(2) {
        let [previous, got] = pair else { continue };
        let (previous, got) = (previous.until.id, got.until.id);
        if previous >= got {
            return Err(StatementError::Order { previous, got });
        }
    }
    let domain = deployment.copied().unwrap_or_else(|| first.until.domain());
    let opened = open_one(first, &domain)?;
    for entry in licenses.iter().skip(1) {
        let Opened { after, until, .. } = open_one(entry, &domain)?;
        if (after, until) != (opened.after, opened.until) {
            let (first, license) = (first.until.id, entry.until.id);
            return Err(StatementError::Batches { first, license });
        }
    }
    Ok(opened)
}

fn open_one(entry: &StatementEntryBody, domain: &Domain) -> Result<Opened, StatementError> {
    let license = entry.until.id;
    for opening in entry.after.iter().chain([&entry.until]) {
        let got = opening.domain();
        if got != *domain {
            return Err(StatementError::Deployment { license, expected: *domain, got });
        }
    }
    let after = entry.after.as_ref();
    let after = after.map(|opening| verify_license_opening(license, opening)).transpose()?;
    let until = verify_license_opening(license, &entry.until)?;
    if let Some(after) = &after {
        let (after, until) = (after.header.number, until.header.number);
        if after >= until {
            return Err(StatementError::Period { after, until });
        }
    }
    Ok(Opened { domain: *domain, after, until })
}

/// The claim that checked openings prove.
fn claim(
    kind: ClaimKind,
    licenses: &[StatementEntryBody],
    opened: &Opened,
) -> Result<ClaimStatedBody, StatementError> {
    let after = opened.after.map(|batch| WireBatchNumber::from(batch.header.number));
    let until = WireBatchNumber::from(opened.until.header.number);
    if kind == ClaimKind::Total {
        let sum: u128 = licenses.iter().map(|entry| u128::from(revenue(entry).get())).sum();
        let sum = u64::try_from(sum).ok().and_then(|sum| Nano::new(sum).ok());
        let received = sum.ok_or(StatementError::TooMuch)?.into();
        let licenses = licenses.iter().map(|entry| entry.until.id).collect();
        return Ok(ClaimStatedBody::Total { licenses, after, until, received });
    }
    let [entry] = licenses else {
        return Err(StatementError::OneLicense { got: licenses.len() });
    };
    let (license, received) = (entry.until.id, revenue(entry));
    let ClaimKind::Share(account) = kind else {
        return Ok(ClaimStatedBody::Revenue { license, after, until, received: received.into() });
    };
    let held = entry
        .until
        .holders
        .iter()
        .find(|line| Holder::from(line.holder) == Holder::Account(account));
    let shares = held.ok_or(StatementError::NotHolder { license, account })?.shares;
    let (credited_min, credited_max) = credited(entry, opened, shares, received);
    Ok(ClaimStatedBody::Share {
        license,
        account,
        shares,
        after,
        until,
        received: received.into(),
        credited_min: credited_min.into(),
        credited_max: credited_max.into(),
    })
}

/// The difference of the totals received, which are modulo 2⁶² nano-units: exact unless one license
/// received 4.6 billion tokens in the period. A license begins with a total of 0.
fn revenue(entry: &StatementEntryBody) -> Nano {
    let before = entry.after.as_ref().map_or(0, |opening| opening.received.0.get());
    let difference = entry.until.received.0.get().wrapping_sub(before) & Nano::MAX.get();
    Nano::new(difference).unwrap_or(Nano::MAX)
}

/// Bounds of an account's part of `received`, over N batches and h holders. In each batch that touches the
/// license the account is credited ⌊shares · (vault + received) / 1,000,000⌋, where the vault before is
/// less than h nano-units. So the sum is more than shares · received / 1,000,000 − N, and at most
/// shares · (received + N · (h − 1)) / 1,000,000. All holders together are credited what the license
/// received and what its vault lost.
fn credited(
    entry: &StatementEntryBody,
    opened: &Opened,
    shares: Shares,
    received: Nano,
) -> (Nano, Nano) {
    let first = opened.after.map_or(0, |batch| batch.header.number.get() + 1);
    let last = opened.until.header.number.get();
    let batches = u128::from(last.saturating_sub(first)) + 1;
    let carried_max = batches * (entry.until.holders.len() as u128).saturating_sub(1);
    let (shares, received) = (u128::from(shares.get()), u128::from(received.get()));
    let part = |amount: u128| amount * shares / u128::from(SHARES_TOTAL);
    let vault = |opening: &LicenseOpeningBody| u128::from(opening.vault.0.get());
    let distributed = received + entry.after.as_ref().map_or(0, vault);
    let distributed = distributed.saturating_sub(vault(&entry.until));
    let most = part(received + carried_max).min(distributed);
    let least = match shares == u128::from(SHARES_TOTAL) {
        // The only holder is credited everything that is distributed.
        true => distributed,
        false => (part(received) + 1).saturating_sub(batches),
    };
    let nano = |amount: u128| {
        let amount = u64::try_from(amount).ok();
        amount.and_then(|amount| Nano::new(amount).ok()).unwrap_or(Nano::MAX)
    };
    (nano(least), nano(most))
}

/// Compares a claim, field by field, with the one that follows from the openings.
fn compare(expected: &ClaimStatedBody, got: &ClaimStatedBody) -> Result<(), StatementError> {
    if expected == got {
        return Ok(());
    }
    let fields = |claim: &ClaimStatedBody| serde_json::to_value(claim).unwrap_or_default();
    let (expected, got) = (fields(expected), fields(got));
    const FIELDS: [&str; 9] = [
        "license",
        "licenses",
        "account",
        "shares",
        "after",
        "until",
        "received",
        "credited_min",
        "credited_max",
    ];
    let differs = FIELDS.into_iter().find(|field| expected.get(field) != got.get(field));
    let field = differs.unwrap_or("kind");
    let text = |claim: &serde_json::Value| match claim.get(field) {
        None => "absent".to_owned(),
        Some(serde_json::Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    };
    Err(StatementError::Claim { field, expected: text(&expected), got: text(&got) })
}

#[cfg(test)]
mod tests;
