//! Licenses, their share tables and leaves.

use p3_field::PrimeCharacteristicRing;
use serde::{Deserialize, Serialize};

use crate::bytes::Bytes32;
use crate::codec::Reader;
use crate::error::{DecodeError, ShareTableError};
use crate::felt::Felt;
use crate::hash::{Digest, ShortDigest, Tag, hash};
use crate::limits::{HOLDERS_MAX, LICENSEE_BITS, LINEAGE_MAX, SHARES_BITS, SHARES_TOTAL};
use crate::quantity::{AccountId, LicenseId, Nano, OutOfRange, Price, Shares};

/// A holder of shares of a license. A license among the holders is a parent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Holder {
    /// A creator's account.
    Account(AccountId),
    /// A parent: the license that this one derives from.
    License(LicenseId),
}

impl Holder {
    const ACCOUNT: u8 = 0;
    const LICENSE: u8 = 1;

    fn parts(self) -> (u8, u32) {
        match self {
            Self::Account(id) => (Self::ACCOUNT, id.get()),
            Self::License(id) => (Self::LICENSE, id.get()),
        }
    }

    fn from_parts(kind: u8, id: u32) -> Result<Self, DecodeError> {
        match kind {
            Self::ACCOUNT => Ok(Self::Account(AccountId::from(id))),
            Self::LICENSE => Ok(Self::License(LicenseId::from(id))),
            got => Err(DecodeError::UnknownKind { what: "holder", got }),
        }
    }
}

/// One line of a share table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HolderShares {
    /// Account or parent license.
    pub holder: Holder,
    /// At least 1.
    pub shares: Shares,
}

impl HolderShares {
    /// Kind (1 bit, 1 for a license), shares (20 bits), id (32 bits): 53 bits.
    pub fn packed(&self) -> u64 {
        let (kind, id) = self.holder.parts();
        u64::from(kind) << (SHARES_BITS + 32) | u64::from(self.shares.get()) << 32 | u64::from(id)
    }

    /// Reads [`HolderShares::packed`].
    pub fn from_packed(packed: u64) -> Result<Self, DecodeError> {
        let kind = u8::try_from(packed >> (SHARES_BITS + 32)).unwrap_or(u8::MAX);
        let id = (packed & u64::from(u32::MAX)) as u32;
        let shares = Shares::new((packed >> 32) & ((1 << SHARES_BITS) - 1))?;
        Ok(Self { holder: Holder::from_parts(kind, id)?, shares })
    }
}

/// The split of a license's income: 1 to 16 holders, strictly ascending (accounts
/// first), each with at least one share, 1,000,000 shares in all.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<HolderShares>", into = "Vec<HolderShares>")]
pub struct ShareTable(Vec<HolderShares>);

impl ShareTable {
    /// A table of these holders. Errors win in this order: none or too many holders, a holder
    /// without shares or out of order (the first such), the sum.
    pub fn new(holders: Vec<HolderShares>) -> Result<Self, ShareTableError> {
        if holders.is_empty() {
            return Err(ShareTableError::NoHolders);
        }
        if holders.len() > HOLDERS_MAX {
            return Err(ShareTableError::TooManyHolders { got: holders.len(), max: HOLDERS_MAX });
        }
        for (index, line) in holders.iter().enumerate() {
            if line.shares == Shares::ZERO {
                return Err(ShareTableError::NoShares { index });
            }
            if index > 0 && holders[index - 1].holder >= line.holder {
                return Err(ShareTableError::NotAscending { index });
            }
        }
        let got = holders.iter().map(|line| u64::from(line.shares.get())).sum();
        if got != u64::from(SHARES_TOTAL) {
            return Err(ShareTableError::WrongSum { expected: SHARES_TOTAL, got });
        }
        Ok(Self(holders))
    }

    /// The lines, ascending.
    pub fn holders(&self) -> &[HolderShares] {
        &self.0
    }

    /// The parent licenses, ascending.
    pub fn parents(&self) -> impl Iterator<Item = (LicenseId, Shares)> + '_ {
        self.0.iter().filter_map(|line| match line.holder {
            Holder::License(id) => Some((id, line.shares)),
            Holder::Account(_) => None,
        })
    }

    /// Commitment to the lines and to the holders behind their numbers: from the last line up to the first,
    /// `hash(HolderChain; chain (4), packed line, recipient (3))`, zeros before the last line.
    /// `recipient` tells an account's identity or a license's origin; `None` if it does for a holder.
    pub fn holder_chain(
        &self,
        mut recipient: impl FnMut(Holder) -> Option<ShortDigest>,
    ) -> Option<Digest> {
        self.0.iter().rev().try_fold(Digest::ZERO, |chain, line| {
            let ([c0, c1, c2, c3], packed) = (chain.elements(), Felt::from_u64(line.packed()));
            let [r0, r1, r2] = recipient(line.holder)?.elements();
            Some(hash(Tag::HolderChain, &[c0, c1, c2, c3, packed, r0, r1, r2]))
        })
    }

    /// `hash(ShareTable; packed lines)`: one permutation up to 8 holders, two up to 16.
    pub fn digest(&self) -> Digest {
        let lines: Vec<Felt> = self.0.iter().map(|l| Felt::from_u64(l.packed())).collect();
        hash(Tag::ShareTable, &lines)
    }

    pub(crate) fn write(&self, bytes: &mut Vec<u8>) {
        bytes.push(self.0.len() as u8);
        for line in &self.0 {
            let (kind, id) = line.holder.parts();
            bytes.push(kind);
            bytes.extend(id.to_be_bytes());
            bytes.extend(line.shares.get().to_be_bytes());
        }
    }

    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let count = usize::from(reader.u8()?);
        if count > HOLDERS_MAX {
            return Err(ShareTableError::TooManyHolders { got: count, max: HOLDERS_MAX }.into());
        }
        let mut holders = Vec::with_capacity(count);
        for _ in 0..count {
            let (kind, id) = (reader.u8()?, reader.u32()?);
            let shares = Shares::new(reader.u32()?.into())?;
            holders.push(HolderShares { holder: Holder::from_parts(kind, id)?, shares });
        }
        Ok(Self::new(holders)?)
    }
}

