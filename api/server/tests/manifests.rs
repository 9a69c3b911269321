//! Manifests over HTTP: who may give one, what is refused, what is kept, and its views.

mod support;

use farthing_client::dto::{ManifestKept, WireBytes32};
use farthing_client::{ClientError, ProblemCode};
use farthing_manifest::{Manifest, View};
use farthing_protocol::{BatchClass, Bytes32};
use farthing_server::{ManifestsConfig, ServerConfig};
use serde_json::{Value, json};
use support::*;

/// A manifest with a title, which may be markup.
fn manifest(title: &str) -> String {
    json!({
        "type": "AILicense",
        "version": 1,
        "work": {
            "kind": "artwork",
            "title": title,
            "url": "https://example.com/blue",
            "creators": [{ "name": "</copyright><script>alert(1)</script>" }]
        },
        "permits": ["ai-input"],
        "prohibits": ["ai-train"],
        "price": { "unit": "image", "amountNano": "250000", "currency": "USD" },
        "derivatives": { "allowed": true, "shares": 100000, "reciprocal": false, "approval": "none" }
    })
    .to_string()
}

fn code<T>(answer: Result<T, ClientError>) -> Option<ProblemCode> {
    answer.err().as_ref().and_then(ClientError::problem).map(|problem| problem.code)
}

/// Status, media type and text of an answer.
async fn text_of(node: &Node, path: &str) -> TestResult<(u16, String, String)> {
    let answer = reqwest::Client::builder().no_proxy().build()?;
    let answer = answer.get(format!("{}{path}", node.url)).send().await?;
    let media = answer.headers().get("content-type").map(|kind| kind.to_str().map(str::to_owned));
    let media = media.ok_or("a media type")??;
    Ok((answer.status().as_u16(), media, answer.text().await?))
}

#[tokio::test]
async fn a_manifest_is_kept_under_its_hash() -> TestResult {
    let dir = tempfile::tempdir()?;
    let node = Node::start(dir.path()).await?;
    node.fund(2, 0).await?;
    let client = node.client()?;
    let text = manifest("Blue");
    let parsed = Manifest::parse(text.as_bytes())?;
    let hash: WireBytes32 = Bytes32(parsed.hash().to_bytes()).into();
    assert_eq!(code(client.manifest(hash).await), Some(ProblemCode::ManifestNotFound));
    // White space and order are not the manifest's: it is kept in canonical form.
    let pretty = format!("{:#}", serde_json::from_str::<Value>(&text)?);
    let kept = client.keep_manifest(&signer(1), &pretty).await?;
    assert_eq!(kept, ManifestKept { hash, existed: false });
    let again = client.keep_manifest(&signer(2), &text).await?;
    assert_eq!(again, ManifestKept { hash, existed: true });
    node.stop().await?;

    let node = Node::start(dir.path()).await?;
    let (status, media, body) = text_of(&node, &format!("/v1/manifests/{hash}")).await?;
    assert_eq!(
        (status, media.as_str(), body.as_str()),
        (200, "application/json", parsed.canonical())
    );
    for view in View::ALL {
        let path = format!("/v1/manifests/{hash}/{}", view.name());
        let (status, media, body) = text_of(&node, &path).await?;
        assert_eq!((status, media.as_str()), (200, view.media_type()));
        assert_eq!(body, view.render(&parsed));
        assert!(*view != View::Rsl || !body.contains("<script"), "{body}");
        let absent = format!("/v1/manifests/0x{}/{}", "00".repeat(32), view.name());
        let (status, _, body) = text_of(&node, &absent).await?;
        assert!(status == 404 && body.contains("manifest_not_found"), "{body}");
    }
    let (status, _, body) = text_of(&node, &format!("/v1/manifests/{hash}/html")).await?;
    assert!(status == 404 && body.contains("route_not_found"), "{body}");
    let (status, _, body) = text_of(&node, "/v1/manifests/0x12").await?;
    assert!(status == 400 && body.contains("invalid_path"), "{body}");
    node.stop().await
}

#[tokio::test]
async fn what_is_not_a_manifest_is_refused() -> TestResult {
    let dir = tempfile::tempdir()?;
    let node = Node::start(dir.path()).await?;
    node.fund(1, 0).await?;
    let client = node.client()?;
    let valid = manifest("Blue");
    let cases = [
        (String::new(), ProblemCode::MalformedJson),
        ("{".to_owned(), ProblemCode::MalformedJson),
        ("[]".to_owned(), ProblemCode::InvalidManifest),
        ("{\"a\":1,\"a\":1}".to_owned(), ProblemCode::InvalidManifest),
        (valid.replace("\"image\"", "\"pixel\""), ProblemCode::InvalidManifest),
        (valid.replace("\"ai-train\"", "null"), ProblemCode::InvalidManifest),
        (format!("{valid}{}", " ".repeat(64 * 1024)), ProblemCode::BodyTooLarge),
    ];
    for (text, expected) in cases {
        let answer = client.keep_manifest(&signer(1), &text).await;
        assert_eq!(code(answer), Some(expected), "{}", text.get(..20).unwrap_or(&text));
    }
    let answer = client.keep_manifest(&signer(1), &valid.replace("\"image\"", "\"pixel\"")).await;
    let error = answer.err().ok_or("it is refused")?;
    let detail = error.problem().and_then(|problem| problem.detail.clone()).unwrap_or_default();
    assert_eq!(detail, "price.unit: expected one of token, image, second, request");

    // Neither an account that does not exist, nor another key, nor a request without a signature.
    let unknown = client.keep_manifest(&signer(9), &valid).await;
    assert_eq!(code(unknown), Some(ProblemCode::UnknownAccount));
    let http = reqwest::Client::builder().no_proxy().build()?;
    let post = http.post(format!("{}/v1/manifests", node.url));
    let answer = post.header("content-type", "application/json").body(valid).send().await?;
    let problem: Value = serde_json::from_slice(&answer.bytes().await?)?;
    assert_eq!(problem["code"], "request_not_signed");
    node.stop().await
}

#[tokio::test]
async fn accounts_and_the_node_have_limits() -> TestResult {
    let dir = tempfile::tempdir()?;
    let manifests = ManifestsConfig { manifests_max: 3, manifests_per_account_max: 2 };
    let config = || ServerConfig { manifests: manifests.clone(), ..generous() };
    let start = || Node::start_with(node_config(dir.path(), BatchClass::TINY), config());
    let node = start().await?;
    node.fund(2, 0).await?;
    let client = node.client()?;
    for title in ["one", "two"] {
        assert!(!client.keep_manifest(&signer(1), &manifest(title)).await?.existed);
    }
    let third = client.keep_manifest(&signer(1), &manifest("three")).await;
    assert_eq!(code(third), Some(ProblemCode::TooManyManifests));
    assert!(client.keep_manifest(&signer(1), &manifest("two")).await?.existed);
    node.stop().await?;

    // The limits count across restarts.
    let node = start().await?;
    let client = node.client()?;
    assert!(!client.keep_manifest(&signer(2), &manifest("three")).await?.existed);
    let fourth = client.keep_manifest(&signer(2), &manifest("four")).await;
    assert_eq!(code(fourth), Some(ProblemCode::TooManyManifests));
    node.stop().await
}
