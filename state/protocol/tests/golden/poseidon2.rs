//! `vectors/poseidon2.json`, and the permutation straight from its definition: 64-bit integers,
//! matrices written out, no field library.

use farthing_protocol::{
    DIGEST_ELEMENTS, Digest, Felt, MODULUS, RATE, TREE_DEPTH, Tag, WIDTH, canonical, capacity_of,
    compress, hash, hash_in, hash_wide, permute,
};
use p3_goldilocks::{
    GOLDILOCKS_POSEIDON2_RC_12_EXTERNAL_FINAL, GOLDILOCKS_POSEIDON2_RC_12_EXTERNAL_INITIAL,
    GOLDILOCKS_POSEIDON2_RC_12_INTERNAL, MATRIX_DIAG_12_GOLDILOCKS,
};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::{Value, json};

use crate::json::{
    REGENERATE, cases, compare, decimal, digest, elements, parse, read_digest, read_elements,
    read_integer, read_text, read_words,
};

const STORED: &str = include_str!("../../vectors/poseidon2.json");

type State = [u64; WIDTH];

/// Sums and products modulo p.
mod modular {
    use super::MODULUS;

    pub(super) fn add(a: u64, b: u64) -> u64 {
        ((u128::from(a) + u128::from(b)) % u128::from(MODULUS)) as u64
    }

    pub(super) fn mul(a: u64, b: u64) -> u64 {
        (u128::from(a) * u128::from(b) % u128::from(MODULUS)) as u64
    }
}
use modular::{add, mul};

/// The 4 × 4 matrix of the external layer.
const M4: [[u64; 4]; 4] = [[2, 3, 1, 1], [1, 2, 3, 1], [1, 1, 2, 3], [3, 1, 1, 2]];

/// The internal matrix is J + diag(d): this is d, as fractions of small integers.
const DIAGONAL: [(i64, u64); WIDTH] = [
    (-2, 1),
    (1, 1),
    (2, 1),
    (1, 2),
    (3, 1),
    (4, 1),
    (-1, 2),
    (-3, 1),
    (-4, 1),
    (1, 4),
    (-1, 4),
    (1, 8),
];

fn apply(matrix: impl Fn(usize, usize) -> u64, state: &State) -> State {
    core::array::from_fn(|row| {
        (0..WIDTH).fold(0, |sum, column| add(sum, mul(matrix(row, column), state[column])))
    })
}

/// Blocks of M4, twice on the diagonal.
fn external(row: usize, column: usize) -> u64 {
    let twice = if row / 4 == column / 4 { 2 } else { 1 };
    twice * M4[row % 4][column % 4]
}

/// All ones, and the diagonal on top.
fn internal(row: usize, column: usize) -> u64 {
    if row == column { add(1, canonical(MATRIX_DIAG_12_GOLDILOCKS[row])) } else { 1 }
}

fn seventh_power(x: u64) -> u64 {
    (0..6).fold(x, |power, _| mul(power, x))
}

fn external_round(state: State, constants: &[Felt; WIDTH]) -> State {
    let added: State =
        core::array::from_fn(|i| seventh_power(add(state[i], canonical(constants[i]))));
    apply(external, &added)
}

fn internal_round(mut state: State, constant: Felt) -> State {
    state[0] = seventh_power(add(state[0], canonical(constant)));
    apply(internal, &state)
}

/// Poseidon2 from its definition.
fn plain(state: &State) -> State {
    let mut state = apply(external, state);
    for constants in &GOLDILOCKS_POSEIDON2_RC_12_EXTERNAL_INITIAL {
        state = external_round(state, constants);
    }
    for constant in GOLDILOCKS_POSEIDON2_RC_12_INTERNAL {
        state = internal_round(state, constant);
    }
    for constants in &GOLDILOCKS_POSEIDON2_RC_12_EXTERNAL_FINAL {
        state = external_round(state, constants);
    }
    state
}

/// A sponge in overwrite mode on [`plain`].
fn plain_sponge(capacity: [u64; DIGEST_ELEMENTS], input: &[u64]) -> State {
    let mut state = [0; WIDTH];
    state[RATE..].copy_from_slice(&capacity);
    let blocks = input.len().div_ceil(RATE).max(1);
    for block in 0..blocks {
        for (i, slot) in state[..RATE].iter_mut().enumerate() {
            *slot = input.get(block * RATE + i).copied().unwrap_or(0);
        }
        state = plain(&state);
    }
    state
}

