//! The one AIR type of a batch proof: every table is a variant.

use p3_air::{Air, AirBuilder, BaseAir};
use p3_lookup::InteractionBuilder;
use p3_matrix::dense::RowMajorMatrix;

use farthing_protocol::{Felt, STATEMENT_ELEMENTS};

use crate::accounts::{self, AccountColumns};
use crate::bucket_reduction::{self, ReductionColumns};
use crate::buckets;
use crate::carries::{self, CarryColumns};
use crate::class::LeafClass;
use crate::combine::{self, CombineColumns};
use crate::config::MAX_DEGREE;
use crate::decomposition::Decomposition;
use crate::intents::{self, IntentColumns};
use crate::licenses::{self, LicenseColumns};
use crate::merkle;
use crate::poseidon2::{Poseidon2Table, SBox};
use crate::public_data;
use crate::queue::{self, QueueColumns};
use crate::range;
use crate::receipts;
use crate::registrations::{self, RegistrationColumns};
use crate::royalty_split::{self, SplitColumns};
#[cfg(test)]
use crate::rules::{Off, Without};
use crate::signers::{self, SignerColumns};
#[cfg(test)]
use crate::tests::sink;
use crate::weights;
use crate::withdrawals::{self, WithdrawalColumns};

/// What the rows of a table say.
#[derive(Clone, Debug)]
enum Rules {
    Poseidon2(Poseidon2Table),
    Range,
    Intents(Box<IntentColumns>),
    Receipts {
        capacity: usize,
    },
    Weights,
    Signers(Box<SignerColumns>),
    Carries(CarryColumns),
    Buckets,
    BucketReduction(ReductionColumns),
    Combine(CombineColumns),
    Queue(Box<QueueColumns>),
    Withdrawals(Box<WithdrawalColumns>),
    Accounts(Box<AccountColumns>),
    Registrations(Box<RegistrationColumns>),
    Licenses(Box<LicenseColumns>),
    RoyaltySplit(Box<SplitColumns>),
    Merkle,
    PublicData,
    #[cfg(test)]
    Sink,
}

/// A table of a batch class: its rules and its height.
#[derive(Clone, Debug)]
pub struct Table {
    name: &'static str,
    rules: Rules,
    log_height: usize,
    class: LeafClass,
    /// Rules that are left out.
    #[cfg(test)]
    off: Off,
}

impl Table {
    fn new(name: &'static str, rules: Rules, log_height: usize, class: &LeafClass) -> Self {
        Self {
            name,
            rules,
            log_height,
            class: class.clone(),
            #[cfg(test)]
            off: Off::default(),
        }
    }

    /// The same table with these rules left out.
    #[cfg(test)]
    pub(crate) fn without(&self, off: Off) -> Self {
        Self { off, ..self.clone() }
    }

    /// The tables of a class, in the order of a leaf proof: intents and signatures, then the state.
    pub fn of_class(class: &LeafClass, sbox: SBox) -> Vec<Self> {
        let mut tables = Self::of_signatures(class, sbox);
        tables.extend(Self::of_state(class));
        tables
    }

    /// Intents and signatures with the stand-in for the state's tables.
    #[cfg(test)]
    pub(crate) fn with_sink(class: &LeafClass, sbox: SBox) -> Vec<Self> {
        let mut tables = Self::of_signatures(class, sbox);
        let log_height = sink::log_height(class);
        tables.push(Self::new("sink", Rules::Sink, log_height, class));
        tables
    }

    /// The tables of the state, in the order of its traces.
    fn of_state(class: &LeafClass) -> Vec<Self> {
        let table = |name, rules, log_height| Self::new(name, rules, log_height, class);
        let h = &class.state;
        let queue = Rules::Queue(Box::new(QueueColumns::new()));
        let withdrawals = Rules::Withdrawals(Box::new(WithdrawalColumns::new()));
        let accounts = Rules::Accounts(Box::new(AccountColumns::new()));
        let registrations = Rules::Registrations(Box::new(RegistrationColumns::new()));
        let licenses = Rules::Licenses(Box::new(LicenseColumns::new()));
        let royalty_split = Rules::RoyaltySplit(Box::new(SplitColumns::new()));
        vec![
            table("queue", queue, h.log_queue),
            table("withdrawals", withdrawals, h.log_withdrawals),
            table("accounts", accounts, h.log_accounts),
            table("registrations", registrations, h.log_registrations),
            table("licenses", licenses, h.log_licenses),
            table("royalty_split", royalty_split, h.log_royalty_split),
            table("merkle", Rules::Merkle, h.log_merkle),
            table("public_data", Rules::PublicData, h.log_public_data),
        ]
    }

