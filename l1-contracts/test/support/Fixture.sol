// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.30;

import {DevToken} from "../../src/dev/DevToken.sol";
import {IRollup} from "../../src/interfaces/IRollup.sol";
import {LimbPolynomial} from "../../src/libraries/LimbPolynomial.sol";
import {Poseidon2} from "../../src/libraries/Poseidon2.sol";
import {Statement} from "../../src/libraries/Statement.sol";
import {Rollup} from "../../src/Rollup.sol";
import {EchoVerifier} from "../mocks/Verifiers.sol";
import {Test} from "./Test.sol";

/// @title A rollup, and batches made up for it
/// @dev What a batch does to the state is the circuit's business and not checked here: roots are made up. Public data,
/// queue entries, statements and hashes are real.
abstract contract Fixture is Test {
    address internal constant OPERATOR = address(0x0e);
    address internal constant GUARDIAN = address(0x0a);
    address internal constant GOVERNOR = address(0x90);
    address internal constant ALICE = address(0xa11ce);
    address internal constant BOB = address(0xb0b);
    uint256 internal constant NOW = 1_800_000_000;
    uint256 internal constant CHUNK_BYTES = 28_672;

    DevToken internal token;
    Rollup internal rollup;

    function setUp() public virtual {
        vm.warp(NOW);
        deployRollup(new DevToken());
    }

    function deployRollup(DevToken token_) internal {
        token = token_;
        rollup = create(config(address(token_)));
        token.mint(address(this), 1e18);
        token.approve(address(rollup), type(uint256).max);
    }

    /// @dev By its artifact: `new` would compile the whole rollup again into every test.
    function create(Rollup.Config memory config_) internal returns (Rollup made) {
        bytes memory code = bytes.concat(vm.getCode("Rollup.sol:Rollup"), abi.encode(config_));
        assembly ("memory-safe") {
            made := create(0, add(code, 0x20), mload(code))
            if iszero(made) {
                returndatacopy(0x00, 0x00, returndatasize())
                revert(0x00, returndatasize())
            }
        }
    }

    function config(address token_) internal returns (Rollup.Config memory) {
        return Rollup.Config({
            token: token_,
            verifier: address(new EchoVerifier()),
            operator: OPERATOR,
            guardian: GUARDIAN,
            governor: GOVERNOR,
            operatorKey: someKey(),
            operatorOwner: OPERATOR,
            leastDeposit: 1
        });
    }

    function someKey() internal pure returns (uint64[5] memory) {
        return [uint64(1), 2, 3, 4, type(uint64).max >> 1];
    }

    // ------------------------------------------------------------------------------- public data by the spec's table

    function record(uint8 kind, uint64 low) internal pure returns (bytes memory) {
        return abi.encodePacked(kind, uint48(low));
    }

    /// @dev The record of account 0, without which there is no batch.
    function operatorRecord() internal pure returns (bytes memory) {
        return bytes.concat(record(5, 0), bytes7(0));
    }

    function addressLimbs(address owner) internal pure returns (bytes memory) {
        return abi.encodePacked(bytes1(0), owner);
    }

    function withdrawal(address owner, uint56 units) internal pure returns (bytes memory) {
        return abi.encodePacked(uint8(4), owner, units);
    }

    function depositRecord(uint8 outcome, uint32 account, address owner, uint56 nano, uint64[5] memory key)
        internal
        pure
        returns (bytes memory data)
    {
        data = abi.encodePacked(uint8(1), outcome, account, bytes1(0), addressLimbs(owner), nano, bytes2(0));
        for (uint256 i = 0; i < 5; ++i) {
            data = abi.encodePacked(data, uint8(key[i] >> 56));
        }
        for (uint256 i = 0; i < 5; ++i) {
            data = abi.encodePacked(data, uint56(key[i]));
        }
    }

    function exitRecord(uint8 outcome, uint32 account, address requester) internal pure returns (bytes memory) {
        return abi.encodePacked(uint8(2), outcome, account, bytes1(0), addressLimbs(requester));
    }

    function openedRecord(uint32 account) internal pure returns (bytes memory) {
        return abi.encodePacked(uint8(3), account, bytes2(0), new bytes(63));
    }

    // ------------------------------------------------------------------------------------------------------ batches

    /// @dev h by its definition.
    function dataHash(bytes memory data) internal pure returns (bytes32 hash) {
        uint256 from = 0;
        do {
            uint256 length = data.length - from;
            if (length > CHUNK_BYTES) length = CHUNK_BYTES;
            bytes memory chunk = slice(data, from, length);
            hash = from == 0 ? keccak256(chunk) : keccak256(bytes.concat(hash, chunk));
            from += length;
        } while (from < data.length);
    }

    function slice(bytes memory data, uint256 from, uint256 length) internal pure returns (bytes memory part) {
        part = new bytes(length);
        assembly ("memory-safe") {
            mcopy(add(part, 0x20), add(add(data, 0x20), from), length)
        }
    }

    function root(uint256 n) internal pure returns (bytes32) {
        return bytes32(n << 192 | n << 128 | n << 64 | n);
    }

    /// @dev The next batch by the contract's state, which consumes the queue up to `queueTo`.
    function nextBatch(bytes memory data, uint64 queueTo) internal view returns (IRollup.Batch memory batch) {
        // First: further down, the stack would be too deep for it.
        bytes32 hash = dataHash(data);
        batch = IRollup.Batch({
            class: 0,
            number: rollup.nextBatch(),
            timestamp: uint64(block.timestamp),
            oldRoot: rollup.stateRoot(),
            newRoot: root(1_000 + rollup.nextBatch()),
            receiptsRoot: root(7),
            intents: 3,
            queueFrom: rollup.queueNext(),
            queueTo: queueTo,
            publicData: root(9),
            limbs: uint32(data.length / 7),
            dataHash: hash
        });
    }

    /// @dev A batch that follows another.
    function following(IRollup.Batch memory before, bytes memory data, uint64 queueTo)
        internal
        view
        returns (IRollup.Batch memory batch)
    {
        batch = nextBatch(data, queueTo);
        (batch.number, batch.oldRoot, batch.queueFrom) = (before.number + 1, before.newRoot, before.queueTo);
        batch.newRoot = root(1_000 + batch.number);
    }

    function commit(IRollup.Batch memory batch, bytes memory data) internal {
        vm.prank(OPERATOR);
        rollup.commit(batch, 0, data);
    }

    /// @dev Commits the bytes from one place to another.
    function commitPart(IRollup.Batch memory batch, bytes memory data, uint256 from, uint256 to) internal {
        bytes memory part = slice(data, from, to - from);
        vm.prank(OPERATOR);
        rollup.commit(batch, uint32(from / 7), part);
    }

    /// @dev The statement of a block by its definition, with the committed digests.
    function statementOf(IRollup.Batch[] memory batches) internal view returns (bytes memory) {
        bytes32[] memory digests = new bytes32[](batches.length);
        for (uint256 i = 0; i < batches.length; ++i) {
            digests[i] = rollup.committedDigest(rollup.batchId(batches[i]));
        }
        IRollup.Batch memory last = batches[batches.length - 1];
        return abi.encodePacked(
            Statement.PROTOCOL_VERSION,
            rollup.domain(),
            batches[0].number,
            uint64(batches.length),
            last.timestamp,
            batches[0].oldRoot,
            last.newRoot,
            batches[0].queueFrom,
            last.queueTo,
            Statement.batchesRoot(Poseidon2.context(), digests)
        );
    }

    function proofOf(IRollup.Batch[] memory batches) internal view returns (bytes memory) {
        return bytes.concat(keccak256(statementOf(batches)));
    }

    function list(IRollup.Batch memory batch) internal pure returns (IRollup.Batch[] memory batches) {
        batches = new IRollup.Batch[](1);
        batches[0] = batch;
    }

    function prove(IRollup.Batch memory batch) internal {
        bytes memory proof = proofOf(list(batch));
        vm.prank(OPERATOR);
        rollup.prove(list(batch), proof);
    }

    /// @dev Commits and proves.
    function settle(bytes memory data, uint64 queueTo) internal returns (IRollup.Batch memory batch) {
        batch = nextBatch(data, queueTo);
        commit(batch, data);
        prove(batch);
    }

    // --------------------------------------------------------------------------------------------------- payouts

    function leaf(uint256 index, address owner, uint256 units) internal pure returns (bytes32) {
        return keccak256(bytes.concat(keccak256(abi.encode(index, owner, units))));
    }

    function pair(bytes32 a, bytes32 b) internal pure returns (bytes32) {
        return a < b ? keccak256(bytes.concat(a, b)) : keccak256(bytes.concat(b, a));
    }

    /// @dev The path of a leaf by the definition: sorted pairs, an odd last node moves up.
    function pathOf(bytes32[] memory leaves, uint256 index) internal pure returns (bytes32[] memory path) {
        bytes32[] memory found = new bytes32[](32);
        uint256 length = 0;
        uint256 count = leaves.length;
        while (count > 1) {
            if (index ^ 1 < count) found[length++] = leaves[index ^ 1];
            uint256 parents = (count + 1) / 2;
            for (uint256 i = 0; i < parents; ++i) {
                leaves[i] = 2 * i + 1 < count ? pair(leaves[2 * i], leaves[2 * i + 1]) : leaves[2 * i];
            }
            (count, index) = (parents, index / 2);
        }
        path = new bytes32[](length);
        for (uint256 i = 0; i < length; ++i) {
            path[i] = found[i];
        }
    }

    function freezeRollup() internal {
        uint64 index = rollup.requestForcedExit(1);
        vm.warp(uint256(rollup.deadline(index)) + 1);
        rollup.freeze();
    }
}
