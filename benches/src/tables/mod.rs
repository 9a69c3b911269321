//! Rows and cells of the leaf's tables: how many rows a batch uses of those that its class pays for.
//!
//! Batches are sealed and their traces generated; nothing is proven.

mod row;

use std::path::PathBuf;

use farthing_airs::{LeafClass, LeafKey, SetupError, Table, TraceError, leaf_traces};
use farthing_protocol::{BatchClass, BatchWitness};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::leaf::{LeafBenchError, Options as LeafOptions, SettingsName, seal};
use crate::machine::Machine;

use row::rows_in_use;

/// Part of its rows below which a table is marked: its height should be nearer to its use.
pub const USED_MIN: f64 = 0.85;

/// Batches to count.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Classes, each filled as far as the workload allows.
    pub classes: Vec<BatchClass>,
    /// An inference trace, beside the reference workload.
    pub trace: Option<PathBuf>,
}

/// No rows were counted.
#[derive(Debug, Error)]
pub enum TablesError {
    /// The batch was not sealed.
    #[error(transparent)]
    Seal(#[from] LeafBenchError),
    /// There is no key for the class.
    #[error(transparent)]
    Setup(#[from] SetupError),
    /// The batch has no traces.
    #[error(transparent)]
    Trace(#[from] TraceError),
}

/// Workload of a counted batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Workload {
    /// The reference workload.
    Reference,
    /// Requests of an inference trace.
    Trace,
}

impl Workload {
    /// Its name in a report.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Reference => "reference",
            Self::Trace => "inference trace",
        }
    }
}

/// Rows of one table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableRows {
    /// Its name; tables of one kind are numbered.
    pub table: String,
    /// Rows that the batch uses.
    pub used: usize,
    /// log₂ of the rows that the class pays for.
    pub log_rows: usize,
    /// Committed columns: its own, and two for each of the lookup argument's.
    pub columns: usize,
}

impl TableRows {
    /// Rows that the class pays for.
    pub fn paid(&self) -> usize {
        1 << self.log_rows
    }

    /// Committed cells.
    pub fn cells(&self) -> usize {
        self.columns << self.log_rows
    }

    /// Part of the rows that is used.
    pub fn share(&self) -> f64 {
        self.used as f64 / self.paid() as f64
    }

    /// Returns true if the table is taller than its use asks for.
    pub fn is_low(&self) -> bool {
        self.share() < USED_MIN
    }
}

/// Tables of one batch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BatchTables {
    /// Its workload.
    pub workload: Workload,
    /// Its class.
    pub class: String,
    /// Payments in it.
    pub payments: usize,
    /// log₂ of the blow-up of the class's codewords.
    pub log_blowup: usize,
    /// Table by table.
    pub tables: Vec<TableRows>,
}

impl BatchTables {
    /// Codeword cells of a table per payment: committed cells × blow-up, all of which are hashed.
    pub fn codeword_cells(&self, table: &TableRows) -> f64 {
        (table.cells() << self.log_blowup) as f64 / self.payments as f64
    }

    /// Those of all tables.
    pub fn all_codeword_cells(&self) -> f64 {
        self.tables.iter().map(|table| self.codeword_cells(table)).sum()
    }

    /// Part of all committed cells that lies in rows in use.
    pub fn share(&self) -> f64 {
        let used: usize = self.tables.iter().map(|table| table.used * table.columns).sum();
        let paid: usize = self.tables.iter().map(TableRows::cells).sum();
        used as f64 / paid as f64
    }

    /// Steps of the transforms per payment: a column is interpolated over its rows and evaluated over its
    /// codeword, each in as many steps a cell as the length has bits.
    pub fn transform_steps(&self) -> f64 {
        let steps = self.tables.iter().map(|table| {
            let codeword = table.cells() << self.log_blowup;
            table.cells() * table.log_rows + codeword * (table.log_rows + self.log_blowup)
        });
        steps.sum::<usize>() as f64 / self.payments as f64
    }
}

