//! Builds, keeps and loads the circuits of a key set, one at a time.

use std::collections::BTreeMap;
use std::path::Path;

use plonky2::plonk::circuit_data::{CircuitConfig, CircuitData, VerifierOnlyCircuitData};
use plonky2::plonk::config::GenericConfig;
use thiserror::Error;
use tracing::instrument;

use farthing_airs::{FriSettings, LeafClass, LeafKey, Profile, SetupError};
use farthing_plonky2::{D, F, KeccakConfig};
use farthing_protocol::{BatchClass, Digest};

use super::compiled::{CompiledCircuit, VerifierData, VerifierSet};
use super::keys::{BlockKeys, FinalKeyDigest, KeyDigest};
use super::store::{CircuitStore, Fingerprint, KEY_SET, StoreError};
use crate::aggregate::{AggregateError, Join, Lift, LiftKey, NodeKeys, NodeShape};
use crate::circuit::{InnerCircuit, InnerKey};
use crate::final_layer::{FinalCircuit, FinalError, FinalSettings, ShrinkCircuit};
use crate::hash_gadget;
use crate::settings::CircuitSettings;
use crate::shape::ShapeError;
use crate::wrap::WrapCircuit;

/// Parameters that determine circuits beside their classes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Settings {
    pub(crate) leaf: LeafSettings,
    pub(crate) circuit: CircuitSettings,
    pub(crate) final_layer: FinalSettings,
}

/// Parameters of leaf proofs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LeafSettings {
    /// Cheapest parameters of each class.
    OfClass(Profile),
    /// The same for all.
    #[cfg(test)]
    Same(FriSettings),
}

impl LeafSettings {
    pub(crate) const fn of(self, class: &LeafClass) -> FriSettings {
        match self {
            Self::OfClass(profile) => FriSettings::of_class(class, profile),
            #[cfg(test)]
            Self::Same(settings) => settings,
        }
    }
}

impl Settings {
    pub(crate) const fn of(profile: Profile) -> Self {
        Self {
            leaf: LeafSettings::OfClass(profile),
            circuit: CircuitSettings::of(profile),
            final_layer: FinalSettings::of(profile),
        }
    }
}

