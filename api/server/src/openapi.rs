//! The OpenAPI document, made from the declarations of the routes and the rules that hold for all
//! of them.

use farthing_api_types::{Problem, ProblemCode};
use utoipa::OpenApi as _;
use utoipa::openapi::link::{Link as OpenApiLink, LinkBuilder};
use utoipa::openapi::path::{Operation, Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{
    ContentBuilder, HeaderBuilder, OpenApi, Ref, RefOr, Required, Response, ResponseBuilder,
    ServerBuilder,
};

use crate::http::{JSON, KEY_BYTES_MAX, PROBLEM_JSON, REQUEST_ID_BYTES_MAX};
use crate::router::{Example, Link, Route, RouteClass};
use crate::routes::ROUTES;
use crate::schema::complete_ranges;

/// The document's frame, which the routes fill.
#[derive(utoipa::OpenApi)]
#[openapi(
    info(
        title = "Farthing",
        description = "Royalty micropayments: signed intents in, one proof on Ethereum out. \
            Amounts, nonces, batch and block numbers are decimal strings, bytes are 0x and \
            hexadecimal digits, ids, times and L1 block numbers are numbers."
    ),
    components(schemas(Problem, ProblemCode)),
    tags(
        (name = "intents", description = "Signed instructions, their stages, their receipts"),
        (name = "accounts", description = "Payers and creators"),
        (name = "licenses", description = "Terms, versions, quotes and earnings of licenses"),
        (name = "manifests", description = "Provenance manifests, and views of them in other licence languages"),
        (name = "batches", description = "Sealed batches"),
        (name = "blocks", description = "Batches under one proof on L1"),
        (name = "payouts", description = "Withdrawals and refused deposits, and the arguments of their claims"),
        (name = "events", description = "A live stream of events of batches and blocks"),
        (name = "webhooks", description = "Events posted to a URL of an account, which signs the requests"),
        (name = "x402", description = "Payments by x402, version 2: this node is their facilitator"),
        (name = "node", description = "Probes, status, version, counters, this document"),
    )
)]
struct Frame;

/// The OpenAPI document of this API, with `wait_seconds_max` as the longest `wait`.
pub fn openapi_document(wait_seconds_max: u64) -> OpenApi {
    let mut document = Frame::openapi();
    document.info.version = env!("CARGO_PKG_VERSION").to_owned();
    let here = ServerBuilder::new().url("/").description(Some("The node that serves the document"));
    document.servers = Some(vec![here.build()]);
    for route in ROUTES {
        let mut described = (route.description)();
        for item in described.paths.paths.values_mut() {
            for operation in [&mut item.get, &mut item.post, &mut item.delete].into_iter().flatten()
            {
                complete(route, operation);
            }
        }
        document.merge(described);
    }
    complete_ranges(&mut document, wait_seconds_max);
    let components = document.components.get_or_insert_default();
    for code in ProblemCode::ALL {
        let (name, response) = (problem_name(code.status()), problem_response(code.status()));
        components.responses.insert(name, RefOr::T(response));
    }
    document
}

fn link(link: &Link) -> (String, RefOr<OpenApiLink>) {
    let Link { operation, parameter, field } = *link;
    let value = format!("$response.body#/{field}");
    let link = LinkBuilder::new().operation_id(operation).parameter(parameter, value).build();
    (operation.to_owned(), RefOr::T(link))
}

