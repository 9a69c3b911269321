//! Leaf proofs: edits of an honest one of the smallest class, and bytes of any kind. What is accepted is
//! the honest proof.
#![no_main]

use std::sync::LazyLock;

use farthing_airs::{LeafClass, LeafProof, prove_leaf, verify_leaf};
use farthing_fuzz::bytes_of;
use farthing_ledger::{Durability, Genesis, Ledger};
use farthing_protocol::{AccountIdentity, Address, BatchStatement, Domain, SecretKey, UnixTime};
use libfuzzer_sys::fuzz_target;

struct Honest {
    statement: BatchStatement,
    encodings: Vec<Vec<u8>>,
}

/// An empty batch: its proof has every part that others have.
static HONEST: LazyLock<Honest> = LazyLock::new(|| {
    let folder = tempfile::tempdir().expect("a folder");
    let operator = *SecretKey::from_seed(&[7; 32]).public_key();
    let genesis = Genesis {
        domain: Domain { chain_id: 31_337, contract: Address([0xfa; 20]) },
        operator: AccountIdentity { key: operator, owner: Address([1; 20]) },
    };
    let class = &LeafClass::TINY;
    let mut ledger = Ledger::create(folder.path(), genesis, class.batch, Durability::Buffered)
        .expect("a ledger");
    let now = UnixTime::new(1_700_000_000).expect("a time");
    let witness = ledger.seal_always(now).expect("a batch").witness;
    let proof = prove_leaf(class, &witness).expect("a proof");
    let encodings = vec![postcard::to_stdvec(&proof).expect("bytes")];
    Honest { statement: witness.statement, encodings }
});

fuzz_target!(|input: &[u8]| {
    let Honest { statement, encodings } = &*HONEST;
    let bytes = bytes_of(input, encodings);
    let Ok(proof) = postcard::from_bytes::<LeafProof>(&bytes) else { return };
    if verify_leaf(&LeafClass::TINY, statement, &proof).is_ok() {
        // Numbers of variable length have longer encodings: the proof must be the same, not its bytes.
        let again = postcard::to_stdvec(&proof).expect("bytes");
        assert_eq!(Some(&again), encodings.first(), "a changed proof is accepted");
    }
});
