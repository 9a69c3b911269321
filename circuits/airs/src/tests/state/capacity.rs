//! The protocol's capacities are what the tables hold: more never, and less only where a table is as
//! tall as another for the wrap's sake.

use farthing_protocol::BatchCounts;

use crate::class::LeafClass;
use crate::tables::state::merkle::ROOT_ROWS;
use crate::tables::state::public_data::LIMBS_PER_ROW;

/// Rows that keep one for padding.
fn padded(log_height: usize) -> u32 {
    (1 << log_height) - 1
}

#[test]
fn capacities_are_what_the_tables_hold() {
    for class in LeafClass::ALL {
        let heights = &class.state;
        let protocol = class.batch.capacity;
        let permutations: u32 = class.log_poseidon2.iter().map(|log| 1 << log).sum();
        // Two kinds of row share a table: together they fill it.
        assert_eq!(protocol.queue_entries + protocol.opened, padded(heights.log_queue));
        let registered = protocol.registrations + protocol.parents;
        assert!(registered <= padded(heights.log_registrations));
        let expected = BatchCounts {
            intents: 1 << class.log_intents,
            signers: class.signers().min(class.intents()) as u32,
            accounts: padded(heights.log_accounts),
            licenses: padded(heights.log_licenses),
            holders: 1 << heights.log_royalty_split,
            withdrawals: padded(heights.log_withdrawals),
            nodes: (1 << heights.log_merkle) - ROOT_ROWS,
            permutations,
            limbs: (LIMBS_PER_ROW as u32) << heights.log_public_data,
            // Credits are counts on a bus: they take no rows.
            ..protocol
        };
        assert_eq!(protocol.exceeds(&expected), None, "{}", class.batch.name);
        if !class.low_blowup {
            assert_eq!(protocol, expected, "{}", class.batch.name);
            assert_eq!(registered, padded(heights.log_registrations));
        }
    }
}
