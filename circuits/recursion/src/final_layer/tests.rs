//! Final proofs of blocks of tiny leaves.

use std::time::Instant;

use farthing_airs::Profile;
use farthing_protocol::{BatchStatement, BlockStatement};

use super::{FinalCircuit, FinalSettings, ShrinkCircuit};
use crate::aggregate::{Aggregation, NodeProof};
use crate::settings::CircuitSettings;
use crate::tests::{SETTINGS, Setup, Told, leaf};
use crate::wrap::WrapCircuit;

fn block(circuit: CircuitSettings, count: u64) -> (Vec<BatchStatement>, Aggregation, NodeProof) {
    let setup = Setup::new(&leaf(&SETTINGS, &Told::nth(0)).1, SETTINGS);
    let wrap = WrapCircuit::of_system(&setup.system(), circuit).expect("circuit");
    let aggregation = Aggregation::new(&[&wrap], circuit).expect("circuits");
    let mut nodes = (0..count).map(|i| {
        let (statement, honest) = leaf(&SETTINGS, &Told::nth(i));
        let proof = setup.prove(&honest);
        let parts = setup.replay(&proof, &honest.public_values).parts;
        let wrapped = wrap.prove_parts(&statement.elements(), &parts).expect("wrapped");
        (statement, aggregation.lift(0, &wrapped).expect("lifted"))
    });
    let (first, mut node) = nodes.next().expect("a node");
    let mut statements = vec![first];
    for (statement, right) in nodes {
        node = aggregation.join(&node, &right).expect("joined");
        statements.push(statement);
    }
    (statements, aggregation, node)
}

#[test]
fn real_settings() {
    let profile = Profile::Proven;
    let (statements, aggregation, node) = block(CircuitSettings::of(profile), 1);
    println!("{:?}", aggregation.rows());
    let settings = FinalSettings::of(profile);
    let keys = aggregation.node_keys();
    let clock = Instant::now();
    let shrink = ShrinkCircuit::new(keys, settings.shrink).expect("circuit");
    println!("shrink {:?} {:?}", shrink.rows(), clock.elapsed());
    let clock = Instant::now();
    let shrunk = shrink.prove(keys, &node).expect("shrunk");
    println!("shrink proof {:?}", clock.elapsed());
    let clock = Instant::now();
    let outer = FinalCircuit::new(&shrink, settings.outer).expect("circuit");
    println!("final {:?} {:?}", outer.rows(), clock.elapsed());
    let clock = Instant::now();
    let proof = outer.prove(&shrunk).expect("proof");
    println!("final proof {:?} {} bytes", clock.elapsed(), proof.as_bytes().len());
    let statement = BlockStatement::join(&statements).expect("a block");
    let clock = Instant::now();
    outer.key().verify(&statement, &proof).expect("valid");
    println!("verify {:?}", clock.elapsed());
    if let Ok(dir) = std::env::var("DEV_FIXTURE") {
        std::fs::write(format!("{dir}/Constants.sol"), outer.key().solidity().expect("sol"))
            .unwrap();
        std::fs::write(format!("{dir}/proof.bin"), proof.as_bytes()).unwrap();
        std::fs::write(format!("{dir}/statement.bin"), statement.to_bytes()).unwrap();
    }
}
