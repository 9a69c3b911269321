//! Forgeries of public data.

use p3_field::{Field, PrimeCharacteristicRing};

use farthing_protocol::{Felt, QuadraticFelt, position};

use super::Forged;
use super::forged_leaf::ForgedLeaf;
use super::sealed::{everything, sealed};
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
    let c = crate::tables::state::public_data::END;
    let end = lie.find("public_data", c);
    assert_eq!(
        lie.row("public_data", end)[crate::tables::state::public_data::PRESENT.end - 1],
        Felt::ONE
    );
    lie.row("public_data", end)[c] = Felt::ZERO;
    let commitment = position::PUBLIC_DATA;
    lie.statement[commitment].fill(Felt::from_u8(99));
    lie.responge();
    lie.permute();
    lie
}

fn data_first_taken_back() -> ForgedLeaf {
    let mut lie = everything();
    let first = crate::tables::state::public_data::FIRST;
    lie.row("public_data", 100)[first] = Felt::ONE;
    lie.row("public_data", 101)[first] = -Felt::ONE;
    lie
}

fn absent_limb() -> ForgedLeaf {
    let mut lie = everything();
    let last = lie.rows("public_data").len() - 1;
    let row = lie.row("public_data", last);
    row[crate::tables::state::public_data::LIMBS.end - 1] = Felt::ONE;
    row[crate::tables::state::public_data::SUM.start] += Felt::ONE;
    lie
}

/// Any addition to the first sum is carried on, into the evaluation too.
fn sum_begins_higher() -> ForgedLeaf {
    use p3_field::BasedVectorSpace;
    let mut lie = everything();
    let challenge = position::CHALLENGE.start;
    let r = QuadraticFelt::from_basis_coefficients_fn(|i| lie.statement[challenge + i]);
    let mut more = QuadraticFelt::ONE;
    let end = lie.find("public_data", crate::tables::state::public_data::END);
    let present = crate::tables::state::public_data::PRESENT;
    let absent = lie.row("public_data", end)[present].iter().filter(|p| **p == Felt::ZERO).count();
    let mut evaluation = QuadraticFelt::ZERO;
    for (i, row) in lie.rows("public_data").into_iter().enumerate() {
        let sum = crate::tables::state::public_data::SUM;
        let honest = QuadraticFelt::from_basis_coefficients_fn(|k| row[sum.start + k]);
        let forged: QuadraticFelt = honest + more;
        row[sum].copy_from_slice(forged.as_basis_coefficients_slice());
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
    lie.row("public_data", 0)[crate::tables::state::public_data::CAPACITY.start] += Felt::ONE;
    lie.responge();
    lie.permute();
    lie
}

fn full_data_without_end() -> ForgedLeaf {
    let mut lie = ForgedLeaf::from(&full_public_data().seal());
    lie.follow();
    let last = lie.rows("public_data").len() - 1;
    let row = lie.row("public_data", last);
    assert_eq!(row[crate::tables::state::public_data::END], Felt::ONE);
    assert_eq!(row[crate::tables::state::public_data::PRESENT.end - 1], Felt::ONE);
    row[crate::tables::state::public_data::END] = Felt::ZERO;
    lie.statement[position::PUBLIC_DATA].fill(Felt::from_u8(99));
    lie.responge();
    lie.permute();
    lie
}
