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
    /// @dev A leaf in calldata: nine words.
    uint256 private constant LEAF_BYTES = 0x120;

    /// @notice The root of the accounts tree that an account proof leads to: a multiproof of one leaf.
    function accountsRoot(Poseidon2.Context ctx, IRollup.AccountProof calldata account)
        internal
        pure
        returns (bytes32)
    {
        IRollup.AccountLeaf[] calldata accounts;
        bytes32[] calldata siblings;
        // A proof begins with the words of a leaf, and ends with its siblings. `one` keeps places and lengths from being
        // literals: for literals the compiler makes a second multiproof, and Rollup is larger than a contract may be.
        assembly ("memory-safe") {
            let one := lt(account, calldatasize())
            accounts.offset := mul(one, account)
            accounts.length := one
            siblings.offset := add(accounts.offset, LEAF_BYTES)
            siblings.length := mul(one, DEPTH)
        }
        return accountsRoot(ctx, accounts, siblings);
    }

    /// @notice The root of the accounts tree that several leaves lead to under one multiproof.
    /// @dev Nodes are kept in ascending order, so a node's sibling is the next one or is not among them. `siblings` are
    /// taken in the order in which they are needed, and all of them.
    function accountsRoot(
        Poseidon2.Context ctx,
        IRollup.AccountLeaf[] calldata accounts,
        bytes32[] calldata siblings
    ) internal pure returns (bytes32) {
        (uint256[] memory indices, bytes32[] memory nodes) = leaves(ctx, accounts);
        return climb(ctx, indices, nodes, siblings);
    }

    /// @dev The root over nodes with these numbers on the lowest level.
    function climb(
        Poseidon2.Context ctx,
        uint256[] memory indices,
        bytes32[] memory nodes,
        bytes32[] calldata siblings
    ) private pure returns (bytes32) {
        uint256 count = nodes.length;
        uint256 used = 0;
        for (uint256 level = 0; level < DEPTH; ++level) {
            uint256 parents = 0;
            for (uint256 i = 0; i < count; ++parents) {
                uint256 index = indices[i];
                bytes32 node = nodes[i++];
                bytes32 sibling;
                if (i < count && indices[i] == index ^ 1) {
                    sibling = nodes[i++];
                } else {
                    sibling = siblings[used++];
                    Goldilocks.requireDigest(sibling);
                }
                nodes[parents] = parent(ctx, index & 1, node, sibling);
                indices[parents] = index >> 1;
            }
            count = parents;
        }
        require(count == 1 && used == siblings.length, IRollup.WrongPath());
        return nodes[0];
    }

    /// @dev The parent of a node and its sibling; `turn` is 0 if the node is the left one.
    function parent(Poseidon2.Context ctx, uint256 turn, bytes32 node, bytes32 sibling)
        private
        pure
        returns (bytes32)
    {
        return turn == 0 ? ctx.compress(node, sibling) : ctx.compress(sibling, node);
    }

    /// @dev The leaves of accounts with their numbers, which ascend: each account is there once.
    function leaves(Poseidon2.Context ctx, IRollup.AccountLeaf[] calldata accounts)
        private
        pure
        returns (uint256[] memory indices, bytes32[] memory nodes)
    {
        indices = new uint256[](accounts.length);
        nodes = new bytes32[](accounts.length);
        for (uint256 i = 0; i < accounts.length; ++i) {
            IRollup.AccountLeaf calldata account = accounts[i];
            require(i == 0 || account.id > indices[i - 1], IRollup.WrongOrder(account.id));
            indices[i] = account.id;
            require(account.balance < QUANTITY_LIMIT && account.nonce < QUANTITY_LIMIT, IRollup.NotCanonical());
            nodes[i] = accountLeaf(ctx, account.key, account.owner, account.balance, account.nonce);
        }
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

    function pointer(uint256[8] memory e) private pure returns (uint256 ptr) {
        assembly ("memory-safe") {
            ptr := e
        }
    }
}
