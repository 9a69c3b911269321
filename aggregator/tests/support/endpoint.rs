//! An endpoint in front of L1's node that refuses pages of logs, as public ones do.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use alloy::transports::http::reqwest::{Client, Url};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

use super::TestResult;

/// The behaviour of an endpoint for a page of logs of more than `blocks` blocks.
#[derive(Clone, Copy, Debug)]
pub enum Refusal {
    /// Answers with a JSON-RPC error of this code.
    Code(i64),
    /// Answers with this HTTP status.
    Status(u16),
    /// Never answers.
    Silence,
    /// Says in turn one of each kind.
    Any,
    /// Leaves out the logs behind the page's first blocks, and says nothing of it.
    CutOff,
}

/// An endpoint; ends with the runtime.
pub struct Endpoint {
    pub url: Url,
    /// Pages that were refused.
    pub refused: Arc<AtomicUsize>,
}

impl Endpoint {
    /// Grants pages of at most `blocks` blocks.
    pub async fn start(node: Url, blocks: u64, refusal: Refusal) -> TestResult<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}", listener.local_addr()?).parse()?;
        let refused = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&refused);
        tokio::spawn(async move {
            while let Ok((connection, _)) = listener.accept().await {
                let (node, counter) = (node.clone(), Arc::clone(&counter));
                tokio::spawn(async move {
                    // A client that goes away ends its connection.
                    let _ = serve(connection, node, blocks, refusal, &counter).await;
                });
            }
        });
        Ok(Self { url, refused })
    }
}

async fn serve(
    connection: TcpStream,
    node: Url,
    blocks: u64,
    refusal: Refusal,
    refused: &AtomicUsize,
) -> TestResult<()> {
    let client = Client::new();
    let mut connection = BufReader::new(connection);
    while let Some(body) = read_request(&mut connection).await? {
        let mut request: Value = serde_json::from_slice(&body)?;
        let mut answer = None;
        if let Some((from, to)) = page(&request).filter(|(from, to)| to - from >= blocks) {
            let turn = refused.fetch_add(1, Ordering::SeqCst);
            let kinds = [Refusal::Code(-32005), Refusal::Status(413), Refusal::Code(-32602)];
            let kind = match refusal {
                Refusal::Any => kinds[turn % kinds.len()],
                one => one,
            };
            match kind {
                Refusal::Code(code) => {
                    let error = json!({ "code": code, "message": "query exceeds the limit" });
                    let id = &request["id"];
                    answer = Some((200, json!({ "jsonrpc": "2.0", "id": id, "error": error })));
                }
                Refusal::Status(status) => answer = Some((status, json!({}))),
                Refusal::Silence => std::future::pending().await,
                Refusal::CutOff => {
                    request["params"][0]["toBlock"] = json!(format!("{:#x}", from + blocks - 1));
                    assert!(from + blocks <= to);
                }
                Refusal::Any => {}
            }
        }
        let (status, answer) = match answer {
            Some(answer) => answer,
            None => {
                let body = serde_json::to_vec(&request)?;
                let sent = client.post(node.clone()).header("content-type", "application/json");
                let text = sent.body(body).send().await?.text().await?;
                (200, serde_json::from_str(&text)?)
            }
        };
        let text = answer.to_string();
        let head = format!(
            "HTTP/1.1 {status} x\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
            text.len()
        );
        connection.get_mut().write_all((head + &text).as_bytes()).await?;
    }
    Ok(())
}

/// The body of the next request; `None` at the end of the connection.
async fn read_request(connection: &mut BufReader<TcpStream>) -> TestResult<Option<Vec<u8>>> {
    let mut length = 0;
    loop {
        let mut line = String::new();
        if connection.read_line(&mut line).await? == 0 {
            return Ok(None);
        }
        let line = line.trim().to_ascii_lowercase();
        if line.is_empty() {
            break;
        }
        if let Some(value) = line.strip_prefix("content-length:") {
            length = value.trim().parse()?;
        }
    }
    let mut body = vec![0; length];
    connection.read_exact(&mut body).await?;
    Ok(Some(body))
}

/// The first and the last block of a page of logs.
fn page(request: &Value) -> Option<(u64, u64)> {
    if request["method"] != "eth_getLogs" {
        return None;
    }
    let block = |name| {
        let text = request["params"][0][name].as_str()?;
        u64::from_str_radix(text.strip_prefix("0x")?, 16).ok()
    };
    Some((block("fromBlock")?, block("toBlock")?))
}
