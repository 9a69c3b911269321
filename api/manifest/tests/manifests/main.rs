//! Manifests: documents that are accepted, every reason to refuse one, canonical bytes, and views.

mod golden;
mod refusals;
mod samples;
mod untrusted;
mod views;