    /// The tables of intents and signatures, permutations and ranges.
    fn of_signatures(class: &LeafClass, sbox: SBox) -> Vec<Self> {
        let schedule = &class.schedule;
        schedule.assert_sound();
        let windows = schedule.windows();
        let table = |name, rules, log_height| Self::new(name, rules, log_height, class);
        let mut tables = vec![
            table(
                "intents",
                Rules::Intents(Box::new(IntentColumns::new(schedule))),
                class.log_intents_height(),
            ),
            table("receipts", Rules::Receipts { capacity: class.intents() }, class.log_receipts),
            table("weights", Rules::Weights, class.log_weights_height()),
            table(
                "signers",
                Rules::Signers(Box::new(SignerColumns::new(schedule))),
                class.log_signers,
            ),
            table("carries", Rules::Carries(CarryColumns::new(schedule)), class.log_carries),
            table(
                "bucket_reduction",
                Rules::BucketReduction(ReductionColumns::new()),
                class.log_bucket_reduction_height(),
            ),
            table("combine", Rules::Combine(CombineColumns::new()), combine::log_height(&windows)),
            table("range", Rules::Range, range::LOG_HEIGHT),
        ];
        tables.extend(class.log_buckets.iter().map(|h| table("buckets", Rules::Buckets, *h)));
        let poseidon2 = Poseidon2Table::new(sbox);
        tables.extend(
            class
                .log_poseidon2
                .iter()
                .map(|h| table("poseidon2", Rules::Poseidon2(poseidon2.clone()), *h)),
        );
        tables
    }

    /// Name of the table; several tables of a class may share one.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// log₂ of the rows.
    pub fn log_height(&self) -> usize {
        self.log_height
    }

    /// Whether the table reads the statement.
    pub fn reads_statement(&self) -> bool {
        matches!(
            self.rules,
            Rules::Intents(_)
                | Rules::Receipts { .. }
                | Rules::Weights
                | Rules::Queue(_)
                | Rules::Merkle
                | Rules::PublicData
        )
    }

    /// Columns of the main trace.
    pub fn columns(&self) -> usize {
        match &self.rules {
            Rules::Poseidon2(table) => table.sbox().columns(),
            Rules::Range => range::COLUMNS,
            Rules::Intents(columns) => columns.width,
            Rules::Receipts { .. } => receipts::COLUMNS,
            Rules::Weights => weights::COLUMNS,
            Rules::Signers(columns) => columns.width,
            Rules::Carries(columns) => columns.width,
            Rules::Buckets => buckets::COLUMNS,
            Rules::BucketReduction(columns) => columns.width,
            Rules::Combine(columns) => columns.width,
            Rules::Queue(columns) => columns.width,
            Rules::Withdrawals(columns) => columns.width,
            Rules::Accounts(columns) => columns.width,
            Rules::Registrations(columns) => columns.width,
            Rules::Licenses(columns) => columns.width,
            Rules::RoyaltySplit(columns) => columns.width,
            Rules::Merkle => merkle::COLUMNS,
            Rules::PublicData => public_data::COLUMNS,
            #[cfg(test)]
            Rules::Sink => sink::COLUMNS,
        }
    }

    /// Preprocessed columns.
    pub fn fixed_columns(&self) -> usize {
        match &self.rules {
            Rules::Range => range::FIXED_COLUMNS,
            Rules::Receipts { .. } => receipts::FIXED_COLUMNS,
            Rules::Weights => weights::FIXED_COLUMNS,
            Rules::Signers(_) => signers::FIXED_COLUMNS,
            Rules::Carries(_) => carries::FIXED_COLUMNS,
            Rules::BucketReduction(_) => bucket_reduction::FIXED_COLUMNS,
            Rules::Combine(_) => combine::FIXED_COLUMNS,
            _ => 0,
        }
    }

    /// Highest degree of its constraints.
    pub fn degree(&self) -> usize {
        match &self.rules {
            Rules::Poseidon2(table) => table.sbox().degree().max(MAX_DEGREE),
            _ => MAX_DEGREE,
        }
    }

    /// Whether a row's constraints read the row behind it.
    pub fn reads_next_row(&self) -> bool {
        matches!(
            self.rules,
            Rules::Intents(_)
                | Rules::Carries(_)
                | Rules::Buckets
                | Rules::BucketReduction(_)
                | Rules::Combine(_)
                | Rules::Queue(_)
                | Rules::Withdrawals(_)
                | Rules::Accounts(_)
                | Rules::Registrations(_)
                | Rules::Licenses(_)
                | Rules::RoyaltySplit(_)
                | Rules::PublicData
        )
    }

