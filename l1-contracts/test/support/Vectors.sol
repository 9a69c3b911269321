// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.30;

import {Test} from "./Test.sol";

/// @title The protocol's golden vectors, which Rust writes and checks too
abstract contract Vectors is Test {
    string private constant FOLDER = "../state/protocol/vectors/";

    function load(string memory file) internal view returns (string memory) {
        return vm.readFile(string.concat(FOLDER, file));
    }

    /// @dev `.list[i]`
    function item(string memory list, uint256 i) internal pure returns (string memory) {
        return string.concat(".", list, "[", vm.toString(i), "]");
    }

    function field(string memory place, string memory name) internal pure returns (string memory) {
        return string.concat(place, ".", name);
    }

    function words(string memory json, string memory place) internal pure returns (uint256[] memory) {
        return vm.parseJsonUintArray(json, place);
    }

    function word(string memory json, string memory place) internal pure returns (uint256) {
        return vm.parseJsonUint(json, place);
    }

    /// @dev Four elements as 32 bytes.
    function digest(string memory json, string memory place) internal pure returns (bytes32) {
        uint256[] memory e = words(json, place);
        require(e.length == 4, "four elements");
        return bytes32(e[0] << 192 | e[1] << 128 | e[2] << 64 | e[3]);
    }

    /// @dev Where the elements of an array begin in memory.
    function begin(uint256[] memory e) internal pure returns (uint256 ptr) {
        assembly ("memory-safe") {
            ptr := add(e, 0x20)
        }
    }
}
