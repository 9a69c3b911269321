//! Sequencer, prover pipeline and settler of Farthing.
