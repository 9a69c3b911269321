// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.30;

import "./Constants.sol";

/// @title FRI
/// @dev The first codeword is F(x) = alpha^2 * (sum of alpha^i * (f_i(x) - f_i(zeta))) / (x - zeta), over the polynomials
/// of all trees, plus the same for those that are opened at g * zeta, without the factor. A leaf's place, its bits
/// reversed, is the exponent of its point. Siblings 2k, 2k + 1 of a fold are values at y and -y, so a fold by 2^a is a
/// times (u + v)/2 + c * (u - v)/(2y), where c is the challenge, squared from layer to layer; the halves come last. `refuse` ends the whole call with `false`.
library Queries {
    /// @notice Tables that all queries share: powers of alpha, combined openings, fold factors.
    function prepare() internal pure {
        assembly {
            function emul(a0, a1, b0, b1) -> c0, c1 {
                c0 := mod(add(mul(a0, b0), mul(7, mul(a1, b1))), P)
                c1 := mod(add(mul(a0, b1), mul(a1, b0)), P)
            }
            function reversed(k, bits) -> r {
                for {} bits { bits := sub(bits, 1) } {
                    r := or(shl(1, r), and(k, 1))
                    k := shr(1, k)
                }
            }
            function power(x, exponent) -> y {
                y := 1
                for {} exponent { exponent := sub(exponent, 1) } { y := mulmod(y, x, P) }
            }
            {
                let a0 := mload(M_BATCH)
                let a1 := mload(add(M_BATCH, 0x20))
                let x0 := 1
                let x1 := 0
                let r0 := 0
                let r1 := 0
                let opening := M_OPENINGS
                for { let at := M_POWERS } lt(at, M_POWERS_END) { at := add(at, 0x40) } {
                    mstore(at, x0)
                    mstore(add(at, 0x20), x1)
                    let y0 := mload(opening)
                    let y1 := mload(add(opening, 0x20))
                    r0 := add(r0, add(mul(x0, y0), mul(7, mul(x1, y1))))
                    r1 := add(r1, add(mul(x0, y1), mul(x1, y0)))
                    x0, x1 := emul(x0, x1, a0, a1)
                    opening := add(opening, 0x40)
                }
                mstore(M_COMBINED, mod(r0, P))
                mstore(add(M_COMBINED, 0x20), mod(r1, P))
                r0, r1 := emul(a0, a1, mload(add(M_NEXT_ZS, 0x40)), mload(add(M_NEXT_ZS, 0x60)))
                mstore(M_COMBINED_NEXT, addmod(r0, mload(M_NEXT_ZS), P))
                mstore(add(M_COMBINED_NEXT, 0x20), addmod(r1, mload(add(M_NEXT_ZS, 0x20)), P))
                mstore(M_NEXT_ZETA, mulmod(mload(M_ZETA), ROOT_ROWS, P))
                mstore(add(M_NEXT_ZETA, 0x20), mulmod(mload(add(M_ZETA, 0x20)), ROOT_ROWS, P))
            }
            // Roots of order 2^(j + 1) and their inverses.
            {
                let w := ROOT_DOMAIN
                let v := INVERSE_ROOT_DOMAIN
                for { let at := add(M_ROOTS, shl(6, sub(LOG_DOMAIN, 1))) } iszero(lt(at, M_ROOTS)) { at := sub(at, 0x40) } {
                    mstore(at, w)
                    mstore(add(at, 0x20), v)
                    w := mulmod(w, w, P)
                    v := mulmod(v, v, P)
                }
            }
            // challenge * root^(-reversed k) for each pair of siblings, layer by layer.
            let at := M_FOLD_FACTORS
            for { let i := 0 } lt(i, FOLDS) { i := add(i, 1) } {
                let c0 := mload(add(M_FOLD_CHALLENGES, shl(6, i)))
                let c1 := mload(add(M_FOLD_CHALLENGES, add(shl(6, i), 0x20)))
                let root := INVERSE_ROOT_ARITY
                for { let bits := LOG_ARITY } bits {} {
                    bits := sub(bits, 1)
                    for { let k := 0 } lt(k, shl(bits, 1)) { k := add(k, 1) } {
                        let y := power(root, reversed(k, bits))
                        mstore(at, mulmod(c0, y, P))
                        mstore(add(at, 0x20), mulmod(c1, y, P))
                        at := add(at, 0x40)
                    }
                    c0, c1 := emul(c0, c1, c0, c1)
                    root := mulmod(root, root, P)
                }
            }
            // root^(reversed k): a fold's first point from the point of its k-th member.
            for { let k := 0 } lt(k, shl(LOG_ARITY, 1)) { k := add(k, 1) } {
                mstore(add(M_COSET, shl(5, k)), power(ROOT_ARITY, reversed(k, LOG_ARITY)))
            }
        }
    }

    /// @notice Refuses unless every query's leaves are committed, reduced, and fold to the final polynomial.
    function check(uint256 proof) internal view {
        assembly {
            function refuse() {
                mstore(0, 0)
                return(0, 0x20)
            }
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
            /// Climbs from a leaf's hash to the cap. A node is hashed at 0: the right digest overwrites the unused end of
            /// the left one, so digests need not be cut before the end.
            function climb(hash, from, place, depth, cap) -> to {
                to := add(from, mul(DIGEST_BYTES, depth))
                for {} lt(from, to) { from := add(from, DIGEST_BYTES) } {
                    let sibling := calldataload(from)
                    let exchange := mul(and(place, 1), xor(sibling, hash))
                    mstore(0, xor(hash, exchange))
                    mstore(DIGEST_BYTES, xor(sibling, exchange))
                    hash := keccak256(0, mul(2, DIGEST_BYTES))
                    place := shr(1, place)
                }
                if shr(DIGEST_UNUSED_BITS, xor(hash, mload(add(cap, shl(5, place))))) { refuse() }
            }
            /// A leaf of `size` bytes and its path.
            function committed(from, size, place, depth, cap) -> to {
                calldatacopy(M_BUFFER, from, size)
                to := climb(keccak256(M_BUFFER, size), add(from, size), place, depth, cap)
            }
            /// Adds up a leaf's elements times powers; sums of 256 products of 64 bits fit a word.
            function combine(from, count, power, s0, s1) -> r0, r1 {
                let bad := 0
                for { let end := add(from, shl(3, and(count, not(3)))) } lt(from, end) { from := add(from, 0x20) } {
                    let w := calldataload(from)
                    let x := shr(192, w)
                    bad := or(bad, gt(x, sub(P, 1)))
                    s0 := add(s0, mul(x, mload(power)))
                    s1 := add(s1, mul(x, mload(add(power, 0x20))))
                    x := and(shr(128, w), 0xffffffffffffffff)
                    bad := or(bad, gt(x, sub(P, 1)))
                    s0 := add(s0, mul(x, mload(add(power, 0x40))))
                    s1 := add(s1, mul(x, mload(add(power, 0x60))))
                    x := and(shr(64, w), 0xffffffffffffffff)
                    bad := or(bad, gt(x, sub(P, 1)))
                    s0 := add(s0, mul(x, mload(add(power, 0x80))))
                    s1 := add(s1, mul(x, mload(add(power, 0xa0))))
                    x := and(w, 0xffffffffffffffff)
                    bad := or(bad, gt(x, sub(P, 1)))
                    s0 := add(s0, mul(x, mload(add(power, 0xc0))))
                    s1 := add(s1, mul(x, mload(add(power, 0xe0))))
                    power := add(power, 0x100)
                }
                for { count := and(count, 3) } count { count := sub(count, 1) } {
                    let x := shr(192, calldataload(from))
                    bad := or(bad, gt(x, sub(P, 1)))
                    s0 := add(s0, mul(x, mload(power)))
                    s1 := add(s1, mul(x, mload(add(power, 0x20))))
                    power := add(power, 0x40)
                    from := add(from, 8)
                }
                if bad { refuse() }
                r0 := s0
                r1 := s1
            }
            /// The point of a place, and its inverse.
            function point(place) -> x, v {
                x := COSET_GENERATOR
                v := INVERSE_COSET_GENERATOR
                for { let at := M_ROOTS } place { at := add(at, 0x40) } {
                    if and(place, 1) {
                        x := mulmod(x, mload(at), P)
                        v := mulmod(v, mload(add(at, 0x20)), P)
                    }
                    place := shr(1, place)
                }
            }
            /// 1/(x - zeta) and 1/(x - g * zeta), to scratch; one inversion for both.
            function denominators(x) {
                let d := addmod(x, sub(P, mload(M_ZETA)), P)
                let z := mload(add(M_ZETA, 0x20))
                let n := addmod(mulmod(d, d, P), sub(P, mulmod(7, mul(z, z), P)), P)
                let e := addmod(x, sub(P, mload(M_NEXT_ZETA)), P)
                let y := mload(add(M_NEXT_ZETA, 0x20))
                let m := addmod(mulmod(e, e, P), sub(P, mulmod(7, mul(y, y), P)), P)
                let v := inverse(mulmod(n, m, P))
                m := mulmod(m, v, P)
                n := mulmod(n, v, P)
                mstore(M_SCRATCH, mulmod(d, m, P))
                mstore(add(M_SCRATCH, 0x20), mulmod(z, m, P))
                mstore(add(M_SCRATCH, 0x40), mulmod(e, n, P))
                mstore(add(M_SCRATCH, 0x60), mulmod(y, n, P))
            }
            /// The first codeword at a point, from the four leaves.
            function first_value(from, x) -> r0, r1 {
                let path := mul(DIGEST_BYTES, DEPTH)
                let s0, s1 := combine(from, LEAF_FIXED, M_POWERS, 0, 0)
                from := add(from, add(shl(3, LEAF_FIXED), path))
                s0, s1 := combine(from, LEAF_WIRES, add(M_POWERS, shl(6, LEAF_FIXED)), s0, s1)
                from := add(from, add(shl(3, LEAF_WIRES), path))
                s0, s1 := combine(from, LEAF_PERMUTATION, add(M_POWERS, shl(6, add(LEAF_FIXED, LEAF_WIRES))), s0, s1)
                let zs := calldataload(from)
                from := add(from, add(shl(3, LEAF_PERMUTATION), path))
                s0, s1 := combine(
                    from, LEAF_QUOTIENT, add(M_POWERS, shl(6, add(LEAF_FIXED, add(LEAF_WIRES, LEAF_PERMUTATION)))), s0, s1
                )
                s0 := mod(add(s0, sub(P, mload(M_COMBINED))), P)
                s1 := mod(add(s1, sub(P, mload(add(M_COMBINED, 0x20)))), P)
                denominators(x)
                s0, s1 := emul(s0, s1, mload(M_SCRATCH), mload(add(M_SCRATCH, 0x20)))
                s0, s1 := emul(s0, s1, mload(add(M_POWERS, 0x80)), mload(add(M_POWERS, 0xa0)))
                // Both Z at g * zeta.
                let z := and(shr(128, zs), 0xffffffffffffffff)
                r0 := addmod(add(shr(192, zs), mul(z, mload(add(M_POWERS, 0x40)))), sub(P, mload(M_COMBINED_NEXT)), P)
                r1 := addmod(mul(z, mload(add(M_POWERS, 0x60))), sub(P, mload(add(M_COMBINED_NEXT, 0x20))), P)
                r0, r1 := emul(r0, r1, mload(add(M_SCRATCH, 0x40)), mload(add(M_SCRATCH, 0x60)))
                r0 := addmod(r0, s0, P)
                r1 := addmod(r1, s1, P)
            }
            /// Halves `2 * count` values in scratch.
            function halve(count, factor, y) -> next {
                let from := M_SCRATCH
                let to := from
                for { let end := add(to, shl(6, count)) } lt(to, end) { to := add(to, 0x40) } {
                    let u0 := mload(from)
                    let u1 := mload(add(from, 0x20))
                    let v0 := mload(add(from, 0x40))
                    let v1 := mload(add(from, 0x60))
                    let c0 := mload(factor)
                    let c1 := mload(add(factor, 0x20))
                    mstore(to, add(u0, v0))
                    mstore(add(to, 0x20), add(u1, v1))
                    // Layers only add: values stay below 2^LOG_ARITY * 2p.
                    v0 := add(u0, sub(shl(8, P), v0))
                    v1 := add(u1, sub(shl(8, P), v1))
                    mstore(to, add(mload(to), mulmod(add(mul(v0, c0), mul(7, mul(v1, c1))), y, P)))
                    to := add(to, 0x20)
                    mstore(to, add(mload(to), mulmod(add(mul(v0, c1), mul(v1, c0)), y, P)))
                    to := sub(to, 0x20)
                    from := add(from, 0x80)
                    factor := add(factor, 0x40)
                }
                next := factor
            }
            /// Folds a leaf; `y` is the inverse of its first point.
            function fold(from, factor, y) -> r0, r1 {
                let to := M_SCRATCH
                let bad := 0
                for { let end := add(from, ARITY_BYTES) } lt(from, end) { from := add(from, 0x20) } {
                    let w := calldataload(from)
                    let x := shr(192, w)
                    bad := or(bad, gt(x, sub(P, 1)))
                    mstore(to, x)
                    x := and(shr(128, w), 0xffffffffffffffff)
                    bad := or(bad, gt(x, sub(P, 1)))
                    mstore(add(to, 0x20), x)
                    x := and(shr(64, w), 0xffffffffffffffff)
                    bad := or(bad, gt(x, sub(P, 1)))
                    mstore(add(to, 0x40), x)
                    x := and(w, 0xffffffffffffffff)
                    bad := or(bad, gt(x, sub(P, 1)))
                    mstore(add(to, 0x60), x)
                    to := add(to, 0x80)
                }
                if bad { refuse() }
                for { let count := shl(sub(LOG_ARITY, 1), 1) } count { count := shr(1, count) } {
                    factor := halve(count, factor, y)
                    y := mulmod(y, y, P)
                }
                r0 := mulmod(mload(M_SCRATCH), INVERSE_ARITY, P)
                r1 := mulmod(mload(add(M_SCRATCH, 0x20)), INVERSE_ARITY, P)
            }
            /// Whether the final polynomial has this value at x.
            function final_differs(x, r0, r1) -> differs {
                let f0 := 0
                let f1 := 0
                for { let at := M_FINAL_POLY_END } gt(at, M_FINAL_POLY) {} {
                    at := sub(at, 0x40)
                    f0 := add(mulmod(f0, x, P), mload(at))
                    f1 := add(mulmod(f1, x, P), mload(add(at, 0x20)))
                }
                differs := or(xor(mod(f0, P), r0), xor(mod(f1, P), r1))
            }

            let from := add(proof, P_QUERIES)
            for { let q := M_PLACES } lt(q, add(M_PLACES, shl(5, QUERIES))) { q := add(q, 0x20) } {
                let place := mload(q)
                let x, y := point(place)
                let r0, r1 := first_value(from, x)
                from := committed(from, shl(3, LEAF_FIXED), place, DEPTH, M_CAPS)
                from := committed(from, shl(3, LEAF_WIRES), place, DEPTH, add(M_CAPS, CAP_WORDS_BYTES))
                from := committed(from, shl(3, LEAF_PERMUTATION), place, DEPTH, add(M_CAPS, mul(2, CAP_WORDS_BYTES)))
                from := committed(from, shl(3, LEAF_QUOTIENT), place, DEPTH, add(M_CAPS, mul(3, CAP_WORDS_BYTES)))
                for { let i := 0 } lt(i, FOLDS) { i := add(i, 1) } {
                    {
                        let member := and(place, sub(shl(LOG_ARITY, 1), 1))
                        let w := calldataload(add(from, shl(4, member)))
                        if or(xor(shr(192, w), r0), xor(and(shr(128, w), 0xffffffffffffffff), r1)) { refuse() }
                        r0, r1 := fold(
                            from, add(M_FOLD_FACTORS, mul(i, FOLD_FACTORS_BYTES)), mulmod(y, mload(add(M_COSET, shl(5, member))), P)
                        )
                    }
                    place := shr(LOG_ARITY, place)
                    from := committed(
                        from,
                        ARITY_BYTES,
                        place,
                        sub(DEPTH, mul(LOG_ARITY, add(i, 1))),
                        add(M_CAPS, mul(add(4, i), CAP_WORDS_BYTES))
                    )
                    for { let j := 0 } lt(j, LOG_ARITY) { j := add(j, 1) } {
                        x := mulmod(x, x, P)
                        y := mulmod(y, y, P)
                    }
                }
                if final_differs(x, r0, r1) { refuse() }
            }
        }
    }
}
