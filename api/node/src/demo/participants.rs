//! Participants, and the licenses that they register.

use farthing_client::{Client, Signer};
use farthing_manifest::{
    Approval, Creator, Derivatives, Document, Manifest, Price as ManifestPrice, Unit, Usage, Work,
    WorkKind,
};
use farthing_protocol::{
    AccountId, BatchClass, Bytes32, Holder, HolderShares, LicenseId, OutOfRange, Price, ShareTable,
    Shares,
};

use crate::dev::DevAccount;
use crate::error::CliError;

/// Numbers of participants and licenses.
#[derive(Clone, Copy, Debug)]
pub(super) struct Size {
    pub(super) platforms: usize,
    pub(super) creators: usize,
    pub(super) originals: usize,
    pub(super) derivatives: usize,
}

/// Payers and creators.
pub(super) struct Participants {
    pub(super) platforms: Vec<DevAccount>,
    pub(super) creators: Vec<DevAccount>,
}

/// A model on the market.
pub(super) struct Listed {
    pub(super) id: LicenseId,
    pub(super) derivative: bool,
}

/// Of every license that derives from another, this goes to the other; it asks for a bit less.
const PARENT_SHARES: u64 = 250_000;
const DERIVATIVE_SHARES: u32 = 200_000;
/// Of an original: the artist and the maker of the data set.
const ARTIST_SHARES: u64 = 700_000;
const ALL_SHARES: u64 = 1_000_000;
/// Nano-units per generated token: from half a millionth of a token on.
const PRICE_NANO: u64 = 500;
const PRICES: u64 = 7;

impl Size {
    /// As many as fit one batch of the class beside the payments.
    pub(super) const fn for_class(class: BatchClass) -> Self {
        if class.id == BatchClass::TINY.id {
            Self { platforms: 2, creators: 4, originals: 3, derivatives: 1 }
        } else {
            Self { platforms: 20, creators: 60, originals: 75, derivatives: 25 }
        }
    }
}

impl Participants {
    /// Opens all accounts by REST.
    pub(super) async fn open(client: &Client, size: Size) -> Result<Self, CliError> {
        let open = async |kind: &str, count: usize| {
            let mut accounts = Vec::with_capacity(count);
            for number in 1..=count {
                let mut account = DevAccount::named(format!("{kind}-{number}"))?;
                account.id = client.open_account(&account.key(), account.owner.0).await?.id;
                accounts.push(account);
            }
            Ok::<_, CliError>(accounts)
        };
        let platforms = open("platform", size.platforms).await?;
        let creators = open("creator", size.creators).await?;
        Ok(Self { platforms, creators })
    }

    /// Registers all licenses: originals of two creators each, then works that derive from them.
    pub(super) async fn register(
        &self,
        client: &Client,
        size: Size,
        mut done: impl FnMut(u64),
    ) -> Result<Vec<Listed>, CliError> {
        let mut signers = Vec::with_capacity(self.creators.len());
        for creator in &self.creators {
            signers.push(client.signer(creator.id, creator.key()).await?);
        }
        let creator = |index: usize| index % self.creators.len();
        let mut listed: Vec<Listed> = Vec::with_capacity(size.originals + size.derivatives);
        for index in 0..size.originals + size.derivatives {
            let derivative = index >= size.originals;
            let artist = self.creators[creator(index)].id;
            let table = if derivative {
                derived(artist, listed[(index - size.originals) % size.originals].id)?
            } else {
                original(artist, self.creators[creator(index + 1)].id)?
            };
            let id = register(client, &signers[creator(index)], index, table).await?;
            listed.push(Listed { id, derivative });
            done(listed.len() as u64);
        }
        Ok(listed)
    }
}

async fn register(
    client: &Client,
    signer: &Signer,
    index: usize,
    table: ShareTable,
) -> Result<LicenseId, CliError> {
    let price = Price::new(PRICE_NANO * (1 + index as u64 % PRICES))?;
    let provenance = Bytes32(manifest(index, price)?.hash().to_bytes());
    let shares = Shares::new(DERIVATIVE_SHARES.into())?;
    let accepted = client.register_license(signer, price, shares, provenance, table).await?;
    accepted.registers.ok_or(CliError::Unknown { what: "the license that was registered" })
}

/// The manifest of a license of the demo.
fn manifest(index: usize, price: Price) -> Result<Manifest, CliError> {
    Ok(Manifest::new(&Document {
        work: Work {
            kind: WorkKind::Model,
            title: format!("Model {index}"),
            url: format!("https://example.com/models/{index}"),
            creators: vec![Creator { name: format!("Creator of model {index}"), id: None }],
            content: Vec::new(),
            c2pa: None,
            identifiers: Vec::new(),
        },
        model: None,
        permits: vec![Usage::AiInput],
        prohibits: vec![Usage::AiTrain],
        geo: Vec::new(),
        users: Vec::new(),
        attribution: None,
        price: ManifestPrice {
            unit: Unit::Token,
            amount_nano: Some(price.get()),
            asset: None,
            currency: None,
        },
        derivatives: Derivatives {
            allowed: true,
            shares: DERIVATIVE_SHARES,
            reciprocal: false,
            approval: Approval::None,
        },
        term: None,
        legal: None,
        network: None,
    })?)
}

fn original(artist: AccountId, curator: AccountId) -> Result<ShareTable, CliError> {
    let mut lines = [line(Holder::Account(artist), ARTIST_SHARES)?, {
        line(Holder::Account(curator), ALL_SHARES - ARTIST_SHARES)?
    }];
    lines.sort_by_key(|line| line.holder);
    Ok(ShareTable::new(lines.to_vec())?)
}

fn derived(artist: AccountId, parent: LicenseId) -> Result<ShareTable, CliError> {
    let artist = line(Holder::Account(artist), ALL_SHARES - PARENT_SHARES)?;
    Ok(ShareTable::new(vec![artist, line(Holder::License(parent), PARENT_SHARES)?])?)
}

fn line(holder: Holder, shares: u64) -> Result<HolderShares, OutOfRange> {
    Ok(HolderShares { holder, shares: Shares::new(shares)? })
}