/// Adds what follows from the declaration, and what holds for every route: its name and examples,
/// the problems that it may answer with, the request's name, the idempotency key of a request with
/// an effect.
fn complete(route: &Route, operation: &mut Operation) {
    let takes_key = route.takes_key();
    operation.operation_id = Some(operation_id(route));
    // That examples can be made is tested where they are.
    let example = |make: Option<Example>| make.and_then(|make| make().ok());
    if let Some(RefOr::T(body)) = &mut operation.request_body
        && let Some(RefOr::T(content)) = body.content.get_mut(JSON)
    {
        content.example = example(route.request_example);
    }
    let parameters = operation.parameters.get_or_insert_default();
    if takes_key {
        parameters.push(request_header(
            "Idempotency-Key",
            "1 to 128 visible ASCII characters, kept for a day. A key belongs to a route and to \
             the accounts that sign the body (for an account to be opened: its key and owner). Once \
             a request took effect, the same key and body replay its answer, with the header \
             Idempotency-Replayed, and another body is refused; bodies are compared byte by byte. A \
             request that is refused leaves its key free.",
            visible_ascii(KEY_BYTES_MAX).examples(["order-17"]),
        ));
    }
    if route.class == RouteClass::Signed {
        parameters.push(required_header(
            "Farthing-Signature",
            "`account=…,t=…,s=0x…`: the account, unix seconds, and the signature of the account's key \
             (SPEC, section 9) for method, target and body. The time is within five minutes of the \
             node's clock, and a request that changes something is done once.",
            ObjectBuilder::new()
                .schema_type(Type::String)
                .pattern(Some("^account=[0-9]+,t=[0-9]+,s=0x[0-9a-fA-F]{160}$")),
        ));
    }
    parameters.push(request_header(
        "X-Request-Id",
        "An id for the request, returned in the answer: 1 to 64 visible ASCII characters; \
         any other is refused.",
        visible_ascii(REQUEST_ID_BYTES_MAX),
    ));
    for response in operation.responses.responses.values_mut() {
        let RefOr::T(response) = response else { continue };
        if let Some(RefOr::T(content)) = response.content.get_mut(JSON) {
            content.example = example(route.answer_example);
        }
        name_request(response);
        response.links.extend(route.links.iter().map(link));
        if takes_key {
            let replayed =
                ObjectBuilder::new().schema_type(Type::String).enum_values(["true"].into());
            answer_header(
                response,
                "Idempotency-Replayed",
                "Present if the answer is the stored one of an earlier request with the same key",
                replayed,
            );
        }
    }
    for code in route.problem_codes() {
        let problem = Ref::from_response_name(problem_name(code.status()));
        operation.responses.responses.insert(code.status().to_string(), RefOr::Ref(problem));
    }
}

/// The name of an operation, for programs that write clients: method and path.
fn operation_id(route: &Route) -> String {
    let method = route.method.as_str().to_lowercase();
    let parts = route.template.split('/').filter(|part| !part.is_empty() && *part != "v1");
    let parts = parts.map(|part| part.trim_matches(['{', '}']).replace('.', "_"));
    [method].into_iter().chain(parts).collect::<Vec<_>>().join("_")
}

fn problem_name(status: u16) -> String {
    format!("Problem{status}")
}

/// The answer with a problem of this status.
fn problem_response(status: u16) -> Response {
    let codes = || ProblemCode::ALL.iter().filter(|code| code.status() == status);
    let names: Vec<&str> = codes().map(|code| code.as_str()).collect();
    let example = codes().next().map(|code| serde_json::json!(Problem::new(*code)));
    let problem = Ref::from_schema_name("Problem");
    let content = ContentBuilder::new().schema(Some(problem)).example(example).build();
    let mut response = ResponseBuilder::new()
        .description(format!("A problem: {}", names.join(", ")))
        .content(PROBLEM_JSON, content)
        .build();
    name_request(&mut response);
    let retryable = [true, false].map(|is| codes().any(|code| code.is_retryable() == is));
    let advice = [(retryable[0], "true"), (retryable[1], "false")];
    let advice = advice.into_iter().filter(|(given, _)| *given).map(|(_, text)| text);
    answer_header(
        &mut response,
        "X-Should-Retry",
        "`true` if the same request may be sent again later: it takes effect once",
        ObjectBuilder::new().schema_type(Type::String).enum_values(Some(advice)),
    );
    if codes().any(|code| code.is_retryable()) {
        let seconds = ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(1));
        answer_header(&mut response, "Retry-After", "Seconds to wait before the next try", seconds);
    }
    if status == 405 {
        let methods = ObjectBuilder::new().schema_type(Type::String);
        answer_header(&mut response, "Allow", "The methods of the route", methods);
    }
    response
}

fn visible_ascii(bytes_max: usize) -> ObjectBuilder {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .min_length(Some(1))
        .max_length(Some(bytes_max))
        .pattern(Some("^[!-~]+$"))
}

fn request_header(name: &str, description: &str, schema: ObjectBuilder) -> RefOr<Parameter> {
    ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some(description))
        .schema(Some(schema))
        .build()
        .into()
}

fn required_header(name: &str, description: &str, schema: ObjectBuilder) -> RefOr<Parameter> {
    match request_header(name, description, schema) {
        RefOr::T(mut parameter) => {
            parameter.required = Required::True;
            RefOr::T(parameter)
        }
        reference => reference,
    }
}

