// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.30;

import {Poseidon2} from "../libraries/Poseidon2.sol";
import {Gates} from "./Gates.sol";
import "./Constants.sol";

/// @title The constraints of the Poseidon2 gate
/// @dev Wires: input (0..12), output (12..24), swap (24), deltas (25..29), inputs of the S-boxes (29..135). The state at
/// `M_STATE` is twelve elements of GF(p^2), two words each; the linear layers act on either coefficient alike.
library HashGate {
    /// @notice Adds the gate's constraints; the round constants are the context's.
    function evaluate(Poseidon2.Context ctx) internal pure {
        Gates.setFilter(POSEIDON2_ROW, POSEIDON2_SELECTOR, POSEIDON2_FIRST, POSEIDON2_END);
        Tables.diagonal();
        uint256 rows = Poseidon2.Context.unwrap(ctx) + Poseidon2.FIRST_ROUNDS;
        uint256 rc = Poseidon2.Context.unwrap(ctx) + Poseidon2.INTERNAL_ROUNDS;
        assembly {
            function emul(a0, a1, b0, b1) -> c0, c1 {
                c0 := mod(add(mul(a0, b0), mul(7, mul(a1, b1))), P)
                c1 := mod(add(mul(a0, b1), mul(a1, b0)), P)
            }
            function constrain(at, c0, c1) {
                c0, c1 := emul(c0, c1, mload(M_FILTER), mload(add(M_FILTER, 0x20)))
                mstore(at, add(mload(at), c0))
                at := add(at, 0x20)
                mstore(at, add(mload(at), c1))
            }
            function constrain_equal(at, c0, c1, w) {
                constrain(at, add(c0, sub(P2, mload(w))), add(c1, sub(P2, mload(add(w, 0x20)))))
            }
            function seventh_power(s) {
                let a := mload(s)
                let b := mload(add(s, 0x20))
                let c := mod(add(mul(a, a), mul(7, mul(b, b))), P)
                let d := mod(mul(a, add(b, b)), P)
                a, b := emul(a, b, c, d)
                let e := mod(add(mul(c, c), mul(7, mul(d, d))), P)
                d := mod(mul(c, add(d, d)), P)
                a, b := emul(a, b, e, d)
                mstore(s, a)
                mstore(add(s, 0x20), b)
            }
            /// The external matrix circ(2M, M, M) on the coefficients from `s` on.
            function mix_all(s) {
                let c0 := 0
                let c1 := 0
                let c2 := 0
                let c3 := 0
                for { let p := s } lt(p, add(s, 0x300)) { p := add(p, 0x100) } {
                    let x0 := mload(p)
                    let x1 := mload(add(p, 0x40))
                    let x2 := mload(add(p, 0x80))
                    let x3 := mload(add(p, 0xc0))
                    let t := add(add(x0, x1), add(x2, x3))
                    let y := add(add(t, x0), add(x1, x1))
                    c0 := add(c0, y)
                    mstore(p, y)
                    y := add(add(t, x1), add(x2, x2))
                    c1 := add(c1, y)
                    mstore(add(p, 0x40), y)
                    y := add(add(t, x2), add(x3, x3))
                    c2 := add(c2, y)
                    mstore(add(p, 0x80), y)
                    y := add(add(t, x3), add(x0, x0))
                    c3 := add(c3, y)
                    mstore(add(p, 0xc0), y)
                }
                for { let p := s } lt(p, add(s, 0x300)) { p := add(p, 0x100) } {
                    mstore(p, add(mload(p), c0))
                    mstore(add(p, 0x40), add(mload(add(p, 0x40)), c1))
                    mstore(add(p, 0x80), add(mload(add(p, 0x80)), c2))
                    mstore(add(p, 0xc0), add(mload(add(p, 0xc0)), c3))
                }
            }
            /// The internal matrix: all ones plus a diagonal. Not reduced, a state grows by a factor of less than 12, to less
            /// than 2^148 after 22 rounds: times a filter below 2^66, and by 8 of them, less than 2^217.
            function mix_partial(s) {
                let sum := 0
                let end := add(s, 0x300)
                for { let p := s } lt(p, end) { p := add(p, 0x40) } { sum := add(sum, mload(p)) }
                let d := M_DIAGONAL
                for { let p := s } lt(p, end) { p := add(p, 0x40) } {
                    mstore(p, add(mulmod(mload(p), mload(d), P), sum))
                    d := add(d, 0x20)
                }
            }
            /// The constant of element i in a packed row of constants.
            function constant_of(row, i) -> c {
                c := and(shr(mul(85, shr(2, i)), mload(add(row, shl(5, and(i, 3))))), 0xffffffffffffffff)
            }
            /// A full round whose S-box inputs are the wires from `w` on.
            function full_round(row, w, at) {
                for { let i := 0 } lt(i, 12) { i := add(i, 1) } {
                    let s := add(M_STATE, shl(6, i))
                    constrain_equal(at, add(mload(s), constant_of(row, i)), mload(add(s, 0x20)), w)
                    mcopy(s, w, 0x40)
                    seventh_power(s)
                    w := add(w, 0x40)
                    at := add(at, 0x40)
                }
                mix_all(M_STATE)
                mix_all(add(M_STATE, 0x20))
            }

            let at := M_GATES
            mcopy(M_STATE, M_WIRES, 0x300)
            {
                let s0 := mload(add(M_WIRES, 0x600))
                let s1 := mload(add(M_WIRES, 0x620))
                let r0, r1 := emul(s0, s1, add(s0, sub(P, 1)), s1)
                constrain(at, r0, r1)
                // delta = swap * (right - left); left + delta, right - delta
                for { let i := 0 } lt(i, 0x100) { i := add(i, 0x40) } {
                    at := add(at, 0x40)
                    let delta := add(add(M_WIRES, 0x640), i)
                    let left := add(M_STATE, i)
                    let right := add(left, 0x100)
                    r0, r1 :=
                        emul(
                        s0,
                        s1,
                        add(mload(right), sub(P2, mload(left))),
                        add(mload(add(right, 0x20)), sub(P2, mload(add(left, 0x20))))
                    )
                    constrain_equal(at, r0, r1, delta)
                    r0 := mload(delta)
                    r1 := mload(add(delta, 0x20))
                    mstore(left, add(mload(left), r0))
                    mstore(right, add(mload(right), sub(P2, r0)))
                    left := add(left, 0x20)
                    right := add(right, 0x20)
                    mstore(left, add(mload(left), r1))
                    mstore(right, add(mload(right), sub(P2, r1)))
                }
                at := add(at, 0x40)
            }
            mix_all(M_STATE)
            mix_all(add(M_STATE, 0x20))
            // The first round's S-boxes are linear in the input and have no wires.
            for { let i := 0 } lt(i, 12) { i := add(i, 1) } {
                let s := add(M_STATE, shl(6, i))
                mstore(s, add(mload(s), constant_of(rows, i)))
                seventh_power(s)
            }
            mix_all(M_STATE)
            mix_all(add(M_STATE, 0x20))
            let w := add(M_WIRES, 0x740)
            for { let i := 1 } lt(i, 4) { i := add(i, 1) } {
                rows := add(rows, 0x80)
                full_round(rows, w, at)
                w := add(w, 0x300)
                at := add(at, 0x300)
            }
            for { let i := 0 } lt(i, 22) { i := add(i, 1) } {
                constrain_equal(at, add(mload(M_STATE), shr(192, mload(rc))), mload(add(M_STATE, 0x20)), w)
                mcopy(M_STATE, w, 0x40)
                seventh_power(M_STATE)
                mix_partial(M_STATE)
                mix_partial(add(M_STATE, 0x20))
                rc := add(rc, 8)
                w := add(w, 0x40)
                at := add(at, 0x40)
            }
            for { let i := 0 } lt(i, 4) { i := add(i, 1) } {
                rows := add(rows, 0x80)
                full_round(rows, w, at)
                w := add(w, 0x300)
                at := add(at, 0x300)
            }
            for { let i := 0 } lt(i, 0x300) { i := add(i, 0x40) } {
                let s := add(M_STATE, i)
                constrain_equal(at, mload(s), mload(add(s, 0x20)), add(add(M_WIRES, 0x300), i))
                at := add(at, 0x40)
            }
        }
    }
}
