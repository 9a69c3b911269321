//! What is kept of circuits: a circuit itself, and what verifiers know of all of them.

use plonky2::util::serialization::{Buffer, Read, Write};

use farthing_protocol::Digest;

use super::serializers::{Gates, Generators};
use crate::digest;
use crate::wrap::{InnerCircuit, InnerVerifier};

/// A circuit ready to prove.
pub(super) struct Built {
    pub(super) circuit: InnerCircuit,
    /// Rows in use before it was filled up.
    pub(super) rows: usize,
}

/// What is known of a circuit without loading it.
#[derive(Clone)]
pub(super) struct Known {
    pub(super) verifier: InnerVerifier,
    pub(super) rows: usize,
}

/// What is known of all circuits of a key set.
#[derive(Clone)]
pub(super) struct KnownSet {
    /// By the class's place; none for a class that was not asked for.
    pub(super) wraps: Vec<Option<Known>>,
    pub(super) lifts: Vec<Option<Known>>,
    pub(super) join: Known,
}

impl Built {
    pub(super) fn known(&self) -> Known {
        Known { verifier: self.circuit.verifier_data(), rows: self.rows }
    }

    /// The rows, then the circuit as plonky2 writes it. Nothing if it has a gate or a generator
    /// that is not on the lists.
    pub(super) fn to_bytes(&self) -> Option<Vec<u8>> {
        let mut bytes = Vec::new();
        bytes.write_usize(self.rows).ok()?;
        bytes.write_circuit_data(&self.circuit, &Gates, &Generators).ok()?;
        Some(bytes)
    }

    pub(super) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let mut buffer = Buffer::new(bytes);
        let rows = buffer.read_usize().ok()?;
        let circuit = buffer.read_circuit_data(&Gates, &Generators).ok()?;
        buffer.unread_bytes().is_empty().then_some(Self { circuit, rows })
    }
}

impl Known {
    pub(super) fn digest(&self) -> Digest {
        digest::of_hash(self.verifier.verifier_only.circuit_digest)
    }
}

impl KnownSet {
    pub(super) fn to_bytes(&self) -> Option<Vec<u8>> {
        let mut bytes = Vec::new();
        for known in self.wraps.iter().chain(&self.lifts) {
            bytes.write_bool(known.is_some()).ok()?;
            known.iter().try_for_each(|known| write(&mut bytes, known))?;
        }
        write(&mut bytes, &self.join)?;
        Some(bytes)
    }

    pub(super) fn from_bytes(bytes: &[u8], classes: usize) -> Option<Self> {
        let mut buffer = Buffer::new(bytes);
        let mut all = (0..2 * classes).map(|_| {
            let known = buffer.read_bool().ok()?;
            if known { read(&mut buffer).map(Some) } else { Some(None) }
        });
        let wraps = all.by_ref().take(classes).collect::<Option<_>>()?;
        let lifts = all.collect::<Option<_>>()?;
        let join = read(&mut buffer)?;
        buffer.unread_bytes().is_empty().then_some(Self { wraps, lifts, join })
    }
}

fn write(bytes: &mut Vec<u8>, known: &Known) -> Option<()> {
    bytes.write_usize(known.rows).ok()?;
    bytes.write_verifier_circuit_data(&known.verifier, &Gates).ok()
}

fn read(buffer: &mut Buffer<'_>) -> Option<Known> {
    let rows = buffer.read_usize().ok()?;
    let verifier = buffer.read_verifier_circuit_data(&Gates).ok()?;
    Some(Known { verifier, rows })
}
