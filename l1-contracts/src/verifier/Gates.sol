// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.30;

import {Algebra} from "./Algebra.sol";
import "./Constants.sol";

/// @title The constraints of every gate but the hash's
/// @dev Each gate adds its constraints, times its filter, to those from `M_GATES` on. Wires and constants are where
/// plonky2 has them for the parameters that the generator of `Constants.sol` asserts. What is subtracted is below 2p.
/// Wire i is the element at `M_WIRES + 0x40 * i`. Nothing here is near 2^256, so nothing is checked.
library Gates {
    using Algebra for uint256;

    /// @notice Adds up the constraints.
    function evaluate() internal pure {
        constants();
        statementHash();
        bitSum();
        arithmetic();
        reducing(
            REDUCING_EXTENSION_ROW,
            REDUCING_EXTENSION_SELECTOR,
            REDUCING_EXTENSION_FIRST,
            REDUCING_EXTENSION_END,
            32,
            2
        );
        reducing(REDUCING_ROW, REDUCING_SELECTOR, REDUCING_FIRST, REDUCING_END, 43, 1);
        setFilter(
            ARITHMETIC_EXTENSION_ROW,
            ARITHMETIC_EXTENSION_SELECTOR,
            ARITHMETIC_EXTENSION_FIRST,
            ARITHMETIC_EXTENSION_END
        );
        products(10, 0x200, true);
        setFilter(MUL_EXTENSION_ROW, MUL_EXTENSION_SELECTOR, MUL_EXTENSION_FIRST, MUL_EXTENSION_END);
        products(13, 0x180, false);
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

    /// @dev Two wires are the gate's constants.
    function constants() private pure {
        setFilter(CONSTANT_ROW, CONSTANT_SELECTOR, CONSTANT_FIRST, CONSTANT_END);
        unchecked {
            for (uint256 i = 0; i < 0x80; i += 0x40) {
                uint256 k = M_CONSTANTS + i;
                Algebra.constrainEqual(M_GATES + i, k.word(), (k + 0x20).word(), M_WIRES + i);
            }
        }
    }

    /// @dev Four wires are the hash of the statement, elements of GF(p).
    function statementHash() private pure {
        setFilter(PUBLIC_INPUT_ROW, PUBLIC_INPUT_SELECTOR, PUBLIC_INPUT_FIRST, PUBLIC_INPUT_END);
        unchecked {
            for (uint256 i = 0; i < 4; ++i) {
                uint256 w = M_WIRES + 0x40 * i;
                uint256 element = (M_STATEMENT_HASH + 0x20 * i).word();
                Algebra.constrain(M_GATES + 0x40 * i, w.word() + (P2 - element), (w + 0x20).word());
            }
        }
    }

    /// @dev Wire 0 is the sum of the 63 bits behind it, lowest first.
    function bitSum() private pure {
        setFilter(BASE_SUM_ROW, BASE_SUM_SELECTOR, BASE_SUM_FIRST, BASE_SUM_END);
        unchecked {
            uint256 s0 = 0;
            uint256 s1 = 0;
            for (uint256 i = 63; i != 0; --i) {
                (s0, s1) = addBit(M_GATES + 0x40 * i, M_WIRES + 0x40 * i, s0, s1);
            }
            Algebra.constrainEqual(M_GATES, s0 % P, s1 % P, M_WIRES);
        }
    }

    /// @dev Twice the sum and a bit, which is one: b(b - 1) = 0.
    function addBit(uint256 spot, uint256 bit, uint256 s0, uint256 s1)
        private
        pure
        returns (uint256, uint256)
    {
        unchecked {
            uint256 b0 = bit.word();
            uint256 b1 = (bit + 0x20).word();
            (uint256 r0, uint256 r1) = Algebra.emul(b0, b1, b0 + (P - 1), b1);
            Algebra.constrain(spot, r0, r1);
            return (s0 + s0 + b0, s1 + s1 + b1);
        }
    }

    /// @dev output = k0 * a * b + k1 * addend, twenty times four wires.
    function arithmetic() private pure {
        setFilter(ARITHMETIC_ROW, ARITHMETIC_SELECTOR, ARITHMETIC_FIRST, ARITHMETIC_END);
        unchecked {
            uint256 spot = M_GATES;
            for (uint256 w = M_WIRES; w < M_WIRES + 0x1400; w += 0x100) {
                (uint256 x0, uint256 x1) =
                    Algebra.emul(w.word(), (w + 0x20).word(), (w + 0x40).word(), (w + 0x60).word());
                (x0, x1) = Algebra.emul(x0, x1, M_CONSTANTS.word(), (M_CONSTANTS + 0x20).word());
                (uint256 y0, uint256 y1) = timesSecondConstant(w + 0x80);
                Algebra.constrain(
                    spot, (w + 0xc0).word() + (P2 - (x0 + y0)), (w + 0xe0).word() + (P2 - (x1 + y1))
                );
                spot += 0x40;
            }
        }
    }

    /// @dev k1 times the element at a place.
    function timesSecondConstant(uint256 spot) private pure returns (uint256, uint256) {
        unchecked {
            return Algebra.emul(
                spot.word(), (spot + 0x20).word(), (M_CONSTANTS + 0x40).word(), (M_CONSTANTS + 0x60).word()
            );
        }
    }

    /// @dev acc <- acc * alpha + coefficient, from wire 4, in the algebra; alpha is wire 2, the output wire 0, coefficients
    /// of `width` wires from 6 on, then the sums between.
    function reducing(uint256 row, uint256 selector, uint256 first, uint256 end, uint256 count, uint256 width)
        private
        pure
    {
        setFilter(row, selector, first, end);
        unchecked {
            width *= 0x40;
            uint256 acc = M_WIRES + 0x100;
            uint256 coefficient = M_WIRES + 0x180;
            uint256 sum = coefficient + count * width;
            for (uint256 spot = M_GATES; count != 0; --count) {
                uint256 next = count == 1 ? M_WIRES : sum;
                Algebra.amul(acc, M_WIRES + 0x80, M_SCRATCH);
                addWords(M_SCRATCH, coefficient, width);
                equalAlgebra(spot, M_SCRATCH, next);
                (coefficient, sum, spot) = (coefficient + width, sum + 0x80, spot + 0x80);
                acc = next;
            }
        }
    }

    /// @dev Adds words to others.
    function addWords(uint256 to, uint256 from, uint256 size) private pure {
        assembly {
            for { let i := 0 } lt(i, size) { i := add(i, 0x20) } {
                let spot := add(to, i)
                mstore(spot, add(mload(spot), mload(add(from, i))))
            }
        }
    }

    /// @dev Two constraints: an element of the algebra is another.
    function equalAlgebra(uint256 spot, uint256 x, uint256 other) private pure {
        unchecked {
            Algebra.constrainEqual(spot, x.word(), (x + 0x20).word(), other);
            Algebra.constrainEqual(spot + 0x40, (x + 0x40).word(), (x + 0x60).word(), other + 0x40);
        }
    }

    /// @dev output = k0 * a * b in the algebra, plus k1 * addend if there is one; `count` times `stride` bytes of wires.
    function products(uint256 count, uint256 stride, bool hasAddend) private pure {
        unchecked {
            uint256 spot = M_GATES;
            uint256 end = M_WIRES + count * stride;
            for (uint256 w = M_WIRES; w < end; w += stride) {
                Algebra.amul(w, w + 0x80, M_SCRATCH);
                for (uint256 i = 0; i < 0x80; i += 0x40) {
                    uint256 s = M_SCRATCH + i;
                    (uint256 x0, uint256 x1) = Algebra.emul(
                        s.word(), (s + 0x20).word(), M_CONSTANTS.word(), (M_CONSTANTS + 0x20).word()
                    );
                    if (hasAddend) {
                        (uint256 y0, uint256 y1) = timesSecondConstant(w + 0x100 + i);
                        (x0, x1) = (x0 + y0, x1 + y1);
                    }
                    s = w + stride - 0x80 + i;
                    Algebra.constrain(spot, s.word() + (P2 - x0), (s + 0x20).word() + (P2 - x1));
                    spot += 0x40;
                }
            }
        }
    }

    /// @dev Four times: wire 1 is the item of sixteen at the index in wire 0, bits of the index apart; two constants.
    function randomAccess() private pure {
        setFilter(RANDOM_ACCESS_ROW, RANDOM_ACCESS_SELECTOR, RANDOM_ACCESS_FIRST, RANDOM_ACCESS_END);
        unchecked {
            uint256 spot = M_GATES;
            for (uint256 i = 0; i < 4; ++i) {
                uint256 w = M_WIRES + 0x480 * i; // 18 wires each
                uint256 bits = M_WIRES + 0x1280 + 0x100 * i; // from wire 74 on, four each
                uint256 s0 = 0;
                uint256 s1 = 0;
                for (uint256 b = 0x100; b != 0;) {
                    b -= 0x40;
                    (s0, s1) = addBit(spot + b, bits + b, s0, s1);
                }
                Algebra.constrainEqual(spot + 0x100, s0, s1, w);
                select(w + 0x80, bits);
                Algebra.constrainEqual(spot + 0x140, M_SCRATCH.word(), (M_SCRATCH + 0x20).word(), w + 0x40);
                spot += 0x180;
            }
            // Wires 72 and 73.
            for (uint256 i = 0; i < 0x80; i += 0x40) {
                uint256 k = M_CONSTANTS + i;
                Algebra.constrainEqual(spot + i, k.word(), (k + 0x20).word(), M_WIRES + 0x1200 + i);
            }
        }
    }

    /// @dev Halves a list of sixteen elements by each of four bits, lowest first; what is left stands at `M_SCRATCH`.
    function select(uint256 list, uint256 bits) private pure {
        assembly {
            for { let n := 0x200 } gt(n, 0x20) { n := shr(1, n) } {
                let b0 := mload(bits)
                let b1 := mload(add(bits, 0x20))
                for { let k := 0 } lt(k, n) { k := add(k, 0x40) } {
                    let x := add(list, shl(1, k))
                    let x0 := mload(x)
                    let x1 := mload(add(x, 0x20))
                    let d0 := add(mload(add(x, 0x40)), sub(P2, x0))
                    let d1 := add(mload(add(x, 0x60)), sub(P2, x1))
                    x := add(M_SCRATCH, k)
                    mstore(x, mod(add(x0, add(mul(d0, b0), mul(7, mul(d1, b1)))), P))
                    mstore(add(x, 0x20), mod(add(x1, add(mul(d0, b1), mul(d1, b0))), P))
                }
                list := M_SCRATCH
                bits := add(bits, 0x40)
            }
        }
    }

    /// @dev The polynomial through sixteen values on a shifted subgroup, at a point: wires shift (0), values (1..33), point
    /// (33), result (35), sums (37, 39) and products (41, 43) after 6 and 11 values, shifted point (45).
    function interpolation() private pure {
        setFilter(INTERPOLATION_ROW, INTERPOLATION_SELECTOR, INTERPOLATION_FIRST, INTERPOLATION_END);
        unchecked {
            uint256 shifted = M_WIRES + 0xb40;
            uint256 spot = M_GATES;
            // point = shifted point * shift
            for (uint256 i = 0; i < 0x80; i += 0x40) {
                (uint256 r0, uint256 r1) = Algebra.emul(
                    (shifted + i).word(), (shifted + i + 0x20).word(), M_WIRES.word(), (M_WIRES + 0x20).word()
                );
                uint256 w = M_WIRES + 0x840 + i;
                Algebra.constrain(spot, w.word() + (P2 - r0), (w + 0x20).word() + (P2 - r1));
                spot += 0x40;
            }
            // In scratch: the sum, the product, point - x, then room for two results.
            assembly {
                calldatacopy(M_SCRATCH, calldatasize(), 0x100)
                mstore(add(M_SCRATCH, 0x80), 1)
            }
            uint256 x = 1;
            for (uint256 i = 0; i < 16; ++i) {
                if (i == 6 || i == 11) {
                    // Go on from what the wires say.
                    uint256 w = M_WIRES + (i == 6 ? 0x940 : 0x9c0);
                    equalAlgebra(spot, w, M_SCRATCH);
                    equalAlgebra(spot + 0x80, w + 0x100, M_SCRATCH + 0x80);
                    spot += 0x100;
                    assembly {
                        mcopy(M_SCRATCH, w, 0x80)
                        mcopy(add(M_SCRATCH, 0x80), add(w, 0x100), 0x80)
                    }
                }
                addValue(shifted, M_WIRES + 0x40 + 0x80 * i, x);
                x = mulmod(x, ROOT_16, P);
            }
            equalAlgebra(spot, M_WIRES + 0x8c0, M_SCRATCH);
        }
    }

    /// @dev sum <- sum * (point - x) + weight * product * value, product <- product * (point - x).
    function addValue(uint256 point, uint256 value, uint256 x) private pure {
        unchecked {
            uint256 difference = M_SCRATCH + 0x100;
            difference.put(point.word() + (P - x));
            assembly {
                mcopy(add(difference, 0x20), add(point, 0x20), 0x60)
            }
            Algebra.amul(M_SCRATCH, difference, M_SCRATCH + 0x180);
            Algebra.amul(M_SCRATCH + 0x80, value, M_SCRATCH + 0x200);
            uint256 weight = mulmod(x, INVERSE_16, P);
            for (uint256 s = M_SCRATCH; s < M_SCRATCH + 0x80; s += 0x20) {
                s.put(((s + 0x180).word() + weight * (s + 0x200).word()) % P);
            }
            Algebra.amul(M_SCRATCH + 0x80, difference, M_SCRATCH + 0x180);
        }
        assembly {
            mcopy(add(M_SCRATCH, 0x80), add(M_SCRATCH, 0x180), 0x80)
        }
    }
}
