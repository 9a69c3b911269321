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

    /// @dev Packed lanes neither carry into each other nor wrap: the same as the layers written out, with elements
    /// anywhere and at the edges, and with words that are not reduced.
    function testFuzz_permutation(uint64[12] memory elements, uint256 edges) public pure {
        uint256[12] memory plain;
        Poseidon2.Context ctx = Poseidon2.context();
        uint256 state = Poseidon2.Context.unwrap(ctx);
        for (uint256 i = 0; i < 12; ++i) {
            uint256 edge = edges >> 2 * i & 3;
            uint256 element = elements[i] % Poseidon2.P;
            if (edge != 0) element = edge == 1 ? 0 : edge == 2 ? Poseidon2.P - 1 : 1 << 32;
            plain[i] = element;
            assembly ("memory-safe") {
                mstore(add(state, shl(5, i)), element)
            }
        }
        for (uint256 times = 0; times < 2; ++times) {
            ctx.permute();
            permutePlain(ctx, plain);
            for (uint256 i = 0; i < 12; ++i) {
                uint256 got;
                assembly ("memory-safe") {
                    got := mload(add(state, shl(5, i)))
                }
                assertEq(got % Poseidon2.P, plain[i]);
                assertTrue(got < 1 << 71, "below 2^71");
            }
        }
    }

    /// @dev SPEC section 4, an element a word, reduced at every step.
    function permutePlain(Poseidon2.Context ctx, uint256[12] memory x) private pure {
        externalLayer(x);
        externalRounds(ctx, Poseidon2.FIRST_ROUNDS, x);
        uint256 p = Poseidon2.P;
        uint256 half = (p + 1) / 2;
        uint256 quarter = mulmod(half, half, p);
        uint256[12] memory d =
            [p - 2, 1, 2, half, 3, 4, p - half, p - 3, p - 4, quarter, p - quarter, mulmod(quarter, half, p)];
        for (uint256 round = 0; round < 22; ++round) {
            x[0] = seventh(x[0] + constantAt(ctx, Poseidon2.INTERNAL_ROUNDS + 8 * round, 192));
            uint256 sum = 0;
            for (uint256 i = 0; i < 12; ++i) {
                sum += x[i];
            }
            for (uint256 i = 0; i < 12; ++i) {
                x[i] = addmod(mulmod(d[i], x[i], p), sum, p);
            }
        }
        externalRounds(ctx, Poseidon2.LAST_ROUNDS, x);
    }

    function externalRounds(Poseidon2.Context ctx, uint256 constants, uint256[12] memory x) private pure {
        for (uint256 round = 0; round < 4; ++round) {
            for (uint256 i = 0; i < 12; ++i) {
                uint256 packed = constantAt(ctx, constants + 0x80 * round + 0x20 * (i % 4), 0);
                x[i] = seventh(x[i] + (packed >> 85 * (i / 4) & (1 << 85) - 1));
            }
            externalLayer(x);
        }
    }

    function externalLayer(uint256[12] memory x) private pure {
        uint256[12] memory y;
        for (uint256 i = 0; i < 12; ++i) {
            for (uint256 j = 0; j < 12; ++j) {
                uint256 step = (j + 4 - i % 4) % 4;
                uint256 factor = step == 0 ? 2 : step == 1 ? 3 : 1;
                y[i] += (i / 4 == j / 4 ? 2 : 1) * factor * x[j];
            }
        }
        for (uint256 i = 0; i < 12; ++i) {
            x[i] = y[i] % Poseidon2.P;
        }
    }

    function seventh(uint256 x) private pure returns (uint256) {
        uint256 square = mulmod(x, x, Poseidon2.P);
        return mulmod(mulmod(square, square, Poseidon2.P), mulmod(square, x, Poseidon2.P), Poseidon2.P);
    }

    function constantAt(Poseidon2.Context ctx, uint256 offset, uint256 shift) private pure returns (uint256 word_) {
        assembly ("memory-safe") {
            word_ := shr(shift, mload(add(ctx, offset)))
        }
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
        assertEq(i, 35);
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
