// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.30;

import "./Constants.sol";

/// @title The identity at zeta
/// @dev Elements of GF(p^2) take two words, the coefficients of 1 and X, X^2 = 7. Sums grow lazily; what is multiplied
/// stays below 2^120 here and below 2^148 in `HashGate`, the other factor below 2^66 there, so that sums of products fit a
/// word. `refuse` ends the whole call with `false`.
library Openings {
    /// @notice Takes openings and final polynomial to memory; refuses elements that are not reduced.
    function unpack(uint256 proof) internal pure {
        assembly {
            function refuse() {
                mstore(0, 0)
                return(0, 0x20)
            }
            function copy(from, size, to) {
                let bad := 0
                for { let end := add(from, size) } lt(from, end) { from := add(from, 16) } {
                    let w := calldataload(from)
                    let x := shr(192, w)
                    let y := and(shr(128, w), 0xffffffffffffffff)
                    bad := or(bad, or(gt(x, sub(P, 1)), gt(y, sub(P, 1))))
                    mstore(to, x)
                    mstore(add(to, 0x20), y)
                    to := add(to, 0x40)
                }
                if bad { refuse() }
            }
            copy(add(proof, P_OPENINGS), OPENINGS_BYTES, M_OPENINGS)
            copy(add(proof, P_FINAL_POLY), sub(FINAL_BYTES, 8), M_FINAL_POLY)
            if gt(shr(192, calldataload(add(proof, P_NONCE))), sub(P, 1)) { refuse() }
        }
    }

    /// @notice The constraints of the permutation argument, from `M_CONSTRAINTS` on: Z(1) = 1 for each challenge, then
    /// the partial products.
    function evaluatePermutation() internal view {
        assembly {
            function emul(a0, a1, b0, b1) -> c0, c1 {
                c0 := mod(add(mul(a0, b0), mul(7, mul(a1, b1))), P)
                c1 := mod(add(mul(a0, b1), mul(a1, b0)), P)
            }
            function inverse(a) -> r {
                mstore(M_SCRATCH, 0x20)
                mstore(add(M_SCRATCH, 0x20), 0x20)
                mstore(add(M_SCRATCH, 0x40), 0x20)
                mstore(add(M_SCRATCH, 0x60), a)
                mstore(add(M_SCRATCH, 0x80), sub(P, 2))
                mstore(add(M_SCRATCH, 0xa0), P)
                if iszero(staticcall(gas(), 5, M_SCRATCH, 0xc0, 0, 0x20)) { revert(0, 0) }
                r := mload(0)
            }
            /// The product of w + beta * k * zeta + gamma over eight wires, whose k are powers of one generator; `M_SCRATCH`
            /// holds k * zeta.
            function identity(challenge, wire) -> u0, u1 {
                let beta := mload(add(M_BETAS, challenge))
                let gamma := mload(add(M_GAMMAS, challenge))
                let x0 := mload(M_SCRATCH)
                let x1 := mload(add(M_SCRATCH, 0x20))
                u0 := 1
                u1 := 0
                for { let end := add(wire, CHUNK_BYTES) } lt(wire, end) { wire := add(wire, 0x40) } {
                    u0, u1 := emul(
                        u0,
                        u1,
                        mod(add(add(mload(wire), gamma), mul(beta, x0)), P),
                        mod(add(mload(add(wire, 0x20)), mul(beta, x1)), P)
                    )
                    x0 := mulmod(x0, COSET_GENERATOR, P)
                    x1 := mulmod(x1, COSET_GENERATOR, P)
                }
                mstore(M_SCRATCH, x0)
                mstore(add(M_SCRATCH, 0x20), x1)
            }
            /// The product of w + beta * sigma + gamma over the same wires.
            function permuted(challenge, wire, sigma) -> u0, u1 {
                let beta := mload(add(M_BETAS, challenge))
                let gamma := mload(add(M_GAMMAS, challenge))
                u0 := 1
                u1 := 0
                for { let end := add(wire, CHUNK_BYTES) } lt(wire, end) { wire := add(wire, 0x40) } {
                    u0, u1 := emul(
                        u0,
                        u1,
                        mod(add(add(mload(wire), gamma), mul(beta, mload(sigma))), P),
                        mod(add(mload(add(wire, 0x20)), mul(beta, mload(add(sigma, 0x20)))), P)
                    )
                    sigma := add(sigma, 0x40)
                }
            }

            let z0 := mload(M_ZETA)
            let z1 := mload(add(M_ZETA, 0x20))
            {
                // zeta^n and the vanishing polynomial zeta^n - 1.
                let n0 := z0
                let n1 := z1
                for { let i := 0 } lt(i, LOG_ROWS) { i := add(i, 1) } { n0, n1 := emul(n0, n1, n0, n1) }
                mstore(M_ZETA_N, n0)
                mstore(add(M_ZETA_N, 0x20), n1)
                n0 := addmod(n0, sub(P, 1), P)
                mstore(M_VANISHING, n0)
                mstore(add(M_VANISHING, 0x20), n1)
                // L0(zeta) = (zeta^n - 1) / (n * (zeta - 1)), and 1/(a + bX) = (a - bX)/(a^2 - 7b^2).
                let a := add(z0, sub(P, 1))
                let scale := inverse(addmod(mulmod(a, a, P), sub(P, mulmod(7, mul(z1, z1), P)), P))
                scale := mulmod(scale, INVERSE_ROWS, P)
                n0, n1 := emul(n0, n1, mulmod(a, scale, P), mulmod(sub(P, z1), scale, P))
                for { let i := 0 } lt(i, 0x80) { i := add(i, 0x40) } {
                    let z := add(M_ZS, i)
                    let r0, r1 := emul(n0, n1, add(mload(z), sub(P, 1)), mload(add(z, 0x20)))
                    mstore(add(M_CONSTRAINTS, i), r0)
                    mstore(add(M_CONSTRAINTS, add(i, 0x20)), r1)
                }
            }
            let constraint := add(M_CONSTRAINTS, 0x80)
            for { let i := 0 } lt(i, 2) { i := add(i, 1) } {
                mstore(M_SCRATCH, z0)
                mstore(add(M_SCRATCH, 0x20), z1)
                let previous := add(M_ZS, shl(6, i))
                for { let c := 0 } lt(c, CHUNKS) { c := add(c, 1) } {
                    let next := add(M_PARTIAL_PRODUCTS, shl(6, add(c, mul(i, sub(CHUNKS, 1)))))
                    if eq(c, sub(CHUNKS, 1)) { next := add(M_NEXT_ZS, shl(6, i)) }
                    let wire := add(M_WIRES, mul(c, CHUNK_BYTES))
                    let r0, r1 := identity(shl(5, i), wire)
                    r0, r1 := emul(mload(previous), mload(add(previous, 0x20)), r0, r1)
                    let s0, s1 := permuted(shl(5, i), wire, add(M_SIGMAS, mul(c, CHUNK_BYTES)))
                    s0, s1 := emul(mload(next), mload(add(next, 0x20)), s0, s1)
                    mstore(constraint, add(r0, sub(P, s0)))
                    mstore(add(constraint, 0x20), add(r1, sub(P, s1)))
                    constraint := add(constraint, 0x40)
                    previous := next
                }
            }
        }
    }

    /// @notice Refuses unless the constraints, combined by powers of either alpha, are the quotient times the vanishing
    /// polynomial.
    function checkQuotient() internal pure {
        assembly {
            function refuse() {
                mstore(0, 0)
                return(0, 0x20)
            }
            function emul(a0, a1, b0, b1) -> c0, c1 {
                c0 := mod(add(mul(a0, b0), mul(7, mul(a1, b1))), P)
                c1 := mod(add(mul(a0, b1), mul(a1, b0)), P)
            }
            let n0 := mload(M_ZETA_N)
            let n1 := mload(add(M_ZETA_N, 0x20))
            for { let i := 0 } lt(i, 2) { i := add(i, 1) } {
                let alpha := mload(add(M_ALPHAS, shl(5, i)))
                let v0 := 0
                let v1 := 0
                for { let at := M_CONSTRAINTS_END } gt(at, M_CONSTRAINTS) {} {
                    at := sub(at, 0x40)
                    v0 := add(mulmod(v0, alpha, P), mload(at))
                    v1 := add(mulmod(v1, alpha, P), mload(add(at, 0x20)))
                }
                let q0 := 0
                let q1 := 0
                let first := add(M_QUOTIENT, mul(i, QUOTIENT_BYTES))
                for { let at := add(first, QUOTIENT_BYTES) } gt(at, first) {} {
                    at := sub(at, 0x40)
                    q0, q1 := emul(q0, q1, n0, n1)
                    q0 := add(q0, mload(at))
                    q1 := add(q1, mload(add(at, 0x20)))
                }
                q0, q1 := emul(q0, q1, mload(M_VANISHING), mload(add(M_VANISHING, 0x20)))
                if or(xor(mod(v0, P), q0), xor(mod(v1, P), q1)) { refuse() }
            }
        }
    }
}
