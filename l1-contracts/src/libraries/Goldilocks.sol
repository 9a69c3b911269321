// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.30;

import {IRollup} from "../interfaces/IRollup.sol";

/// @title Elements of the Goldilocks field that come from outside
/// @dev An element has one encoding: a value of p or more would be another encoding of a smaller one.
library Goldilocks {
    /// @dev p = 2⁶⁴ − 2³² + 1.
    uint256 internal constant P = 0xffffffff00000001;

    /// @notice Reverts unless the four elements of a digest are canonical.
    function requireDigest(bytes32 digest) internal pure {
        // p or above means: high half all ones, low half not zero.
        bool canonical;
        assembly ("memory-safe") {
            let mask := 0xffffffffffffffff
            canonical := and(
                and(lt(shr(192, digest), P), lt(and(shr(128, digest), mask), P)),
                and(lt(and(shr(64, digest), mask), P), lt(and(digest, mask), P))
            )
        }
        if (!canonical) revert IRollup.NotCanonical();
    }

    /// @notice Reverts unless an element is canonical.
    function requireElement(uint64 element) internal pure {
        if (element >= P) revert IRollup.NotCanonical();
    }
}
