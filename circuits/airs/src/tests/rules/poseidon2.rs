//! Forgeries of the permutations.

use p3_field::PrimeCharacteristicRing;

use farthing_protocol::Felt;

use super::Forged;
use super::forged_leaf::ForgedLeaf;
use super::sealed::{empty, sixteen_holders};
use crate::gadgets::sbox::SBox;
use crate::tables::state::royalty_split::SplitColumns;

/// Forgeries of this page.
pub(super) const ALL: &[Forged] = &[
    ("a permutation that shows two outputs less one", two_outputs_less_one),
    ("a permutation that shows two outputs", two_outputs),
];

/// Flags of the permutation's row: digest, absorb, squeeze.
fn flags(row: &mut [Felt]) -> &mut [Felt] {
    let start = SBox::Direct.columns() - 3;
    &mut row[start..]
}

fn two_outputs_less_one() -> ForgedLeaf {
    let mut lie = empty();
    let height = lie.rows("poseidon2").len();
    let flags = flags(lie.row("poseidon2", height - 1));
    (flags[0], flags[1]) = (Felt::ONE, -Felt::ONE);
    lie
}

/// Two licenses of the same sixteen holders absorb the same block: one row shows it twice, and with it
/// the digest, added.
fn two_outputs() -> ForgedLeaf {
    let mut lie = sixteen_holders(2, 5);
    let c = SplitColumns::new();
    let absorbed = |lie: &mut ForgedLeaf| {
        let rows = lie.rows("poseidon2");
        let places = rows
            .into_iter()
            .enumerate()
            .filter_map(|(i, row)| (flags(row)[1] == Felt::ONE).then(|| (i, row[..12].to_vec())));
        places.collect::<Vec<_>>()
    };
    let sent = lie.split_hashes();
    let input: Vec<Felt> = sent
        .iter()
        .find(|(_, hash)| hash.message[0] == Felt::ONE)
        .expect("an absorbed block")
        .1
        .message[1..13]
        .to_vec();
    let mut state: [Felt; 12] = core::array::from_fn(|i| input[i]);
    farthing_protocol::permute(&mut state);
    let capacity: Vec<Felt> = (0..4).map(|i| state[i] + state[8 + i]).collect();
    for row in lie.rows("royalty_split") {
        if row[c.active] == Felt::ONE {
            row[c.capacity.clone()].copy_from_slice(&capacity);
        }
    }
    lie.resplit(false);
    lie.follow();
    let rows: Vec<usize> = absorbed(&mut lie)
        .into_iter()
        .filter(|(_, cells)| *cells == input)
        .map(|(i, _)| i)
        .collect();
    assert_eq!(rows.len(), 2);
    flags(lie.row("poseidon2", rows[0]))[0] = Felt::ONE;
    flags(lie.row("poseidon2", rows[1]))[1] = Felt::ZERO;
    lie
}
