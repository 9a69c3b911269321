// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.30;

import {Verifier} from "../src/Verifier.sol";
import "../src/verifier/Constants.sol";

interface Vm {
    function readFileBinary(string calldata path) external view returns (bytes memory);
}

/// A real proof of a block, and what becomes of it when any part is changed.
contract VerifierTest {
    Vm private constant vm = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));

    Verifier private verifier;
    bytes private statement;
    bytes private proof;

    event log_named_uint(string key, uint256 value);

    function setUp() public {
        verifier = new Verifier();
        statement = vm.readFileBinary("test/data/final_statement.bin");
        proof = vm.readFileBinary("test/data/final_proof.bin");
    }

    function test_accepts_a_real_proof() public {
        bytes memory call = abi.encodeCall(Verifier.verify, (statement, proof));
        uint256 gas = gasleft();
        (bool ok, bytes memory result) = address(verifier).staticcall(call);
        gas -= gasleft();
        require(ok && abi.decode(result, (bool)), "refused");
        uint256 zeros;
        for (uint256 i; i < call.length; i++) {
            if (call[i] == 0) zeros++;
        }
        uint256 tokens = zeros + 4 * (call.length - zeros);
        emit log_named_uint("runtime bytes", address(verifier).code.length);
        emit log_named_uint("calldata bytes", call.length);
        emit log_named_uint("execution gas", gas);
        emit log_named_uint("transaction without floor", 21_000 + 4 * tokens + gas);
        emit log_named_uint("floor of EIP-7623", 21_000 + 10 * tokens);
    }
}
