//! Signatures and hashes of `farthing-protocol` for the Python package `farthing`.
//!
//! Every function answers well-formed input alone: integers that are canonical elements, in the
//! number that the protocol has. For other input it raises `TypeError`, `ValueError` or
//! `OverflowError`, and the package asks its own code in Python, which decides what the input means
//! or names the error. The package alone calls these functions; they may change with it.

#[cfg(not(panic = "unwind"))]
compile_error!("a panic must unwind to be an exception in Python: set panic = \"unwind\"");

mod elements;
mod guard;
mod hashing;
mod signing;
mod verifying;

use pyo3::prelude::*;

/// Version of these functions as the package calls them; it takes no other.
const INTERFACE: u32 = 1;

/// The Python module.
#[pymodule]
mod farthing_accelerator {
    use super::*;

    #[pymodule_export]
    use super::guard::panics;
    #[pymodule_export]
    use super::hashing::{compress, hash_in, intent_id, permute};
    #[pymodule_export]
    use super::signing::SigningKey;
    #[pymodule_export]
    use super::verifying::{find_invalid, is_valid};

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        guard::hide_panic_messages();
        module.add("INTERFACE", INTERFACE)?;
        module.add("PROTOCOL_VERSION", farthing_protocol::PROTOCOL_VERSION)
    }
}
