//! Accounts and licenses of a workload, as they are before the first payment.

use std::collections::HashMap;

use farthing_ledger::Genesis;
use farthing_protocol::{
    AccountId, AccountIdentity, Address, Amount, Bytes32, Deposit, Digest, Domain, Fee, Holder,
    HolderShares, Intent, LicenseId, Lineage, Nonce, Operation, Price, PublicKey, RegisterLicense,
    SHARES_TOTAL, SecretKey, ShareTable, Shares, ShortDigest, SignedIntent, UnixTime,
    license_origin,
};
use rand::seq::index;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::shape::{Holders, Placement, Shape};

/// Deposit of every payer: the most that one deposit moves, about 70,368 tokens.
const FUNDS: Amount = Amount::MAX;
/// Prices per use are 200 to 5,000 nano: a tenth of a cent buys 200 to 5,000 tokens.
const PRICES_NANO: std::ops::RangeInclusive<u64> = 200..=5_000;
/// Shares that every license asks of its derivatives: a quarter.
const DERIVATIVE_SHARES: u32 = 250_000;
/// Shares of a parent or a data set.
const SECOND_SHARES: std::ops::RangeInclusive<u32> = DERIVATIVE_SHARES..=350_000;
const ARTIST_SHARES: std::ops::RangeInclusive<u32> = 400_000..=600_000;
/// Sepolia's chain id; the contract is made up.
const CHAIN_ID: u64 = 11_155_111;

/// An account that pays.
#[derive(Debug)]
pub struct Payer {
    /// Its number.
    pub id: AccountId,
    /// Its L1 owner.
    pub owner: Address,
    /// Its key.
    pub key: SecretKey,
}

/// Role of a creator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CreatorRole {
    /// Has a license of its own.
    Artist(LicenseId),
    /// Offers a data set.
    DataSet(usize),
    /// Trains models.
    ModelDeveloper(usize),
}

/// An account that is paid and can sign.
#[derive(Debug)]
pub struct Creator {
    /// Its number.
    pub id: AccountId,
    /// Its L1 owner.
    pub owner: Address,
    /// Its key.
    pub key: SecretKey,
    /// Its role.
    pub role: CreatorRole,
}

/// A license to register; its number is its index.
#[derive(Debug)]
pub struct PlannedLicense {
    /// The place of its licensor among the creators.
    pub licensor: usize,
    /// Its terms.
    pub register: RegisterLicense,
    /// Its name in signed messages.
    pub recipient: ShortDigest,
}

/// The way in which an account is opened.
#[derive(Clone, Copy, Debug)]
pub enum Opening {
    /// By a deposit on L1. Accounts that neither pay nor sign are opened by one of nothing, under
    /// words that need not be a key: the cheapest way there is.
    Deposit(Deposit),
    /// By the operator, at no cost to the creator.
    Account(AccountIdentity),
}

#[derive(Clone, Copy)]
enum Role {
    Payer(usize),
    Creator(usize),
}

/// Accounts and licenses.
pub struct Population {
    /// Genesis of the ledger.
    pub genesis: Genesis,
    /// Accounts that pay.
    pub payers: Vec<Payer>,
    /// Accounts that are paid.
    pub creators: Vec<Creator>,
    /// Licenses in the order of their numbers.
    pub licenses: Vec<PlannedLicense>,
    roles: HashMap<AccountId, Role>,
    accounts: u32,
}

