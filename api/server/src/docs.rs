//! The page at `/docs`: the OpenAPI document as HTML, which loads nothing from elsewhere.

use std::fmt::Write as _;

use farthing_api_types::ProblemCode;
use utoipa::openapi::path::Operation;
use utoipa::openapi::{Content, OpenApi, RefOr};

use crate::http::JSON;

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;\
    padding:0 1rem}code,pre{font-family:ui-monospace,monospace;font-size:.9em}pre{background:#8881;\
    padding:1rem;overflow:auto}table{border-collapse:collapse}td,th{border-bottom:1px solid #8884;\
    padding:.2rem .8rem .2rem 0;text-align:left;vertical-align:top}h3 code{font-size:1.1em}\
    :root{color-scheme:light dark}";

/// Examples of first requests; a signed intent is printed by `farthing pay 3 --dry-run`.
const EXAMPLE: &str = "curl -s $NODE/v1/licenses/3/quote?uses=20\n\
    farthing pay 3 --uses 20 --account 7 --key alice.key --dry-run > intent.json\n\
    curl -s $NODE/v1/intents -H 'Content-Type: application/json' \\\n  \
      -H 'Idempotency-Key: order-17' -d @intent.json\n\
    curl -s \"$NODE/v1/intents/0x…?wait=30&until=sequenced\"\n\
    curl -s $NODE/v1/intents/0x…/receipt";

/// The page.
pub(crate) fn docs_page(document: &OpenApi) -> String {
    let mut page = String::from("<!doctype html><html lang=en><meta charset=utf-8>");
    // Writing to a String cannot fail.
    let _ = write_page(&mut page, document);
    page
}

fn write_page(page: &mut String, document: &OpenApi) -> std::fmt::Result {
    let description = document.info.description.as_deref().unwrap_or_default();
    write!(page, "<meta name=viewport content='width=device-width'><title>Farthing API</title>")?;
    write!(page, "<style>{STYLE}</style><h1>Farthing API {}</h1>", escape(&document.info.version))?;
    write!(page, "<p>{}</p>", escape(description))?;
    write!(page, "<p>For machines: <a href=/openapi.json>openapi.json</a>.</p>")?;
    write!(page, "<pre>{}</pre>", escape(EXAMPLE))?;
    for tag in document.tags.iter().flatten() {
        let about = tag.description.as_deref().unwrap_or_default();
        write!(page, "<h2>{}</h2><p>{}.</p>", escape(&tag.name), escape(about))?;
        for (path, item) in &document.paths.paths {
            for (method, operation) in
                [("GET", &item.get), ("POST", &item.post), ("DELETE", &item.delete)]
            {
                let Some(operation) = operation else { continue };
                if operation.tags.iter().flatten().any(|name| *name == tag.name) {
                    write_operation(page, method, path, operation)?;
                }
            }
        }
    }
    write_problems(page)
}

fn write_operation(
    page: &mut String,
    method: &str,
    path: &str,
    operation: &Operation,
) -> std::fmt::Result {
    let about = [&operation.summary, &operation.description].map(|text| text.as_deref());
    let about: Vec<String> = about.into_iter().flatten().map(escape).collect();
    write!(page, "<h3><code>{method} {}</code></h3><p>{}</p>", escape(path), about.join(" "))?;
    let parameters = operation.parameters.iter().flatten();
    let own: Vec<_> = parameters
        .filter_map(|parameter| match parameter {
            RefOr::T(parameter) => Some(parameter),
            RefOr::Ref(_) => None,
        })
        .filter(|parameter| parameter.name != "X-Request-Id")
        .collect();
    let example = operation.request_body.as_ref().and_then(|body| match body {
        RefOr::T(body) => body.content.get(JSON),
        RefOr::Ref(_) => None,
    });
    if let Some(RefOr::T(Content { example: Some(example), .. })) = example {
        write!(page, "<pre>{}</pre>", escape(&format!("{example:#}")))?;
    }
    write!(page, "<table>")?;
    for parameter in own {
        let about = parameter.description.as_deref().unwrap_or_default();
        write!(page, "<tr><td><code>{}</code><td>{}", escape(&parameter.name), escape(about))?;
    }
    for (status, response) in &operation.responses.responses {
        if let RefOr::T(response) = response
            && status.starts_with('2')
        {
            write!(page, "<tr><td>{status}<td>{}", escape(&response.description))?;
        }
    }
    write!(page, "</table>")
}

fn write_problems(page: &mut String) -> std::fmt::Result {
    write!(
        page,
        "<h2>problems</h2><p>Errors are <code>application/problem+json</code> \
        (RFC 9457) with a stable <code>code</code>.</p><table>"
    )?;
    for code in ProblemCode::ALL {
        let (status, title) = (code.status(), escape(code.title()));
        let again = if code.is_retryable() { " Retry-After says when to try again." } else { "" };
        write!(page, "<tr id={code}><td><code>{code}</code><td>{status}<td>{title}{again}")?;
    }
    write!(page, "</table>")
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::openapi::openapi_document;
    use crate::routes::ROUTES;

    #[test]
    fn the_page_has_every_route_and_code_and_loads_nothing() {
        let page = docs_page(&openapi_document(30));
        for route in ROUTES {
            let heading = format!("<code>{} {}</code>", route.method.as_str(), route.template);
            assert!(page.contains(&heading), "{heading}");
        }
        for code in ProblemCode::ALL {
            assert!(page.contains(&format!("<tr id={code}>")), "{code}");
        }
        for shown in ["<td><code>Idempotency-Key</code>", "Retry-After", "&quot;signature&quot;"] {
            assert!(page.contains(shown), "{shown}");
        }
        for foreign in ["<script", "http://", "https://", "src="] {
            assert!(!page.contains(foreign), "{foreign}");
        }
    }
}
