// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.30;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {BitMaps} from "@openzeppelin/contracts/utils/structs/BitMaps.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

import {IRollup} from "./interfaces/IRollup.sol";
import {IVerifier} from "./interfaces/IVerifier.sol";
import {PublicDataReader} from "./libraries/PublicDataReader.sol";

/// @title What the rollup keeps, and who may do what
abstract contract RollupState is IRollup, ReentrancyGuardTransient {
    using BitMaps for BitMaps.BitMap;

    /// @dev A queue entry: the chain behind it holds what it says.
    struct Entry {
        bytes32 chain;
        uint64 recordedAt;
        bool refunded;
    }

    /// @notice An entry not consumed for so long lets anybody freeze the rollup.
    uint64 public constant FREEZE_DELAY = 7 days;
    /// @notice An entry not consumed for so long lets anybody commit and prove: four days to save the rollup.
    uint64 public constant OPERATOR_GRACE = 3 days;
    /// @notice How long an owner has who wants to leave before a change: a week to notice it, and the time until a
    /// forced exit is served or the rollup frozen.
    uint64 public constant EXIT_WINDOW = 7 days + FREEZE_DELAY;
    /// @notice The least delay of a change.
    uint64 public constant UPGRADE_DELAY = EXIT_WINDOW + 1 days;
    /// @notice The longest pause: shorter than what is left when the operator is late, so that no pause freezes the rollup.
    uint64 public constant PAUSE_MAX = 2 days;
    /// @notice The shortest time between the beginnings of two pauses.
    uint64 public constant PAUSE_INTERVAL = 14 days;
    /// @notice Nano of a base unit.
    uint256 public constant NANO_PER_UNIT = 1000;

    IERC20 internal immutable TOKEN;
    bytes32 internal immutable DOMAIN;
    address internal immutable TIMELOCK;
    uint256 internal immutable CHAIN_ID;

    /// @inheritdoc IRollup
    bytes32 public stateRoot;
    /// @inheritdoc IRollup
    uint64 public nextBatch;
    /// @inheritdoc IRollup
    uint64 public lastTimestamp;
    /// @inheritdoc IRollup
    uint64 public queueNext;
    /// @inheritdoc IRollup
    uint64 public queueLength;

    IVerifier internal blockVerifier;
    /// @inheritdoc IRollup
    bool public frozen;
    /// @inheritdoc IRollup
    address public operator;
    /// @inheritdoc IRollup
    uint64 public pausedUntil;
    /// @inheritdoc IRollup
    address public guardian;
    /// @dev When the next pause may begin.
    uint64 internal pauseAllowedFrom;

    mapping(uint64 index => Entry) internal queue;
    mapping(bytes32 id => mapping(address committer => PublicDataReader.Progress)) internal staged;
    /// @inheritdoc IRollup
    mapping(bytes32 id => bytes32) public committedDigest;
    /// @inheritdoc IRollup
    mapping(bytes32 id => address) public committedBy;
    /// @dev Kept apart by committer: before the last part nobody knows whether the chunks are the batch's, so one who
    /// sends wrong ones must not write over another's, and none of an abandoned attempt may stay.
    mapping(bytes32 id => mapping(address committer => mapping(uint32 chunk => bytes32))) internal payoutRoots;
    /// @inheritdoc IRollup
    mapping(uint64 number => bytes32) public finalBatch;
    mapping(uint64 number => BitMaps.BitMap) internal claimed;
    BitMaps.BitMap internal escaped;

    /// @dev Nothing that goes on in a frozen rollup.
    modifier notFrozen() {
        require(!frozen, IsFrozen());
        _;
    }

    /// @dev Nothing that goes on in a pause. Never on claim, requestForcedExit, freeze, escape or refund.
    modifier notPaused() {
        require(block.timestamp >= pausedUntil, IsPaused(pausedUntil));
        _;
    }

    /// @dev The operator, or anybody while he is late.
    modifier operatorOrLate() {
        require(msg.sender == operator || operatorIsLate(), OperatorIsNotLate());
        _;
    }

    /// @dev The timelock.
    modifier onlyTimelock() {
        require(msg.sender == TIMELOCK, Unauthorized(msg.sender));
        _;
    }

    /// @inheritdoc IRollup
    function token() external view returns (address) {
        return address(TOKEN);
    }

    /// @inheritdoc IRollup
    function domain() external view returns (bytes32) {
        return DOMAIN;
    }

    /// @inheritdoc IRollup
    function timelock() external view returns (address) {
        return TIMELOCK;
    }

    /// @inheritdoc IRollup
    function verifier() external view returns (address) {
        return address(blockVerifier);
    }

    /// @inheritdoc IRollup
    function queueChain(uint64 length) public view returns (bytes32) {
        require(length <= queueLength, NoSuchEntry(length));
        return length == 0 ? bytes32(0) : queue[length - 1].chain;
    }

    /// @inheritdoc IRollup
    function deadline(uint64 index) public view returns (uint64) {
        require(index < queueLength, NoSuchEntry(index));
        return queue[index].recordedAt + FREEZE_DELAY;
    }

    /// @inheritdoc IRollup
    function operatorIsLate() public view returns (bool) {
        return queueNext < queueLength && block.timestamp > queue[queueNext].recordedAt + OPERATOR_GRACE;
    }

    /// @inheritdoc IRollup
    function batchId(Batch calldata batch) public pure returns (bytes32) {
        return keccak256(abi.encode(batch));
    }

    /// @inheritdoc IRollup
    function stagedLimbs(bytes32 id, address committer) external view returns (uint32) {
        return staged[id][committer].limbs;
    }

    /// @inheritdoc IRollup
    function payoutRoot(bytes32 id, uint32 chunk) public view returns (bytes32) {
        return payoutRoots[id][committedBy[id]][chunk];
    }

    /// @inheritdoc IRollup
    function isClaimed(uint64 batch, uint32 index) external view returns (bool) {
        return claimed[batch].get(index);
    }

    /// @inheritdoc IRollup
    function hasEscaped(uint32 account) external view returns (bool) {
        return escaped.get(account);
    }

    /// @inheritdoc IRollup
    function isRefunded(uint64 index) external view returns (bool) {
        return queue[index].refunded;
    }
}
