//! Batch and block statements: places of the elements, the public-data challenge, joining.

use farthing_protocol::{
    Address, BLOCK_STATEMENT_ELEMENTS, BatchHeader, BatchNumber, BatchStatement, BlockStatement,
    BlockStatementError, Digest, Domain, Felt, JoinError, MODULUS, PROTOCOL_VERSION, QuadraticFelt,
    QueueIndex, STATEMENT_ELEMENTS, Tag, UnixTime, batches_root, canonical, compress,
    evaluate_limbs, hash, limbs_keccak, position,
};
use p3_field::{BasedVectorSpace, Field, PrimeCharacteristicRing};
use sha3::{Digest as _, Keccak256};

fn digest(first: u64) -> Digest {
    Digest::new([first, first + 1, first + 2, first + 3].map(Felt::new))
}

fn number(value: u64) -> BatchNumber {
    BatchNumber::new(value).expect("in range")
}

fn index(value: u64) -> QueueIndex {
    QueueIndex::new(value).expect("in range")
}

fn time(value: u64) -> UnixTime {
    UnixTime::new(value).expect("in range")
}

/// A header in which every element is another number.
fn header() -> BatchHeader {
    BatchHeader {
        domain: digest(100),
        class: 3,
        number: number(41),
        timestamp: time(1_700_000_000),
        old_root: digest(200),
        new_root: digest(300),
        receipts_root: digest(400),
        intents: 16_384,
        queue_from: index(70),
        queue_to: index(75),
        public_data: digest(500),
        public_data_limbs: 3,
    }
}

const LIMBS: [u64; 3] = [5, 0, (1 << 56) - 1];

#[test]
fn every_element_has_its_place() {
    let words = BatchStatement {
        header: header(),
        challenge: [7, 8].map(Felt::new),
        evaluation: [9, 10].map(Felt::new),
    }
    .elements()
    .map(canonical);
    let mut expected = [0; STATEMENT_ELEMENTS];
    let mut put = |range: core::ops::Range<usize>, first: u64| {
        for (word, value) in expected[range].iter_mut().zip(first..) {
            *word = value;
        }
    };
    put(position::VERSION..position::VERSION + 1, PROTOCOL_VERSION.into());
    put(position::DOMAIN, 100);
    put(position::CLASS..position::CLASS + 1, 3);
    put(position::NUMBER..position::NUMBER + 1, 41);
    put(position::TIMESTAMP..position::TIMESTAMP + 1, 1_700_000_000);
    put(position::OLD_ROOT, 200);
    put(position::NEW_ROOT, 300);
    put(position::RECEIPTS_ROOT, 400);
    put(position::INTENTS..position::INTENTS + 1, 16_384);
    put(position::QUEUE_FROM..position::QUEUE_FROM + 1, 70);
    put(position::QUEUE_TO..position::QUEUE_TO + 1, 75);
    put(position::PUBLIC_DATA, 500);
    put(position::PUBLIC_DATA_LIMBS..position::PUBLIC_DATA_LIMBS + 1, 3);
    put(position::CHALLENGE, 7);
    put(position::EVALUATION, 9);
    assert_eq!(words, expected);
    // The places as numbers: they are part of the protocol.
    assert_eq!(words[1..5], [100, 101, 102, 103]);
    assert_eq!(words[20..23], [16_384, 70, 75]);
    assert_eq!(words[27..], [3, 7, 8, 9, 10]);
}

#[test]
fn the_challenge_is_keccak_of_both_commitments_and_the_header() {
    let statement = BatchStatement::new(header(), &LIMBS);
    let mut bytes = Vec::new();
    for limb in LIMBS {
        bytes.extend(&limb.to_be_bytes()[1..]);
    }
    let public_data: [u8; 32] = Keccak256::digest(&bytes).into();
    assert_eq!(public_data, limbs_keccak(&LIMBS));
    let mut input = public_data.to_vec();
    for element in header().elements() {
        input.extend(canonical(element).to_be_bytes());
    }
    assert_eq!(input.len(), 32 + 28 * 8);
    let digest: [u8; 32] = Keccak256::digest(&input).into();
    let half = |bytes: &[u8]| {
        let wide = u128::from_be_bytes(bytes.try_into().expect("sixteen"));
        (wide % u128::from(MODULUS)) as u64
    };
    let expected = [half(&digest[..16]), half(&digest[16..])];
    assert_eq!(statement.challenge.map(canonical), expected);
}

#[test]
fn the_challenge_depends_on_every_element_and_on_the_bytes() {
    let keccak = limbs_keccak(&LIMBS);
    let challenge = header().challenge(&keccak);
    let mut changed = [header(); 12];
    changed[0].domain = digest(101);
    changed[1].class = 4;
    changed[2].number = number(42);
    changed[3].timestamp = time(1_700_000_001);
    changed[4].old_root = digest(201);
    changed[5].new_root = digest(301);
    changed[6].receipts_root = digest(401);
    changed[7].intents = 1;
    changed[8].queue_from = index(71);
    changed[9].queue_to = index(76);
    changed[10].public_data = digest(501);
    changed[11].public_data_limbs = 4;
    for header in changed {
        assert_ne!(header.challenge(&keccak), challenge, "{header:?}");
    }
    assert_ne!(header().challenge(&limbs_keccak(&[5, 0])), challenge);
}

