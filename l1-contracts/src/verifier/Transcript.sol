// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.30;

import {Poseidon2} from "../libraries/Poseidon2.sol";
import "./Constants.sol";

/// @title The challenges of a proof
/// @dev The transcript is a chain of hashes: `chain = keccak256(chain || block)` over blocks of at most `RATE_BYTES`.
/// Each step gives two elements, the halves of the chain modulo p. Elements are absorbed reduced, 8 bytes each.
/// `refuse` ends the whole call with `false`.
library Transcript {
    /// @notice Hashes the statement, the public inputs, to `M_STATEMENT_HASH`; refuses elements that are not reduced.
    /// @dev A sponge without padding: the length is fixed. A short last block leaves the rest of the state.
    function hashStatement(Poseidon2.Context ctx, uint256 from) internal pure {
        assembly {
            for { let i := 0 } lt(i, 0x180) { i := add(i, 0x20) } { mstore(add(ctx, i), 0) }
        }
        for (uint256 i; i < STATEMENT_BYTES; i += 64) {
            assembly {
                function refuse() {
                    mstore(0, 0)
                    return(0, 0x20)
                }
                let size := sub(STATEMENT_BYTES, i)
                if gt(size, 64) { size := 64 }
                let slot := ctx
                for { let j := 0 } lt(j, size) { j := add(j, 8) } {
                    let x := shr(192, calldataload(add(from, add(i, j))))
                    if gt(x, sub(P, 1)) { refuse() }
                    mstore(slot, x)
                    slot := add(slot, 0x20)
                }
            }
            Poseidon2.permute(ctx);
        }
        assembly {
            for { let i := 0 } lt(i, 0x80) { i := add(i, 0x20) } {
                mstore(add(M_STATEMENT_HASH, i), mod(mload(add(ctx, i)), P))
            }
        }
    }

    /// @notice Draws every challenge and the queries' places; refuses a proof without its work.
    function replay(uint256 proof) internal pure {
        Tables.caps();
        Tables.prefix();
        assembly {
            function refuse() {
                mstore(0, 0)
                return(0, 0x20)
            }
            /// Four words of 64 bits, each modulo p.
            function reduced(w) -> r {
                let mask := 0xffffffffffffffff
                r := or(
                    or(shl(192, mod(shr(192, w), P)), shl(128, mod(and(shr(128, w), mask), P))),
                    or(shl(64, mod(and(shr(64, w), mask), P)), mod(and(w, mask), P))
                )
            }
            /// Copies a cap to its place in memory, and reduced to `to` for the transcript.
            function cap(from, place, to) {
                let at := add(M_CAPS, mul(place, CAP_WORDS_BYTES))
                for { let end := add(at, CAP_WORDS_BYTES) } lt(at, end) { at := add(at, 0x20) } {
                    let digest := shl(DIGEST_UNUSED_BITS, shr(DIGEST_UNUSED_BITS, calldataload(from)))
                    mstore(at, digest)
                    mstore(to, reduced(digest))
                    from := add(from, DIGEST_BYTES)
                    to := add(to, 0x20)
                }
            }
            /// Absorbs `size` bytes at `M_BUFFER + 0x20`; each block is hashed behind the chain.
            function absorb(chain, size) -> next {
                let at := M_BUFFER
                for {} gt(size, RATE_BYTES) { size := sub(size, RATE_BYTES) } {
                    mstore(at, chain)
                    chain := keccak256(at, add(0x20, RATE_BYTES))
                    at := add(at, RATE_BYTES)
                }
                mstore(at, chain)
                next := keccak256(at, add(0x20, size))
            }
            function squeeze(chain) -> next {
                mstore(0, chain)
                next := keccak256(0, 0x20)
            }
            function first(chain) -> x { x := mod(shr(128, chain), P) }
            function second(chain) -> x { x := mod(and(chain, 0xffffffffffffffffffffffffffffffff), P) }
            function draw(at, chain) {
                mstore(at, first(chain))
                mstore(add(at, 0x20), second(chain))
            }

            // The circuit's parameters and digest, then the statement's hash, then the wires.
            let to := add(M_BUFFER, add(0x20, PREFIX_BYTES))
            for { let i := 0 } lt(i, 0x80) { i := add(i, 0x20) } {
                mstore(to, shl(192, mload(add(M_STATEMENT_HASH, i))))
                to := add(to, 8)
            }
            cap(add(proof, P_WIRES_CAP), 1, to)
            let chain := absorb(0, add(add(PREFIX_BYTES, 0x20), CAP_WORDS_BYTES))
            draw(M_BETAS, chain)
            chain := squeeze(chain)
            draw(M_GAMMAS, chain)

            to := add(M_BUFFER, 0x20)
            cap(add(proof, P_PERMUTATION_CAP), 2, to)
            chain := absorb(chain, CAP_WORDS_BYTES)
            draw(M_ALPHAS, chain)
            cap(add(proof, P_QUOTIENT_CAP), 3, to)
            chain := absorb(chain, CAP_WORDS_BYTES)
            draw(M_ZETA, chain)
            calldatacopy(to, add(proof, P_OPENINGS), OPENINGS_BYTES)
            chain := absorb(chain, OPENINGS_BYTES)
            draw(M_BATCH, chain)
            for { let i := 0 } lt(i, FOLDS) { i := add(i, 1) } {
                cap(add(add(proof, P_FOLD_CAPS), mul(i, CAP_BYTES)), add(4, i), to)
                chain := absorb(chain, CAP_WORDS_BYTES)
                draw(add(M_FOLD_CHALLENGES, shl(6, i)), chain)
            }
            calldatacopy(to, add(proof, P_FINAL_POLY), FINAL_BYTES)
            chain := absorb(chain, FINAL_BYTES)

            if shr(sub(64, POW_BITS), first(chain)) { refuse() }
            mstore(M_PLACES, and(second(chain), sub(DOMAIN_SIZE, 1)))
            for { let i := 1 } lt(i, QUERIES) { i := add(i, 2) } {
                chain := squeeze(chain)
                let at := add(M_PLACES, shl(5, i))
                mstore(at, and(first(chain), sub(DOMAIN_SIZE, 1)))
                mstore(add(at, 0x20), and(second(chain), sub(DOMAIN_SIZE, 1)))
            }
        }
    }
}