fn random(rng: &mut ChaCha8Rng) -> u64 {
    loop {
        let word = rng.next_u64();
        if word < MODULUS {
            return word;
        }
    }
}

fn random_state(rng: &mut ChaCha8Rng) -> State {
    core::array::from_fn(|_| random(rng))
}

fn permuted(state: &State) -> State {
    let mut state = state.map(Felt::new);
    permute(&mut state);
    state.map(canonical)
}

#[test]
fn the_permutation_is_what_the_definition_says() {
    let mut rng = ChaCha8Rng::seed_from_u64(12);
    let mut states = vec![[0; WIDTH], [MODULUS - 1; WIDTH], core::array::from_fn(|i| i as u64)];
    states.extend((0..WIDTH).map(|i| {
        let mut unit = [0; WIDTH];
        unit[i] = 1;
        unit
    }));
    states.extend((0..200).map(|_| random_state(&mut rng)));
    for state in states {
        assert_eq!(permuted(&state), plain(&state));
    }
}

#[test]
fn the_diagonal_is_of_small_fractions() {
    for (element, (numerator, denominator)) in MATRIX_DIAG_12_GOLDILOCKS.iter().zip(DIAGONAL) {
        let numerator = match numerator {
            0.. => numerator.unsigned_abs(),
            _ => MODULUS - numerator.unsigned_abs(),
        };
        assert_eq!(mul(canonical(*element), denominator), numerator);
    }
}

#[test]
fn rounds_are_four_twenty_two_four() {
    assert_eq!(GOLDILOCKS_POSEIDON2_RC_12_EXTERNAL_INITIAL.len(), 4);
    assert_eq!(GOLDILOCKS_POSEIDON2_RC_12_INTERNAL.len(), 22);
    assert_eq!(GOLDILOCKS_POSEIDON2_RC_12_EXTERNAL_FINAL.len(), 4);
}

pub(crate) const TAGS: [(Tag, &str); 16] = [
    (Tag::Domain, "Domain"),
    (Tag::AccountIdentity, "AccountIdentity"),
    (Tag::AccountLeaf, "AccountLeaf"),
    (Tag::LicenseOrigin, "LicenseOrigin"),
    (Tag::ShareTable, "ShareTable"),
    (Tag::LicenseLeaf, "LicenseLeaf"),
    (Tag::BatchStatement, "BatchStatement"),
    (Tag::BlockStatement, "BlockStatement"),
    (Tag::PublicData, "PublicData"),
    (Tag::SignatureWeights, "SignatureWeights"),
    (Tag::SecretKey, "SecretKey"),
    (Tag::SignatureNonce, "SignatureNonce"),
    (Tag::IntentId, "IntentId"),
    (Tag::LicenseTerms, "LicenseTerms"),
    (Tag::AccountOpening, "AccountOpening"),
    (Tag::AccountRequest, "AccountRequest"),
];

fn sponge_case(tag: Tag, name: &str, input: &[Felt]) -> Value {
    json!({
        "tag": decimal(tag as u64),
        "tag_name": name,
        "input": elements(input),
        "digest": digest(&hash(tag, input)),
        "wide": elements(&hash_wide(tag, input)),
    })
}

fn counted(length: usize) -> Vec<Felt> {
    (1..=length).map(|i| Felt::new(i as u64)).collect()
}

fn empty_subtrees() -> Vec<Digest> {
    let mut level = Digest::ZERO;
    let mut all = vec![level];
    for _ in 0..TREE_DEPTH {
        level = compress(&level, &level);
        all.push(level);
    }
    all
}

fn rows(constants: &[[Felt; WIDTH]]) -> Value {
    constants.iter().map(|row| elements(row)).collect::<Vec<_>>().into()
}

