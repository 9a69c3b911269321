//! Schemas that are not derived: texts of a form, and stages.

use std::borrow::Cow;

use farthing_protocol::Stage;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::{PartialSchema, ToSchema};

use super::encoding::{Decimal, DecimalText, Hex, HexText};

/// The stages of an intent.
pub(super) fn intent_stages() -> RefOr<Schema> {
    names([Stage::Dropped].into_iter().chain(Stage::ALL).map(Stage::as_str))
}

/// The stages of a sealed batch or a block.
pub(super) fn sealed_stages() -> RefOr<Schema> {
    names([Stage::Sequenced, Stage::Proven, Stage::Finalized].into_iter().map(Stage::as_str))
}

fn names(names: impl Iterator<Item = &'static str>) -> RefOr<Schema> {
    ObjectBuilder::new().schema_type(Type::String).enum_values(Some(names)).into()
}

fn text(description: &str, pattern: &str, example: &str) -> RefOr<Schema> {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .description(Some(description))
        .pattern(Some(pattern))
        .examples([example])
        .into()
}

impl<T: DecimalText> PartialSchema for Decimal<T> {
    fn schema() -> RefOr<Schema> {
        let description = format!("{} A decimal string, at most {}.", T::DESCRIPTION, T::MAX);
        text(&description, "^(0|[1-9][0-9]{0,18})$", "5000")
    }
}

impl<T: DecimalText> ToSchema for Decimal<T> {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed(T::NAME)
    }
}

impl<T: HexText> PartialSchema for Hex<T> {
    fn schema() -> RefOr<Schema> {
        let pattern = match T::LENGTH {
            Some(length) => format!("^0x[0-9a-fA-F]{{{}}}$", 2 * length),
            None => "^0x([0-9a-fA-F]{2})*$".to_owned(),
        };
        let example = format!("0x{}", "5a".repeat(T::LENGTH.unwrap_or(2)));
        text(T::DESCRIPTION, &pattern, &example)
    }
}

impl<T: HexText> ToSchema for Hex<T> {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed(T::NAME)
    }
}
