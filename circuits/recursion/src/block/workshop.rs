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

use super::built::{Built, Known, KnownSet};
use super::keys::{BlockKeys, KeyDigest, LastKey};
use super::store::{CircuitStore, Fingerprint, KEY_SET, StoreError};
use crate::aggregate::{AggregateError, Join, Lift, LiftKey, NodeKeys, NodeShape};
use crate::circuit::{InnerCircuit, InnerKey};
use crate::digest;
use crate::final_layer::{FinalCircuit, FinalError, FinalSettings, ShrinkCircuit};
use crate::settings::CircuitSettings;
use crate::shape::ShapeError;
use crate::wrap::WrapCircuit;

/// What determines circuits beside their classes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Settings {
    pub(crate) leaf: LeafSettings,
    pub(crate) circuit: CircuitSettings,
    pub(crate) last: FinalSettings,
}

/// What leaf proofs are made with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LeafSettings {
    /// What is cheapest for each class.
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
            last: FinalSettings::of(profile),
        }
    }
}

/// Why there are no circuits.
#[derive(Debug, Error)]
pub enum OpenError {
    /// There is no such batch class, or the key set has none.
    #[error("no circuits for batch class {got}")]
    Class {
        /// Its number.
        got: u8,
    },
    /// The key set has the class, but the prover was not opened for it.
    #[error("batch class {got} is not opened")]
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
    #[error("the pinned keys cannot be read")]
    Pins(#[source] serde_json::Error),
    /// A circuit is not the pinned one: keys and program are of different versions.
    #[error("{circuit} has key {got}, pinned is {expected}")]
    Pinned {
        /// Its name.
        circuit: String,
        /// The pinned digest.
        expected: Digest,
        /// The digest of the circuit built.
        got: Digest,
    },
    /// The last circuit is not the pinned one, which the contract knows.
    #[error("the last circuit is not the pinned one")]
    PinnedLast,
}

/// The place where circuits are made.
pub(super) struct Workshop {
    pub(super) store: CircuitStore,
    settings: Settings,
    /// The key set's classes, by place.
    classes: Vec<&'static LeafClass>,
    /// What the circuits have to be. Without, all of them are built anew to know their keys.
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

impl Workshop {
    pub(super) fn new(
        directory: &Path,
        settings: Settings,
        classes: Vec<&'static LeafClass>,
        pinned: Option<BlockKeys>,
    ) -> Result<Self, StoreError> {
        Ok(Self { store: CircuitStore::open(directory)?, settings, classes, pinned })
    }

    /// The place of a class.
    pub(super) fn place(&self, id: u8) -> Option<usize> {
        self.classes.iter().position(|class| class.batch.id == id)
    }

    pub(super) fn classes(&self) -> impl Iterator<Item = &'static LeafClass> {
        self.classes.iter().copied()
    }

    /// What is known of the circuits of these classes and of those above them; builds and keeps
    /// what is not there yet. Nothing that was kept is believed without a pin.
    #[instrument(name = "key set", skip_all)]
    pub(super) fn known(&self, asked: &[BatchClass]) -> Result<KnownSet, OpenError> {
        let Some(pinned) = &self.pinned else {
            return self.build(&(0..self.classes.len()).collect::<Vec<_>>());
        };
        let mut places = Vec::with_capacity(asked.len());
        for class in asked {
            places.push(self.place(class.id).ok_or(OpenError::Class { got: class.id })?);
        }
        places.sort_unstable();
        places.dedup();
        let fingerprint = self.key_set_fingerprint(&places, pinned);
        let classes = self.classes.len();
        let kept = self.store.load(KEY_SET, &fingerprint, |b| KnownSet::from_bytes(b, classes))?;
        if let Some(kept) = kept.filter(|kept| self.is_pinned(kept, &places, pinned)) {
            return Ok(kept);
        }
        let known = self.build(&places)?;
        let bytes = known.to_bytes().ok_or_else(|| encode_error(KEY_SET))?;
        self.store.save(KEY_SET, &fingerprint, &bytes)?;
        Ok(known)
    }

    /// The fingerprint of what is known of the circuits of these classes.
    pub(super) fn key_set_fingerprint(&self, places: &[usize], pins: &BlockKeys) -> Fingerprint {
        Fingerprint::of(&[&format!("{places:?} {:?} {pins:?}", self.settings)])
    }

