// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.30;

import {IRollup} from "../src/interfaces/IRollup.sol";
import {LimbPolynomial} from "../src/libraries/LimbPolynomial.sol";
import {Poseidon2} from "../src/libraries/Poseidon2.sol";
import {PublicDataReader} from "../src/libraries/PublicDataReader.sol";
import {Statement} from "../src/libraries/Statement.sol";
import {Vectors} from "./support/Vectors.sol";

/// @title Statements and public data agree with the vectors
contract StatementTest is Vectors {
    using PublicDataReader for PublicDataReader.Progress;

    uint256 private constant P = 0xffffffff00000001;

    function test_batchStatements() public view {
        string memory json = load("statement.json");
        uint256 i = 0;
        for (; vm.keyExistsJson(json, item("batches", i)); ++i) {
            string memory place = item("batches", i);
            (IRollup.Batch memory batch, bytes memory data) = readBatch(json, place);
            bytes32 domain = digest(json, field(place, "domain"));
            uint256[32] memory got = this.statement(domain, batch, data);
            uint256[] memory expected = words(json, field(place, "elements"));
            for (uint256 j = 0; j < 32; ++j) {
                assertEq(got[j], expected[j]);
            }
            assertEq(Statement.batchDigest(Poseidon2.context(), got), digest(json, field(place, "digest")));
        }
        assertEq(i, 8);
    }

    function test_batchesRoots() public view {
        string memory json = load("statement.json");
        uint256 i = 0;
        for (; vm.keyExistsJson(json, item("blocks", i)); ++i) {
            string memory place = item("blocks", i);
            bytes32[] memory digests = new bytes32[](word(json, field(place, "batches")));
            for (uint256 j = 0; j < digests.length; ++j) {
                digests[j] = digest(json, field(item("batches", j), "digest"));
            }
            bytes32 got = Statement.batchesRoot(Poseidon2.context(), digests);
            assertEq(got, digest(json, field(place, "batches_root")));
        }
        assertEq(i, 5);
    }

    /// @dev Chunk ends, steps of the evaluation: lengths about them, by the rule that the vectors' note gives.
    function test_longPublicData() public view {
        string memory json = load("public_data.json");
        uint256 i = 0;
        for (; vm.keyExistsJson(json, item("long", i)); ++i) {
            string memory place = item("long", i);
            uint256 length = word(json, field(place, "length"));
            uint256[] memory r = words(json, field(place, "challenge"));
            bytes memory data = longData(length);
            PublicDataReader.Progress memory progress = this.read(data, r[0], r[1]);
            assertEq(progress.hash, vm.parseJsonBytes32(json, field(place, "keccak")));
            uint256[] memory y = words(json, field(place, "evaluation"));
            assertEq(progress.y0, y[0]);
            assertEq(progress.y1, y[1]);
            assertEq(progress.limbs, length);
        }
        assertEq(i, 9);
    }

    /// @dev The steps of 64 limbs against Horner's rule.
    function test_evaluationIsHorners(uint256 seed, uint8 length, uint64 a, uint64 b) public view {
        bytes memory data = new bytes(uint256(length) * 7);
        for (uint256 i = 0; i < data.length; ++i) {
            data[i] = bytes1(uint8(uint256(keccak256(abi.encode(seed, i)))));
        }
        (uint256 r0, uint256 r1) = (a % P, b % P);
        PublicDataReader.Progress memory progress = this.read(data, r0, r1);
        (uint256 y0, uint256 y1) = (0, 0);
        for (uint256 i = 0; i < length; ++i) {
            uint256 limb = 0;
            for (uint256 j = 0; j < 7; ++j) {
                limb = limb << 8 | uint8(data[7 * i + j]);
            }
            (y0, y1) = ((y0 * r0 + 7 * y1 * r1 + limb) % P, (y0 * r1 + y1 * r0) % P);
        }
        assertEq(progress.y0, y0);
        assertEq(progress.y1, y1);
    }

    /// @dev The queue's chain from records of public data, and from what the contract appends.
    function test_queueRecords() public view {
        string memory json = load("queue.json");
        bytes32 chain = 0;
        uint256 i = 0;
        for (; vm.keyExistsJson(json, item("entries", i)); ++i) {
            string memory place = item("entries", i);
            bytes memory entry = vm.parseJsonBytes(json, field(place, "bytes"));
            PublicDataReader.Progress memory progress;
            (progress.chain, progress.entriesLeft) = (chain, 1);
            progress = this.readFrom(progress, recordOf(entry));
            chain = vm.parseJsonBytes32(json, field(place, "chain"));
            assertEq(progress.chain, chain);
            assertEq(progress.entriesLeft, 0);
            assertTrue(progress.done, "read to the end");
        }
        assertEq(i, 7);
    }

    // ------------------------------------------------------------------------------- external, for calldata

    function statement(bytes32 domain, IRollup.Batch calldata batch, bytes calldata data)
        external
        pure
        returns (uint256[32] memory e)
    {
        e = Statement.header(domain, batch);
        (e[28], e[29]) = Statement.challenge(e, batch.dataHash);
        PublicDataReader.Progress memory progress;
        progress.done = true;
        progress = take(progress, data, e[28], e[29]);
        (e[30], e[31]) = (progress.y0, progress.y1);
    }

    function read(bytes calldata data, uint256 r0, uint256 r1)
        external
        pure
        returns (PublicDataReader.Progress memory progress)
    {
        progress.done = true;
        return take(progress, data, r0, r1);
    }

    function readFrom(PublicDataReader.Progress memory progress, bytes calldata data)
        external
        pure
        returns (PublicDataReader.Progress memory)
    {
        return take(progress, data, 1, 1);
    }

    function take(PublicDataReader.Progress memory progress, bytes calldata data, uint256 r0, uint256 r1)
        private
        pure
        returns (PublicDataReader.Progress memory)
    {
        uint256 powers = LimbPolynomial.powers(r0, r1);
        uint256 buffer = progress.newBuffer();
        uint256 from = 0;
        do {
            uint256 to = from + PublicDataReader.CHUNK_BYTES;
            if (to > data.length) to = data.length;
            progress.take(buffer, powers, data[from:to]);
            from = to;
        } while (from < data.length);
        return progress;
    }

    // ------------------------------------------------------------------------------------------- reading vectors

    function readBatch(string memory json, string memory place)
        private
        pure
        returns (IRollup.Batch memory batch, bytes memory data)
    {
        data = vm.parseJsonBytes(json, field(place, "public_data_bytes"));
        batch.class = uint32(word(json, field(place, "class")));
        batch.number = uint64(word(json, field(place, "number")));
        batch.timestamp = uint64(word(json, field(place, "timestamp")));
        batch.oldRoot = digest(json, field(place, "old_root"));
        batch.newRoot = digest(json, field(place, "new_root"));
        batch.receiptsRoot = digest(json, field(place, "receipts_root"));
        batch.intents = uint32(word(json, field(place, "intents")));
        batch.queueFrom = uint64(word(json, field(place, "queue_from")));
        batch.queueTo = uint64(word(json, field(place, "queue_to")));
        batch.publicData = digest(json, field(place, "public_data"));
        batch.limbs = uint32(word(json, field(place, "public_data_limbs")));
        batch.dataHash = vm.parseJsonBytes32(json, field(place, "public_data_keccak"));
    }

    function longData(uint256 length) private pure returns (bytes memory data) {
        data = new bytes(7 * length);
        for (uint256 i = 0; i < length; ++i) {
            uint256 limb = ((i + 1) * 0xc159e3779b97f5) & ((1 << 56) - 1);
            for (uint256 j = 0; j < 7; ++j) {
                data[7 * i + j] = bytes1(uint8(limb >> (8 * (6 - j))));
            }
        }
    }

    /// @dev A queue entry's bytes as the record that consumes it with effect, and account 0's behind it.
    function recordOf(bytes memory entry) private pure returns (bytes memory data) {
        bytes memory rest = abi.encodePacked(uint8(5), new bytes(13));
        if (entry.length == 25) {
            bytes memory account = new bytes(4);
            for (uint256 i = 0; i < 4; ++i) {
                account[i] = entry[21 + i];
            }
            data = abi.encodePacked(uint8(2), uint8(1), account, bytes2(0));
            for (uint256 i = 1; i < 21; ++i) {
                data = abi.encodePacked(data, entry[i]);
            }
            return bytes.concat(data, rest);
        }
        data = abi.encodePacked(uint8(1), uint8(1), uint32(9), bytes2(0));
        for (uint256 i = 1; i < 28; ++i) {
            data = abi.encodePacked(data, entry[i]);
        }
        data = abi.encodePacked(data, bytes2(0));
        for (uint256 i = 0; i < 5; ++i) {
            data = abi.encodePacked(data, entry[28 + 8 * i]);
        }
        for (uint256 i = 0; i < 40; ++i) {
            if (i % 8 != 0) data = abi.encodePacked(data, entry[28 + i]);
        }
        return bytes.concat(data, rest);
    }
}
