//! Final proofs: edits of an honest one, and bytes of any kind. Only the honest proof is accepted.
#![no_main]

use std::sync::LazyLock;

use farthing_fuzz::bytes_of;
use farthing_protocol::BlockStatement;
use farthing_recursion::{FinalKey, FinalProof};
use libfuzzer_sys::fuzz_target;

const PROOF: &[u8] = include_bytes!("../../l1-contracts/test/data/final_proof.bin");
const STATEMENT: &[u8; 176] = include_bytes!("../../l1-contracts/test/data/final_statement.bin");
const KEY: &[u8] = include_bytes!("../../l1-contracts/test/data/final_key.bin");

struct Honest {
    key: FinalKey,
    statement: BlockStatement,
    encodings: Vec<Vec<u8>>,
}

static HONEST: LazyLock<Honest> = LazyLock::new(|| {
    let key = FinalKey::from_bytes(KEY).expect("the committed key");
    let statement = BlockStatement::from_bytes(STATEMENT).expect("the committed statement");
    key.verify(&statement, &FinalProof::from_bytes(PROOF.to_vec())).expect("the committed proof");
    Honest { key, statement, encodings: vec![PROOF.to_vec()] }
});

fuzz_target!(|input: &[u8]| {
    let Honest { key, statement, encodings } = &*HONEST;
    let bytes = bytes_of(input, encodings);
    let Ok(proof) = key.decode(bytes) else { return };
    let accepted = key.verify(statement, &proof).is_ok();
    assert_eq!(
        accepted,
        proof.as_bytes() == PROOF,
        "a changed proof is accepted, or the honest one refused"
    );
});
