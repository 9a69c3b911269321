//! Statements by the binary: made of kept openings without a node, and checked against an L1 that the test
//! plays.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::Output;

use alloy::primitives::{B256, U256};
use alloy::sol_types::SolCall as _;
use farthing_client::dto::{
    BatchStatementBody, HolderBody, HolderName, LicenseOpeningBody, LicenseStatusName, WireDigest,
};
use farthing_client::{OpeningError, verify_license_opening};
use farthing_l1::abi::Rollup;
use farthing_protocol::{
    AccountId, BatchHeader, BatchNumber, BatchStatement, BlockNumber, Digest, Domain, Felt,
    LicenseId, Lineage, Nano, Price, QueueIndex, Shares, ShortDigest, TREE_DEPTH, UnixTime,
};
use serde_json::{Value, json};

use crate::support::{CONTRACT, OWNER, TestResult, farthing};

const CHAIN_ID: u64 = 31_337;
/// A node that is not there.
const NO_NODE: &str = "http://127.0.0.1:1";

fn domain() -> TestResult<Domain> {
    Ok(Domain { chain_id: CHAIN_ID, contract: CONTRACT.parse()? })
}

/// License 3 after a batch, with a state root made for it.
fn opening(batch: u64, received: u64) -> TestResult<LicenseOpeningBody> {
    let domain = domain()?;
    let header = BatchHeader {
        domain: domain.digest(),
        class: 0,
        number: BatchNumber::new(batch)?,
        timestamp: UnixTime::new(1_900_000_000 + batch)?,
        old_root: Digest::ZERO,
        new_root: Digest::ZERO,
        receipts_root: Digest::ZERO,
        intents: 0,
        queue_from: QueueIndex::new(0)?,
        queue_to: QueueIndex::new(0)?,
        public_data: Digest::ZERO,
        public_data_limbs: 0,
    };
    let zero = [Felt::default(); 2];
    let holder = |account, shares| -> TestResult<HolderBody> {
        Ok(HolderBody { holder: HolderName::Account(account), shares: Shares::new(shares)? })
    };
    let mut opening = LicenseOpeningBody {
        chain_id: domain.chain_id,
        contract: domain.contract.into(),
        id: LicenseId::from(3),
        recipient: ShortDigest::default().into(),
        licensor: AccountId::from(7),
        lineage: Lineage::ROOT,
        holders: vec![holder(7, 600_000)?, holder(8, 400_000)?],
        price: Price::new(7)?.into(),
        derivative_shares: Shares::ZERO,
        status: LicenseStatusName::Active,
        licensee: None,
        vault: Nano::ZERO.into(),
        received: Nano::new(received)?.into(),
        siblings: [WireDigest::from(Digest::ZERO); TREE_DEPTH],
        accounts_root: Digest::ZERO.into(),
        batch: BatchStatementBody::from(&BatchStatement {
            header,
            challenge: zero,
            evaluation: zero,
        }),
        block: BlockNumber::FIRST.into(),
        l1: None,
    };
    match verify_license_opening(opening.id, &opening) {
        Err(OpeningError::Root { got, .. }) => opening.batch.new_root = got.into(),
        other => return Err(format!("{other:?}").into()),
    }
    Ok(opening)
}

/// An L1 whose contract has verified these batches; it serves until the test ends.
fn serve_l1(openings: &[LicenseOpeningBody]) -> TestResult<String> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let url = format!("http://{}", listener.local_addr()?);
    let domain = B256::from(domain()?.digest().to_bytes());
    let batches: Vec<(u64, B256)> = openings
        .iter()
        .map(|opening| BatchStatement::from(&opening.batch))
        .map(|batch| (batch.header.number.get(), B256::from(batch.digest().to_bytes())))
        .collect();
    std::thread::spawn(move || {
        for connection in listener.incoming().flatten() {
            // A client that goes away is answered no more.
            let _ = answer(connection, domain, &batches);
        }
    });
    Ok(url)
}