/// Reason why there are no circuits.
#[derive(Debug, Error)]
pub enum OpenError {
    /// There is no such batch class, or the key set has none.
    #[error("no circuits for batch class {got}")]
    Class {
        /// Its number.
        got: u8,
    },
    /// The key set has the class, but the prover was not opened for it.
    #[error("batch class {got} is not opened: open the prover for it")]
    NotOpened {
        /// Its number.
        got: u8,
    },
    /// The cache cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A leaf's key cannot be made.
    #[error(transparent)]
    Leaf(#[from] SetupError),
    /// No circuit verifies leaves of a class.
    #[error(transparent)]
    Shape(#[from] ShapeError),
    /// The circuits do not fold.
    #[error(transparent)]
    Aggregate(#[from] AggregateError),
    /// There are no last circuits over them.
    #[error(transparent)]
    Final(#[from] FinalError),
    /// The pinned keys cannot be read.
    #[error("keys.json, the pinned keys, cannot be read")]
    Pins(#[source] serde_json::Error),
    /// A circuit is not the pinned one: keys and program are of different versions.
    #[error(
        "circuit {circuit} has key {got}, keys.json has {expected}: `cargo xtask codegen keys` writes it"
    )]
    Pinned {
        /// Its name.
        circuit: String,
        /// The pinned digest.
        expected: Digest,
        /// The digest of the circuit built.
        got: Digest,
    },
    /// The final circuit is not the pinned one, which the contract knows.
    #[error("the final circuit is not the one in keys.json: `cargo xtask codegen keys` writes it")]
    PinnedFinal,
}

/// The place where circuits are made.
pub(super) struct CircuitCache {
    pub(super) store: CircuitStore,
    settings: Settings,
    /// The key set's classes, by index.
    classes: Vec<&'static LeafClass>,
    /// Keys that the circuits must have. Without them all circuits are built to compute the keys.
    pinned: Option<BlockKeys>,
}

/// A circuit's file, and the settings that a circuit in it has.
struct Kept {
    name: String,
    fingerprint: Fingerprint,
    config: CircuitConfig,
}

/// The circuits that make a leaf of one class a node.
pub(super) struct ClassCircuits {
    pub(super) key: LeafKey,
    pub(super) wrap: WrapCircuit,
    pub(super) lift: Lift,
}

impl CircuitCache {
    pub(super) fn new(
        directory: &Path,
        settings: Settings,
        classes: Vec<&'static LeafClass>,
        pinned: Option<BlockKeys>,
    ) -> Result<Self, StoreError> {
        Ok(Self { store: CircuitStore::open(directory)?, settings, classes, pinned })
    }

    /// The place of a class.
    pub(super) fn index(&self, id: u8) -> Option<usize> {
        self.classes.iter().position(|class| class.batch.id == id)
    }

    pub(super) fn classes(&self) -> impl Iterator<Item = &'static LeafClass> {
        self.classes.iter().copied()
    }

    /// Verifier data of the circuits of these classes and of those above them; builds and keeps
    /// what is not there yet. Nothing that was kept is believed without a pin.
    #[instrument(name = "key set", skip_all)]
    pub(super) fn verifier_set(&self, requested: &[BatchClass]) -> Result<VerifierSet, OpenError> {
        let Some(pinned) = &self.pinned else {
            return self.build(&(0..self.classes.len()).collect::<Vec<_>>());
        };
        let mut indices = Vec::with_capacity(requested.len());
        for class in requested {
            indices.push(self.index(class.id).ok_or(OpenError::Class { got: class.id })?);
        }
        indices.sort_unstable();
        indices.dedup();
        let fingerprint = self.key_set_fingerprint(&indices, pinned);
        let classes = self.classes.len();
        let kept =
            self.store.load(KEY_SET, &fingerprint, |b| VerifierSet::from_bytes(b, classes))?;
        if let Some(kept) = kept.filter(|kept| self.is_pinned(kept, &indices, pinned)) {
            return Ok(kept);
        }
        let known = self.build(&indices)?;
        let bytes = known.to_bytes().ok_or_else(|| encode_error(KEY_SET))?;
        self.store.save(KEY_SET, &fingerprint, &bytes)?;
        Ok(known)
    }

    /// The fingerprint of what is known of the circuits of these classes.
    pub(super) fn key_set_fingerprint(&self, indices: &[usize], pins: &BlockKeys) -> Fingerprint {
        Fingerprint::of(&[&format!("{indices:?} {:?} {pins:?}", self.settings)])
    }

    /// Tells whether a key set from disk has the classes asked for, and all its keys are pinned: their
    /// digests, recomputed from the commitments, and their settings.
    fn is_pinned(&self, kept: &VerifierSet, indices: &[usize], pins: &BlockKeys) -> bool {
        let opened = |known: &[Option<VerifierData>]| {
            let all =
                known.iter().enumerate().filter_map(|(index, one)| one.as_ref().map(|_| index));
            all.eq(indices.iter().copied())
        };
        let names: Vec<&str> =
            indices.iter().map(|index| self.classes[*index].batch.name).collect();
        let of_opened = |keys: &BTreeMap<String, KeyDigest>| -> BTreeMap<String, KeyDigest> {
            let kept = keys.iter().filter(|(name, _)| names.contains(&name.as_str()));
            kept.map(|(name, key)| (name.clone(), *key)).collect()
        };
        let expected =
            BlockKeys { wrap: of_opened(&pins.wrap), lift: of_opened(&pins.lift), ..pins.clone() };
        let inner = self.settings.circuit.config();
        let mut below = kept.wraps.iter().chain(&kept.lifts).flatten().chain([&kept.join]);
        opened(&kept.wraps)
            && opened(&kept.lifts)
            && self.keys(kept) == expected
            && below.all(|known| known.is_under(&inner))
            && kept.shrink.is_under(&self.settings.final_layer.shrink.config())
            && kept.final_circuit.is_under(&self.settings.final_layer.final_circuit.config())
    }

    /// From now on circuits have to be these.
    pub(super) fn pin(&mut self, keys: BlockKeys) {
        self.pinned = Some(keys);
    }

    fn build(&self, indices: &[usize]) -> Result<VerifierSet, OpenError> {
        let mut wraps = vec![None; self.classes.len()];
        for index in indices.iter().copied() {
            let key = self.leaf_key(index)?;
            wraps[index] = Some(self.wrap(index, &key)?.verifier_data());
        }
        let verifiers: Vec<_> = wraps.iter().flatten().map(|known| &known.verifier).collect();
        let shape = NodeShape::of(&verifiers, self.settings.circuit)?;
        let mut lifts = vec![None; self.classes.len()];
        for (lift, (index, wrap)) in lifts.iter_mut().zip(wraps.iter().enumerate()) {
            if let Some(wrap) = wrap {
                *lift = Some(self.lift(index, wrap, &shape)?.verifier_data());
            }
        }
        let keys = self.lift_keys(&lifts)?;
        let join = self.join(&shape, &keys)?.verifier_data();
        let nodes = node_keys(keys, &join);
        let shrink = self.shrink(&nodes)?.verifier_data();
        let final_circuit = self.final_circuit(&shrink)?.verifier_data();
        Ok(VerifierSet { wraps, lifts, join, shrink, final_circuit })
    }

    /// The keys of all lifts: of classes not asked for, their pinned digests.
    fn lift_keys(&self, lifts: &[Option<VerifierData>]) -> Result<Vec<LiftKey>, OpenError> {
        let of = |(lift, class): (&Option<VerifierData>, &&LeafClass)| match lift {
            Some(lift) => Ok(LiftKey::known(lift.verifier.verifier_only.clone())),
            None => {
                let class = class.batch;
                let pinned = self.pinned.as_ref().and_then(|keys| keys.lift.get(class.name));
                let KeyDigest(digest) = *pinned.ok_or(OpenError::Class { got: class.id })?;
                Ok(LiftKey { digest, key: None })
            }
        };
        lifts.iter().zip(&self.classes).map(of).collect()
    }

    /// The keys of all nodes.
    pub(super) fn node_keys(&self, verifiers: &VerifierSet) -> Result<NodeKeys, OpenError> {
        Ok(node_keys(self.lift_keys(&verifiers.lifts)?, &verifiers.join))
    }

    /// The digests of what is known.
    pub(super) fn keys(&self, verifiers: &VerifierSet) -> BlockKeys {
        let named = |all: &[Option<VerifierData>]| {
            let classes = self.classes.iter().zip(all);
            let known = classes.filter_map(|(class, known)| {
                known.as_ref().map(|known| (class.batch.name.to_owned(), KeyDigest(known.digest())))
            });
            known.collect()
        };
        BlockKeys {
            wrap: named(&verifiers.wraps),
            lift: named(&verifiers.lifts),
            join: KeyDigest(verifiers.join.digest()),
            shrink: KeyDigest(verifiers.shrink.digest()),
            final_circuit: FinalKeyDigest::of(
                &verifiers.final_circuit.verifier.verifier_only.circuit_digest,
            ),
        }
    }

    /// The circuits of a class.
    #[instrument(name = "class circuits", skip_all, fields(class = self.classes[index].batch.name))]
    pub(super) fn class_circuits(
        &self,
        index: usize,
        verifiers: &VerifierSet,
    ) -> Result<ClassCircuits, OpenError> {
        let missing = || OpenError::NotOpened { got: self.classes[index].batch.id };
        let of_wrap = verifiers.wraps[index].as_ref().ok_or_else(missing)?;
        let key = self.leaf_key(index)?;
        let wrap = self.wrap(index, &key)?;
        let wrap = WrapCircuit::from_built(&key, wrap.circuit, wrap.rows)?;
        let shape = NodeShape(verifiers.join.verifier.common.clone());
        let lift = self.lift(index, of_wrap, &shape)?;
        let lift = Lift::from_built(lift.circuit, lift.rows, &of_wrap.verifier.common);
        Ok(ClassCircuits { key, wrap, lift })
    }

    /// The join.
    #[instrument(name = "join circuit", skip_all)]
    pub(super) fn join_circuit(&self, verifiers: &VerifierSet) -> Result<Join, OpenError> {
        let shape = NodeShape(verifiers.join.verifier.common.clone());
        let built = self.join(&shape, &self.lift_keys(&verifiers.lifts)?)?;
        Ok(Join::from_built(built.circuit, built.rows))
    }

    /// The shrinking circuit.
    #[instrument(name = "shrink circuit", skip_all)]
    pub(super) fn shrink_circuit(&self, nodes: &NodeKeys) -> Result<ShrinkCircuit, OpenError> {
        let built = self.shrink(nodes)?;
        Ok(ShrinkCircuit::from_built(built.circuit, built.rows, nodes))
    }

    /// The final circuit.
    #[instrument(name = "final circuit", skip_all)]
    pub(super) fn load_final_circuit(
        &self,
        verifiers: &VerifierSet,
    ) -> Result<FinalCircuit, OpenError> {
        let built = self.final_circuit(&verifiers.shrink)?;
        let inner = &verifiers.shrink.verifier.common;
        Ok(FinalCircuit::from_built(built.circuit, built.rows, inner))
    }

    /// Key of the leaf proofs of a class.
    pub(super) fn leaf_key(&self, index: usize) -> Result<LeafKey, SetupError> {
        let class = self.classes[index];
        LeafKey::new(class, self.settings.leaf.of(class))
    }

    fn wrap(&self, index: usize, key: &LeafKey) -> Result<CompiledCircuit, OpenError> {
        let (class, circuit) = (self.classes[index], self.settings.circuit);
        let leaf = self.settings.leaf.of(class);
        let fingerprint = Fingerprint::of(&[&format!("{class:?} {leaf:?} {:?}", circuit.config())]);
        let pin = self.pinned_digest(|keys| keys.wrap.get(class.batch.name));
        let of = Kept {
            name: format!("wrap-{}", class.batch.name),
            fingerprint,
            config: circuit.config(),
        };
        self.inner(of, pin, || {
            let WrapCircuit { circuit, rows, .. } = WrapCircuit::new(key, circuit)?;
            Ok((circuit, rows))
        })
    }

    fn lift(
        &self,
        index: usize,
        wrap: &VerifierData,
        shape: &NodeShape,
    ) -> Result<CompiledCircuit, OpenError> {
        let (class, settings) = (self.classes[index].batch.name, self.settings.circuit);
        let (below, config) = (wrap.digest(), settings.config());
        let determined = format!("{below} {} {config:?}", shape.0.degree_bits());
        let fingerprint = Fingerprint::of(&[&determined]);
        let pin = self.pinned_digest(|keys| keys.lift.get(class));
        self.inner(Kept { name: format!("lift-{class}"), fingerprint, config }, pin, || {
            let lift = Lift::build(&wrap.verifier, shape, settings)?;
            Ok((lift.circuit, lift.rows))
        })
    }

    fn join(&self, shape: &NodeShape, lifts: &[LiftKey]) -> Result<CompiledCircuit, OpenError> {
        let lifts: Vec<Digest> = lifts.iter().map(|lift| lift.digest).collect();
        let settings = self.settings.circuit;
        let fingerprint = Fingerprint::of(&[&format!("{lifts:?} {:?}", settings.config())]);
        let pin = self.pinned_digest(|keys| Some(&keys.join));
        let of = Kept { name: "join".to_owned(), fingerprint, config: settings.config() };
        self.inner(of, pin, || {
            let join = Join::build(shape, &lifts, settings)?;
            Ok((join.circuit, join.rows))
        })
    }

    fn shrink(&self, nodes: &NodeKeys) -> Result<CompiledCircuit, OpenError> {
        let lifts: Vec<Digest> = nodes.lifts.iter().map(|lift| lift.digest).collect();
        let (join, settings) =
            (hash_gadget::of_hash(nodes.join.circuit_digest), self.settings.final_layer.shrink);
        let fingerprint = Fingerprint::of(&[&format!("{lifts:?} {join} {:?}", settings.config())]);
        let pin = self.pinned_digest(|keys| Some(&keys.shrink));
        let of = Kept { name: "shrink".to_owned(), fingerprint, config: settings.config() };
        self.inner(of, pin, || {
            let shrink = ShrinkCircuit::new(nodes, settings)?;
            Ok((shrink.circuit, shrink.rows))
        })
    }

    fn final_circuit(
        &self,
        shrink: &VerifierData,
    ) -> Result<CompiledCircuit<KeccakConfig>, OpenError> {
        let (of, settings) = (shrink.digest(), self.settings.final_layer.final_circuit);
        let fingerprint = Fingerprint::of(&[&format!("{of} {:?}", settings.config())]);
        let pin = self.pinned.as_ref().map(|keys| keys.final_circuit.clone());
        let accept = |key: &VerifierOnlyCircuitData<KeccakConfig, D>| {
            let got = FinalKeyDigest::of(&key.circuit_digest);
            if pin.as_ref().is_some_and(|pin| *pin != got) {
                Err(OpenError::PinnedFinal)
            } else {
                Ok(())
            }
        };
        let of = Kept { name: "final".to_owned(), fingerprint, config: settings.config() };
        self.circuit(&of, accept, || {
            let built = FinalCircuit::over(&shrink.verifier, settings)?;
            Ok((built.circuit, built.rows))
        })
    }

    /// The pin of a circuit; of one that the pins lack, a digest that none has.
    fn pinned_digest(&self, of: impl FnOnce(&BlockKeys) -> Option<&KeyDigest>) -> Option<Digest> {
        self.pinned.as_ref().map(|keys| of(keys).copied().unwrap_or_default().0)
    }

    /// A circuit below the last.
    fn inner(
        &self,
        of: Kept,
        pin: Option<Digest>,
        build: impl FnOnce() -> Result<(InnerCircuit, usize), OpenError>,
    ) -> Result<CompiledCircuit, OpenError> {
        let accept = |key: &InnerKey| {
            let got = hash_gadget::of_hash(key.circuit_digest);
            match pin {
                Some(expected) if expected != got => {
                    Err(OpenError::Pinned { circuit: of.name.clone(), expected, got })
                }
                _ => Ok(()),
            }
        };
        self.circuit(&of, accept, build)
    }

    /// A circuit from its file, or built and kept. A file is read only where a pin says what has to
    /// be in it: it may be of other sources.
    fn circuit<C: GenericConfig<D, F = F>>(
        &self,
        of: &Kept,
        accept: impl Fn(&VerifierOnlyCircuitData<C, D>) -> Result<(), OpenError>,
        build: impl FnOnce() -> Result<(CircuitData<F, C, D>, usize), OpenError>,
    ) -> Result<CompiledCircuit<C>, OpenError> {
        let Kept { name, fingerprint, config } = of;
        if self.pinned.is_some() {
            let kept: Option<CompiledCircuit<C>> =
                self.store.load(name, fingerprint, CompiledCircuit::from_bytes)?;
            let accepted = |kept: &CompiledCircuit<C>| {
                kept.is_under(config) && accept(&kept.circuit.verifier_only).is_ok()
            };
            if let Some(kept) = kept.filter(accepted) {
                return Ok(kept);
            }
        }
        let (circuit, rows) = build()?;
        accept(&circuit.verifier_only)?;
        let mut built = CompiledCircuit { circuit, rows };
        let bytes = built.write().ok_or_else(|| encode_error(name))?;
        self.store.save(name, fingerprint, &bytes)?;
        Ok(built)
    }
}

fn encode_error(name: &str) -> StoreError {
    StoreError::Encode { name: name.to_owned() }
}

fn node_keys(lifts: Vec<LiftKey>, join: &VerifierData) -> NodeKeys {
    let join = &join.verifier;
    NodeKeys { common: join.common.clone(), lifts, join: join.verifier_only.clone() }
}
