//! The example configuration of NATS: each role can do its work, and no more.

mod support;

use std::path::Path;
use std::time::Duration;

use async_nats::Event;
use farthing_provers::NatsConfig;
use farthing_testkit::TestResult;
use nkeys::KeyPair;
use support::prover::Asked;
use support::*;

/// The committed example with these users, without TLS: its certificates are the operator's.
fn configuration(node: &KeyPair, prover: &KeyPair) -> TestResult<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/deploy/nats.conf");
    let text = std::fs::read_to_string(path)?;
    let (before, rest) = text.split_once("\ntls {").ok_or("no block for TLS")?;
    let (_, after) = rest.split_once("\n}\n").ok_or("no end of it")?;
    let text = format!("{before}\n{after}")
        .replace("listen: 0.0.0.0:4222", "")
        .replace("/var/lib/nats", "STORE")
        .replace("\"UNODE\"", &format!("\"{}\"", node.public_key()))
        .replace("\"UPROVER\"", &format!("\"{}\"", prover.public_key()));
    assert!(text.contains(&prover.public_key()) && text.contains("STORE"));
    Ok(text)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_example_gives_each_role_what_it_needs_and_no_more() -> TestResult<()> {
    let keys = [KeyPair::new_user(), KeyPair::new_user()];
    let nats = Nats::start_configured(&configuration(&keys[0], &keys[1])?)?;
    let dir = tempfile::tempdir()?;
    let mut configs = Vec::new();
    for (name, key) in ["node", "prover"].iter().zip(&keys) {
        let file = dir.path().join(name);
        std::fs::write(&file, format!("{}\n", key.seed()?))?;
        configs.push(NatsConfig { nkey: Some(file), ..nats.config() });
    }
    let (here, there) = (Asked::default(), Asked::default());
    let _prover = start_prover(&configs[1], "a", backend(there.source(Duration::ZERO)));
    let path = dir.path().join("data");
    let node = start_node(&path, &configs[0], here.source(Duration::from_millis(300)), 5).await?;
    provers_come(&node, 1).await?;
    seal_batches(&node, 1, 10).await?;
    assert_eq!(proof_of(&node, 1).await?, "5: (((0 1) (2 3)) 4)");
    assert_eq!(proof_of(&node, 2).await?, "5: (((5 6) (7 8)) 9)");
    assert!(there.counts().iter().all(|steps| *steps > 0), "{:?}", there.counts());
    assert_eq!(node.fleet().ok_or("a fleet")?.proofs_refused, 0);

    // A prover that is not what it should be: the server refuses what is not in its role.
    let (tell, mut told) = tokio::sync::mpsc::unbounded_channel();
    let options = async_nats::ConnectOptions::new()
        .nkey(keys[1].seed()?)
        .custom_inbox_prefix("_INBOX_prover")
        .event_callback(move |event| {
            let tell = tell.clone();
            async move {
                if let Event::ServerError(error) = event {
                    let _ = tell.send(error.to_string());
                }
            }
        });
    let rogue = options.connect(&nats.url).await?;
    for subject in [
        "farthing.jobs.00.any.join.00",
        "farthing.wake",
        "$JS.API.STREAM.PURGE.FARTHING_JOBS",
        "$JS.API.STREAM.DELETE.FARTHING_JOBS",
        "$JS.API.STREAM.DELETE.OBJ_farthing-proofs",
        "$JS.API.CONSUMER.DELETE.FARTHING_DONE.node",
        "$JS.API.CONSUMER.MSG.NEXT.FARTHING_DONE.node",
    ] {
        rogue.publish(subject, "".into()).await?;
        rogue.flush().await?;
        let refused = tokio::time::timeout(Duration::from_secs(10), told.recv()).await?;
        let refused = refused.ok_or("an event")?.to_lowercase();
        assert!(refused.contains("permissions violation"), "{subject}: {refused}");
    }
    for subject in ["_INBOX_node.>", "farthing.done", "$JS.EVENT.>"] {
        let _subscribed = rogue.subscribe(subject).await?;
        rogue.flush().await?;
        let refused = tokio::time::timeout(Duration::from_secs(10), told.recv()).await?;
        assert!(refused.is_some(), "{subject}");
    }
    // A stranger does not come in at all.
    let stranger = async_nats::ConnectOptions::new().nkey(KeyPair::new_user().seed()?);
    assert!(stranger.connect(&nats.url).await.is_err());
    assert!(async_nats::connect(&nats.url).await.is_err());
    node.stop().await;
    Ok(())
}
