//! A measured leaf is a proven one, and its floor is of the same cells. One test: spans are watched
//! once per process.

use farthing_benches::leaf::{Options, measure};
use farthing_benches::workload::WorkloadName;
use farthing_protocol::BatchClass;

/// Elements of the base field in one of a quotient chunk.
const CHUNK_COLUMNS: usize = 2;

#[test]
fn what_is_measured_adds_up() -> Result<(), Box<dyn std::error::Error>> {
    let class = Some(BatchClass::TINY);
    let workload = WorkloadName::Best;
    let leaf = measure(&Options { class, workload, floor: true, ..Options::default() })?;
    assert_eq!((leaf.class.as_str(), leaf.payments), ("tiny", 16));
    assert!(leaf.proven_bits > 85.0 && leaf.proof_bytes > 100_000);
    let phases = leaf.trace + leaf.commit + leaf.quotient + leaf.open;
    assert!(phases.wall_s > 0.0 && phases.wall_s <= leaf.prove.wall_s, "{phases:?}");
    assert!(leaf.prove.cpu_s > 0.0, "processor time is counted");

    let floor = leaf.floor.ok_or("the floor was asked for")?;
    assert!(floor.transform.wall_s > 0.0 && floor.hash.wall_s > 0.0);
    let cells: usize = leaf.tables.iter().map(|table| table.columns << table.log_rows).sum();
    let rows: usize = leaf.tables.iter().map(|table| 1 << table.log_rows).sum();
    let quotients = floor.cells.checked_sub(cells).ok_or("every column is committed to")?;
    // At least two chunks a table, for constraints of degree three; at most eight.
    assert_eq!(quotients % CHUNK_COLUMNS, 0);
    assert!((2..=8).contains(&(quotients / CHUNK_COLUMNS / rows)), "{quotients}");
    assert!(floor.hashed_cells > floor.cells << 3);
    Ok(())
}
