// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.30;

/// @title Payouts of a chunk of public data as a keccak Merkle tree
/// @dev Pairs are sorted and leaves hashed twice, as OpenZeppelin's MerkleProof wants it. An odd last node moves up as
/// it is.
library PayoutTree {
    /// @notice A payout's leaf.
    /// @param index The number of the payout within its batch.
    /// @param owner Who is paid.
    /// @param units How much, in base units.
    function leaf(uint256 index, address owner, uint256 units) internal pure returns (bytes32 hash) {
        assembly ("memory-safe") {
            let ptr := mload(0x40)
            mstore(ptr, index)
            mstore(add(ptr, 0x20), and(owner, 0xffffffffffffffffffffffffffffffffffffffff))
            mstore(add(ptr, 0x40), units)
            mstore(0x00, keccak256(ptr, 0x60))
            hash := keccak256(0x00, 0x20)
        }
    }

    /// @notice The root over `count` leaves that stand one after the other in memory; overwrites them.
    /// @param leaves Where they begin.
    /// @param count How many; not none.
    function root(uint256 leaves, uint256 count) internal pure returns (bytes32 hash) {
        assembly ("memory-safe") {
            for {} gt(count, 1) {} {
                let to := leaves
                let from := leaves
                let end := add(leaves, shl(5, and(count, not(1))))
                for {} lt(from, end) { from := add(from, 0x40) } {
                    let a := mload(from)
                    let b := mload(add(from, 0x20))
                    let greater := gt(a, b)
                    mstore(shl(5, greater), a)
                    mstore(shl(5, iszero(greater)), b)
                    mstore(to, keccak256(0x00, 0x40))
                    to := add(to, 0x20)
                }
                if and(count, 1) { mstore(to, mload(end)) }
                count := shr(1, add(count, 1))
            }
            hash := mload(leaves)
        }
    }
}