#[test]
fn limbs_are_evaluated_from_the_first_down() {
    let r = [11, 13].map(Felt::new);
    let point = QuadraticFelt::from_basis_coefficients_fn(|i| r[i]);
    // X² = 7.
    let x = QuadraticFelt::from_basis_coefficients_fn(|i| Felt::new(i as u64));
    assert_eq!(x.square(), QuadraticFelt::from(Felt::new(7)));
    let expected = LIMBS.iter().enumerate().fold(QuadraticFelt::ZERO, |sum, (i, limb)| {
        sum + point.exp_u64((LIMBS.len() - 1 - i) as u64) * Felt::from_u64(*limb)
    });
    let coefficients: &[Felt] = expected.as_basis_coefficients_slice();
    assert_eq!(evaluate_limbs(&LIMBS, r), coefficients);
    assert_eq!(evaluate_limbs(&[], r), [Felt::ZERO; 2]);
    assert_eq!(evaluate_limbs(&[9], r).map(canonical), [9, 0]);
    assert_eq!(evaluate_limbs(&[1, 0], r), r);
    assert!(point.try_inverse().is_some());
}

#[test]
fn a_digest_is_a_tagged_hash_of_all_elements() {
    let statement = BatchStatement::new(header(), &LIMBS);
    assert_eq!(statement.digest(), hash(Tag::BatchStatement, &statement.elements()));
}

/// `count` consecutive batches.
fn chain(count: u64) -> Vec<BatchStatement> {
    let at = |i: u64| {
        let header = BatchHeader {
            number: number(41 + i),
            timestamp: time(1_000 + i / 2),
            old_root: digest(200 + 10 * i),
            new_root: digest(210 + 10 * i),
            queue_from: index(70 + i * i),
            queue_to: index(70 + (i + 1) * (i + 1)),
            class: (i % 5) as u8,
            ..header()
        };
        BatchStatement::new(header, &LIMBS)
    };
    (0..count).map(at).collect()
}

#[test]
fn a_block_spans_its_batches() {
    for count in [1, 2, 3, 5, 8] {
        let batches = chain(count);
        let block = BlockStatement::join(&batches).expect("consecutive");
        let (first, last) = (batches[0].header, batches[batches.len() - 1].header);
        let digests: Vec<_> = batches.iter().map(BatchStatement::digest).collect();
        let expected = BlockStatement {
            domain: first.domain,
            first_batch: first.number,
            batches: count as u32,
            timestamp: last.timestamp,
            old_root: first.old_root,
            new_root: last.new_root,
            queue_from: first.queue_from,
            queue_to: last.queue_to,
            batches_root: batches_root(&digests),
        };
        assert_eq!(block, expected);
        let mut elements = vec![Felt::from_u32(PROTOCOL_VERSION)];
        elements.extend(block.domain.elements());
        elements.extend([41, count, block.timestamp.get()].map(Felt::from_u64));
        elements.extend(block.old_root.elements());
        elements.extend(block.new_root.elements());
        elements.extend([block.queue_from.get(), block.queue_to.get()].map(Felt::from_u64));
        elements.extend(block.batches_root.elements());
        assert_eq!(elements.len(), 22);
        assert_eq!(block.digest(), hash(Tag::BlockStatement, &elements));
    }
}

/// The error of joining when the batch of index `batch` has another header.
fn join_with(batch: usize, change: impl FnOnce(&mut BatchHeader)) -> Option<JoinError> {
    let mut batches = chain(4);
    change(&mut batches[batch].header);
    BlockStatement::join(&batches).err()
}

#[test]
fn block_statements_have_one_encoding() {
    let batches = [BatchStatement::new(header(), &LIMBS)];
    let block = BlockStatement::join(&batches).expect("one");
    let bytes = block.to_bytes();
    assert_eq!(BlockStatement::from_bytes(&bytes), Ok(block));
    for element in 0..BLOCK_STATEMENT_ELEMENTS {
        let mut changed = bytes;
        changed[8 * element..8 * (element + 1)].copy_from_slice(&MODULUS.to_be_bytes());
        let error = BlockStatement::from_bytes(&changed).expect_err("not reduced");
        assert_eq!(error, BlockStatementError::NotReduced, "element {element}");
        changed[8 * element..8 * (element + 1)].copy_from_slice(&(1_u64 << 63).to_be_bytes());
        let decoded = BlockStatement::from_bytes(&changed);
        match element {
            0 => assert_eq!(decoded, Err(BlockStatementError::Version { got: 1 << 63 })),
            6 => assert_eq!(decoded, Err(BlockStatementError::Batches { got: 1 << 63 })),
            5 | 7 | 16 | 17 => assert!(matches!(decoded, Err(BlockStatementError::OutOfRange(_)))),
            _ => assert_eq!(decoded.expect("a digest").to_bytes(), changed),
        }
    }
}

