//! REST API of Farthing.
