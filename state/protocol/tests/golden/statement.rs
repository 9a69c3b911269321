//! `vectors/statement.json`: batch headers, their statements, and blocks of them.

use farthing_protocol::{
    Address, BatchHeader, BatchNumber, BatchStatement, BlockStatement, Digest, Domain, Felt,
    PublicData, QueueIndex, Tag, UnixTime, batches_root, hash, limbs_keccak,
};
use serde_json::{Value, json};

use crate::json::{
    REGENERATE, cases, compare, decimal, digest, elements, hexadecimal, parse, read_array,
    read_bytes, read_digest, read_elements, read_integer, read_u32,
};

const STORED: &str = include_str!("../../vectors/statement.json");

/// An arbitrary digest.
fn some(number: u64) -> Digest {
    hash(Tag::Domain, &[Felt::new(number)])
}

fn data(batch: u64) -> PublicData {
    let length = 7 * [0, 1, 40, 3][batch as usize % 4];
    let bytes: Vec<u8> = (0..length).map(|i| (31 * i + 17 * batch) as u8).collect();
    PublicData::from_bytes(&bytes).expect("whole limbs")
}

fn header(batch: u64) -> BatchHeader {
    let data = data(batch);
    BatchHeader {
        domain: Domain { chain_id: 31_337, contract: Address([0xFA; 20]) }.digest(),
        class: (batch % 5) as u8,
        number: BatchNumber::new(1_000 + batch).expect("in range"),
        timestamp: UnixTime::new(1_700_000_000 + 12 * batch).expect("in range"),
        old_root: some(batch),
        new_root: some(batch + 1),
        receipts_root: some(100 + batch),
        intents: (1 << (2 * batch)) as u32,
        queue_from: QueueIndex::new(batch * batch).expect("in range"),
        queue_to: QueueIndex::new((batch + 1) * (batch + 1)).expect("in range"),
        public_data: data.commitment(),
        public_data_limbs: data.limbs().len() as u32,
    }
}

fn statements() -> Vec<BatchStatement> {
    (0..8).map(|batch| BatchStatement::new(header(batch), data(batch).limbs())).collect()
}

fn batch_case(statement: &BatchStatement, data: &PublicData) -> Value {
    let BatchStatement { header, challenge, evaluation } = statement;
    json!({
        "domain": digest(&header.domain),
        "class": decimal(header.class),
        "number": decimal(header.number),
        "timestamp": decimal(header.timestamp),
        "old_root": digest(&header.old_root),
        "new_root": digest(&header.new_root),
        "receipts_root": digest(&header.receipts_root),
        "intents": decimal(header.intents),
        "queue_from": decimal(header.queue_from),
        "queue_to": decimal(header.queue_to),
        "public_data": digest(&header.public_data),
        "public_data_limbs": decimal(header.public_data_limbs),
        "public_data_bytes": hexadecimal(data.to_bytes()),
        "public_data_keccak": hexadecimal(data.keccak()),
        "challenge": elements(challenge),
        "evaluation": elements(evaluation),
        "elements": elements(&statement.elements()),
        "digest": digest(&statement.digest()),
    })
}

fn block_case(batches: &[BatchStatement]) -> Value {
    let block = BlockStatement::join(batches).expect("consecutive");
    json!({
        "batches": decimal(block.batches),
        "domain": digest(&block.domain),
        "first_batch": decimal(block.first_batch),
        "timestamp": decimal(block.timestamp),
        "old_root": digest(&block.old_root),
        "new_root": digest(&block.new_root),
        "queue_from": decimal(block.queue_from),
        "queue_to": decimal(block.queue_to),
        "batches_root": digest(&block.batches_root),
        "digest": digest(&block.digest()),
    })
}

const SIZES: [usize; 5] = [1, 2, 3, 5, 8];

fn vectors() -> Value {
    let batches = statements();
    let cases = (0..).zip(&batches).map(|(i, statement)| batch_case(statement, &data(i)));
    json!({
        "note": "Consecutive batches, and blocks of the first so many of them. Integers and \
                 elements as decimal strings, bytes as 0x-hexadecimal. elements: the 32 public \
                 inputs in their order. challenge and evaluation: coefficients of 1 and X in \
                 GF(p)[X]/(X^2 - 7). digest: 4 elements.",
        "regenerate": REGENERATE,
        "batches": cases.collect::<Vec<_>>(),
        "blocks": SIZES.map(|size| block_case(&batches[..size])),
    })
}

#[test]
fn statement_vectors_are_stored() {
    compare("statement.json", STORED, &vectors());
}

fn read_statement(case: &Value) -> BatchStatement {
    let header = BatchHeader {
        domain: read_digest(&case["domain"]),
        class: read_u32(&case["class"]).try_into().expect("a class"),
        number: BatchNumber::new(read_integer(&case["number"])).expect("in range"),
        timestamp: UnixTime::new(read_integer(&case["timestamp"])).expect("in range"),
        old_root: read_digest(&case["old_root"]),
        new_root: read_digest(&case["new_root"]),
        receipts_root: read_digest(&case["receipts_root"]),
        intents: read_u32(&case["intents"]),
        queue_from: QueueIndex::new(read_integer(&case["queue_from"])).expect("in range"),
        queue_to: QueueIndex::new(read_integer(&case["queue_to"])).expect("in range"),
        public_data: read_digest(&case["public_data"]),
        public_data_limbs: read_u32(&case["public_data_limbs"]),
    };
    let data = PublicData::from_bytes(&read_bytes(&case["public_data_bytes"])).expect("limbs");
    assert_eq!(data.commitment(), header.public_data);
    assert_eq!(data.limbs().len() as u32, header.public_data_limbs);
    assert_eq!(data.keccak(), read_array(&case["public_data_keccak"]));
    assert_eq!(data.keccak(), limbs_keccak(data.limbs()));
    BatchStatement::new(header, data.limbs())
}

#[test]
fn statement_vectors_hold() {
    let file = parse(STORED);
    let mut batches = Vec::new();
    for case in cases(&file, "batches") {
        let statement = read_statement(case);
        assert_eq!(statement.elements()[..], read_elements(&case["elements"]));
        assert_eq!(statement.challenge[..], read_elements(&case["challenge"]));
        assert_eq!(statement.evaluation[..], read_elements(&case["evaluation"]));
        assert_eq!(statement.digest(), read_digest(&case["digest"]));
        let stored = hash(Tag::BatchStatement, &read_elements(&case["elements"]));
        assert_eq!(stored, statement.digest());
        batches.push(statement);
    }
    for case in cases(&file, "blocks") {
        let batches = &batches[..read_u32(&case["batches"]) as usize];
        let block = BlockStatement::join(batches).expect("consecutive");
        assert_eq!(block.digest(), read_digest(&case["digest"]));
        assert_eq!(block_case(batches), *case);
        let digests: Vec<Digest> = batches.iter().map(BatchStatement::digest).collect();
        assert_eq!(batches_root(&digests), read_digest(&case["batches_root"]));
    }
}