fn answer(mut connection: TcpStream, domain: B256, batches: &[(u64, B256)]) -> TestResult {
    let mut reader = BufReader::new(connection.try_clone()?);
    let (mut line, mut length) = (String::new(), 0);
    while reader.read_line(&mut line)? > 2 {
        let header = line.to_ascii_lowercase();
        if let Some(value) = header.strip_prefix("content-length:") {
            length = value.trim().parse()?;
        }
        line.clear();
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    let request: Value = serde_json::from_slice(&body)?;
    let result = match request["method"].as_str() {
        Some("eth_chainId") => json!(format!("{CHAIN_ID:#x}")),
        Some("eth_blockNumber") => json!("0x10"),
        Some("eth_getCode") => json!("0x00"),
        Some("eth_call") => json!(call(&request["params"][0], domain, batches)?),
        other => return Err(format!("{other:?}").into()),
    };
    let body = json!({ "jsonrpc": "2.0", "id": request["id"], "result": result }).to_string();
    let length = body.len();
    write!(
        connection,
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\
         connection: close\r\n\r\n{body}"
    )?;
    Ok(())
}

/// The ids of batches are their numbers here, with the highest bit set: 0 is the id of none.
fn call(request: &Value, domain: B256, batches: &[(u64, B256)]) -> TestResult<B256> {
    let input = request.get("input").or_else(|| request.get("data"));
    let input = input.and_then(Value::as_str).ok_or("the input")?;
    let input: alloy::primitives::Bytes = input.parse()?;
    let (selector, argument) = input.split_at_checked(4).ok_or("a selector")?;
    let batch = || -> TestResult<Option<(u64, B256)>> {
        let number = argument.last_chunk().map(|bytes| u64::from_be_bytes(*bytes));
        let number = number.ok_or("a number")?;
        Ok(batches.iter().find(|(of, _)| *of == number).copied())
    };
    let id = |number: u64| B256::from((U256::from(1) << 255) | U256::from(number));
    Ok(match selector {
        one if one == Rollup::domainCall::SELECTOR => domain,
        one if one == Rollup::finalBatchCall::SELECTOR => {
            batch()?.map_or(B256::ZERO, |(number, _)| id(number))
        }
        one if one == Rollup::committedDigestCall::SELECTOR => {
            batch()?.map_or(B256::ZERO, |(_, digest)| digest)
        }
        other => return Err(format!("{other:?}").into()),
    })
}

fn statement(folder: &Path, arguments: &[&str]) -> TestResult<Output> {
    let mut command = farthing(folder);
    command.env("FARTHING_NODE", NO_NODE).arg("statement").args(arguments).arg("--json");
    Ok(command.output()?)
}

fn printed(output: &Output) -> TestResult<Value> {
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    Ok(serde_json::from_slice(&output.stdout)?)
}

/// A folder with two openings and a statement made of them, without a node.
fn made(after: &LicenseOpeningBody, until: &LicenseOpeningBody) -> TestResult<tempfile::TempDir> {
    let folder = tempfile::tempdir()?;
    for (name, opening) in [("after.json", after), ("until.json", until)] {
        std::fs::write(folder.path().join(name), serde_json::to_string(opening)?)?;
    }
    let kept = ["--opening", "after.json", "--opening", "until.json"];
    let period = ["--after", "10", "--until", "14", "--out", "statement.json"];
    let share = ["make", "3", "--share-of", "7"];
    let made = statement(folder.path(), &[&share[..], &kept, &period].concat())?;
    let claim = &printed(&made)?["claim"];
    assert_eq!((&claim["kind"], &claim["received"]), (&"share".into(), &"4500".into()));
    assert_eq!((&claim["shares"], &claim["credited_max"]), (&600_000.into(), &"2702".into()));
    Ok(folder)
}

#[test]
fn a_statement_is_checked_against_l1_without_a_node() -> TestResult {
    let (after, until) = (opening(10, 1_000)?, opening(14, 5_500)?);
    let folder = made(&after, &until)?;
    let url = serve_l1(&[after.clone(), until])?;
    let verify = ["verify", "statement.json", "--contract", CONTRACT];
    let l1 = ["--l1-url", &url];
    let shown = printed(&statement(folder.path(), &[&verify[..], &l1].concat())?)?;
    assert_eq!((&shown["verified_on_l1"], &shown["l1_block_seen"]), (&true.into(), &16.into()));
    assert_eq!(shown["claim"]["received"], "4500");
    let offline = [&verify[..], &["--offline"]].concat();
    assert_eq!(printed(&statement(folder.path(), &offline)?)?["verified_on_l1"], false);
    let unasked = statement(folder.path(), &verify)?;
    assert_eq!(unasked.status.code(), Some(4), "consistent is not proven");

    let refused = |arguments: &[&str]| -> TestResult<String> {
        let output = statement(folder.path(), arguments)?;
        assert_eq!(output.status.code(), Some(1));
        Ok(String::from_utf8(output.stderr)?)
    };
    let other = ["verify", "statement.json", "--contract", OWNER, "--l1-url", &url];
    assert!(refused(&other)?.contains("the statement is of contract"));
    let elsewhere = serve_l1(&[after, opening(14, 5_501)?])?;
    let other = [&verify[..], &["--l1-url", &elsewhere]].concat();
    assert!(refused(&other)?.contains("has not verified batch 14"), "another state is final");
    let path = folder.path().join("statement.json");
    let text = std::fs::read_to_string(&path)?;
    std::fs::write(&path, text.replacen("\"4500\"", "\"4501\"", 1))?;
    let changed = refused(&[&verify[..], &l1].concat())?;
    assert!(changed.contains("received is 4500, the claim says 4501"), "{changed}");
    Ok(())
}