    /// Each main column with the bits of its range lookup.
    pub(crate) fn lookups(&self) -> Vec<(usize, usize)> {
        let lookups = self.numbers().into_iter().flat_map(Decomposition::lookups);
        #[cfg(test)]
        let lookups = lookups.filter(|(column, _)| !self.off.columns.contains(column));
        lookups.collect()
    }

    /// The range-checked numbers of a row.
    pub(crate) fn numbers(&self) -> Vec<&Decomposition> {
        match &self.rules {
            Rules::Intents(columns) => columns.numbers(),
            Rules::Signers(columns) => columns.numbers(),
            Rules::Carries(columns) => columns.numbers(),
            Rules::Queue(columns) => columns.numbers(),
            Rules::Withdrawals(columns) => columns.numbers(),
            Rules::Accounts(columns) => columns.numbers(),
            Rules::Registrations(columns) => columns.numbers(),
            Rules::Licenses(columns) => columns.numbers(),
            Rules::RoyaltySplit(columns) => columns.numbers(),
            _ => Vec::new(),
        }
    }

    fn fixed_trace(&self) -> Option<RowMajorMatrix<Felt>> {
        let schedule = &self.class.schedule;
        match &self.rules {
            Rules::Range => Some(range::fixed_trace()),
            Rules::Receipts { capacity } => Some(receipts::fixed_trace(*capacity, self.log_height)),
            Rules::Weights => Some(weights::fixed_trace(self.log_height)),
            Rules::Signers(_) => Some(signers::fixed_trace(self.log_height)),
            Rules::Carries(_) => Some(carries::fixed_trace(schedule, self.log_height)),
            Rules::BucketReduction(_) => {
                Some(bucket_reduction::fixed_trace(&schedule.windows(), self.log_height))
            }
            Rules::Combine(_) => Some(combine::fixed_trace(&schedule.windows(), self.log_height)),
            _ => None,
        }
    }
}

impl BaseAir<Felt> for Table {
    fn width(&self) -> usize {
        self.columns()
    }

    fn preprocessed_width(&self) -> usize {
        self.fixed_columns()
    }

    fn preprocessed_trace(&self) -> Option<RowMajorMatrix<Felt>> {
        self.fixed_trace()
    }

    fn main_next_row_columns(&self) -> Vec<usize> {
        if self.reads_next_row() { (0..self.columns()).collect() } else { Vec::new() }
    }

    fn preprocessed_next_row_columns(&self) -> Vec<usize> {
        if self.reads_next_row() { (0..self.fixed_columns()).collect() } else { Vec::new() }
    }

    fn num_public_values(&self) -> usize {
        if self.reads_statement() { STATEMENT_ELEMENTS } else { 0 }
    }
}

impl<AB: AirBuilder<F = Felt> + InteractionBuilder> Air<AB> for Table {
    fn eval(&self, builder: &mut AB) {
        #[cfg(test)]
        if !self.off.is_empty() {
            self.eval_rules(&mut Without::new(builder, &self.off));
            return;
        }
        self.eval_rules(builder);
    }
}

impl Table {
    fn eval_rules<AB: AirBuilder<F = Felt> + InteractionBuilder>(&self, builder: &mut AB) {
        match &self.rules {
            Rules::Poseidon2(table) => table.eval(builder),
            Rules::Range => range::eval(builder),
            Rules::Intents(columns) => intents::eval(columns, self.class.batch.id, builder),
            Rules::Receipts { .. } => receipts::eval(builder),
            Rules::Weights => weights::eval(builder),
            Rules::Signers(columns) => signers::eval(columns, builder),
            Rules::Carries(columns) => carries::eval(columns, builder),
            Rules::Buckets => buckets::eval(builder),
            Rules::BucketReduction(columns) => bucket_reduction::eval(columns, builder),
            Rules::Combine(columns) => combine::eval(columns, builder),
            Rules::Queue(columns) => queue::eval(columns, builder),
            Rules::Withdrawals(columns) => withdrawals::eval(columns, builder),
            Rules::Accounts(columns) => accounts::eval(columns, builder),
            Rules::Registrations(columns) => registrations::eval(columns, builder),
            Rules::Licenses(columns) => licenses::eval(columns, builder),
            Rules::RoyaltySplit(columns) => royalty_split::eval(columns, builder),
            Rules::Merkle => merkle::eval(builder),
            Rules::PublicData => public_data::eval(builder),
            #[cfg(test)]
            Rules::Sink => sink::eval(builder),
        }
    }
}