fn answer_header(response: &mut Response, name: &str, description: &str, schema: ObjectBuilder) {
    let header = HeaderBuilder::new().schema(Some(schema)).description(Some(description)).build();
    response.headers.insert(name.to_owned(), header.into());
}

fn name_request(response: &mut Response) {
    let schema = ObjectBuilder::new().schema_type(Type::String);
    answer_header(response, "X-Request-Id", "The request's id", schema);
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::router::Method;

    const WAIT: u64 = 30;

    #[test]
    fn the_document_describes_the_routes_and_nothing_else() {
        let served: BTreeSet<(String, &str)> =
            ROUTES.iter().map(|route| (route.template.to_owned(), route.method.as_str())).collect();
        assert_eq!(served.len(), ROUTES.len(), "no route stands in the table twice");
        let mut described = BTreeSet::new();
        for (path, item) in &openapi_document(WAIT).paths.paths {
            let operations = [
                (&item.get, "GET"),
                (&item.post, "POST"),
                (&item.put, "PUT"),
                (&item.delete, "DELETE"),
                (&item.patch, "PATCH"),
            ];
            let there = operations.into_iter().filter(|(operation, _)| operation.is_some());
            described.extend(there.map(|(_, method)| (path.clone(), method)));
        }
        assert_eq!(described, served);
    }

    #[test]
    fn placeholders_and_path_parameters_agree() {
        let document = openapi_document(WAIT);
        for route in ROUTES {
            let item = &document.paths.paths[route.template];
            let operation = match route.method {
                Method::Get => item.get.as_ref(),
                Method::Post => item.post.as_ref(),
                Method::Delete => item.delete.as_ref(),
            };
            let parameters = operation.and_then(|operation| operation.parameters.as_ref());
            let described: Vec<&str> = parameters
                .into_iter()
                .flatten()
                .filter_map(|parameter| match parameter {
                    RefOr::T(parameter) if parameter.parameter_in == ParameterIn::Path => {
                        Some(parameter.name.as_str())
                    }
                    _ => None,
                })
                .collect();
            let placeholders: Vec<&str> = route
                .template
                .split('/')
                .filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
                .collect();
            assert_eq!(described, placeholders, "{}", route.template);
        }
    }

    #[test]
    fn every_reference_leads_to_a_schema() -> Result<(), serde_json::Error> {
        let json: serde_json::Value = serde_json::to_value(openapi_document(WAIT))?;
        assert_eq!(json["openapi"], "3.1.0");
        let text = json.to_string();
        let mut count = 0;
        for part in text.split("\"#").skip(1).filter(|part| part.starts_with("/components/")) {
            let pointer = part.split('"').next().unwrap_or_default();
            assert!(json.pointer(pointer).is_some(), "{pointer}");
            count += 1;
        }
        assert!(count > 50);
        Ok(())
    }

    #[test]
    fn operations_have_names_of_their_own_and_codes_stand_as_they_are_sent()
    -> Result<(), serde_json::Error> {
        let json: serde_json::Value = serde_json::to_value(openapi_document(WAIT))?;
        let mut names = BTreeSet::new();
        for route in ROUTES {
            let method = route.method.as_str().to_lowercase();
            let operation = &json["paths"][route.template][&method];
            assert!(names.insert(operation["operationId"].as_str()), "{}", route.template);
            for header in ["408", "429", "503", "504"] {
                if let Some(problem) = operation["responses"].get(header) {
                    assert_eq!(problem["$ref"], format!("#/components/responses/Problem{header}"));
                }
            }
        }
        let listed = &json["components"]["schemas"]["ProblemCode"]["enum"];
        assert_eq!(*listed, serde_json::to_value(ProblemCode::ALL)?);
        for retried in ProblemCode::ALL.iter().filter(|code| code.is_retryable()) {
            let response = &json["components"]["responses"][problem_name(retried.status())];
            assert!(response["headers"].get("Retry-After").is_some(), "{retried}");
        }
        Ok(())
    }

    #[test]
    fn links_lead_to_operations_by_fields_of_the_answer() -> Result<(), serde_json::Error> {
        let json: serde_json::Value = serde_json::to_value(openapi_document(WAIT))?;
        let mut count = 0;
        for route in ROUTES {
            let operation = &json["paths"][route.template][route.method.as_str().to_lowercase()];
            for answer in
                operation["responses"].as_object().into_iter().flat_map(|all| all.values())
            {
                let schema = answer.pointer("/content/application~1json/schema/$ref");
                let schema = schema.and_then(serde_json::Value::as_str).unwrap_or_default();
                let properties = &json.pointer(schema.trim_start_matches('#'));
                for (name, link) in answer["links"].as_object().into_iter().flatten() {
                    let named = ROUTES.iter().any(|other| operation_id(other) == *name);
                    assert!(named, "{name}");
                    for value in
                        link["parameters"].as_object().into_iter().flat_map(|all| all.values())
                    {
                        let field =
                            value.as_str().and_then(|text| text.strip_prefix("$response.body#/"));
                        let field = properties.and_then(|body| body["properties"].get(field?));
                        assert!(field.is_some(), "{}: {value}", route.template);
                        count += 1;
                    }
                }
            }
        }
        let declared: usize = ROUTES.iter().map(|route| route.links.len()).sum();
        assert!(declared >= 12 && count >= declared, "{count}: every link is of an answer");
        Ok(())
    }

    type Integer<'j> = (String, &'j serde_json::Map<String, serde_json::Value>);

    /// The integers of a document, and where they stand.
    fn integers<'j>(at: &str, json: &'j serde_json::Value, found: &mut Vec<Integer<'j>>) {
        let integer = serde_json::Value::from("integer");
        if let Some(object) = json.as_object() {
            let kind = object.get("type");
            let several = kind.and_then(serde_json::Value::as_array);
            if kind == Some(&integer) || several.is_some_and(|kinds| kinds.contains(&integer)) {
                found.push((at.to_owned(), object));
            }
            for (name, value) in object {
                integers(&format!("{at}/{name}"), value, found);
            }
        }
        for (index, value) in json.as_array().into_iter().flatten().enumerate() {
            integers(&format!("{at}/{index}"), value, found);
        }
    }

    #[test]
    fn a_number_has_the_range_that_the_server_takes() -> Result<(), serde_json::Error> {
        let json: serde_json::Value = serde_json::to_value(openapi_document(WAIT))?;
        let mut found = Vec::new();
        integers("", &json, &mut found);
        assert!(found.len() > 60, "{}", found.len());
        for (at, integer) in found {
            assert_ne!(integer.get("format"), Some(&"int32".into()), "{at}: ids reach 2^32 - 1");
            let least = integer.get("minimum").and_then(serde_json::Value::as_u64);
            assert!(least.is_some(), "{at}: {integer:?}");
        }
        let query = |path: &str, name: &str| {
            let parameters = json["paths"][path]["get"]["parameters"].as_array();
            let named = parameters.into_iter().flatten().find(|one| one["name"] == name);
            named.map(|one| ["minimum", "maximum"].map(|bound| one["schema"][bound].as_u64()))
        };
        let range = |min, max| Some([Some(min), Some(max)]);
        assert_eq!(query("/v1/batches", "limit"), range(1, 500));
        assert_eq!(query("/v1/intents/{id}", "wait"), range(0, WAIT));
        assert_eq!(query("/v1/licenses/{id}/quote", "uses"), range(1, 1 << 23));
        let id = &json["paths"]["/v1/licenses/{id}/quote"]["get"]["parameters"][0];
        assert_eq!((&id["name"], &id["in"]), (&"id".into(), &"path".into()));
        assert_eq!(
            ["minimum", "maximum"].map(|bound| id["schema"][bound].as_u64()),
            [Some(0), Some(u32::MAX.into()),]
        );
        let parameters = json["paths"]["/v1/intents/{id}"]["get"]["parameters"].as_array();
        let until = parameters.into_iter().flatten().find(|one| one["name"] == "until");
        let stages = serde_json::json!(["accepted", "sequenced", "proven", "finalized"]);
        assert_eq!(until.map(|one| &one["schema"]["enum"]), Some(&stages), "none is dropped");
        assert_eq!(json["servers"][0]["url"], "/");
        let variants = &json["components"]["schemas"]["OperationBody"]["oneOf"];
        assert_eq!(variants.as_array().map(Vec::len), Some(5));
        for variant in variants.as_array().into_iter().flatten() {
            assert_eq!(variant["additionalProperties"], false, "{variant}");
        }
        Ok(())
    }
}
