//! Batch classes: how much one batch may hold. A class fixes the heights of a circuit's tables;
//! a batch belongs to a class if none of its counts passes the class's capacity.

use serde::{Deserialize, Serialize};

use crate::limits::{QUEUE_ENTRIES_MAX, RECEIPTS_DEPTH};

macro_rules! counts {
    ($($(#[$doc:meta])* $field:ident,)*) => {
        /// The resources that a batch takes, or may take: everything that takes rows of a table.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
        pub struct BatchCounts {
            $($(#[$doc])* pub $field: u32,)*
        }

        impl BatchCounts {
            /// The first resource of which `self` has more than `capacity`, with both numbers.
            pub fn exceeds(&self, capacity: &Self) -> Option<CapacityExceeded> {
                $(if self.$field > capacity.$field {
                    return Some(CapacityExceeded {
                        resource: stringify!($field),
                        needed: self.$field,
                        capacity: capacity.$field,
                    });
                })*
                None
            }

            /// Both counts together.
            #[must_use]
            pub fn plus(&self, other: &Self) -> Self {
                Self { $($field: self.$field.saturating_add(other.$field),)* }
            }
        }
    };
}

counts! {
    /// Signed intents.
    intents,
    /// Accounts that sign an intent.
    signers,
    /// Accounts touched: read, credited, debited or opened. The operator's is always one.
    accounts,
    /// Accounts opened.
    opened,
    /// Licenses touched: paid, registered, or ancestors of such.
    licenses,
    /// Licenses registered.
    registrations,
    /// Parents of the licenses registered, for each license apart.
    parents,
    /// Holders of the licenses touched.
    holders,
    /// Credits to accounts and licenses: payments, transfers, deposits, shares, the fees.
    credits,
    /// Queue entries consumed.
    queue_entries,
    /// Withdrawals: intents and forced exits.
    withdrawals,
    /// Inner nodes of both state trees on the paths of touched leaves.
    nodes,
    /// Permutations of Poseidon2.
    permutations,
    /// Limbs of public data.
    limbs,
}

/// A batch would hold more than its class allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{needed} {resource}, the batch class has room for {capacity}")]
pub struct CapacityExceeded {
    /// The count that is too large.
    pub resource: &'static str,
    /// The count of the batch with the step.
    pub needed: u32,
    /// The largest count of the class.
    pub capacity: u32,
}

/// A batch class: its number in statements and its capacity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BatchClass {
    /// The number in statements.
    pub id: u8,
    /// The name in reports and configuration.
    pub name: &'static str,
    /// The most that a batch may hold.
    pub capacity: BatchCounts,
}

impl BatchClass {
    /// For tests: 16 payments.
    pub const TINY: Self = Self {
        id: 0,
        name: "tiny",
        capacity: BatchCounts {
            intents: 16,
            signers: 16,
            accounts: 63,
            opened: 32,
            licenses: 63,
            registrations: 15,
            parents: 48,
            holders: 128,
            credits: 256,
            queue_entries: 31,
            withdrawals: 63,
            nodes: 511,
            permutations: 2_048,
            limbs: 1_024,
        },
    };
    /// 1,024 payments.
    pub const SMALL: Self = Self::of_intents(1, "1k", 10, 127);
    /// 4,096 payments.
    pub const MEDIUM: Self = Self::of_intents(2, "4k", 12, 296);
    /// 16,384 payments.
    pub const LARGE: Self = Self::of_intents(3, "16k", 14, 480);
    /// 65,536 payments.
    pub const HUGE: Self = Self::of_intents(4, "64k", 16, 3_846);

    /// Every class, by number.
    pub const ALL: [Self; 5] = [Self::TINY, Self::SMALL, Self::MEDIUM, Self::LARGE, Self::HUGE];

    /// Capacities in proportion to the intents, floors where small batches need them. What shares
    /// a table with nothing else has a power of two less one, because the last row of most tables
    /// is padding; so have queue entries and opened accounts, registrations and parents together.
    const fn of_intents(id: u8, name: &'static str, log_intents: u32, signers: u32) -> Self {
        let intents = 1 << log_intents;
        let small = log_intents < 12;
        let capacity = BatchCounts {
            intents,
            signers,
            accounts: if small { 2 * intents - 1 } else { intents / 2 - 1 },
            opened: intents / 8,
            licenses: if small { intents - 1 } else { intents / 4 - 1 },
            registrations: if small { intents / 8 - 1 } else { intents / 16 - 1 },
            parents: if small { intents / 8 } else { intents / 16 },
            holders: if small { 4 * intents } else { intents },
            credits: if small { 8 * intents } else { 2 * intents },
            queue_entries: intents / 8 - 1,
            withdrawals: if small { intents / 2 - 1 } else { intents / 4 - 1 },
            nodes: if small { 8 * intents - 1 } else { intents - 1 },
            permutations: if small { 32 * intents } else { 8 * intents },
            limbs: if small { 16 * intents } else { 2 * intents },
        };
        Self { id, name, capacity }
    }

    /// The class with this number in statements.
    pub fn from_id(id: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|class| class.id == id)
    }

    /// The class with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|class| class.name == name)
    }
}

const _: () = {
    let mut i = 0;
    while i < BatchClass::ALL.len() {
        let class = &BatchClass::ALL[i];
        assert!(class.id as usize == i);
        assert!(class.capacity.intents <= 1 << RECEIPTS_DEPTH);
        assert!(class.capacity.queue_entries as u64 <= QUEUE_ENTRIES_MAX);
        i += 1;
    }
};
