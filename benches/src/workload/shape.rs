//! The numbers that make a workload.

use serde::{Deserialize, Serialize};

/// Accounts in the tree of the reference workload.
const REFERENCE_ACCOUNTS: u32 = 1 << 20;

/// Holders of a license's shares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holders {
    /// An artist of its own, a data set and a model developer; of a derivative, the parent stands
    /// in place of the data set.
    Trio {
        /// Data sets to draw from.
        data_sets: usize,
        /// Model developers to draw from.
        model_developers: usize,
        /// One of this many licenses is a derivative; 0 for none.
        derivative_every: usize,
    },
    /// This many accounts that hold nothing else.
    Distinct(usize),
}

/// The name of a workload.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Serialize,
    Deserialize,
    clap::ValueEnum,
)]
#[serde(rename_all = "lowercase")]
pub enum WorkloadName {
    /// 200 payers, 2,000 licenses of three holders, by Zipf's law.
    #[default]
    Reference,
    /// Every payment by another payer to another license of 16 holders.
    Worst,
    /// One payer, one license.
    Best,
}

/// Choice of payer and license for each payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pattern {
    /// Payers drawn evenly, licenses by Zipf's law.
    Zipf,
    /// Payment i is by payer i to license i, modulo their numbers.
    InTurn,
}

/// Which numbers payers and creators have among all accounts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Placement {
    /// The first ones: their leaves share most of their paths.
    First,
    /// Any: their paths meet near the root only, as in a rollup that has many other users.
    Scattered,
}

/// A workload in numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    /// Accounts that pay.
    pub payers: usize,
    /// Licenses registered.
    pub licenses: usize,
    /// Holders of their shares.
    pub holders: Holders,
    /// Choice of payer and license for each payment.
    pub pattern: Pattern,
    /// Accounts in the tree, at least; those that neither pay nor hold shares are empty.
    pub accounts: u32,
    /// Which of them pay and create.
    pub placement: Placement,
}

impl Shape {
    /// The reference workload.
    pub const REFERENCE: Self = Self {
        payers: 200,
        licenses: 2_000,
        holders: Holders::Trio { data_sets: 50, model_developers: 20, derivative_every: 4 },
        pattern: Pattern::Zipf,
        accounts: REFERENCE_ACCOUNTS,
        placement: Placement::Scattered,
    };

    /// The cheapest: one payer, one license.
    pub const BEST: Self = Self {
        payers: 1,
        licenses: 1,
        holders: Holders::Trio { data_sets: 1, model_developers: 1, derivative_every: 0 },
        pattern: Pattern::InTurn,
        ..Self::REFERENCE
    };

    /// The dearest: each of `payments` payments by another payer, to another license, of 16
    /// holders who hold nothing else.
    pub const fn worst(payments: usize) -> Self {
        Self {
            payers: payments,
            licenses: payments,
            holders: Holders::Distinct(farthing_protocol::HOLDERS_MAX),
            pattern: Pattern::InTurn,
            ..Self::REFERENCE
        }
    }

    /// The same with another number of accounts in the tree.
    #[must_use]
    pub const fn with_accounts(self, accounts: u32) -> Self {
        Self { accounts, ..self }
    }

    /// The same with payers and creators elsewhere.
    #[must_use]
    pub const fn placed(self, placement: Placement) -> Self {
        Self { placement, ..self }
    }
}
