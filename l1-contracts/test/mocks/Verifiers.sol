// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.30;

import {IVerifier} from "../../src/interfaces/IVerifier.sol";

/// @title Stands in for the verifier in tests of everything else
/// @dev A proof is the hash of the statement it shows, so that a test says which statement it expects.
contract EchoVerifier is IVerifier {
    function verify(bytes calldata statement, bytes calldata proof) external pure returns (bool) {
        return proof.length == 32 && bytes32(proof) == keccak256(statement);
    }
}

/// @title Accepts everything
contract YesVerifier is IVerifier {
    function verify(bytes calldata, bytes calldata) external pure returns (bool) {
        return true;
    }
}
