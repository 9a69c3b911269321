//! Named points at which a test lets the process die, to see what survives. Without the feature
//! `failpoints`, as in releases, they do nothing.

#[cfg(feature = "failpoints")]
pub use injection::FaultError;

macro_rules! points {
    ($($(#[$doc:meta])* $point:ident = $name:literal,)*) => {
        /// A named point.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum FaultPoint {
            $($(#[$doc])* $point,)*
        }

        impl FaultPoint {
            /// Every point.
            pub const ALL: &[Self] = &[$(Self::$point,)*];

            /// Its name.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$point => $name,)* }
            }
        }
    };
}

points! {
    /// Signatures are checked, nothing is written.
    Checked = "checked",
    /// Intents are on disk, not acknowledged.
    Admitted = "admitted",
    /// Intents are on disk and acknowledged.
    Acknowledged = "acknowledged",
    /// An account is on disk, not acknowledged.
    Opened = "opened",
    /// Queue entries are consumed and on disk.
    Consumed = "consumed",
    /// Intents of the next batch are acknowledged while the batch before it is being sealed.
    AcknowledgedWhileSealing = "acknowledged_while_sealing",
    /// A batch is about to be settled.
    Sealing = "sealing",
    /// A batch is settled in memory, and its trees are about to be moved.
    Settled = "settled",
    /// A batch is sealed and on disk, and nothing that follows the ledger has read it.
    Sealed = "sealed",
    /// A sealed batch is in the index.
    Indexed = "indexed",
    /// A block has been formed.
    BlockFormed = "block_formed",
    /// A step of a block's proof has been computed and is not on disk.
    StepComputed = "step_computed",
    /// A step of a block's proof is on disk.
    StepStored = "step_stored",
    /// A transaction is sent to L1, its fate unknown.
    TransactionSent = "transaction_sent",
    /// The plan of a rebase is on disk, and no part of the rebase is done.
    RebasePlanned = "rebase_planned",
    /// The ledger has been rebased, the index and the blocks have not.
    LedgerRebased = "ledger_rebased",
}

/// Dies when a point is reached for the n-th time; with the feature `failpoints` only.
#[derive(Clone, Debug, Default)]
pub struct Faults(#[cfg(feature = "failpoints")] Option<std::sync::Arc<injection::Fault>>);

impl Faults {
    /// No fault.
    pub const NONE: Self = Self(
        #[cfg(feature = "failpoints")]
        None,
    );

    /// Says that `point` is reached.
    #[cfg(not(feature = "failpoints"))]
    pub(crate) const fn reach(&self, _point: FaultPoint) {}
}

#[cfg(feature = "failpoints")]
mod injection {
    use std::str::FromStr;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};

    use thiserror::Error;

    use super::{FaultPoint, Faults};

    #[derive(Debug)]
    pub(super) struct Fault {
        point: FaultPoint,
        remaining: AtomicU32,
    }

    /// `name` or `name:n` was expected.
    #[derive(Clone, Debug, PartialEq, Eq, Error)]
    pub enum FaultError {
        /// There is no such point.
        #[error("there is no such fault point: FaultPoint::ALL has them")]
        UnknownPoint,
        /// The number is not positive.
        #[error("how often a fault point is passed is a number from 1")]
        Count,
    }

    impl Faults {
        /// Dies when `point` is reached for the `nth` time, counted from 1.
        pub fn at(point: FaultPoint, nth: u32) -> Self {
            Self(Some(Arc::new(Fault { point, remaining: AtomicU32::new(nth) })))
        }

        /// Says that `point` is reached.
        pub(crate) fn reach(&self, point: FaultPoint) {
            let fault = self.0.as_deref().filter(|fault| fault.point == point);
            let Some(fault) = fault else { return };
            if fault.remaining.fetch_sub(1, Ordering::SeqCst) == 1 {
                std::process::abort();
            }
        }
    }

    impl FromStr for Faults {
        type Err = FaultError;

        fn from_str(text: &str) -> Result<Self, FaultError> {
            let (name, count) = text.split_once(':').unwrap_or((text, "1"));
            let point = FaultPoint::ALL.iter().find(|point| point.name() == name);
            let point = point.ok_or(FaultError::UnknownPoint)?;
            let nth = count.parse().ok().filter(|nth| *nth > 0).ok_or(FaultError::Count)?;
            Ok(Self::at(*point, nth))
        }
    }
}

#[cfg(all(test, feature = "failpoints"))]
mod tests {
    use super::*;

    #[test]
    fn a_fault_is_a_known_point_and_a_count() {
        assert!("admitted".parse::<Faults>().is_ok());
        assert!("sealed:7".parse::<Faults>().is_ok());
        assert_eq!("nowhere".parse::<Faults>().err(), Some(FaultError::UnknownPoint));
        assert_eq!("sealed:0".parse::<Faults>().err(), Some(FaultError::Count));
        assert_eq!("sealed:x".parse::<Faults>().err(), Some(FaultError::Count));
    }

    #[test]
    fn points_have_names_of_their_own() {
        for (i, point) in FaultPoint::ALL.iter().enumerate() {
            assert!(FaultPoint::ALL[..i].iter().all(|other| other.name() != point.name()));
        }
    }
}
