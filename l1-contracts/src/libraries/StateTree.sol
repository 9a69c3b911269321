// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.30;

import {IRollup} from "../interfaces/IRollup.sol";
import {Goldilocks} from "./Goldilocks.sol";
import {Poseidon2} from "./Poseidon2.sol";

/// @title Leaves and paths of the state trees (state/SPEC.md section 7)
library StateTree {
    using Poseidon2 for Poseidon2.Context;

    /// @dev Levels of each tree: ids are 32 bits.
    uint256 internal constant DEPTH = 32;
    /// @dev Balances and nonces: below 2⁶².
    uint256 private constant QUANTITY_LIMIT = 1 << 62;

    /// @notice The root of the accounts tree that an account proof leads to.
    function accountsRoot(Poseidon2.Context ctx, IRollup.AccountProof calldata account)
        internal
        pure
        returns (bytes32)
    {
        require(account.balance < QUANTITY_LIMIT && account.nonce < QUANTITY_LIMIT, IRollup.NotCanonical());
        bytes32 leaf = accountLeaf(ctx, account.key, account.owner, account.balance, account.nonce);
        return root(ctx, leaf, account.id, account.siblings);
    }

    /// @notice The leaf of an account.
    function accountLeaf(
        Poseidon2.Context ctx,
        uint64[5] memory key,
        address owner,
        uint64 balance,
        uint64 nonce
    ) internal pure returns (bytes32) {
        uint256[8] memory e;
        for (uint256 i = 0; i < 5; ++i) {
            Goldilocks.requireElement(key[i]);
            e[i] = key[i];
        }
        (e[5], e[6], e[7]) = addressLimbs(owner);
        bytes32 identity = ctx.hash(Poseidon2.TAG_ACCOUNT_IDENTITY, pointer(e), 8);
        putDigest(pointer(e), identity);
        (e[4], e[5], e[6], e[7]) = (balance, nonce, 0, 0);
        return ctx.hash(Poseidon2.TAG_ACCOUNT_LEAF, pointer(e), 8);
    }

    /// @notice The state root over a tree that holds account 0 alone, with nothing in it, and no license.
    function genesisRoot(Poseidon2.Context ctx, uint64[5] memory key, address owner) internal pure returns (bytes32) {
        bytes32 node = accountLeaf(ctx, key, owner, 0, 0);
        bytes32 empty = 0;
        for (uint256 level = 0; level < DEPTH; ++level) {
            node = ctx.compress(node, empty);
            empty = ctx.compress(empty, empty);
        }
        return ctx.compress(node, empty);
    }

    /// @notice The three limbs of an address: bytes 0–5, 6–12, 13–19.
    function addressLimbs(address a) internal pure returns (uint256, uint256, uint256) {
        uint256 value = uint160(a);
        return (value >> 112, (value >> 56) & ((1 << 56) - 1), value & ((1 << 56) - 1));
    }

    /// @notice Writes the four elements of a digest as words at a place in memory.
    function putDigest(uint256 ptr, bytes32 digest) internal pure {
        assembly ("memory-safe") {
            mstore(ptr, shr(192, digest))
            mstore(add(ptr, 0x20), and(shr(128, digest), 0xffffffffffffffff))
            mstore(add(ptr, 0x40), and(shr(64, digest), 0xffffffffffffffff))
            mstore(add(ptr, 0x60), and(digest, 0xffffffffffffffff))
        }
    }

    /// @dev The root that a leaf has under a path; the lowest bit of the index is the lowest turn, 0 is left.
    function root(Poseidon2.Context ctx, bytes32 leaf, uint256 index, bytes32[32] calldata siblings)
        private
        pure
        returns (bytes32 node)
    {
        node = leaf;
        for (uint256 level = 0; level < DEPTH; ++level) {
            bytes32 sibling = siblings[level];
            Goldilocks.requireDigest(sibling);
            node = (index >> level) & 1 == 0 ? ctx.compress(node, sibling) : ctx.compress(sibling, node);
        }
    }

    function pointer(uint256[8] memory e) private pure returns (uint256 ptr) {
        assembly ("memory-safe") {
            ptr := e
        }
    }
}
