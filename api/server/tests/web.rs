//! The web application over HTTP: what browsers are told of its files. Its behaviour is tested in a browser
//! (`api/web/browser`).

mod support;

use farthing_client::ProblemCode;
use reqwest::header::{ACCEPT_ENCODING, IF_NONE_MATCH};
use reqwest::{Client, Method, Response};
use support::*;

fn header<'r>(response: &'r Response, name: &str) -> &'r str {
    response.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

#[tokio::test]
async fn the_page_and_its_parts_are_served_with_their_rules() -> TestResult {
    let dir = tempfile::tempdir()?;
    let node = Node::start(dir.path()).await?;
    let http = Client::builder().no_proxy().build()?;
    let page = http.get(&node.url).send().await?;
    assert_eq!(page.status().as_u16(), 200);
    assert_eq!(header(&page, "content-type"), "text/html; charset=utf-8");
    assert_eq!(header(&page, "cache-control"), "no-cache");
    assert!(header(&page, "content-security-policy").starts_with("default-src 'none';"));
    assert_eq!(header(&page, "x-content-type-options"), "nosniff");
    assert!(!header(&page, "x-request-id").is_empty());
    let tag = header(&page, "etag").to_owned();
    let text = page.text().await?;
    assert!(text.starts_with("<!doctype html>"), "{text}");

    let again = http.get(&node.url).header(IF_NONE_MATCH, &tag).send().await?;
    assert_eq!(again.status().as_u16(), 304);
    assert!(again.bytes().await?.is_empty());
    let head = http.head(&node.url).send().await?;
    assert_eq!((head.status().as_u16(), header(&head, "etag")), (200, tag.as_str()));
    let options = http.request(Method::OPTIONS, &node.url).send().await?;
    assert_eq!((options.status().as_u16(), header(&options, "allow")), (204, "GET, HEAD, OPTIONS"));
    let post = problem_of(http.post(&node.url).send().await?).await?;
    assert_eq!(post.code, ProblemCode::MethodNotAllowed);

    // Addresses are relative, so that the page works under every prefix.
    let parts = text.split('"').filter_map(|word| word.strip_prefix("./"));
    for part in parts {
        let request = http.get(format!("{}/{part}", node.url)).header(ACCEPT_ENCODING, "br");
        let answer = request.send().await?;
        assert_eq!(answer.status().as_u16(), 200, "{part}");
        assert!(header(&answer, "cache-control").ends_with("immutable"), "{part}");
        if part.ends_with(".js") {
            assert_eq!(header(&answer, "content-type"), "text/javascript; charset=utf-8");
            assert_eq!(header(&answer, "content-encoding"), "br");
        }
    }
    assert!(!text.contains("src=\"/") && !text.contains("href=\"/"), "{text}");
    let unknown = http.get(format!("{}/assets/other.js", node.url)).send().await?;
    assert_eq!(problem_of(unknown).await?.code, ProblemCode::RouteNotFound);
    node.stop().await
}

#[tokio::test]
async fn files_count_against_the_rate_of_their_client() -> TestResult {
    let dir = tempfile::tempdir()?;
    let config =
        farthing_server::ServerConfig { requests_per_second: 1, requests_burst: 2, ..generous() };
    let class = farthing_protocol::BatchClass::TINY;
    let node = Node::start_with(node_config(dir.path(), class), config).await?;
    let http = Client::builder().no_proxy().build()?;
    let mut last = 200;
    for _ in 0..8 {
        last = http.get(&node.url).send().await?.status().as_u16();
    }
    assert_eq!(last, ProblemCode::RateLimited.status());
    node.stop().await
}
