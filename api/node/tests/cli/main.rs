//! The binary as people and programs use it: a node of its own, and every verb that needs no L1, or one that
//! the test plays.

mod dev;
mod manifest;
mod output;
mod secrets;
mod simulate;
mod statements;
mod support;
mod verbs;