fn vectors() -> Value {
    let mut rng = ChaCha8Rng::seed_from_u64(2023);
    let mut states = vec![[0; WIDTH], core::array::from_fn(|i| i as u64), [MODULUS - 1; WIDTH]];
    states.extend((0..5).map(|_| random_state(&mut rng)));
    let permutation: Vec<Value> = states
        .iter()
        .map(|state| {
            let output = permuted(state).map(Felt::new);
            json!({ "input": elements(&state.map(Felt::new)), "output": elements(&output) })
        })
        .collect();
    let mut random_digest = || {
        let [a, b, c, d, ..] = random_state(&mut rng).map(Felt::new);
        Digest::new([a, b, c, d])
    };
    let mut pairs = vec![(Digest::ZERO, Digest::ZERO)];
    pairs.extend((0..4).map(|_| (random_digest(), random_digest())));
    let compress: Vec<Value> = pairs
        .iter()
        .map(|(left, right)| {
            let parent = digest(&compress(left, right));
            json!({ "left": digest(left), "right": digest(right), "output": parent })
        })
        .collect();
    let mut sponge: Vec<Value> =
        (0..=17).map(|n| sponge_case(Tag::PublicData, "PublicData", &counted(n))).collect();
    sponge.extend(TAGS.map(|(tag, name)| sponge_case(tag, name, &counted(8))));
    let capacity = random_digest();
    let sponge_in: Vec<Value> = [8, 24]
        .map(|n| {
            let output = digest(&hash_in(&capacity, &counted(n)));
            json!({
                "capacity": digest(&capacity),
                "input": elements(&counted(n)),
                "digest": output,
            })
        })
        .into();
    json!({
        "note": "Poseidon2 over Goldilocks, width 12, rate 8, digests of 4. Elements as decimal \
                 strings. permutation: the whole state. compress: two digests to one. sponge: \
                 capacity (tag, length, 0, 0), digest = first 4 of the state, wide = first 8. \
                 sponge_in: the capacity is given. empty_subtrees: level 0 (a leaf) to level 32.",
        "regenerate": REGENERATE,
        "round_constants": {
            "external_initial": rows(&GOLDILOCKS_POSEIDON2_RC_12_EXTERNAL_INITIAL),
            "internal": elements(&GOLDILOCKS_POSEIDON2_RC_12_INTERNAL),
            "external_final": rows(&GOLDILOCKS_POSEIDON2_RC_12_EXTERNAL_FINAL),
        },
        "internal_diagonal": elements(&MATRIX_DIAG_12_GOLDILOCKS),
        "permutation": permutation,
        "compress": compress,
        "sponge": sponge,
        "sponge_in": sponge_in,
        "empty_subtrees": empty_subtrees().iter().map(digest).collect::<Vec<_>>(),
    })
}

#[test]
fn poseidon2_vectors_are_stored() {
    compare("poseidon2.json", STORED, &vectors());
}

#[test]
fn poseidon2_vectors_hold_for_the_definition() {
    let file = parse(STORED);
    let state = |value: &Value| -> State { read_words(value).try_into().expect("twelve") };
    for case in cases(&file, "permutation") {
        assert_eq!(plain(&state(&case["input"])), state(&case["output"]));
    }
    for case in cases(&file, "compress") {
        let mut input = read_words(&case["left"]);
        input.extend(read_words(&case["right"]));
        let output = plain_sponge([0; DIGEST_ELEMENTS], &input);
        assert_eq!(output[..DIGEST_ELEMENTS], read_words(&case["output"]));
        let [left, right] = ["left", "right"].map(|side| read_digest(&case[side]));
        assert_eq!(compress(&left, &right), read_digest(&case["output"]));
    }
    for case in cases(&file, "sponge") {
        let input = read_words(&case["input"]);
        let tag = read_integer(&case["tag"]);
        let output = plain_sponge([tag, input.len() as u64, 0, 0], &input);
        assert_eq!(output[..DIGEST_ELEMENTS], read_words(&case["digest"]));
        assert_eq!(output[..RATE], read_words(&case["wide"]));
        let (known, _) = TAGS[tag as usize - 1];
        assert_eq!(TAGS[tag as usize - 1].1, read_text(&case["tag_name"]));
        let capacity = capacity_of(known, input.len()).map(canonical);
        assert_eq!(capacity, [tag, input.len() as u64, 0, 0]);
        assert_eq!(hash(known, &read_elements(&case["input"])), read_digest(&case["digest"]));
    }
    for case in cases(&file, "sponge_in") {
        let capacity = read_words(&case["capacity"]).try_into().expect("four");
        let output = plain_sponge(capacity, &read_words(&case["input"]));
        assert_eq!(output[..DIGEST_ELEMENTS], read_words(&case["digest"]));
    }
    let empty: Vec<Digest> = cases(&file, "empty_subtrees").iter().map(read_digest).collect();
    assert_eq!(empty, empty_subtrees());
    assert_eq!(empty.len(), TREE_DEPTH + 1);
}

#[test]
fn every_tag_is_listed_by_its_number() {
    for (number, (tag, _)) in (1..).zip(TAGS) {
        assert_eq!(tag as u64, number);
    }
}
