//! What has no circuit.

use p3_batch_stark::CommonData;

use farthing_airs::{FriSettings, LeafConfig};

use super::{Shape, ShapeError, System};
use crate::tests::{Honest, SETTINGS, Setup, TestTable, Toy, toys};

/// A change to a system before its shape is taken.
struct Case<'a> {
    tables: Vec<TestTable>,
    log_heights: Vec<usize>,
    common: &'a CommonData<LeafConfig>,
    settings: FriSettings,
}

impl Case<'_> {
    fn shape(&self) -> Result<Shape, ShapeError> {
        Shape::new(&System {
            tables: &self.tables,
            log_heights: &self.log_heights,
            common: self.common,
            settings: self.settings,
        })
    }
}

fn refused(honest: &Honest, setup: &Setup, change: impl FnOnce(&mut Case<'_>)) -> ShapeError {
    let mut case = Case {
        tables: honest.tables.clone(),
        log_heights: honest.log_heights.clone(),
        common: &setup.data.common,
        settings: SETTINGS,
    };
    assert!(case.shape().is_ok());
    change(&mut case);
    case.shape().expect_err("no shape")
}

#[test]
fn parameters_without_soundness() {
    let (honest, setup) = (toys(), Setup::new(&toys(), SETTINGS));
    let parameter = |change: fn(&mut FriSettings)| {
        let error = refused(&honest, &setup, |case| change(&mut case.settings));
        matches!(error, ShapeError::Parameter { .. })
    };
    assert!(parameter(|settings| settings.queries = 0));
    assert!(parameter(|settings| settings.log_blowup = 0));
    assert!(parameter(|settings| settings.query_pow = 33));
    assert!(parameter(|settings| settings.lookup_pow = 64));
}

#[test]
fn heights_that_cannot_be_folded_or_bound() {
    let (honest, setup) = (toys(), Setup::new(&toys(), SETTINGS));
    let height =
        |table: usize, log: usize| refused(&honest, &setup, |case| case.log_heights[table] = log);
    assert!(matches!(height(0, 5), ShapeError::Short { table: 0, expected: 6, got: 5 }));
    assert!(matches!(height(1, 32), ShapeError::Tall { most: 32, got: 33 }));
    assert!(matches!(height(2, 7), ShapeError::Preprocessed { table: 2 }));
}

#[test]
fn tables_of_another_system() {
    let (honest, setup) = (toys(), Setup::new(&toys(), SETTINGS));
    let refused = |change: fn(&mut Case<'_>)| refused(&honest, &setup, change);
    let count = |error| matches!(error, ShapeError::Count { .. });
    assert!(count(refused(|case| case.log_heights.truncate(3))));
    assert!(count(refused(|case| case.tables.truncate(3))));
    assert!(matches!(refused(|case| case.tables.clear()), ShapeError::Empty));
    let exchanged = refused(|case| case.tables[2] = TestTable::Toy(Toy::Receiver));
    assert!(matches!(exchanged, ShapeError::Preprocessed { table: 2 }));
    let added = refused(|case| case.tables[0] = TestTable::Toy(Toy::Steps));
    assert!(matches!(added, ShapeError::Preprocessed { table: 0 }));
}

/// Rounds are listed as p3 batches them, and the seeds are of this shape.
#[test]
fn shape_of_the_toys() {
    let (honest, setup) = (toys(), Setup::new(&toys(), SETTINGS));
    let shape = Shape::new(&setup.system()).expect("shape");
    let points: Vec<usize> = shape.rounds[0].matrices.iter().map(|matrix| matrix.points).collect();
    assert_eq!(points, [2, 1, 2, 1]);
    assert_eq!(shape.rounds.len(), 4);
    assert_eq!((shape.buses, shape.longest_message), (1, 2));
    assert_eq!(shape.log_top, 11 + SETTINGS.log_blowup);
    assert_eq!(shape.log_arities, [3, 2, 1]);
    let other = FriSettings { queries: 3, ..SETTINGS };
    let other = Shape::new(&Setup::new(&honest, other).system()).expect("shape");
    assert_eq!(shape.seeds.batch, other.seeds.batch);
    assert_ne!(shape.seeds.folding, other.seeds.folding);
}