/// Rows of every batch asked for.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct TablesReport {
    /// The machine and the program.
    pub machine: Machine,
    /// By class, the reference workload first.
    pub batches: Vec<BatchTables>,
}

/// Seals the batches and counts the rows of their traces.
pub fn measure(options: &Options) -> Result<TablesReport, TablesError> {
    let mut batches = Vec::new();
    for class in &options.classes {
        let reference = LeafOptions { class: Some(*class), ..LeafOptions::default() };
        batches.push(count(Workload::Reference, &reference)?);
        if options.trace.is_some() {
            let traced = LeafOptions { trace: options.trace.clone(), ..reference };
            batches.push(count(Workload::Trace, &traced)?);
        }
    }
    Ok(TablesReport { machine: Machine::this(), batches })
}

fn count(workload: Workload, options: &LeafOptions) -> Result<BatchTables, TablesError> {
    let (class, filled) = seal(options)?;
    of_batch(workload, class, &filled.witness)
}

/// Generates the traces of a sealed batch and counts their rows.
pub fn of_batch(
    workload: Workload,
    class: &LeafClass,
    witness: &BatchWitness,
) -> Result<BatchTables, TablesError> {
    let settings = SettingsName::Class.settings(class);
    let key = LeafKey::new(class, settings)?;
    let tables = key.tables();
    let statement = witness.statement.elements();
    let traces = leaf_traces(class, tables, settings.sbox, witness)?;
    let names: Vec<&str> = tables.iter().map(Table::name).collect();
    let counted = tables.iter().zip(&traces).zip(key.permutation_columns()).enumerate();
    let counted = counted.map(|(index, ((table, trace), permutation))| TableRows {
        table: numbered(&names, index),
        used: rows_in_use(table, trace, &statement),
        log_rows: table.log_height(),
        columns: table.columns() + 2 * permutation,
    });
    Ok(BatchTables {
        workload,
        class: class.batch.name.to_owned(),
        payments: witness.intents.len(),
        log_blowup: settings.log_blowup,
        tables: counted.collect(),
    })
}

/// The name of a table, with its number among those of the same name if there are several.
fn numbered(names: &[&str], index: usize) -> String {
    let name = names[index];
    let before = names[..index].iter().filter(|other| **other == name).count();
    match names.iter().filter(|other| **other == name).count() {
        1 => name.to_owned(),
        _ => format!("{name} {}", before + 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(table: &str, used: usize, log_rows: usize, columns: usize) -> TableRows {
        TableRows { table: table.to_owned(), used, log_rows, columns }
    }

    #[test]
    fn cells_and_shares_are_computed() {
        let batch = BatchTables {
            workload: Workload::Reference,
            class: "4k".to_owned(),
            payments: 4,
            log_blowup: 1,
            tables: vec![table("a", 7, 3, 10), table("b", 1, 1, 40)],
        };
        let [tall, short] = &batch.tables[..] else { panic!("two tables") };
        assert_eq!((tall.paid(), tall.cells(), tall.share()), (8, 80, 0.875));
        assert_eq!((tall.is_low(), short.is_low()), (false, true));
        assert_eq!(batch.codeword_cells(tall), 40.0);
        assert_eq!(batch.all_codeword_cells(), 80.0);
        // 110 cells of 160 are in rows in use.
        assert_eq!(batch.share(), 110.0 / 160.0);
        // 80 cells of each table, and twice as many of its codewords.
        let steps = 80.0 * 3.0 + 160.0 * 4.0 + 80.0 * 1.0 + 160.0 * 2.0;
        assert_eq!(batch.transform_steps(), steps / 4.0);
    }

    #[test]
    fn tables_of_one_kind_are_numbered() {
        let names = ["intents", "buckets", "buckets"];
        let numbered: Vec<String> = (0..3).map(|index| numbered(&names, index)).collect();
        assert_eq!(numbered, ["intents", "buckets 1", "buckets 2"]);
    }
}
