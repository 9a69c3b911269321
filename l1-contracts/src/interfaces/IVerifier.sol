// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.30;

/// @title Verifier of block proofs
/// @notice Says whether a proof shows a block statement. One statement has many proofs; none shows a false one.
interface IVerifier {
    /// @notice Checks a block proof.
    /// @dev Anything but a valid proof gives `false` or reverts; never `true`.
    /// @param statement The 22 elements of the block statement (state/SPEC.md section 13): version, domain (4),
    /// first batch, number of batches, time of the last batch, old root (4), new root (4), queue from, queue to,
    /// batches root (4); 8 bytes each, big-endian, canonical: 176 bytes.
    /// @param proof The final proof without its public inputs, in the flat big-endian layout.
    /// @return Whether the proof is valid for that statement.
    function verify(bytes calldata statement, bytes calldata proof) external view returns (bool);
}
