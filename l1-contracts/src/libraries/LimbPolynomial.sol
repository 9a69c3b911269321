// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.30;

/// @title Evaluation of public data: y = Σ limbᵢ·rⁿ⁻¹⁻ⁱ in GF(p²) = GF(p)[X]/(X² − 7)
/// @dev Horner's rule in steps of 64 limbs. Within a step a limb (56 bits) is multiplied with a word that holds both
/// coefficients of a power of r, 128 bits apart: both products at once, and 64 of them (120 + 6 bits) before anything
/// must be reduced.
library LimbPolynomial {
    /// @dev p = 2⁶⁴ − 2³² + 1.
    uint256 private constant P = 0xffffffff00000001;
    /// @dev Limbs of a step.
    uint256 private constant STEP = 64;
    /// @dev Powers r⁶⁴ … r⁰, and three zeros: the last step reads four limbs at a time.
    uint256 private constant POWERS_BYTES = 0x20 * (64 + 1 + 3);

    /// @notice A table of the powers of r.
    function powers(uint256 r0, uint256 r1) internal pure returns (uint256 table) {
        assembly ("memory-safe") {
            table := mload(0x40)
            mstore(0x40, add(table, POWERS_BYTES))
            let ptr := add(table, 0x800)
            mstore(add(ptr, 0x20), 0)
            mstore(add(ptr, 0x40), 0)
            mstore(add(ptr, 0x60), 0)
            let a := 1
            let b := 0
            let r7 := mul(7, r1)
            for {} 1 {} {
                mstore(ptr, or(shl(128, b), a))
                if eq(ptr, table) { break }
                ptr := sub(ptr, 0x20)
                let c := mod(add(mul(a, r0), mul(b, r7)), P)
                b := mod(add(mul(a, r1), mul(b, r0)), P)
                a := c
            }
        }
    }

    /// @notice Goes on evaluating: `limbs` limbs of 7 bytes from `data` on in memory, behind what gave (y0, y1).
    /// @dev The 32 bytes behind the last limb must be zero.
    function evaluate(uint256 table, uint256 y0, uint256 y1, uint256 data, uint256 limbs)
        internal
        pure
        returns (uint256, uint256)
    {
        assembly ("memory-safe") {
            /// Four limbs of a word times four powers.
            function four(word, power, mask) -> sum {
                sum := add(
                    add(mul(shr(200, word), mload(power)), mul(and(shr(144, word), mask), mload(add(power, 0x20)))),
                    add(
                        mul(and(shr(88, word), mask), mload(add(power, 0x40))),
                        mul(and(shr(32, word), mask), mload(add(power, 0x60)))
                    )
                )
            }
            let mask := 0xffffffffffffff
            for {} limbs {} {
                let m := limbs
                if gt(m, STEP) { m := STEP }
                limbs := sub(limbs, m)
                // Where r^m stands; the step's first limb takes the next lower power.
                let power := add(table, shl(5, sub(STEP, m)))
                let shift := mload(power)
                let sum := 0
                let end := add(data, mul(7, m))
                // Sixteen limbs at a time, then four: a loop costs as much as a limb.
                for { let last := sub(end, 111) } slt(data, last) { data := add(data, 112) } {
                    sum := add(sum, four(mload(data), add(power, 0x20), mask))
                    sum := add(sum, four(mload(add(data, 28)), add(power, 0xa0), mask))
                    sum := add(sum, four(mload(add(data, 56)), add(power, 0x120), mask))
                    sum := add(sum, four(mload(add(data, 84)), add(power, 0x1a0), mask))
                    power := add(power, 0x200)
                }
                for {} lt(data, end) { data := add(data, 28) } {
                    sum := add(sum, four(mload(data), add(power, 0x20), mask))
                    power := add(power, 0x80)
                }
                data := end
                let s0 := and(shift, 0xffffffffffffffffffffffffffffffff)
                let s1 := shr(128, shift)
                let z := add(mul(y0, s0), mul(mul(7, y1), s1))
                y1 := mod(add(add(mul(y0, s1), mul(y1, s0)), shr(128, sum)), P)
                y0 := mod(add(z, and(sum, 0xffffffffffffffffffffffffffffffff)), P)
            }
        }
        return (y0, y1);
    }
}
