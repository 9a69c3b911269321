// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.30;

import {Rollup} from "../src/Rollup.sol";
import {Verifier} from "../src/Verifier.sol";

interface Vm {
    function startBroadcast() external;
    function stopBroadcast() external;
    function envAddress(string calldata name) external view returns (address);
    function envOr(string calldata name, address other) external view returns (address);
    function envOr(string calldata name, uint256 other) external view returns (uint256);
    function envBytes(string calldata name) external view returns (bytes memory);
}

/// @title Deploys a rollup, and a verifier unless one is named
/// @notice forge script script/Deploy.s.sol --rpc-url … --account … --broadcast, with the environment variables of
/// README.md. The address it gets is in the L2 domain, so the node's genesis must name it.
contract Deploy {
    Vm private constant vm = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));

    /// @dev A hundredth of a token.
    uint256 private constant LEAST_DEPOSIT = 10_000;

    /// @dev forge looks for it.
    bool public IS_SCRIPT = true;

    /// @dev Bytes of an L2 public key: five words, big-endian.
    uint256 private constant KEY_BYTES = 40;

    error KeyHas40Bytes(uint256 bytesGiven);
    error NotAWord(uint256 word);

    /// @notice Deploys.
    /// @return rollup The rollup.
    function run() external returns (Rollup rollup) {
        bytes memory encoded = vm.envBytes("FARTHING_OPERATOR_KEY");
        require(encoded.length == KEY_BYTES, KeyHas40Bytes(encoded.length));
        uint64[5] memory key;
        for (uint256 i = 0; i < KEY_BYTES; ++i) {
            key[i / 8] = (key[i / 8] << 8) | uint8(encoded[i]);
        }
        uint256 least = vm.envOr("FARTHING_LEAST_DEPOSIT", LEAST_DEPOSIT);
        require(least <= type(uint64).max, NotAWord(least));
        Rollup.Config memory config = Rollup.Config({
            token: vm.envAddress("FARTHING_TOKEN"),
            verifier: vm.envOr("FARTHING_VERIFIER", address(0)),
            operator: vm.envAddress("FARTHING_OPERATOR"),
            guardian: vm.envAddress("FARTHING_GUARDIAN"),
            governor: vm.envAddress("FARTHING_GOVERNOR"),
            operatorKey: key,
            operatorOwner: vm.envAddress("FARTHING_OPERATOR_OWNER"),
            leastDeposit: uint64(least)
        });
        vm.startBroadcast();
        if (config.verifier == address(0)) config.verifier = address(new Verifier());
        rollup = new Rollup(config);
        vm.stopBroadcast();
    }
}
