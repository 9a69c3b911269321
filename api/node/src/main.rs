//! The farthing binary.

use std::process::ExitCode;

fn main() -> ExitCode {
    farthing_node::run()
}
