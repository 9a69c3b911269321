//! Runs a node inside another program: the aggregator behind its REST API, until Ctrl-C.
//!
//! ```sh
//! cargo run --release -p farthing-server --example run_node -- DATA_FOLDER
//! curl http://127.0.0.1:8080/v1/status
//! ```
//!
//! It accepts intents and seals batches, and neither proves nor settles. The comments name the parts
//! that a node of a real rollup adds; `farthing node` is that program.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use farthing_aggregator::{Aggregator, Components, Config};
use farthing_ledger::Genesis;
use farthing_protocol::{AccountIdentity, Address, BatchClass, Domain, SecretKey};
use farthing_server::{Server, ServerConfig};

type ExampleResult = Result<(), Box<dyn std::error::Error + Send + Sync>>;

#[tokio::main]
async fn main() -> ExampleResult {
    let data = PathBuf::from(std::env::args().nth(1).ok_or("usage: run_node DATA_FOLDER")?);

    // Chain and contract are in every signature; account 0, the operator's, receives the fees. Both
    // must be those of the deployment.
    let domain = Domain { chain_id: 31_337, contract: Address([0x11; 20]) };
    let operator = AccountIdentity {
        key: *SecretKey::from_seed(&[1; 32]).public_key(),
        owner: Address([0x22; 20]),
    };
    let mut config = Config::new(data.clone(), Genesis { domain, operator }, BatchClass::SMALL);
    config.sequencer.seal_age = Duration::from_secs(10);

    // A real node sets `prover: Some(plonky2_backend(cache, Profile::Proven, vec![class]))` and
    // `l1: Some(L1Config::new(url, contract, deployed_at))` here.
    let aggregator = Aggregator::start(config, Components::default())?;
    let limits = ServerConfig {
        listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 8080)),
        ..ServerConfig::default()
    };
    let server = Server::bind(aggregator.clone(), limits, &data).await?;
    println!("http://{}/docs", server.address());

    // Requests that the server has taken are answered before the sequencer stops.
    server
        .run(async {
            // Without a handler for Ctrl-C the node ends at once.
            let _ = tokio::signal::ctrl_c().await;
        })
        .await;
    aggregator.stop().await;
    Ok(())
}