    /// Whether a key set from disk has the classes asked for, and all its keys are pinned: their
    /// digests, recomputed from the commitments, and their settings.
    fn is_pinned(&self, kept: &KnownSet, places: &[usize], pins: &BlockKeys) -> bool {
        let opened = |known: &[Option<Known>]| {
            let all =
                known.iter().enumerate().filter_map(|(place, one)| one.as_ref().map(|_| place));
            all.eq(places.iter().copied())
        };
        let names: Vec<&str> = places.iter().map(|place| self.classes[*place].batch.name).collect();
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
            && kept.shrink.is_under(&self.settings.last.shrink.config())
            && kept.last.is_under(&self.settings.last.outer.config())
    }

    /// From now on circuits have to be these.
    pub(super) fn pin(&mut self, keys: BlockKeys) {
        self.pinned = Some(keys);
    }

    fn build(&self, places: &[usize]) -> Result<KnownSet, OpenError> {
        let mut wraps = vec![None; self.classes.len()];
        for place in places.iter().copied() {
            let key = self.leaf_key(place)?;
            wraps[place] = Some(self.wrap(place, &key)?.known());
        }
        let verifiers: Vec<_> = wraps.iter().flatten().map(|known| &known.verifier).collect();
        let shape = NodeShape::of(&verifiers, self.settings.circuit)?;
        let mut lifts = vec![None; self.classes.len()];
        for (lift, (place, wrap)) in lifts.iter_mut().zip(wraps.iter().enumerate()) {
            if let Some(wrap) = wrap {
                *lift = Some(self.lift(place, wrap, &shape)?.known());
            }
        }
        let keys = self.lift_keys(&lifts)?;
        let join = self.join(&shape, &keys)?.known();
        let nodes = node_keys(keys, &join);
        let shrink = self.shrink(&nodes)?.known();
        let last = self.last(&shrink)?.known();
        Ok(KnownSet { wraps, lifts, join, shrink, last })
    }

