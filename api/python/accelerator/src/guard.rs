//! Panics as exceptions of Python.
//!
//! No input is known to cause one. Its message might quote an index that depends on a secret, so it
//! is shown nowhere: standard error gets the place in the source, Python a `RuntimeError`.

use std::panic::{AssertUnwindSafe, catch_unwind, set_hook};

use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;

/// Replaces the report of panics in this library, whose standard library is its own.
pub(crate) fn hide_panic_messages() {
    set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        eprintln!("farthing_accelerator: panic at {place}");
    }));
}

/// Result of `work`, or the exception of its panic. What `work` owns is dropped, and wiped with it.
pub(crate) fn guarded<T>(work: impl FnOnce() -> T) -> PyResult<T> {
    catch_unwind(AssertUnwindSafe(work)).map_err(|_| {
        PyRuntimeError::new_err(
            "the accelerator failed, which is a bug of farthing: FARTHING_PURE=1 in the \
             environment turns it off",
        )
    })
}

/// Panics, for the test that this arrives in Python as an exception.
#[pyfunction(name = "_panics")]
pub(crate) fn panics() -> PyResult<()> {
    guarded(|| panic!("a message that nobody sees"))
}