impl Population {
    /// The population of this shape and seed.
    pub fn new(shape: &Shape, seed: u64) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let mut ids = Ids::new(shape, &mut rng);
        let operator =
            AccountIdentity { key: *key(&mut rng).public_key(), owner: owner(AccountId::OPERATOR) };
        let domain = Domain { chain_id: CHAIN_ID, contract: Address([0xfa; 20]) };
        let mut population = Self {
            genesis: Genesis { domain, operator },
            payers: Vec::new(),
            creators: Vec::new(),
            licenses: Vec::new(),
            roles: HashMap::new(),
            accounts: ids.accounts,
        };
        for index in 0..shape.payers {
            let id = ids.next();
            population.roles.insert(id, Role::Payer(index));
            population.payers.push(Payer { id, owner: owner(id), key: key(&mut rng) });
        }
        for license in 0..shape.licenses {
            let role = CreatorRole::Artist(LicenseId::from(license as u32));
            population.add_creator(&mut ids, role, &mut rng);
        }
        if let Holders::Trio { data_sets, model_developers, .. } = shape.holders {
            for n in 0..data_sets {
                population.add_creator(&mut ids, CreatorRole::DataSet(n), &mut rng);
            }
            for n in 0..model_developers {
                population.add_creator(&mut ids, CreatorRole::ModelDeveloper(n), &mut rng);
            }
        }
        for license in 0..shape.licenses {
            let planned = population.plan_license(license, shape, &mut ids, &mut rng);
            population.licenses.push(planned);
        }
        population
    }

    fn add_creator(&mut self, ids: &mut Ids, role: CreatorRole, rng: &mut ChaCha8Rng) {
        let id = ids.next();
        self.roles.insert(id, Role::Creator(self.creators.len()));
        self.creators.push(Creator { id, owner: owner(id), key: key(rng), role });
    }

    /// The artist of license `i` is creator `i`.
    fn plan_license(
        &self,
        index: usize,
        shape: &Shape,
        ids: &mut Ids,
        rng: &mut ChaCha8Rng,
    ) -> PlannedLicense {
        let artist = Holder::Account(self.creators[index].id);
        let mut lineage = Lineage::ROOT;
        let holders = match shape.holders {
            Holders::Distinct(count) => {
                let part = SHARES_TOTAL / count as u32;
                let others = (1..count).map(|_| (Holder::Account(ids.next()), part));
                let own = SHARES_TOTAL - part * (count as u32 - 1);
                others.chain([(artist, own)]).collect()
            }
            Holders::Trio { data_sets, model_developers, derivative_every } => {
                let first = shape.licenses;
                let data_set = first + rng.random_range(0..data_sets);
                let model = first + data_sets + rng.random_range(0..model_developers);
                let derives = derivative_every > 0
                    && index > 0
                    && index % derivative_every == derivative_every - 1;
                let second = if derives {
                    let parent = rng.random_range(0..index);
                    let parents = [self.licenses[parent].register.lineage];
                    lineage = Lineage::of_parents(parents.into_iter()).unwrap_or(Lineage::ROOT);
                    Holder::License(LicenseId::from(parent as u32))
                } else {
                    Holder::Account(self.creators[data_set].id)
                };
                let to_artist = rng.random_range(ARTIST_SHARES);
                let to_second = rng.random_range(SECOND_SHARES);
                let model = Holder::Account(self.creators[model].id);
                vec![
                    (artist, to_artist),
                    (second, to_second),
                    (model, SHARES_TOTAL - to_artist - to_second),
                ]
            }
        };
        let (price, provenance) = (rng.random_range(PRICES_NANO), Bytes32(rng.random()));
        let shares_of = share_table(holders);
        let chain = shares_of.holder_chain(|holder| self.recipient(holder)).unwrap_or_default();
        let licensor = self.identity(self.creators[index].id).recipient();
        let register = RegisterLicense {
            price: Price::new(price).unwrap_or(Price::MIN),
            derivative_shares: shares(DERIVATIVE_SHARES),
            lineage,
            provenance,
            shares: shares_of,
            recipient: chain.into(),
        };
        let recipient = license_origin(licensor, &chain, &provenance).into();
        PlannedLicense { licensor: index, register, recipient }
    }

    /// The name of an account, or of a license planned before, in signed messages.
    fn recipient(&self, holder: Holder) -> Option<ShortDigest> {
        match holder {
            Holder::Account(id) => Some(self.identity(id).recipient()),
            Holder::License(id) => Some(self.licenses.get(id.get() as usize)?.recipient),
        }
    }

    /// The deployment that everything is signed for.
    pub fn domain_digest(&self) -> Digest {
        self.genesis.domain.digest()
    }

    /// The opening of each account, by ascending number from 1.
    pub fn openings(&self) -> impl Iterator<Item = (AccountId, Opening)> + '_ {
        (1..self.accounts).map(|id| {
            let id = AccountId::from(id);
            (id, self.opening(id))
        })
    }

    fn opening(&self, id: AccountId) -> Opening {
        match self.roles.get(&id) {
            Some(Role::Payer(_)) => Opening::Deposit(self.deposit_to(id, FUNDS)),
            Some(Role::Creator(_)) => Opening::Account(self.identity(id)),
            None => Opening::Deposit(self.deposit_to(id, Amount::MIN)),
        }
    }

    fn identity(&self, id: AccountId) -> AccountIdentity {
        let key = match self.roles.get(&id) {
            Some(Role::Payer(index)) => *self.payers[*index].key.public_key(),
            Some(Role::Creator(index)) => *self.creators[*index].key.public_key(),
            None => PublicKey::from_words_reduced([id.get().into(); 5]),
        };
        AccountIdentity { key, owner: owner(id) }
    }

    /// A deposit to an account of the population.
    pub fn deposit_to(&self, id: AccountId, amount: Amount) -> Deposit {
        let AccountIdentity { key, owner } = self.identity(id);
        match Deposit::new(owner, key.to_words(), amount.get()) {
            Ok(deposit) => deposit,
            Err(_) => unreachable!("an amount is less than 2⁵⁶"),
        }
    }

    /// Number of accounts, the operator's included.
    pub const fn accounts(&self) -> u32 {
        self.accounts
    }

    /// The registrations, signed, in the order of the licenses' numbers. Each is its licensor's
    /// first intent and bears no fee.
    pub fn registrations(&self, valid_until: UnixTime) -> Vec<SignedIntent> {
        use rayon::prelude::*;
        let domain = self.domain_digest();
        self.licenses
            .par_iter()
            .map(|license| {
                let licensor = &self.creators[license.licensor];
                let intent = Intent {
                    account: licensor.id,
                    nonce: Nonce::new(1).unwrap_or(Nonce::MIN),
                    fee: Fee::MIN,
                    valid_until,
                    operation: Operation::RegisterLicense(license.register.clone()),
                };
                intent.sign(&licensor.key, &domain)
            })
            .collect()
    }

    /// Number of licenses that derive from another.
    pub fn derivatives(&self) -> usize {
        self.licenses.iter().filter(|l| l.register.shares.parents().next().is_some()).count()
    }
}

