//! The ledger's demonstration moves what its workload asks for; it checks itself that the reserve
//! is full and that public data restores the state.

use farthing_benches::ledger_run::{Options, Report, RunError, print, run};
use farthing_benches::workload::{Holders, Placement, Shape};
use farthing_protocol::BatchClass;

const SMALL: Shape = Shape {
    payers: 10,
    licenses: 20,
    holders: Holders::Trio { data_sets: 3, model_developers: 2, derivative_every: 4 },
    accounts: 100,
    placement: Placement::Scattered,
    ..Shape::REFERENCE
};

fn options(shape: Shape, payments: usize, class: BatchClass) -> Options {
    let workload = "small".to_owned();
    Options { shape, workload, payments: Some(payments), trace: None, seed: 5, class }
}

#[test]
fn a_run_settles_every_payment() -> Result<(), Box<dyn std::error::Error>> {
    let report: Report = run(&options(SMALL, 300, BatchClass::SMALL))?;
    assert_eq!((report.payments, report.licenses, report.derivatives), (300, 20, 5));
    assert_eq!(report.money.fees_nano, 300 * 100);
    assert_eq!(report.batches.len(), 1);
    assert!(report.withdrawn_nano > 0 && report.money.creators_paid > 20);
    assert!(print(&report).contains("Largest earners"));
    let json = serde_json::to_value(&report)?;
    assert_eq!(json["batches"][0]["counts"]["intents"], 300);
    Ok(())
}

#[test]
fn a_full_batch_is_sealed_and_the_run_goes_on() -> Result<(), RunError> {
    let report = run(&options(SMALL, 40, BatchClass::TINY))?;
    assert_eq!(report.payments, 40);
    assert!(report.batches.len() >= 3);
    assert!(report.batches[0].full_of.is_some());
    Ok(())
}

#[test]
fn the_worst_case_runs() -> Result<(), RunError> {
    let report = run(&options(Shape::worst(30).with_accounts(0), 30, BatchClass::SMALL))?;
    assert_eq!((report.payments, report.money.creators_paid), (30, 480));
    Ok(())
}

#[test]
fn nothing_to_pay_for_is_an_error() {
    let none = run(&options(SMALL, 0, BatchClass::SMALL));
    assert!(matches!(none, Err(RunError::NoRequests)));
}
