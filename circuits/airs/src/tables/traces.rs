//! The traces of a leaf, by table.

use std::collections::BTreeMap;

use p3_matrix::dense::RowMajorMatrix;
use thiserror::Error;
use tracing::{info_span, instrument};

use farthing_protocol::Felt;

use crate::class::LeafClass;
use crate::gadgets::sbox::SBox;

use super::LeafTable;
use super::shared::poseidon2::{self, HashRequests, Poseidon2Table};
use super::shared::range::{RangeCounts, RangeTable};
use super::table::Table;

/// Reason why a batch has no trace in a class.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum TraceError {
    /// A table has no trace.
    #[error("table {table} has no trace")]
    Missing {
        /// Name of the table.
        table: &'static str,
    },
    /// A trace belongs to no table of the proof, or there are too many traces of one table.
    #[error("{got} traces are left over, the first of table {table}")]
    Surplus {
        /// Name of the first trace's table.
        table: &'static str,
        /// Traces that no table takes.
        got: usize,
    },
    /// More intents than the class has rows for.
    #[error("the batch has {got} intents, its class holds {most}")]
    Intents {
        /// Rows of the class.
        most: usize,
        /// Intents of the batch.
        got: usize,
    },
    /// More signers than the class has rows for.
    #[error("the batch has {got} signers, its class holds {most}")]
    Signers {
        /// Rows of the class.
        most: usize,
        /// Signers of the batch.
        got: usize,
    },
    /// The terms of the multi-scalar multiplication do not fit the bucket tables.
    #[error("the terms of the batch do not fit the bucket tables of the class")]
    Buckets,
    /// More permutations than the class has rows for.
    #[error("the batch needs {got} permutations, its class holds {most}")]
    Permutations {
        /// Rows of the class.
        most: usize,
        /// Permutations of the batch.
        got: usize,
    },
    /// More rows than a table of the state has.
    #[error("the batch has {got} {table}, its class holds {most}")]
    State {
        /// Things that the table has a row for.
        table: &'static str,
        /// Rows of the class.
        most: usize,
        /// Rows of the batch.
        got: usize,
    },
    /// The witness does not hold together: a license or an account is named and not touched.
    #[error("the witness names {what} {id} and does not touch it")]
    Untouched {
        /// Account or license.
        what: &'static str,
        /// Its number.
        id: u32,
    },
    /// A signature's R is not a point of the group.
    #[error("R of intent {row} is not a point of the group")]
    Point {
        /// The intent's row.
        row: usize,
    },
    /// A key is not a point of the group.
    #[error("a key of the batch is not a point of the group")]
    Key,
}

/// Traces of tables, made in any order, and the permutations that they
/// request.
#[derive(Debug, Default)]
pub struct Traces {
    by_table: BTreeMap<&'static str, Vec<RowMajorMatrix<Felt>>>,
    /// Permutations that the traces request.
    pub(crate) requests: HashRequests,
}

impl Traces {
    /// Adds a trace of table `T`, behind those of its earlier instances.
    pub(crate) fn put<T: LeafTable>(&mut self, trace: RowMajorMatrix<Felt>) {
        self.by_table.entry(T::NAME).or_default().push(trace);
    }

    /// The trace of table `T`, to change it.
    #[cfg(test)]
    pub(crate) fn trace_mut<T: LeafTable>(&mut self) -> &mut RowMajorMatrix<Felt> {
        let [trace] = &mut self.by_table.get_mut(T::NAME).expect("a trace")[..] else {
            panic!("table {} has several traces", T::NAME)
        };
        trace
    }

    /// Adds traces and requests of other tables.
    pub fn append(&mut self, other: Self) {
        for (table, traces) in other.by_table {
            self.by_table.entry(table).or_default().extend(traces);
        }
        self.requests.append(other.requests);
    }

    /// The traces in the order of `tables`.
    fn in_order(self, tables: &[Table]) -> Result<Vec<RowMajorMatrix<Felt>>, TraceError> {
        let mut left: BTreeMap<_, _> =
            self.by_table.into_iter().map(|(table, traces)| (table, traces.into_iter())).collect();
        let ordered = tables
            .iter()
            .map(|table| {
                let trace = left.get_mut(table.name()).and_then(Iterator::next);
                trace.ok_or(TraceError::Missing { table: table.name() })
            })
            .collect::<Result<_, _>>()?;
        let surplus = left.into_iter().map(|(table, traces)| (table, traces.len()));
        match surplus.filter(|(_, got)| *got > 0).reduce(|(table, a), (_, b)| (table, a + b)) {
            Some((table, got)) => Err(TraceError::Surplus { table, got }),
            None => Ok(ordered),
        }
    }
}

/// Adds the traces of permutations and ranges to those of all other tables, and puts them in the
/// order of `tables`.
#[instrument(skip_all)]
pub fn finish_traces(
    class: &LeafClass,
    sbox: SBox,
    tables: &[Table],
    mut traces: Traces,
) -> Result<Vec<RowMajorMatrix<Felt>>, TraceError> {
    let (most, got) = (Poseidon2Table::rows(class), traces.requests.len());
    if got > most {
        return Err(TraceError::Permutations { most, got });
    }
    let permutations = info_span!("permutations").in_scope(|| {
        poseidon2::traces(&traces.requests, sbox, &Poseidon2Table::log_heights(class))
    });
    for trace in permutations {
        traces.put::<Poseidon2Table>(trace);
    }
    traces.put::<RangeTable>(RangeCounts::new().into_trace());
    let mut traces = traces.in_order(tables)?;
    count_ranges(tables, &mut traces);
    Ok(traces)
}

/// Fills the range table in with the lookups that the other tables make.
pub(crate) fn count_ranges(tables: &[Table], traces: &mut [RowMajorMatrix<Felt>]) {
    let mut counts = RangeCounts::new();
    for (table, trace) in tables.iter().zip(traces.iter()) {
        counts.add(trace, &table.lookups());
    }
    if let Some(range) = tables.iter().position(Table::is::<RangeTable>) {
        traces[range] = counts.into_trace();
    }
}
