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
        /// @dev Base units of all deposits up to this entry, itself included.
        uint128 deposited;
    }

    /// @dev A committed batch, beside its digest.
    struct Committed {
        address by;
        uint96 payoutUnits;
    }

    /// @notice An entry not consumed for so long lets anybody freeze the rollup.
    uint64 public constant FREEZE_DELAY = 7 days;
    /// @notice An entry not consumed for so long lets anybody commit and prove: four days to save the rollup.
    uint64 public constant OPERATOR_GRACE = 3 days;
    /// @notice A block in the operator's place consumes every entry of this age: the next such block is a day away.
    uint64 public constant RESCUE_AGE = OPERATOR_GRACE - 1 days;
    /// @notice The longest pause.
    uint64 public constant PAUSE_MAX = 2 days;
    /// @notice The shortest time between the beginnings of two pauses: at most one falls into the life of an entry.
    uint64 public constant PAUSE_INTERVAL = 14 days;
    /// @notice The time an owner has to leave before a change: a week to notice it, and the time until a forced exit is
    /// served or the rollup frozen, a pause included. The payout of a forced exit needs no time: it is reserved.
    uint64 public constant EXIT_WINDOW = 7 days + FREEZE_DELAY + PAUSE_MAX;
    /// @notice The least delay of a change.
    uint64 public constant UPGRADE_DELAY = EXIT_WINDOW + 1 days;
    /// @notice All data of a batch are committed within this time after the batch's: an intent that expired longer ago
    /// can be in no batch that is committed.
    uint64 public constant BATCH_AGE_MAX = 3 days;
    /// @notice The time of the first batch is at most so long before the deployment. A node's clock may be behind L1's.
    uint64 public constant FIRST_BATCH_LEAD = 1 hours;
    /// @notice Nano of a base unit.
    uint256 public constant NANO_PER_UNIT = 1000;

    IERC20 internal immutable TOKEN;
    bytes32 internal immutable DOMAIN;
    address internal immutable TIMELOCK;
    uint256 internal immutable CHAIN_ID;
    uint64 internal immutable LEAST_DEPOSIT;

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
    /// @dev When the last pause began.
    uint64 internal pauseBegan;
    /// @inheritdoc IRollup
    address public operator;
    /// @inheritdoc IRollup
    uint64 public pausedUntil;
    /// @inheritdoc IRollup
    address public guardian;
    /// @inheritdoc IRollup
    bytes32 public verifierCodehash;
    /// @inheritdoc IRollup
    uint256 public outstanding;
    /// @dev Base units of deposits that were paid back.
    uint256 internal refundedUnits;

    mapping(uint64 index => Entry) internal queue;
    mapping(bytes32 id => mapping(address committer => PublicDataReader.Progress)) internal staged;
    /// @inheritdoc IRollup
    mapping(bytes32 id => bytes32) public committedDigest;
    mapping(bytes32 id => Committed) internal committed;
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
    function leastDeposit() external view returns (uint64) {
        return LEAST_DEPOSIT;
    }

    /// @inheritdoc IRollup
    function unconsumedDeposits() public view returns (uint256) {
        return depositedBefore(queueLength) - depositedBefore(queueNext) - refundedUnits;
    }

    /// @dev Base units of the deposits among the first `length` entries.
    function depositedBefore(uint64 length) internal view returns (uint128) {
        return length == 0 ? 0 : queue[length - 1].deposited;
    }

    /// @dev The rollup holds the payouts of final batches and `units` more. Nothing that comes later can pay from them:
    /// no later proof, no other verifier, no account of a false state. A block and an escape leave the deposits that no
    /// batch consumed as well: `refund` depends on L1 alone, so a false state must not reach them either.
    function requireReserve(uint256 units) internal view {
        uint256 needed = outstanding + units;
        uint256 held = TOKEN.balanceOf(address(this));
        require(needed <= held, ReserveTooSmall(needed, held));
    }

    /// @inheritdoc IRollup
    function queueChain(uint64 length) public view returns (bytes32) {
        require(length <= queueLength, NoSuchEntry(length));
        return length == 0 ? bytes32(0) : queue[length - 1].chain;
    }

    /// @inheritdoc IRollup
    function deadline(uint64 index) public view returns (uint64) {
        require(index < queueLength, NoSuchEntry(index));
        return limit(queue[index].recordedAt, FREEZE_DELAY);
    }

    /// @inheritdoc IRollup
    function operatorIsLate() public view returns (bool) {
        return isWaiting(OPERATOR_GRACE);
    }

    /// @dev Whether the first entry that no final batch consumed has waited longer than a delay.
    function isWaiting(uint64 delay) internal view returns (bool) {
        return queueNext < queueLength && block.timestamp > limit(queue[queueNext].recordedAt, delay);
    }

    /// @dev The end of a delay that began at `since`. A pause that begins before it is over does not count; one that
    /// begins later gives no time back. Only the last pause can matter: two are further apart than any delay is long.
    function limit(uint64 since, uint64 delay) private view returns (uint64 end) {
        end = since + delay;
        (uint64 began, uint64 until) = (pauseBegan, pausedUntil);
        if (began <= end && until > since) end += until - (began > since ? began : since);
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
    function committedBy(bytes32 id) public view returns (address) {
        return committed[id].by;
    }

    /// @inheritdoc IRollup
    function payoutRoot(bytes32 id, uint32 chunk) public view returns (bytes32) {
        return payoutRoots[id][committedBy(id)][chunk];
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
