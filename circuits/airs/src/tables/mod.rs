//! The tables of a leaf proof: one trait, and one list of the tables that implement it.
//!
//! The list gives the order of the proof. Each table says its name, its heights in a class, its
//! constraints, and whether it reads the statement; [`Traces`] takes traces by the type of their
//! table, so that no other order of tables is written anywhere.

pub(crate) mod shared;
pub(crate) mod signature;
pub(crate) mod state;
mod table;
mod traces;

use p3_air::AirBuilder;
use p3_lookup::InteractionBuilder;
use p3_matrix::dense::RowMajorMatrix;

use farthing_protocol::Felt;

use crate::class::LeafClass;
use crate::config::MAX_DEGREE;
use crate::gadgets::decomposition::Decomposition;
use crate::gadgets::layout::Layout;
use crate::gadgets::sbox::SBox;
#[cfg(test)]
use crate::tests::state_stub::StateStub;

use self::shared::poseidon2::Poseidon2Table;
use self::shared::range::RangeTable;
use self::signature::bucket_reduction::ReductionTable;
use self::signature::buckets::BucketTable;
use self::signature::carries::CarryTable;
use self::signature::combine::CombineTable;
use self::signature::intents::IntentTable;
use self::signature::receipts::ReceiptTable;
use self::signature::signers::SignerTable;
use self::signature::weights::WeightTable;
use self::state::accounts::AccountTable;
use self::state::licenses::LicenseTable;
use self::state::merkle::MerkleTable;
use self::state::public_data::PublicDataTable;
use self::state::queue::QueueTable;
use self::state::registrations::RegistrationTable;
use self::state::royalty_split::SplitTable;
use self::state::withdrawals::WithdrawalTable;

pub use table::Table;
#[cfg(test)]
pub(crate) use traces::count_ranges;
pub use traces::{TraceError, Traces, finish_traces};

/// Part of a leaf that a table belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Intents and their signatures.
    Signature,
    /// Permutations and ranges, for all other tables.
    Shared,
    /// The state before and after the batch.
    State,
    /// Stand-in for the tables of the state.
    #[cfg(test)]
    Stub,
}

/// Builder of a table's constraints and messages.
pub(crate) trait LeafBuilder: AirBuilder<F = Felt> + InteractionBuilder {}

impl<AB: AirBuilder<F = Felt> + InteractionBuilder> LeafBuilder for AB {}

/// A table of a leaf proof.
pub(crate) trait LeafTable: Clone + Into<TableAir> {
    /// Name in reports and errors.
    const NAME: &'static str;
    /// Part of the leaf that it belongs to.
    const PART: Part;
    /// The statement is its public values; else it has no public values.
    const READS_STATEMENT: bool = false;
    /// The constraints of a row read the next row.
    const READS_NEXT_ROW: bool = false;

    /// The table in a class.
    fn new(class: &LeafClass, sbox: SBox) -> Self;

    /// log₂ of the rows in a class: of each instance if there are several, which are filled one
    /// after the other.
    fn log_heights(class: &LeafClass) -> Vec<usize>;

    /// log₂ of the rows of the first instance.
    fn log_height(class: &LeafClass) -> usize {
        Self::log_heights(class).first().copied().unwrap_or(0)
    }

    /// Rows of all instances.
    fn rows(class: &LeafClass) -> usize {
        Self::log_heights(class).iter().map(|log_height| 1 << log_height).sum()
    }

    /// Columns of the main trace.
    fn columns(&self) -> &dyn Layout;

    /// Columns that the verifying key commits to, if it has any.
    fn preprocessed_columns(&self) -> Option<&dyn Layout> {
        None
    }

    /// The trace of the preprocessed columns.
    fn preprocessed(&self, _log_height: usize) -> Option<RowMajorMatrix<Felt>> {
        None
    }

    /// Highest degree of its constraints.
    fn degree(&self) -> usize {
        MAX_DEGREE
    }

    /// The range-checked numbers of a row, in the order of their lookups.
    fn numbers(&self) -> Vec<&Decomposition> {
        self.columns().numbers()
    }

    /// Constraints and messages of a row.
    fn eval<AB: LeafBuilder>(&self, builder: &mut AB);
}

/// Declares the tables of a leaf in the order of the proof.
macro_rules! leaf_tables {
    ($($(#[$attribute:meta])* $variant:ident: $table:ty,)+) => {
        /// Constraints of any table: p3 proves tables of one type.
        #[derive(Clone, Debug)]
        pub(crate) enum TableAir {
            $($(#[$attribute])* $variant(Box<$table>),)+
        }

        $(
            $(#[$attribute])*
            impl From<$table> for TableAir {
                fn from(table: $table) -> Self {
                    Self::$variant(Box::new(table))
                }
            }
        )+

        impl TableAir {
            fn preprocessed(&self, log_height: usize) -> Option<RowMajorMatrix<Felt>> {
                match self {
                    $($(#[$attribute])* Self::$variant(table) => table.preprocessed(log_height),)+
                }
            }

            fn eval<AB: LeafBuilder>(&self, builder: &mut AB) {
                match self {
                    $($(#[$attribute])* Self::$variant(table) => table.eval(builder),)+
                }
            }
        }

        /// Every table of a class.
        fn all_tables(class: &LeafClass, sbox: SBox) -> Vec<Table> {
            let mut tables = Vec::new();
            $($(#[$attribute])* tables.extend(Table::instances::<$table>(class, sbox));)+
            tables
        }
    };
}

leaf_tables! {
    Intents: IntentTable,
    Receipts: ReceiptTable,
    Weights: WeightTable,
    Signers: SignerTable,
    Carries: CarryTable,
    BucketReduction: ReductionTable,
    Combine: CombineTable,
    Range: RangeTable,
    Buckets: BucketTable,
    Poseidon2: Poseidon2Table,
    Queue: QueueTable,
    Withdrawals: WithdrawalTable,
    Accounts: AccountTable,
    Registrations: RegistrationTable,
    Licenses: LicenseTable,
    RoyaltySplit: SplitTable,
    Merkle: MerkleTable,
    PublicData: PublicDataTable,
    #[cfg(test)]
    StateStub: StateStub,
}
