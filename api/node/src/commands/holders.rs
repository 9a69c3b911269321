//! Holders of licenses, and their parts of an income, as text.

use std::fmt::{Result as FmtResult, Write as _};

use farthing_client::dto::{HolderName, PartBody};

use crate::tokens::tokens;

/// A holder's name.
pub(super) fn name(holder: HolderName) -> String {
    match holder {
        HolderName::Account(id) => format!("account {id}"),
        HolderName::License(id) => format!("license {id}"),
    }
}

/// A line for each part.
pub(super) fn write_parts(out: &mut String, parts: &[PartBody]) -> FmtResult {
    parts.iter().try_for_each(|part| {
        writeln!(out, "  {:<20} {} tokens", name(part.holder), tokens(part.amount.0.get()))
    })
}