impl TryFrom<Vec<HolderShares>> for ShareTable {
    type Error = ShareTableError;
    fn try_from(holders: Vec<HolderShares>) -> Result<Self, ShareTableError> {
        Self::new(holders)
    }
}

impl From<ShareTable> for Vec<HolderShares> {
    fn from(table: ShareTable) -> Self {
        table.0
    }
}

/// The most licenses that a payment to a license may touch, the license itself counted and
/// each path to an ancestor counted apart: 1 + Σ lineage of the parents, at most 64.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u32", into = "u32")]
pub struct Lineage(u32);

impl Lineage {
    /// The lineage of a license without parents.
    pub const ROOT: Self = Self(1);

    /// A lineage of 1 to 64.
    pub fn new(value: u32) -> Result<Self, OutOfRange> {
        if (1..=LINEAGE_MAX).contains(&value) {
            return Ok(Self(value));
        }
        Err(OutOfRange { quantity: "Lineage", got: value.into(), min: 1, max: LINEAGE_MAX.into() })
    }

    /// The lineage as an integer.
    pub const fn get(self) -> u32 {
        self.0
    }

    /// The lineage of a license with these parents; an error above 64.
    pub fn of_parents(parents: impl Iterator<Item = Self>) -> Result<Self, OutOfRange> {
        Self::new(parents.fold(1, |sum, parent| sum + parent.0))
    }
}

impl TryFrom<u32> for Lineage {
    type Error = OutOfRange;
    fn try_from(value: u32) -> Result<Self, OutOfRange> {
        Self::new(value)
    }
}

impl From<Lineage> for u32 {
    fn from(lineage: Lineage) -> Self {
        lineage.0
    }
}

/// The name of a license in signed messages: `hash(LicenseOrigin; licensor's identity (3), holder chain
/// (4), provenance (5))`, all as registered. It never changes.
pub fn license_origin(licensor: ShortDigest, holders: &Digest, provenance: &Bytes32) -> Digest {
    let ([i0, i1, i2], [h0, h1, h2, h3]) = (licensor.elements(), holders.elements());
    let [p0, p1, p2, p3, p4] = provenance.felts();
    hash(Tag::LicenseOrigin, &[i0, i1, i2, h0, h1, h2, h3, p0, p1, p2, p3, p4])
}

/// The data of a license that never change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LicenseTerms {
    /// Its name in signed messages: [`license_origin`].
    pub origin: Digest,
    /// The account that registered it, and that updates it.
    pub licensor: AccountId,
    /// See [`Lineage`].
    pub lineage: Lineage,
    /// Holders and parents.
    pub shares: ShareTable,
}

/// Place of the lineage in the last element of a license's terms, above the licensor.
pub const TERMS_LINEAGE_SHIFT: u32 = 32;

impl LicenseTerms {
    /// `hash(LicenseTerms; share table (4), origin (3), licensor + lineage·2³²)`.
    pub fn digest(&self) -> Digest {
        let ([t0, t1, t2, t3], [o0, o1, o2]) =
            (self.shares.digest().elements(), self.recipient().elements());
        let lineage = u64::from(self.lineage.get()) << TERMS_LINEAGE_SHIFT;
        let registered = Felt::from_u64(u64::from(self.licensor.get()) | lineage);
        hash(Tag::LicenseTerms, &[t0, t1, t2, t3, o0, o1, o2, registered])
    }

    /// The license as a recipient in signed messages.
    pub fn recipient(&self) -> ShortDigest {
        self.origin.into()
    }
}

/// The status of a license. The number is part of the leaf; 0 is not a status.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[repr(u8)]
pub enum LicenseStatus {
    /// Can be paid and derived from.
    Active = 1,
    /// Can be neither, until it is active again. Derivatives still pass on its part.
    Paused = 2,
    /// Paused for good.
    Retired = 3,
}