#[test]
fn batches_that_do_not_follow_make_no_block() {
    assert_eq!(BlockStatement::join(&[]), Err(JoinError::Empty));
    let error = join_with(2, |header| header.domain = Digest::ZERO);
    assert_eq!(error, Some(JoinError::Domain { index: 2 }));
    for got in [41, 42, 44] {
        let error = join_with(2, |header| header.number = number(got));
        let (expected, got) = (number(43), number(got));
        assert_eq!(error, Some(JoinError::Number { index: 2, expected, got }));
    }
    let error = join_with(2, |header| header.old_root = Digest::ZERO);
    let (expected, got) = (digest(220), Digest::ZERO);
    assert_eq!(error, Some(JoinError::Root { index: 2, expected, got }));
    // A new root that the next batch does not start from is the next batch's error.
    let error = join_with(2, |header| header.new_root = Digest::ZERO);
    let (expected, got) = (Digest::ZERO, digest(230));
    assert_eq!(error, Some(JoinError::Root { index: 3, expected, got }));
    for got in [73, 75] {
        let error = join_with(2, |header| header.queue_from = index(got));
        let (expected, got) = (index(74), index(got));
        assert_eq!(error, Some(JoinError::Queue { index: 2, expected, got }));
    }
    let error = join_with(2, |header| header.timestamp = time(999));
    let (previous, got) = (time(1_000), time(999));
    assert_eq!(error, Some(JoinError::Time { index: 2, previous, got }));
    // The last batch's end, and the first one's beginning, are free.
    assert_eq!(join_with(3, |header| header.new_root = Digest::ZERO), None);
    assert_eq!(join_with(0, |header| header.old_root = Digest::ZERO), None);
}

#[test]
fn errors_win_batch_by_batch_and_in_order() {
    type Change = fn(&mut BatchHeader);
    type Is = fn(&JoinError) -> bool;
    let checks: [(Change, Is); 5] = [
        (|h| h.domain = Digest::ZERO, |e| matches!(e, JoinError::Domain { index: 2 })),
        (|h| h.number = number(0), |e| matches!(e, JoinError::Number { index: 2, .. })),
        (|h| h.old_root = Digest::ZERO, |e| matches!(e, JoinError::Root { index: 2, .. })),
        (|h| h.queue_from = index(0), |e| matches!(e, JoinError::Queue { index: 2, .. })),
        (|h| h.timestamp = time(0), |e| matches!(e, JoinError::Time { index: 2, .. })),
    ];
    for (rank, (_, is)) in checks.iter().enumerate() {
        // Everything from here down is wrong, and so is the next batch's domain.
        let mut batches = chain(4);
        checks[rank..].iter().for_each(|(change, _)| change(&mut batches[2].header));
        batches[3].header.domain = digest(1);
        let error = BlockStatement::join(&batches).expect_err("not consecutive");
        assert!(is(&error), "{error}");
    }
}

#[test]
fn the_batches_root_is_a_tree_filled_up_with_zeros() {
    let d: Vec<Digest> = (0..8).map(|i| digest(1_000 * (i + 1))).collect();
    let zero = Digest::ZERO;
    let two = |a: &Digest, b: &Digest| compress(a, b);
    let four = |a, b, c, d| two(&two(a, b), &two(c, d));
    assert_eq!(batches_root(&d[..1]), d[0]);
    assert_eq!(batches_root(&d[..2]), two(&d[0], &d[1]));
    assert_eq!(batches_root(&d[..3]), four(&d[0], &d[1], &d[2], &zero));
    let left = four(&d[0], &d[1], &d[2], &d[3]);
    assert_eq!(batches_root(&d[..5]), two(&left, &four(&d[4], &zero, &zero, &zero)));
    assert_eq!(batches_root(&d), two(&left, &four(&d[4], &d[5], &d[6], &d[7])));
    assert_eq!(batches_root(&[]), zero);
}

#[test]
fn the_domain_is_chain_and_contract() {
    let domain = Domain { chain_id: 0x1_0000_0002, contract: Address([0x11; 20]) };
    let limbs = domain.contract.limbs();
    let elements = [PROTOCOL_VERSION.into(), 1, 2, limbs[0], limbs[1], limbs[2]];
    assert_eq!(domain.digest(), hash(Tag::Domain, &elements.map(Felt::from_u64)));
    for other in [
        Domain { chain_id: 0x2_0000_0001, ..domain },
        Domain { chain_id: u64::MAX, ..domain },
        Domain { contract: Address([0x12; 20]), ..domain },
    ] {
        assert_ne!(other.digest(), domain.digest());
    }
}
