// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.30;

import {Poseidon2} from "../src/libraries/Poseidon2.sol";
import {StateTree} from "../src/libraries/StateTree.sol";
import {Vectors} from "./support/Vectors.sol";

/// @title Poseidon2 and the leaves agree with the vectors
contract Poseidon2Test is Vectors {
    using Poseidon2 for Poseidon2.Context;

    function test_permutation() public view {
        string memory json = load("poseidon2.json");
        uint256 i = 0;
        for (; vm.keyExistsJson(json, item("permutation", i)); ++i) {
            string memory place = item("permutation", i);
            uint256[] memory input = words(json, field(place, "input"));
            uint256[] memory output = words(json, field(place, "output"));
            Poseidon2.Context ctx = Poseidon2.context();
            uint256 state = Poseidon2.Context.unwrap(ctx);
            for (uint256 j = 0; j < 12; ++j) {
                uint256 word_ = input[j];
                assembly ("memory-safe") {
                    mstore(add(state, shl(5, j)), word_)
                }
            }
            ctx.permute();
            for (uint256 j = 0; j < 12; ++j) {
                uint256 word_;
                assembly ("memory-safe") {
                    word_ := mload(add(state, shl(5, j)))
                }
                assertEq(word_ % Poseidon2.P, output[j]);
            }
        }
        assertEq(i, 8);
    }

    function test_compress() public view {
        string memory json = load("poseidon2.json");
        Poseidon2.Context ctx = Poseidon2.context();
        uint256 i = 0;
        for (; vm.keyExistsJson(json, item("compress", i)); ++i) {
            string memory place = item("compress", i);
            bytes32 got = ctx.compress(digest(json, field(place, "left")), digest(json, field(place, "right")));
            assertEq(got, digest(json, field(place, "output")));
        }
        assertEq(i, 5);
    }

    function test_sponge() public view {
        string memory json = load("poseidon2.json");
        Poseidon2.Context ctx = Poseidon2.context();
        uint256 i = 0;
        for (; vm.keyExistsJson(json, item("sponge", i)); ++i) {
            string memory place = item("sponge", i);
            uint256[] memory input = words(json, field(place, "input"));
            bytes32 got = ctx.hash(word(json, field(place, "tag")), begin(input), input.length);
            assertEq(got, digest(json, field(place, "digest")));
        }
        assertEq(i, 32);
    }

    /// @dev A hash reads nothing behind its elements.
    function test_spongeReadsItsElementsOnly(uint256 rubbish) public pure {
        uint256[] memory longer = new uint256[](9);
        uint256[] memory shorter = new uint256[](3);
        (longer[0], longer[1], longer[2]) = (1, 2, 3);
        for (uint256 i = 3; i < 9; ++i) {
            longer[i] = rubbish;
        }
        (shorter[0], shorter[1], shorter[2]) = (1, 2, 3);
        Poseidon2.Context ctx = Poseidon2.context();
        assertEq(ctx.hash(1, begin(longer), 3), ctx.hash(1, begin(shorter), 3));
    }

    function test_accountLeaves() public view {
        string memory json = load("leaves.json");
        Poseidon2.Context ctx = Poseidon2.context();
        uint256 i = 0;
        for (; vm.keyExistsJson(json, item("accounts", i)); ++i) {
            string memory place = item("accounts", i);
            bytes memory encoded = vm.parseJsonBytes(json, field(place, "key"));
            uint64[5] memory key;
            for (uint256 j = 0; j < 40; ++j) {
                key[j / 8] = key[j / 8] << 8 | uint64(uint8(encoded[j]));
            }
            bytes32 leaf = StateTree.accountLeaf(
                ctx,
                key,
                vm.parseJsonAddress(json, field(place, "owner")),
                uint64(word(json, field(place, "balance"))),
                uint64(word(json, field(place, "nonce")))
            );
            assertEq(leaf, digest(json, field(place, "leaf")));
        }
        assertEq(i, 5);
    }

    function test_gasOfAPermutation() public {
        Poseidon2.Context ctx = Poseidon2.context();
        uint256 before = gasleft();
        ctx.compress(bytes32(uint256(1)), bytes32(uint256(2)));
        vm.snapshotValue("libraries", "Poseidon2.compress", before - gasleft());
    }
}