    /// The keys of all lifts: of classes not asked for, their pinned digests.
    fn lift_keys(&self, lifts: &[Option<Known>]) -> Result<Vec<LiftKey>, OpenError> {
        let of = |(lift, class): (&Option<Known>, &&LeafClass)| match lift {
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
    pub(super) fn node_keys(&self, known: &KnownSet) -> Result<NodeKeys, OpenError> {
        Ok(node_keys(self.lift_keys(&known.lifts)?, &known.join))
    }

    /// The digests of what is known.
    pub(super) fn keys(&self, known: &KnownSet) -> BlockKeys {
        let named = |all: &[Option<Known>]| {
            let classes = self.classes.iter().zip(all);
            let known = classes.filter_map(|(class, known)| {
                known.as_ref().map(|known| (class.batch.name.to_owned(), KeyDigest(known.digest())))
            });
            known.collect()
        };
        BlockKeys {
            wrap: named(&known.wraps),
            lift: named(&known.lifts),
            join: KeyDigest(known.join.digest()),
            shrink: KeyDigest(known.shrink.digest()),
            last: LastKey::of(&known.last.verifier.verifier_only.circuit_digest),
        }
    }

    /// The circuits of a class.
    #[instrument(name = "class circuits", skip_all, fields(class = self.classes[place].batch.name))]
    pub(super) fn class_circuits(
        &self,
        place: usize,
        known: &KnownSet,
    ) -> Result<ClassCircuits, OpenError> {
        let missing = || OpenError::NotOpened { got: self.classes[place].batch.id };
        let of_wrap = known.wraps[place].as_ref().ok_or_else(missing)?;
        let key = self.leaf_key(place)?;
        let wrap = self.wrap(place, &key)?;
        let wrap = WrapCircuit::from_built(&key, wrap.circuit, wrap.rows)?;
        let shape = NodeShape(known.join.verifier.common.clone());
        let lift = self.lift(place, of_wrap, &shape)?;
        let lift = Lift::from_built(lift.circuit, lift.rows, &of_wrap.verifier.common);
        Ok(ClassCircuits { key, wrap, lift })
    }

    /// The join.
    #[instrument(name = "join circuit", skip_all)]
    pub(super) fn join_circuit(&self, known: &KnownSet) -> Result<Join, OpenError> {
        let shape = NodeShape(known.join.verifier.common.clone());
        let built = self.join(&shape, &self.lift_keys(&known.lifts)?)?;
        Ok(Join::from_built(built.circuit, built.rows))
    }

    /// The shrinking circuit.
    #[instrument(name = "shrink circuit", skip_all)]
    pub(super) fn shrink_circuit(&self, nodes: &NodeKeys) -> Result<ShrinkCircuit, OpenError> {
        let built = self.shrink(nodes)?;
        Ok(ShrinkCircuit::from_built(built.circuit, built.rows, nodes))
    }

    /// The last circuit.
    #[instrument(name = "final circuit", skip_all)]
    pub(super) fn last_circuit(&self, known: &KnownSet) -> Result<FinalCircuit, OpenError> {
        let built = self.last(&known.shrink)?;
        let inner = &known.shrink.verifier.common;
        Ok(FinalCircuit::from_built(built.circuit, built.rows, inner))
    }

    /// What leaf proofs of a class are made under.
    pub(super) fn leaf_key(&self, place: usize) -> Result<LeafKey, SetupError> {
        let class = self.classes[place];
        LeafKey::new(class, self.settings.leaf.of(class))
    }

    fn wrap(&self, place: usize, key: &LeafKey) -> Result<Built, OpenError> {
        let (class, circuit) = (self.classes[place], self.settings.circuit);
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

    fn lift(&self, place: usize, wrap: &Known, shape: &NodeShape) -> Result<Built, OpenError> {
        let (class, settings) = (self.classes[place].batch.name, self.settings.circuit);
        let (below, config) = (wrap.digest(), settings.config());
        let determined = format!("{below} {} {config:?}", shape.0.degree_bits());
        let fingerprint = Fingerprint::of(&[&determined]);
        let pin = self.pinned_digest(|keys| keys.lift.get(class));
        self.inner(Kept { name: format!("lift-{class}"), fingerprint, config }, pin, || {
            let lift = Lift::build(&wrap.verifier, shape, settings)?;
            Ok((lift.circuit, lift.rows))
        })
    }

    fn join(&self, shape: &NodeShape, lifts: &[LiftKey]) -> Result<Built, OpenError> {
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

    fn shrink(&self, nodes: &NodeKeys) -> Result<Built, OpenError> {
        let lifts: Vec<Digest> = nodes.lifts.iter().map(|lift| lift.digest).collect();
        let (join, settings) =
            (digest::of_hash(nodes.join.circuit_digest), self.settings.last.shrink);
        let fingerprint = Fingerprint::of(&[&format!("{lifts:?} {join} {:?}", settings.config())]);
        let pin = self.pinned_digest(|keys| Some(&keys.shrink));
        let of = Kept { name: "shrink".to_owned(), fingerprint, config: settings.config() };
        self.inner(of, pin, || {
            let shrink = ShrinkCircuit::new(nodes, settings)?;
            Ok((shrink.circuit, shrink.rows))
        })
    }

    fn last(&self, shrink: &Known) -> Result<Built<KeccakConfig>, OpenError> {
        let (of, settings) = (shrink.digest(), self.settings.last.outer);
        let fingerprint = Fingerprint::of(&[&format!("{of} {:?}", settings.config())]);
        let pin = self.pinned.as_ref().map(|keys| keys.last.clone());
        let accept = |key: &VerifierOnlyCircuitData<KeccakConfig, D>| {
            let got = LastKey::of(&key.circuit_digest);
            if pin.as_ref().is_some_and(|pin| *pin != got) {
                Err(OpenError::PinnedLast)
            } else {
                Ok(())
            }
        };
        let of = Kept { name: "final".to_owned(), fingerprint, config: settings.config() };
        self.circuit(&of, accept, || {
            let last = FinalCircuit::over(&shrink.verifier, settings)?;
            Ok((last.circuit, last.rows))
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
    ) -> Result<Built, OpenError> {
        let accept = |key: &InnerKey| {
            let got = digest::of_hash(key.circuit_digest);
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
    ) -> Result<Built<C>, OpenError> {
        let Kept { name, fingerprint, config } = of;
        if self.pinned.is_some() {
            let kept: Option<Built<C>> = self.store.load(name, fingerprint, Built::from_bytes)?;
            let accepted = |kept: &Built<C>| {
                kept.is_under(config) && accept(&kept.circuit.verifier_only).is_ok()
            };
            if let Some(kept) = kept.filter(accepted) {
                return Ok(kept);
            }
        }
        let (circuit, rows) = build()?;
        accept(&circuit.verifier_only)?;
        let mut built = Built { circuit, rows };
        let bytes = built.write().ok_or_else(|| encode_error(name))?;
        self.store.save(name, fingerprint, &bytes)?;
        Ok(built)
    }
}

fn encode_error(name: &str) -> StoreError {
    StoreError::Encode { name: name.to_owned() }
}

fn node_keys(lifts: Vec<LiftKey>, join: &Known) -> NodeKeys {
    let join = &join.verifier;
    NodeKeys { common: join.common.clone(), lifts, join: join.verifier_only.clone() }
}
