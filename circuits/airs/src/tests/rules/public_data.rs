//! Forgeries of public data.

use p3_field::{Field, PrimeCharacteristicRing};

use farthing_protocol::{Felt, QuadraticFelt, position};

use super::Forged;
use super::forged_leaf::ForgedLeaf;
use super::sealed::{everything, sealed};
use crate::tables::state::public_data::PublicDataColumns;
use crate::tests::state::edges::full_public_data;
use crate::tests::state::test_ledger::deposit;

/// Forgeries of this page.
pub(super) const ALL: &[Forged] = &[
    ("public data without an end", data_without_end),
    ("public data's ends taken back", data_first_taken_back),
    ("a limb that is not there", absent_limb),
    ("an evaluation that begins higher", sum_begins_higher),
    ("another tag of public data", other_tag),
    ("public data without an end, the table full", full_data_without_end),
];

/// Two deposits too large and the operator: 24 limbs, three full blocks.
fn data_without_end() -> ForgedLeaf {
    let mut lie = sealed(|world| {
        world.consume(deposit(1, 1 << 46));
        world.consume(deposit(1, 1 << 46));
    });
    let c = PublicDataColumns::new();
    let end = lie.find("public_data", c.end);
    let row = lie.row("public_data", end);
    assert_eq!(row[c.present.end - 1], Felt::ONE);
    row[c.end] = Felt::ZERO;
    let commitment = position::PUBLIC_DATA;
    lie.statement[commitment].fill(Felt::from_u8(99));
    lie.responge();
    lie.permute();
    lie
}

fn data_first_taken_back() -> ForgedLeaf {
    let mut lie = everything();
    let first = PublicDataColumns::new().first;
    lie.row("public_data", 100)[first] = Felt::ONE;
    lie.row("public_data", 101)[first] = -Felt::ONE;
    lie
}

fn absent_limb() -> ForgedLeaf {
    let mut lie = everything();
    let last = lie.rows("public_data").len() - 1;
    let row = lie.row("public_data", last);
    let c = PublicDataColumns::new();
    row[c.limbs.end - 1] = Felt::ONE;
    row[c.sum.start] += Felt::ONE;
    lie
}

/// Any addition to the first sum is carried on, into the evaluation too.
fn sum_begins_higher() -> ForgedLeaf {
    use p3_field::BasedVectorSpace;
    let mut lie = everything();
    let challenge = position::CHALLENGE.start;
    let r = QuadraticFelt::from_basis_coefficients_fn(|i| lie.statement[challenge + i]);
    let mut more = QuadraticFelt::ONE;
    let c = PublicDataColumns::new();
    let end = lie.find("public_data", c.end);
    let present = &lie.row("public_data", end)[c.present];
    let absent = present.iter().filter(|p| **p == Felt::ZERO).count();
    let mut evaluation = QuadraticFelt::ZERO;
    for (i, row) in lie.rows("public_data").into_iter().enumerate() {
        let honest = QuadraticFelt::from_basis_coefficients_fn(|k| row[c.sum.start + k]);
        let forged: QuadraticFelt = honest + more;
        row[c.sum.clone()].copy_from_slice(forged.as_basis_coefficients_slice());
        if i == end {
            evaluation = forged * r.exp_u64(absent as u64).inverse();
        }
        more *= r.exp_u64(8);
    }
    lie.statement[position::EVALUATION].copy_from_slice(evaluation.as_basis_coefficients_slice());
    lie
}

fn other_tag() -> ForgedLeaf {
    let mut lie = everything();
    lie.row("public_data", 0)[PublicDataColumns::new().capacity.start] += Felt::ONE;
    lie.responge();
    lie.permute();
    lie
}

fn full_data_without_end() -> ForgedLeaf {
    let mut lie = ForgedLeaf::from(&full_public_data().seal());
    lie.follow();
    let last = lie.rows("public_data").len() - 1;
    let row = lie.row("public_data", last);
    let c = PublicDataColumns::new();
    assert_eq!(row[c.end], Felt::ONE);
    assert_eq!(row[c.present.end - 1], Felt::ONE);
    row[c.end] = Felt::ZERO;
    lie.statement[position::PUBLIC_DATA].fill(Felt::from_u8(99));
    lie.responge();
    lie.permute();
    lie
}
