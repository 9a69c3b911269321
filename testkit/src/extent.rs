//! The extent of a test run.

/// True if slow tests and the long campaigns run too: `FARTHING_FULL=1`, which `scripts/test --full`
/// sets. A test that is slow as a whole returns at once without it; another takes more cases with it.
pub fn full() -> bool {
    std::env::var_os("FARTHING_FULL").is_some_and(|value| value == "1")
}
