//! The rules of L1 under which gas is measured and limits hold: today's, and those of the next fork.

use revm::primitives::hardfork::SpecId;

/// EIP-7825: the most gas that a transaction may use, without what it pays for new state under
/// EIP-8037.
pub const TX_GAS_MAX: u64 = 1 << 24;

/// EIP-7935: the gas of a block, which no transaction may exceed under either rule set.
pub const BLOCK_GAS_MAX: u64 = 60_000_000;

/// A rule set of Ethereum.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rules {
    /// Today's.
    Osaka,
    /// The next fork's, as far as revm has them: `l1-contracts/README.md` lists the EIPs.
    Amsterdam,
}

impl Rules {
    pub const ALL: [Self; 2] = [Self::Osaka, Self::Amsterdam];

    pub fn spec(self) -> SpecId {
        match self {
            Self::Osaka => SpecId::OSAKA,
            Self::Amsterdam => SpecId::AMSTERDAM,
        }
    }

    /// The largest gas limit of a transaction. EIP-8037 bounds the gas of execution alone: what is
    /// above [`TX_GAS_MAX`] pays for new state.
    pub fn gas_limit_max(self) -> u64 {
        match self {
            Self::Osaka => TX_GAS_MAX,
            Self::Amsterdam => BLOCK_GAS_MAX,
        }
    }

    /// The name of a figure in a snapshot. Figures of today's rules have no suffix.
    pub fn figure(self, name: &str) -> String {
        match self {
            Self::Osaka => name.to_owned(),
            Self::Amsterdam => format!("{name}, Amsterdam"),
        }
    }
}
