//! Genesis: the state with which a ledger begins.

use std::convert::Infallible;

use farthing_protocol::{
    Account, AccountId, AccountIdentity, AccountState, Digest, Domain, TREE_DEPTH,
};
use serde::{Deserialize, Serialize};

use crate::tree::{LeafChange, NodeAt, NodeSource, TreeUpdate, empty_subtree, state_root, update};

/// The genesis state: the operator's account, number 0, with balance 0, and no license.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Genesis {
    /// The deployment.
    pub domain: Domain,
    /// Key and owner of the operator's account, which receives the fees.
    pub operator: AccountIdentity,
}

impl Genesis {
    pub(crate) const fn operator_account(&self) -> Account {
        Account { identity: self.operator, state: AccountState::NEW }
    }

    /// The first state root.
    pub fn root(&self) -> Digest {
        struct Empty;
        impl NodeSource for Empty {
            type Error = Infallible;
            fn nodes(&self, positions: &[NodeAt]) -> Result<Vec<Option<Digest>>, Infallible> {
                Ok(vec![None; positions.len()])
            }
        }
        let Ok(accounts) = self.accounts_tree(&Empty);
        state_root(&accounts.new_root, &empty_subtree(TREE_DEPTH as u8))
    }

    /// The accounts tree that holds the operator alone.
    pub(crate) fn accounts_tree<S: NodeSource>(&self, empty: &S) -> Result<TreeUpdate, S::Error> {
        let index = AccountId::OPERATOR.get();
        let new = self.operator_account().leaf();
        update(empty, &[LeafChange { index, old: Digest::ZERO, new }])
    }
}
