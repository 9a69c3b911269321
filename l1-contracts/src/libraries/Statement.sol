// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.30;

import {IRollup} from "../interfaces/IRollup.sol";
import {Goldilocks} from "./Goldilocks.sol";
import {Poseidon2} from "./Poseidon2.sol";
import {StateTree} from "./StateTree.sol";

/// @title Statements of batches and blocks (state/SPEC.md section 13)
library Statement {
    using Poseidon2 for Poseidon2.Context;

    /// @dev In the domain and in every statement.
    uint64 internal constant PROTOCOL_VERSION = 2;
    /// @dev Times are below 2⁴⁰: near p, the circuit's comparison with "valid until" would wrap.
    uint64 internal constant TIME_LIMIT = 1 << 40;
    /// @dev Elements of a batch statement; those before the challenge.
    uint256 private constant ELEMENTS = 32;
    uint256 private constant HEADER_ELEMENTS = 28;

    /// @notice The digest of a domain: what separates one deployment from every other.
    function domainDigest(Poseidon2.Context ctx, uint64 chainId, address rollup) internal pure returns (bytes32) {
        uint256[6] memory e;
        (e[0], e[1], e[2]) = (PROTOCOL_VERSION, chainId >> 32, uint32(chainId));
        (e[3], e[4], e[5]) = StateTree.addressLimbs(rollup);
        uint256 ptr;
        assembly ("memory-safe") {
            ptr := e
        }
        return ctx.hash(Poseidon2.TAG_DOMAIN, ptr, 6);
    }

    /// @notice The elements of a batch statement, one word each; zeros for challenge and evaluation.
    /// @dev Reverts if something is not canonical: it would be another encoding of the same statement.
    function header(bytes32 domain, IRollup.Batch calldata batch)
        internal
        pure
        returns (uint256[32] memory e)
    {
        Goldilocks.requireDigest(batch.oldRoot);
        Goldilocks.requireDigest(batch.newRoot);
        Goldilocks.requireDigest(batch.receiptsRoot);
        Goldilocks.requireDigest(batch.publicData);
        Goldilocks.requireElement(batch.number);
        require(batch.timestamp < TIME_LIMIT, IRollup.WrongTime(batch.timestamp));
        Goldilocks.requireElement(batch.queueFrom);
        Goldilocks.requireElement(batch.queueTo);
        uint256 ptr;
        assembly ("memory-safe") {
            ptr := e
        }
        e[0] = PROTOCOL_VERSION;
        StateTree.putDigest(ptr + 0x20, domain);
        (e[5], e[6], e[7]) = (batch.class, batch.number, batch.timestamp);
        StateTree.putDigest(ptr + 0x100, batch.oldRoot);
        StateTree.putDigest(ptr + 0x180, batch.newRoot);
        StateTree.putDigest(ptr + 0x200, batch.receiptsRoot);
        (e[20], e[21], e[22]) = (batch.intents, batch.queueFrom, batch.queueTo);
        StateTree.putDigest(ptr + 0x2e0, batch.publicData);
        e[27] = batch.limbs;
    }

    /// @notice r: keccak256(h ‖ the header's elements, 8 bytes each), each half modulo p.
    /// @dev It depends on both commitments to the public data and on their length, so none of them can be chosen
    /// after it.
    function challenge(uint256[32] memory e, bytes32 dataHash) internal pure returns (uint256 r0, uint256 r1) {
        assembly ("memory-safe") {
            let out := mload(0x40)
            mstore(out, dataHash)
            let to := add(out, 0x20)
            for { let i := 0 } lt(i, HEADER_ELEMENTS) { i := add(i, 1) } {
                mstore(to, shl(192, mload(add(e, shl(5, i)))))
                to := add(to, 8)
            }
            let d := keccak256(out, sub(to, out))
            r0 := mod(shr(128, d), 0xffffffff00000001)
            r1 := mod(and(d, 0xffffffffffffffffffffffffffffffff), 0xffffffff00000001)
        }
    }

    /// @notice The digest of a batch statement: a leaf of the block statement.
    function batchDigest(Poseidon2.Context ctx, uint256[32] memory e) internal pure returns (bytes32) {
        uint256 ptr;
        assembly ("memory-safe") {
            ptr := e
        }
        return ctx.hash(Poseidon2.TAG_BATCH_STATEMENT, ptr, ELEMENTS);
    }

    /// @notice The root of the binary tree over batch digests, filled up with zero digests to a power of two.
    /// @dev Overwrites the digests.
    function batchesRoot(Poseidon2.Context ctx, bytes32[] memory digests) internal pure returns (bytes32) {
        uint256 width = 1;
        while (width < digests.length) width *= 2;
        bool full = width == digests.length;
        uint256 used = digests.length;
        bytes32 filling = 0;
        for (; width > 1; width /= 2) {
            uint256 parents = (used + 1) / 2;
            for (uint256 i = 0; i < parents; ++i) {
                bytes32 right = 2 * i + 1 < used ? digests[2 * i + 1] : filling;
                digests[i] = ctx.compress(digests[2 * i], right);
            }
            used = parents;
            if (!full) filling = ctx.compress(filling, filling);
        }
        return digests[0];
    }
}
