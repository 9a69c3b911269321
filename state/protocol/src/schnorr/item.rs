//! Signatures of a batch, and their challenges side by side.

use crate::felt::LANES;
use crate::hash::{Digest, sponge_lanes};

use super::challenge::{Challenge, INPUT, MessageElements, input};
use super::keys::VerifyingKey;
use super::signature::Signature;

/// One signature to check.
#[derive(Clone, Copy, Debug)]
pub struct BatchItem<'a> {
    /// The signer's key.
    pub key: &'a VerifyingKey,
    /// The message that was signed.
    pub message: &'a MessageElements,
    /// The signature.
    pub signature: &'a Signature,
}

/// The challenge of every item, in SIMD lanes.
pub fn challenges(domain: &Digest, items: &[BatchItem<'_>]) -> Vec<Challenge> {
    let input_of =
        |item: &BatchItem<'_>| input(&item.signature.r, item.key.public_key(), item.message);
    let challenges = items.chunks(LANES).flat_map(|chunk| {
        let inputs: Vec<_> = chunk.iter().map(input_of).collect();
        // Lanes past the end repeat the last item.
        let squeezed = sponge_lanes(&domain.elements(), INPUT, |lane, i| {
            inputs[lane.min(inputs.len() - 1)][i]
        });
        squeezed.into_iter().take(chunk.len())
    });
    challenges.map(|[a, b, c, d, ..]| Challenge(Digest::new([a, b, c, d]))).collect()
}
