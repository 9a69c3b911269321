//! Ranges of numbers in the OpenAPI document, and its ban on unknown fields: a client must be able
//! to know what the server refuses.

use farthing_api_types::dto::{PAGE_ITEMS_DEFAULT, PAGE_ITEMS_MAX};
use farthing_protocol::{Stage, UnixTime, Uses};
use utoipa::openapi::path::{Operation, Parameter, ParameterIn};
use utoipa::openapi::schema::{
    AdditionalProperties, ArrayItems, KnownFormat, ObjectBuilder, Schema, SchemaFormat, Type,
};
use utoipa::openapi::{OpenApi, RefOr};

/// Gives every number of the document its range, and variants their only field.
pub(crate) fn complete_ranges(document: &mut OpenApi, wait_seconds_max: u64) {
    if let Some(components) = &mut document.components {
        components.schemas.values_mut().for_each(widen);
    }
    for item in document.paths.paths.values_mut() {
        for operation in [&mut item.get, &mut item.post, &mut item.delete].into_iter().flatten() {
            complete_parameters(operation, wait_seconds_max);
        }
    }
}

fn complete_parameters(operation: &mut Operation, wait_seconds_max: u64) {
    for parameter in operation.parameters.iter_mut().flatten() {
        let RefOr::T(parameter) = parameter else { continue };
        if let Some(schema) = &mut parameter.schema {
            widen(schema);
        }
        if parameter.parameter_in == ParameterIn::Query {
            complete_query(parameter, wait_seconds_max);
        }
    }
}

/// Parameters that mean the same wherever they stand.
fn complete_query(parameter: &mut Parameter, wait_seconds_max: u64) {
    let whole = |min: u64, max: u64| {
        ObjectBuilder::new()
            .schema_type(Type::Integer)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::Int64)))
            .minimum(Some(min))
            .maximum(Some(max))
    };
    let (description, schema) = match parameter.name.as_str() {
        "limit" => {
            let (default, max) = (PAGE_ITEMS_DEFAULT, PAGE_ITEMS_MAX);
            let schema = whole(1, max.into()).default(Some(default.into()));
            (format!("The most items of the page, {default} if absent"), schema)
        }
        "wait" => {
            let schema = whole(0, wait_seconds_max).default(Some(0.into()));
            (format!("Seconds to wait, at most {wait_seconds_max}"), schema)
        }
        "until" => {
            // An intent that is dropped is answered at once, and not waited for.
            let stages = Stage::ALL.map(Stage::as_str);
            let about = "The stage to wait for; the next one if absent".to_owned();
            (about, ObjectBuilder::new().schema_type(Type::String).enum_values(Some(stages)))
        }
        "cursor" => {
            let about =
                "`next_cursor` of the previous page. It does not expire: it names a position";
            (about.to_owned(), ObjectBuilder::new().schema_type(Type::String))
        }
        "from" => {
            let about = "Unix seconds: batches of this time and later ones";
            (about.to_owned(), whole(0, UnixTime::MAX.get()))
        }
        "to" => {
            let about = "Unix seconds: batches before this time";
            (about.to_owned(), whole(0, UnixTime::MAX.get()))
        }
        "format" => {
            let about = "The form of the answer; if absent, CSV if `Accept` names it and not JSON";
            let schema = ObjectBuilder::new().schema_type(Type::String);
            (about.to_owned(), schema.enum_values(Some(["json", "csv"])))
        }
        "uses" => {
            let (min, max) = (Uses::MIN.get().into(), Uses::MAX.get().into());
            (format!("Uses to be paid for, {min} to {max}"), whole(min, max))
        }
        _ => return,
    };
    parameter.description = Some(description);
    parameter.schema = Some(schema.into());
}

/// Says of a variant, an object with one field that names it, that it has no other: a body of two
/// operations is refused.
fn close(variant: &mut RefOr<Schema>) {
    if let RefOr::T(Schema::Object(object)) = variant
        && object.properties.len() == 1
        && object.required.len() == 1
    {
        object.additional_properties = Some(Box::new(AdditionalProperties::FreeForm(false)));
    }
}

/// Gives 32-bit numbers, which reach 2³² − 1, a format that holds them. A range that is given
/// already stays.
fn widen(schema: &mut RefOr<Schema>) {
    let RefOr::T(schema) = schema else { return };
    match schema {
        Schema::Object(object) => {
            let int32 = SchemaFormat::KnownFormat(KnownFormat::Int32);
            if object.format == Some(int32) {
                object.format = Some(SchemaFormat::KnownFormat(KnownFormat::Int64));
                object.minimum.get_or_insert(0u64.into());
                object.maximum.get_or_insert(u64::from(u32::MAX).into());
            }
            object.properties.values_mut().for_each(widen);
            if let Some(AdditionalProperties::RefOr(more)) =
                object.additional_properties.as_deref_mut()
            {
                widen(more);
            }
        }
        Schema::Array(array) => {
            if let ArrayItems::RefOrSchema(items) = &mut array.items {
                widen(items);
            }
        }
        Schema::OneOf(one) => {
            one.items.iter_mut().for_each(widen);
            one.items.iter_mut().for_each(close);
        }
        Schema::AllOf(all) => all.items.iter_mut().for_each(widen),
        Schema::AnyOf(any) => any.items.iter_mut().for_each(widen),
        _ => {}
    }
}