/// Gives out account numbers.
struct Ids {
    accounts: u32,
    drawn: std::vec::IntoIter<usize>,
}

impl Ids {
    fn new(shape: &Shape, rng: &mut ChaCha8Rng) -> Self {
        let held = match shape.holders {
            Holders::Trio { data_sets, model_developers, .. } => data_sets + model_developers,
            Holders::Distinct(count) => shape.licenses * (count - 1),
        };
        let needed = shape.payers + shape.licenses + held;
        // One more is the operator's.
        let accounts = shape.accounts.max(needed as u32 + 1);
        let drawn = match shape.placement {
            Placement::First => (0..needed).collect(),
            Placement::Scattered => index::sample(rng, accounts as usize - 1, needed).into_vec(),
        };
        Self { accounts, drawn: drawn.into_iter() }
    }

    /// As many as were counted have been drawn.
    fn next(&mut self) -> AccountId {
        self.drawn.next().map_or(AccountId::OPERATOR, |index| AccountId::from(index as u32 + 1))
    }
}

fn key(rng: &mut ChaCha8Rng) -> SecretKey {
    SecretKey::from_seed(&rng.random())
}

/// An L1 address for account `id`.
fn owner(id: AccountId) -> Address {
    let mut bytes = [0x0c; 20];
    bytes[16..].copy_from_slice(&id.get().to_be_bytes());
    Address(bytes)
}

fn shares(count: u32) -> Shares {
    Shares::new(count.into()).unwrap_or(Shares::ZERO)
}

fn share_table(mut holders: Vec<(Holder, u32)>) -> ShareTable {
    holders.sort_by_key(|(holder, _)| *holder);
    let lines = holders.into_iter();
    let lines = lines.map(|(holder, count)| HolderShares { holder, shares: shares(count) });
    match ShareTable::new(lines.collect()) {
        Ok(table) => table,
        Err(_) => unreachable!("distinct holders whose shares sum to the whole"),
    }
}
