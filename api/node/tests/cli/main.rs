//! The binary as people and programs use it: a node of its own, and every verb that needs no L1.

mod dev;
mod manifest;
mod output;
mod secrets;
mod simulate;
mod support;
mod verbs;
