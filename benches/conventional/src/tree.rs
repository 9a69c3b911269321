//! A sparse tree of accounts under plonky2's stock Poseidon.

use std::collections::HashMap;

use plonky2::field::types::Field;
use plonky2::hash::hash_types::HashOut;
use plonky2::hash::poseidon::PoseidonHash;
use plonky2::plonk::config::Hasher;

use farthing_plonky2::F;

use super::BaselineError;

/// Elements that stand for key and owner.
pub(super) const IDENTITY_ELEMENTS: usize = 4;

/// Content of an account's leaf, which is its hash.
#[derive(Clone, Copy, Debug)]
pub(super) struct Account {
    pub(super) identity: [F; IDENTITY_ELEMENTS],
    pub(super) balance: u64,
    pub(super) nonce: u64,
}

impl Account {
    fn leaf(&self) -> HashOut<F> {
        let mut elements = self.identity.to_vec();
        elements.extend([self.balance, self.nonce].map(F::from_canonical_u64));
        PoseidonHash::hash_no_pad(&elements)
    }
}

/// An account before a payment, and its path.
#[derive(Clone, Debug)]
pub(super) struct Side {
    pub(super) id: u32,
    pub(super) account: Account,
    pub(super) siblings: Vec<HashOut<F>>,
}

/// A payment with what its circuit needs to know.
#[derive(Clone, Debug)]
pub struct PaymentWitness {
    pub(super) old_root: HashOut<F>,
    pub(super) amount: u64,
    pub(super) payer: Side,
    pub(super) receiver: Side,
}

/// Accounts with balances, 0 to begin with.
pub struct BaselineTree {
    accounts: HashMap<u32, Account>,
    /// Inner nodes and leaves by height and index; others are empty.
    nodes: HashMap<(usize, u32), HashOut<F>>,
    empty: Vec<HashOut<F>>,
}

impl BaselineTree {
    /// A tree of `depth` levels, at most 32, with `accounts` accounts of `balance` each.
    pub fn new(depth: usize, accounts: u32, balance: u64) -> Self {
        let mut empty = vec![HashOut::ZERO];
        for height in 0..depth {
            empty.push(PoseidonHash::two_to_one(empty[height], empty[height]));
        }
        let mut tree = Self { accounts: HashMap::new(), nodes: HashMap::new(), empty };
        for id in 0..accounts {
            let identity = core::array::from_fn(|i| F::from_canonical_u32(id + i as u32));
            tree.set(id, Account { identity, balance, nonce: 0 });
        }
        tree
    }

    fn depth(&self) -> usize {
        self.empty.len() - 1
    }

    fn node(&self, height: usize, index: u32) -> HashOut<F> {
        self.nodes.get(&(height, index)).copied().unwrap_or(self.empty[height])
    }

    fn root(&self) -> HashOut<F> {
        self.node(self.depth(), 0)
    }

    fn siblings(&self, id: u32) -> Vec<HashOut<F>> {
        (0..self.depth()).map(|height| self.node(height, index_at(id, height) ^ 1)).collect()
    }

    fn set(&mut self, id: u32, account: Account) {
        self.accounts.insert(id, account);
        self.nodes.insert((0, id), account.leaf());
        for height in 1..=self.depth() {
            let index = index_at(id, height);
            let [left, right] = [0, 1].map(|side| self.node(height - 1, 2 * index + side));
            self.nodes.insert((height, index), PoseidonHash::two_to_one(left, right));
        }
    }

    fn side(&self, id: u32) -> Side {
        let account = self.accounts.get(&id).copied();
        let nobody = Account { identity: [F::ZERO; IDENTITY_ELEMENTS], balance: 0, nonce: 0 };
        Side { id, account: account.unwrap_or(nobody), siblings: self.siblings(id) }
    }

    /// Moves `amount` from one account to another.
    pub fn pay(
        &mut self,
        payer: u32,
        receiver: u32,
        amount: u64,
    ) -> Result<PaymentWitness, BaselineError> {
        let old_root = self.root();
        let payer = self.side(payer);
        let Account { balance, nonce, .. } = payer.account;
        let left = balance.checked_sub(amount);
        let left = left.ok_or(BaselineError::Funds { account: payer.id, balance, amount })?;
        self.set(payer.id, Account { balance: left, nonce: nonce + 1, ..payer.account });
        let receiver = self.side(receiver);
        let account = receiver.account;
        self.set(receiver.id, Account { balance: account.balance + amount, ..account });
        Ok(PaymentWitness { old_root, amount, payer, receiver })
    }
}

/// The index at `height` on the way from leaf `id` to the root.
fn index_at(id: u32, height: usize) -> u32 {
    id.checked_shr(height as u32).unwrap_or(0)
}
