// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.30;

import "./Constants.sol";

/// @title The constraints of every gate but the hash's
/// @dev Each gate adds its constraints, times its filter, to those from `M_GATES` on. Wires and constants are where
/// plonky2 has them for the parameters that the generator of `Constants.sol` asserts. What is subtracted is below 2p.
library Gates {
    /// @notice Adds up the constraints of gates without algebra over GF(p^2).
    function evaluate() internal pure {
        simple();
        algebraic();
        randomAccess();
        interpolation();
    }

    /// @dev The product over the other gates of the group of (their place - selector), and of the mark of no gate.
    function setFilter(uint256 row, uint256 selector, uint256 first, uint256 end) internal pure {
        assembly {
            let s := add(M_OPENINGS, shl(6, selector))
            let s0 := mload(s)
            let n1 := sub(P2, mload(add(s, 0x20)))
            let f0 := sub(add(UNUSED_SELECTOR, P2), s0)
            let f1 := n1
            for { let j := first } lt(j, end) { j := add(j, 1) } {
                if xor(j, row) {
                    let d := sub(add(j, P2), s0)
                    let r0 := mod(add(mul(f0, d), mul(7, mul(f1, n1))), P)
                    f1 := mod(add(mul(f0, n1), mul(f1, d)), P)
                    f0 := r0
                }
            }
            mstore(M_FILTER, f0)
            mstore(add(M_FILTER, 0x20), f1)
        }
    }

    /// @dev Constants, public inputs, sums of bits, arithmetic.
    function simple() private pure {
        setFilter(CONSTANT_ROW, CONSTANT_SELECTOR, CONSTANT_FIRST, CONSTANT_END);
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
            for { let i := 0 } lt(i, 0x80) { i := add(i, 0x40) } {
                let k := add(M_CONSTANTS, i)
                let w := add(M_WIRES, i)
                constrain(
                    add(M_GATES, i),
                    add(mload(k), sub(P2, mload(w))),
                    add(mload(add(k, 0x20)), sub(P2, mload(add(w, 0x20))))
                )
            }
        }
        setFilter(PUBLIC_INPUT_ROW, PUBLIC_INPUT_SELECTOR, PUBLIC_INPUT_FIRST, PUBLIC_INPUT_END);
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
            for { let i := 0 } lt(i, 4) { i := add(i, 1) } {
                let w := add(M_WIRES, shl(6, i))
                constrain(
                    add(M_GATES, shl(6, i)),
                    add(mload(w), sub(P2, mload(add(M_STATEMENT_HASH, shl(5, i))))),
                    mload(add(w, 0x20))
                )
            }
        }
        setFilter(BASE_SUM_ROW, BASE_SUM_SELECTOR, BASE_SUM_FIRST, BASE_SUM_END);
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
            // Wire 0 is the sum of the 63 bits behind it, lowest first.
            let s0 := 0
            let s1 := 0
            for { let i := 63 } i { i := sub(i, 1) } {
                let w := add(M_WIRES, shl(6, i))
                let b0 := mload(w)
                let b1 := mload(add(w, 0x20))
                s0 := add(add(s0, s0), b0)
                s1 := add(add(s1, s1), b1)
                let r0, r1 := emul(b0, b1, add(b0, sub(P, 1)), b1)
                constrain(add(M_GATES, shl(6, i)), r0, r1)
            }
            constrain(
                M_GATES, add(mod(s0, P), sub(P2, mload(M_WIRES))), add(mod(s1, P), sub(P2, mload(add(M_WIRES, 0x20))))
            )
        }
        setFilter(ARITHMETIC_ROW, ARITHMETIC_SELECTOR, ARITHMETIC_FIRST, ARITHMETIC_END);
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
            // output = k0 * a * b + k1 * addend, twenty times four wires.
            let at := M_GATES
            for { let w := M_WIRES } lt(w, add(M_WIRES, 0x1400)) { w := add(w, 0x100) } {
                let x0, x1 := emul(mload(w), mload(add(w, 0x20)), mload(add(w, 0x40)), mload(add(w, 0x60)))
                x0, x1 := emul(x0, x1, mload(M_CONSTANTS), mload(add(M_CONSTANTS, 0x20)))
                let y0, y1 :=
                    emul(
                        mload(add(w, 0x80)),
                        mload(add(w, 0xa0)),
                        mload(add(M_CONSTANTS, 0x40)),
                        mload(add(M_CONSTANTS, 0x60))
                    )
                constrain(
                    at,
                    add(mload(add(w, 0xc0)), sub(P2, add(x0, y0))),
                    add(mload(add(w, 0xe0)), sub(P2, add(x1, y1)))
                )
                at := add(at, 0x40)
            }
        }
    }

    /// @dev Sums by powers of a challenge, arithmetic of extension elements. An element of the algebra is two elements,
    /// four words; its product is computed lazily.
    function algebraic() private pure {
        reducing(REDUCING_EXTENSION_ROW, REDUCING_EXTENSION_SELECTOR, REDUCING_EXTENSION_FIRST, REDUCING_EXTENSION_END, 32, 2);
        reducing(REDUCING_ROW, REDUCING_SELECTOR, REDUCING_FIRST, REDUCING_END, 43, 1);
        setFilter(
            ARITHMETIC_EXTENSION_ROW, ARITHMETIC_EXTENSION_SELECTOR, ARITHMETIC_EXTENSION_FIRST, ARITHMETIC_EXTENSION_END
        );
        products(10, 0x200, true);
        setFilter(MUL_EXTENSION_ROW, MUL_EXTENSION_SELECTOR, MUL_EXTENSION_FIRST, MUL_EXTENSION_END);
        products(13, 0x180, false);
    }

    /// @dev acc <- acc * alpha + coefficient, from wire 4; alpha is wire 2, the output wire 0, coefficients of `width`
    /// wires from 6 on, then the sums between.
    function reducing(uint256 row, uint256 selector, uint256 first, uint256 end, uint256 count, uint256 width)
        private
        pure
    {
        setFilter(row, selector, first, end);
        assembly {
            function constrain(at, c0, c1) {
                let f0 := mload(M_FILTER)
                let f1 := mload(add(M_FILTER, 0x20))
                mstore(at, add(mload(at), mod(add(mul(c0, f0), mul(7, mul(c1, f1))), P)))
                at := add(at, 0x20)
                mstore(at, add(mload(at), mod(add(mul(c0, f1), mul(c1, f0)), P)))
            }
            function amul(a, b, to) {
                let a00 := mload(a)
                let a01 := mload(add(a, 0x20))
                let a10 := mload(add(a, 0x40))
                let a11 := mload(add(a, 0x60))
                let x := mload(b)
                let y := mload(add(b, 0x20))
                let r00 := add(mul(a00, x), mul(7, mul(a01, y)))
                let r01 := add(mul(a00, y), mul(a01, x))
                let r10 := add(mul(a10, x), mul(7, mul(a11, y)))
                let r11 := add(mul(a10, y), mul(a11, x))
                x := mload(add(b, 0x40))
                y := mload(add(b, 0x60))
                mstore(to, mod(add(r00, mul(7, add(mul(a10, x), mul(7, mul(a11, y))))), P))
                mstore(add(to, 0x20), mod(add(r01, mul(7, add(mul(a10, y), mul(a11, x)))), P))
                mstore(add(to, 0x40), mod(add(r10, add(mul(a00, x), mul(7, mul(a01, y)))), P))
                mstore(add(to, 0x60), mod(add(r11, add(mul(a00, y), mul(a01, x))), P))
            }
            let acc := add(M_WIRES, 0x100)
            let coefficient := add(M_WIRES, 0x180)
            let sum := add(coefficient, shl(6, mul(count, width)))
            let last := shl(7, sub(count, 1))
            for { let at := 0 } iszero(gt(at, last)) { at := add(at, 0x80) } {
                let next := add(sum, at)
                if eq(at, last) { next := M_WIRES }
                amul(acc, add(M_WIRES, 0x80), M_SCRATCH)
                for { let i := 0 } lt(i, shl(6, width)) { i := add(i, 0x20) } {
                    let s := add(M_SCRATCH, i)
                    mstore(s, add(mload(s), mload(add(coefficient, i))))
                }
                coefficient := add(coefficient, shl(6, width))
                for { let i := 0 } lt(i, 0x80) { i := add(i, 0x40) } {
                    let s := add(M_SCRATCH, i)
                    let w := add(next, i)
                    constrain(
                        add(M_GATES, add(at, i)),
                        add(mload(s), sub(P2, mload(w))),
                        add(mload(add(s, 0x20)), sub(P2, mload(add(w, 0x20))))
                    )
                }
                acc := next
            }
        }
    }

    /// @dev output = k0 * a * b, plus k1 * addend if there is one; `count` times `stride` bytes of wires.
    function products(uint256 count, uint256 stride, bool hasAddend) private pure {
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
            function amul(a, b, to) {
                let a00 := mload(a)
                let a01 := mload(add(a, 0x20))
                let a10 := mload(add(a, 0x40))
                let a11 := mload(add(a, 0x60))
                let x := mload(b)
                let y := mload(add(b, 0x20))
                let r00 := add(mul(a00, x), mul(7, mul(a01, y)))
                let r01 := add(mul(a00, y), mul(a01, x))
                let r10 := add(mul(a10, x), mul(7, mul(a11, y)))
                let r11 := add(mul(a10, y), mul(a11, x))
                x := mload(add(b, 0x40))
                y := mload(add(b, 0x60))
                mstore(to, mod(add(r00, mul(7, add(mul(a10, x), mul(7, mul(a11, y))))), P))
                mstore(add(to, 0x20), mod(add(r01, mul(7, add(mul(a10, y), mul(a11, x)))), P))
                mstore(add(to, 0x40), mod(add(r10, add(mul(a00, x), mul(7, mul(a01, y)))), P))
                mstore(add(to, 0x60), mod(add(r11, add(mul(a00, y), mul(a01, x))), P))
            }
            let at := M_GATES
            let w := M_WIRES
            for { let end := add(w, mul(count, stride)) } lt(w, end) { w := add(w, stride) } {
                amul(w, add(w, 0x80), M_SCRATCH)
                for { let i := 0 } lt(i, 0x80) { i := add(i, 0x40) } {
                    let s := add(M_SCRATCH, i)
                    let x0, x1 := emul(mload(s), mload(add(s, 0x20)), mload(M_CONSTANTS), mload(add(M_CONSTANTS, 0x20)))
                    s := add(w, i)
                    if hasAddend {
                        let y0, y1 :=
                            emul(
                                mload(add(s, 0x100)),
                                mload(add(s, 0x120)),
                                mload(add(M_CONSTANTS, 0x40)),
                                mload(add(M_CONSTANTS, 0x60))
                            )
                        x0 := add(x0, y0)
                        x1 := add(x1, y1)
                    }
                    s := add(s, sub(stride, 0x80))
                    constrain(at, add(mload(s), sub(P2, x0)), add(mload(add(s, 0x20)), sub(P2, x1)))
                    at := add(at, 0x40)
                }
            }
        }
    }

    /// @dev Four times: wire 1 is the item of sixteen at the index in wire 0, bits of the index apart; two constants.
    function randomAccess() private pure {
        setFilter(RANDOM_ACCESS_ROW, RANDOM_ACCESS_SELECTOR, RANDOM_ACCESS_FIRST, RANDOM_ACCESS_END);
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
            let at := M_GATES
            for { let i := 0 } lt(i, 4) { i := add(i, 1) } {
                let w := add(M_WIRES, mul(i, 0x480)) // 18 wires each
                let bits := add(M_WIRES, add(0x1280, shl(8, i))) // from wire 74 on, four each
                let s0 := 0
                let s1 := 0
                for { let b := 0x100 } b {} {
                    b := sub(b, 0x40)
                    let b0 := mload(add(bits, b))
                    let b1 := mload(add(bits, add(b, 0x20)))
                    s0 := add(add(s0, s0), b0)
                    s1 := add(add(s1, s1), b1)
                    let r0, r1 := emul(b0, b1, add(b0, sub(P, 1)), b1)
                    constrain(add(at, b), r0, r1)
                }
                constrain_equal(add(at, 0x100), s0, s1, w)
                // Halve the list by each bit, lowest first.
                let list := add(w, 0x80)
                for { let n := 0x200 } gt(n, 0x20) { n := shr(1, n) } {
                    let b0 := mload(bits)
                    let b1 := mload(add(bits, 0x20))
                    for { let k := 0 } lt(k, n) { k := add(k, 0x40) } {
                        let x := add(list, shl(1, k))
                        let x0 := mload(x)
                        let x1 := mload(add(x, 0x20))
                        let r0, r1 :=
                            emul(
                                add(mload(add(x, 0x40)), sub(P2, x0)),
                                add(mload(add(x, 0x60)), sub(P2, x1)),
                                b0,
                                b1
                            )
                        x := add(M_SCRATCH, k)
                        mstore(x, addmod(x0, r0, P))
                        mstore(add(x, 0x20), addmod(x1, r1, P))
                    }
                    list := M_SCRATCH
                    bits := add(bits, 0x40)
                }
                constrain_equal(add(at, 0x140), mload(M_SCRATCH), mload(add(M_SCRATCH, 0x20)), add(w, 0x40))
                at := add(at, 0x180)
            }
            // Wires 72 and 73.
            for { let i := 0 } lt(i, 0x80) { i := add(i, 0x40) } {
                let k := add(M_CONSTANTS, i)
                constrain_equal(add(at, i), mload(k), mload(add(k, 0x20)), add(M_WIRES, add(0x1200, i)))
            }
        }
    }

    /// @dev The polynomial through sixteen values on a shifted subgroup, at a point: wires shift (0), values (1..33), point
    /// (33), result (35), sums (37, 39) and products (41, 43) after 6 and 11 values, shifted point (45).
    function interpolation() private pure {
        setFilter(INTERPOLATION_ROW, INTERPOLATION_SELECTOR, INTERPOLATION_FIRST, INTERPOLATION_END);
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
            /// Two constraints: an algebra element on wires equals one in memory.
            function constrain_equal(at, w, s) {
                for { let i := 0 } lt(i, 0x80) { i := add(i, 0x40) } {
                    constrain(
                        add(at, i),
                        add(mload(add(w, i)), sub(P2, mload(add(s, i)))),
                        add(mload(add(w, add(i, 0x20))), sub(P2, mload(add(s, add(i, 0x20)))))
                    )
                }
            }
            function amul(a, b, to) {
                let a00 := mload(a)
                let a01 := mload(add(a, 0x20))
                let a10 := mload(add(a, 0x40))
                let a11 := mload(add(a, 0x60))
                let x := mload(b)
                let y := mload(add(b, 0x20))
                let r00 := add(mul(a00, x), mul(7, mul(a01, y)))
                let r01 := add(mul(a00, y), mul(a01, x))
                let r10 := add(mul(a10, x), mul(7, mul(a11, y)))
                let r11 := add(mul(a10, y), mul(a11, x))
                x := mload(add(b, 0x40))
                y := mload(add(b, 0x60))
                mstore(to, mod(add(r00, mul(7, add(mul(a10, x), mul(7, mul(a11, y))))), P))
                mstore(add(to, 0x20), mod(add(r01, mul(7, add(mul(a10, y), mul(a11, x)))), P))
                mstore(add(to, 0x40), mod(add(r10, add(mul(a00, x), mul(7, mul(a01, y)))), P))
                mstore(add(to, 0x60), mod(add(r11, add(mul(a00, y), mul(a01, x))), P))
            }
            let shifted := add(M_WIRES, 0xb40)
            let at := M_GATES
            // point = shifted point * shift
            for { let i := 0 } lt(i, 0x80) { i := add(i, 0x40) } {
                let r0, r1 :=
                    emul(
                        mload(add(shifted, i)), mload(add(shifted, add(i, 0x20))), mload(M_WIRES), mload(add(M_WIRES, 0x20))
                    )
                let w := add(M_WIRES, add(0x840, i))
                constrain(at, add(mload(w), sub(P2, r0)), add(mload(add(w, 0x20)), sub(P2, r1)))
                at := add(at, 0x40)
            }
            // In scratch: the sum, the product, point - x, then room for two results.
            mstore(M_SCRATCH, 0)
            mstore(add(M_SCRATCH, 0x20), 0)
            mstore(add(M_SCRATCH, 0x40), 0)
            mstore(add(M_SCRATCH, 0x60), 0)
            mstore(add(M_SCRATCH, 0x80), 1)
            mstore(add(M_SCRATCH, 0xa0), 0)
            mstore(add(M_SCRATCH, 0xc0), 0)
            mstore(add(M_SCRATCH, 0xe0), 0)
            let x := 1
            for { let i := 0 } lt(i, 16) { i := add(i, 1) } {
                if or(eq(i, 6), eq(i, 11)) {
                    // Go on from what the wires say.
                    let w := add(M_WIRES, add(0x940, shl(7, eq(i, 11))))
                    constrain_equal(at, w, M_SCRATCH)
                    constrain_equal(add(at, 0x80), add(w, 0x100), add(M_SCRATCH, 0x80))
                    at := add(at, 0x100)
                    mcopy(M_SCRATCH, w, 0x80)
                    mcopy(add(M_SCRATCH, 0x80), add(w, 0x100), 0x80)
                }
                mstore(add(M_SCRATCH, 0x100), add(mload(shifted), sub(P, x)))
                mcopy(add(M_SCRATCH, 0x120), add(shifted, 0x20), 0x60)
                // sum <- sum * (point - x) + weight * product * value
                amul(M_SCRATCH, add(M_SCRATCH, 0x100), add(M_SCRATCH, 0x180))
                amul(add(M_SCRATCH, 0x80), add(M_WIRES, add(0x40, shl(7, i))), add(M_SCRATCH, 0x200))
                let weight := mulmod(x, INVERSE_16, P)
                for { let c := 0 } lt(c, 0x80) { c := add(c, 0x20) } {
                    let s := add(M_SCRATCH, c)
                    mstore(s, addmod(mload(add(s, 0x180)), mul(weight, mload(add(s, 0x200))), P))
                }
                amul(add(M_SCRATCH, 0x80), add(M_SCRATCH, 0x100), add(M_SCRATCH, 0x180))
                mcopy(add(M_SCRATCH, 0x80), add(M_SCRATCH, 0x180), 0x80)
                x := mulmod(x, ROOT_16, P)
            }
            constrain_equal(at, add(M_WIRES, 0x8c0), M_SCRATCH)
        }
    }
}
