//! Terms of a license: uses, price, derivatives, time, law.

use crate::sha256::Sha256;
use crate::syntax::Date;

/// Nano in a token.
const NANO: u64 = 1_000_000_000;

/// An enumeration whose values have names in JSON.
macro_rules! names {
    ($(#[$doc:meta])* $kind:ident { $($(#[$value_doc:meta])* $value:ident = $name:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $kind {
            $($(#[$value_doc])* $value,)*
        }

        impl $kind {
            /// Every value.
            pub const ALL: &'static [Self] = &[$(Self::$value,)*];

            /// The name in JSON.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$value => $name,)* }
            }

            /// The value of this name.
            pub fn of(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|one| one.name() == name)
            }
        }
    };
}

pub(crate) use names;

names! {
    /// A use of the work, as RSL 1.0 names it.
    Usage {
        /// Every use.
        All = "all",
        /// Every use by AI.
        AiAll = "ai-all",
        /// Training of a model.
        AiTrain = "ai-train",
        /// Input of a model, such as retrieval and inference.
        AiInput = "ai-input",
        /// An index for AI.
        AiIndex = "ai-index",
        /// Search that links to the work.
        Search = "search",
    }
}

impl Usage {
    /// Returns true if `self` names `other`, or a wider use.
    pub fn includes(self, other: Self) -> bool {
        match self {
            Self::All => true,
            Self::AiAll => !matches!(other, Self::All | Self::Search),
            _ => self == other,
        }
    }
}

names! {
    /// A kind of user, as RSL 1.0 names it.
    User {
        /// For money.
        Commercial = "commercial",
        /// Not for money.
        NonCommercial = "non-commercial",
        /// Schools and universities.
        Education = "education",
        /// Public authorities.
        Government = "government",
        /// A person for themselves.
        Personal = "personal",
    }
}

names! {
    /// The unit of which a use is counted.
    Unit {
        /// A token that a model generates.
        Token = "token",
        /// An image.
        Image = "image",
        /// A second of audio or video.
        Second = "second",
        /// A request.
        Request = "request",
    }
}

names! {
    /// The consent that a derivative needs.
    Approval {
        /// Derivatives need no consent.
        None = "none",
        /// The licensor must consent.
        Licensor = "licensor",
    }
}

names! {
    /// The ground on which training data were used.
    LegalBasis {
        /// A license.
        Licensed = "licensed",
        /// The data are in the public domain.
        PublicDomain = "public-domain",
        /// Mining that the law allows, where rights were not reserved.
        OptOutRespected = "opt-out-respected",
        /// The data are the creator's own.
        Own = "own",
    }
}

/// The credit that a use must give.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attribution {
    /// True if a use must give credit.
    pub required: bool,
    /// The words of the credit.
    pub text: Option<String>,
}

/// The price of a use. The ledger's price counts for payments; the manifest says what a use is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Price {
    /// The unit of a use.
    pub unit: Unit,
    /// The price of a unit when the manifest was made, in nano: 10⁻⁹ of a token.
    pub amount_nano: Option<u64>,
    /// The token, as CAIP-19 names it.
    pub asset: Option<String>,
    /// The ISO 4217 currency of which the token stands for one unit, such as USD.
    pub currency: Option<String>,
}

impl Price {
    /// The price of a unit in tokens, as a decimal number.
    pub fn tokens(&self) -> Option<String> {
        let nano = self.amount_nano?;
        let text = format!("{}.{:09}", nano / NANO, nano % NANO);
        Some(text.trim_end_matches('0').trim_end_matches('.').to_owned())
    }
}

/// Terms of works that derive from this one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Derivatives {
    /// True if there may be derivatives.
    pub allowed: bool,
    /// The shares, of 1,000,000, that a derivative leaves to this license.
    pub shares: u32,
    /// True if derivatives must be under the same terms.
    pub reciprocal: bool,
    /// The consent that a derivative needs.
    pub approval: Approval,
}

/// The time for which the license is granted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Term {
    /// The first day.
    pub from: Option<Date>,
    /// The last day.
    pub until: Option<Date>,
    /// True if the licensor may revoke the license.
    pub revocable: bool,
    /// The days between a revocation and its effect.
    pub notice_days: Option<u32>,
}

/// The law behind the license.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LegalTerms {
    /// The law that applies.
    pub jurisdiction: Option<String>,
    /// The URL of the full terms.
    pub terms: Option<String>,
    /// The SHA-256 of the full terms.
    pub terms_sha256: Option<Sha256>,
    /// The contact for questions of law.
    pub contact: Option<String>,
}

/// The rollup that has the license.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Network {
    /// The chain id of L1.
    pub chain_id: u64,
    /// The rollup contract, in lowercase.
    pub contract: String,
    /// The license's number, once it has one: a version after the registration can name it.
    pub license: Option<u32>,
}
