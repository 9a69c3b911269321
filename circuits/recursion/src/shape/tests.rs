//! Systems that have no circuit.

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

/// Tables of their own, ready for a shape.
fn system(toys: &[Toy], log_heights: &[usize]) -> (Honest, Setup) {
    let honest = Honest {
        tables: toys.iter().copied().map(TestTable::Toy).collect(),
        log_heights: log_heights.to_vec(),
        public_values: Vec::new(),
        traces: Vec::new(),
    };
    let setup = Setup::new(&honest, SETTINGS);
    (honest, setup)
}

/// A message of three elements on a bus of pairs: on one row (a, b) would pass for (0, a, b).
#[test]
fn buses_of_two_widths() {
    let (_, setup) = system(&[Toy::Recurrence, Toy::Receiver, Toy::Triples], &[11, 11, 11]);
    let refused = Shape::new(&setup.system()).expect_err("two widths");
    assert!(matches!(refused, ShapeError::Message { table: 2, expected: 2, got: 3 }), "{refused}");
}

/// Counts that come to the modulus: 2³² rows of up to 2³² − 1 each come to p − 1, one row more to p. As
/// many as that cannot be folded either, which is said next.
#[test]
fn counts_that_wrap() {
    let (_, mut setup) = system(&[Toy::Counted, Toy::Recurrence], &[6, 6]);
    setup.log_heights = vec![32, 0];
    let refused = Shape::new(&setup.system()).expect_err("a count of p");
    assert!(matches!(refused, ShapeError::Multiplicity(_)), "{refused}");
    let (_, mut setup) = system(&[Toy::Counted, Toy::Steps], &[6, 6]);
    setup.log_heights = vec![32, 6];
    let refused = Shape::new(&setup.system()).expect_err("too tall");
    assert!(matches!(refused, ShapeError::Tall { .. }), "p - 1 is bounded: {refused}");
}

/// Every reason to refuse a shape has a system that is refused for it.
#[test]
fn every_refusal_has_its_system() {
    let (honest, setup) = (toys(), Setup::new(&toys(), SETTINGS));
    let refused = |change: fn(&mut Case<'_>)| refused(&honest, &setup, change);
    let (_, wide) = system(&[Toy::Recurrence, Toy::Triples], &[11, 11]);
    let (_, mut counted) = system(&[Toy::Counted, Toy::Recurrence], &[6, 6]);
    counted.log_heights = vec![32, 0];
    let refusals = [
        refused(|case| case.tables.truncate(3)),
        refused(|case| case.tables.clear()),
        refused(|case| case.settings.queries = 0),
        refused(|case| case.tables[1] = TestTable::Toy(Toy::Nothing)),
        refused(|case| case.log_heights[2] = 7),
        Shape::new(&wide.system()).expect_err("two widths"),
        Shape::new(&counted.system()).expect_err("counts"),
        refused(|case| case.log_heights[0] = 5),
        refused(|case| case.log_heights[1] = 32),
    ];
    for (index, refusal) in refusals.iter().enumerate() {
        // A new reason does not compile until it is listed.
        let of_reason = match refusal {
            ShapeError::Count { .. } => 0,
            ShapeError::Empty => 1,
            ShapeError::Parameter { .. } => 2,
            ShapeError::Unsupported { .. } => 3,
            ShapeError::Preprocessed { .. } => 4,
            ShapeError::Message { .. } => 5,
            ShapeError::Multiplicity(_) => 6,
            ShapeError::Short { .. } => 7,
            ShapeError::Tall { .. } => 8,
        };
        assert_eq!(of_reason, index, "{refusal}");
    }
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
