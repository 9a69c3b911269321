//! Rust SDK of Farthing's REST API, and the types of its wire format.
