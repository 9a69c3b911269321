// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.30;

import "./Constants.sol";

/// @title What the constraints of gates are computed with
/// @dev Elements of GF(p²) are two words of memory, congruent to their coefficients. Sums stay far below 2²⁵⁶, so only
/// products are reduced.
library Algebra {
    /// @notice A word of memory.
    function word(uint256 spot) internal pure returns (uint256 value) {
        assembly {
            value := mload(spot)
        }
    }

    /// @notice Writes a word of memory.
    function put(uint256 spot, uint256 value) internal pure {
        assembly {
            mstore(spot, value)
        }
    }

    /// @notice The product of two elements.
    function emul(uint256 a0, uint256 a1, uint256 b0, uint256 b1)
        internal
        pure
        returns (uint256 c0, uint256 c1)
    {
        assembly {
            c0 := mod(add(mul(a0, b0), mul(7, mul(a1, b1))), P)
            c1 := mod(add(mul(a0, b1), mul(a1, b0)), P)
        }
    }

    /// @notice The product of two elements of the algebra GF(p²)[Y]/(Y² − 7), each two elements, four words; `to` may be
    /// neither of them.
    function amul(uint256 a, uint256 b, uint256 to) internal pure {
        assembly {
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
    }

    /// @notice Adds a constraint, times the filter, to what stands at `spot`.
    function constrain(uint256 spot, uint256 c0, uint256 c1) internal pure {
        (c0, c1) = emul(c0, c1, word(M_FILTER), word(M_FILTER + 0x20));
        assembly {
            mstore(spot, add(mload(spot), c0))
            spot := add(spot, 0x20)
            mstore(spot, add(mload(spot), c1))
        }
    }

    /// @notice The constraint that an element is the one at `other`, whose words are below 2p.
    function constrainEqual(uint256 spot, uint256 x0, uint256 x1, uint256 other) internal pure {
        unchecked {
            constrain(spot, x0 + (P2 - word(other)), x1 + (P2 - word(other + 0x20)));
        }
    }
}
