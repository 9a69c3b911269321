//! Rows of the Merkle table.

use std::collections::HashSet;

use p3_field::PrimeCharacteristicRing;
use p3_matrix::dense::RowMajorMatrix;

use farthing_protocol::{BatchWitness, Digest, Felt, NodeChange, TREE_DEPTH};

use crate::tables::shared::poseidon2::HashRequests;

use super::TreeNumber;
use super::air::MerkleColumns;

/// Touched nodes of a tree: level and index.
type Touched = HashSet<(u8, u32)>;

/// The trace: accounts tree, licenses tree, root.
pub(crate) fn trace(
    witness: &BatchWitness,
    log_height: usize,
    requests: &mut HashRequests,
) -> RowMajorMatrix<Felt> {
    let columns = MerkleColumns::new();
    let mut rows = Felt::zero_vec(columns.width << log_height);
    let mut free = rows.chunks_exact_mut(columns.width);
    let accounts = witness.accounts.iter().map(|change| change.id.get());
    let licenses = witness.licenses.iter().map(|change| change.id.get());
    let trees = [
        (TreeNumber::Accounts, &witness.account_nodes, leaves(accounts)),
        (TreeNumber::Licenses, &witness.license_nodes, leaves(licenses)),
    ];
    for (tree, nodes, mut touched) in trees {
        touched.extend(nodes.iter().map(|node| (node.level, node.index)));
        for (node, row) in nodes.iter().zip(free.by_ref()) {
            let children = [0, 1].map(|side| touched.contains(&child(node, side)));
            write(&columns, row, [node.old, node.new], children, requests);
            row[columns.tree] = Felt::from_u64(tree as u64);
            row[columns.level] = Felt::from_u8(node.level - 1);
            row[columns.index] = Felt::from_u32(node.index);
        }
    }
    if let Some(row) = free.next() {
        let children = [!witness.account_nodes.is_empty(), !witness.license_nodes.is_empty()];
        write(&columns, row, [witness.old_roots, witness.new_roots], children, requests);
        row[columns.root] = Felt::ONE;
        row[columns.level] = Felt::from_usize(TREE_DEPTH);
    }
    RowMajorMatrix::new(rows, columns.width)
}

fn leaves(ids: impl Iterator<Item = u32>) -> Touched {
    ids.map(|id| (0, id)).collect()
}

/// At the root of a tree of depth 32 the index is 0, so doubling does not overflow.
fn child(node: &NodeChange, side: u32) -> (u8, u32) {
    (node.level - 1, 2 * node.index + side)
}

fn write(
    c: &MerkleColumns,
    row: &mut [Felt],
    [old, new]: [[Digest; 2]; 2],
    touched: [bool; 2],
    requests: &mut HashRequests,
) {
    row[c.active] = Felt::ONE;
    row[c.touched.clone()].copy_from_slice(&touched.map(Felt::from_bool));
    for (i, [left, right]) in [old, new].into_iter().enumerate() {
        row[c.left[i].clone()].copy_from_slice(&left.elements());
        row[c.right[i].clone()].copy_from_slice(&right.elements());
        let parent = requests.compress(&left, &right);
        row[c.parent[i].clone()].copy_from_slice(&parent.elements());
    }
}