impl LicenseStatus {
    /// The status of this number.
    pub const fn from_number(number: u64) -> Option<Self> {
        match number {
            1 => Some(Self::Active),
            2 => Some(Self::Paused),
            3 => Some(Self::Retired),
            _ => None,
        }
    }

    /// The number in leaves and messages.
    pub const fn number(self) -> u8 {
        self as u8
    }
}

/// The account that alone may pay a license, if there is one. Its number is that account's, at most
/// 2³¹ − 1; 0 lets every account pay. So account 0, the operator's, cannot be a licensee.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(try_from = "u32", into = "u32")]
pub struct Licensee(u32);

impl Licensee {
    /// Every account may pay.
    pub const ANYBODY: Self = Self(0);

    /// The licensee of this number: an account, or 0 for all accounts.
    pub fn new(number: u64) -> Result<Self, OutOfRange> {
        let max = (1 << LICENSEE_BITS) - 1;
        match u32::try_from(number) {
            Ok(number) if number <= max => Ok(Self(number)),
            _ => Err(OutOfRange { quantity: "Licensee", got: number, min: 0, max: max.into() }),
        }
    }

    /// The number: 0 for all accounts.
    pub const fn get(self) -> u32 {
        self.0
    }

    /// The account, unless all may pay.
    pub fn account(self) -> Option<AccountId> {
        (self.0 != 0).then(|| AccountId::from(self.0))
    }

    /// Returns true if `account` may pay.
    pub fn admits(self, account: AccountId) -> bool {
        self.account().is_none_or(|licensee| licensee == account)
    }
}

impl TryFrom<u32> for Licensee {
    type Error = OutOfRange;
    fn try_from(number: u32) -> Result<Self, OutOfRange> {
        Self::new(number.into())
    }
}

impl From<Licensee> for u32 {
    fn from(licensee: Licensee) -> Self {
        licensee.0
    }
}

/// The data of a license that its licensor changes, by `UpdateLicense`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LicenseVersion {
    /// Nano-units per use.
    pub price: Price,
    /// The shares that a derivative must leave to this license.
    pub derivative_shares: Shares,
    /// Tells if it can be paid and derived from.
    pub status: LicenseStatus,
    /// The account that alone may pay.
    pub licensee: Licensee,
    /// Hash of a manifest: model version, training-data provenance, terms, content address. The leaf
    /// does not hold it: public data do.
    pub provenance: Bytes32,
}

impl LicenseVersion {
    /// The last element of the leaf: status + licensee·4 + derivative shares·2³⁴.
    pub fn standing(&self) -> u64 {
        let licensee = u64::from(self.licensee.get()) << STANDING_LICENSEE_SHIFT;
        let shares = u64::from(self.derivative_shares.get()) << STANDING_SHARES_SHIFT;
        u64::from(self.status.number()) | licensee | shares
    }

    /// Returns false if a retired license asks for shares or has a licensee. It may have neither, so its
    /// standing is the number of [`LicenseStatus::Retired`].
    pub fn is_consistent(&self) -> bool {
        let bare = self.derivative_shares == Shares::ZERO && self.licensee == Licensee::ANYBODY;
        self.status != LicenseStatus::Retired || bare
    }
}

/// Place of the licensee in [`LicenseVersion::standing`].
pub const STANDING_LICENSEE_SHIFT: u32 = 2;
/// Place of the derivative shares in [`LicenseVersion::standing`].
pub const STANDING_SHARES_SHIFT: u32 = 34;

const _: () = assert!(STANDING_LICENSEE_SHIFT + LICENSEE_BITS <= STANDING_SHARES_SHIFT);
const _: () = assert!(STANDING_SHARES_SHIFT + SHARES_BITS < 62, "a standing is below p");

/// The data of a license that change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LicenseState {
    /// Nano-units that are not yet distributed: after a batch, less than the number of holders.
    pub vault: Nano,
    /// All that the license ever received, modulo 2⁶². A statistic: no money depends on it.
    pub received: Nano,
    /// Version that its licensor last set.
    pub version: LicenseVersion,
}

impl LicenseState {
    /// A new license: nothing received.
    pub const fn new(version: LicenseVersion) -> Self {
        Self { vault: Nano::ZERO, received: Nano::ZERO, version }
    }

    /// `hash(LicenseLeaf; terms (4), price, vault, received, standing)`: one permutation. `digest` is
    /// that of the terms.
    pub fn leaf(&self, digest: &Digest) -> Digest {
        let [t0, t1, t2, t3] = digest.elements();
        let standing = Felt::from_u64(self.version.standing());
        let (price, vault) = (self.version.price.felt(), self.vault.felt());
        hash(Tag::LicenseLeaf, &[t0, t1, t2, t3, price, vault, self.received.felt(), standing])
    }
}

/// A license as the licenses tree commits to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct License {
    /// Fixed at registration.
    pub terms: LicenseTerms,
    /// Moved by payments and updates.
    pub state: LicenseState,
}

impl License {
    /// The leaf in the licenses tree.
    pub fn leaf(&self) -> Digest {
        self.state.leaf(&self.terms.digest())
    }
}
