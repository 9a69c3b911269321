// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.30;

/// @title Farthing on L1
/// @notice Holds the settlement token, records deposits and forced exits in a queue, takes the public data and the
/// proofs of L2 batches, and pays what they withdraw. Whatever the operator does, an owner gets out: by a withdrawal,
/// by a forced exit, or, once the rollup is frozen, with a Merkle path to the last proven state.
/// @dev Amounts named `units` are base units of the token (6 decimals); amounts named `nano` are L2's, 1000 a unit.
/// A digest is four elements of the Goldilocks field, 8 bytes each, big-endian, in a `bytes32`. What L2 computes is
/// defined in state/SPEC.md; sections below are its.
interface IRollup {
    // ------------------------------------------------------------------------------------------------- types

    /// @notice A batch as L1 knows it: the header of its statement (section 13) without version and domain, which
    /// are the contract's own, and the hash of its public data.
    struct Batch {
        /// @dev The batch class.
        uint32 class;
        /// @dev The batch number; the first is 0.
        uint64 number;
        /// @dev Unix seconds.
        uint64 timestamp;
        /// @dev The state root before.
        bytes32 oldRoot;
        /// @dev The state root after.
        bytes32 newRoot;
        /// @dev The root of the receipts tree.
        bytes32 receiptsRoot;
        /// @dev How many intents.
        uint32 intents;
        /// @dev The first queue entry that it consumes.
        uint64 queueFrom;
        /// @dev The first queue entry that it does not consume.
        uint64 queueTo;
        /// @dev c: the circuit's commitment to the public data.
        bytes32 publicData;
        /// @dev How many 7-byte limbs of public data.
        uint32 limbs;
        /// @dev h: the keccak chain over chunks of the public data (section 12).
        bytes32 dataHash;
    }

    /// @notice An account's leaf (section 7) with its Merkle path.
    struct AccountProof {
        /// @dev The account's number.
        uint32 id;
        /// @dev The five elements of its key.
        uint64[5] key;
        /// @dev Its owner: who is paid.
        address owner;
        /// @dev Its balance, in nano.
        uint64 balance;
        /// @dev Its last nonce.
        uint64 nonce;
        /// @dev The siblings on its path, from the leaf's own up.
        bytes32[32] siblings;
    }

    /// @notice An account's leaf without a path: several share one in `escapeMany`.
    struct AccountLeaf {
        /// @dev The account's number.
        uint32 id;
        /// @dev The five elements of its key.
        uint64[5] key;
        /// @dev Its owner, who is paid.
        address owner;
        /// @dev Its balance, in nano.
        uint64 balance;
        /// @dev Its last nonce.
        uint64 nonce;
    }

    /// @notice The caller's approval of a deposit, signed for the token (EIP-2612).
    struct Permit {
        /// @dev The last second at which the token takes it.
        uint256 deadline;
        /// @dev The signature over caller, rollup, amount, the token's nonce and deadline.
        uint8 v;
        bytes32 r;
        bytes32 s;
    }

    /// @notice A payer's authorization of a deposit, signed for the token (EIP-3009, `ReceiveWithAuthorization`).
    struct Authorization {
        /// @dev Pays, and signed.
        address payer;
        /// @dev The token takes it after this second,
        uint256 validAfter;
        /// @dev and before this one.
        uint256 validBefore;
        /// @dev Chosen by the payer, so that two deposits for one account have two nonces.
        bytes32 salt;
        /// @dev The signature over payer, rollup, amount, both times and the nonce
        /// keccak256(abi.encode(owner, key, salt)).
        uint8 v;
        bytes32 r;
        bytes32 s;
    }

    /// @notice The arguments of one `claim`.
    struct Claim {
        /// @dev The batch's number.
        uint64 batch;
        /// @dev The chunk of public data in which the payout's record ends.
        uint32 chunk;
        /// @dev The number of the payout within the batch.
        uint32 index;
        /// @dev The owner, who is paid.
        address owner;
        /// @dev The amount, in base units.
        uint256 units;
        /// @dev The siblings in the chunk's tree of payouts.
        bytes32[] path;
    }

    // ------------------------------------------------------------------------------------------------ events

    /// @notice The rollup was made: with its address and chain id, all of the state that L2 begins with.
    /// @param operatorKey The five words of the key of account 0.
    /// @param operatorOwner The L1 owner of account 0.
    /// @param stateRoot The first state root: account 0 alone, with nothing in it.
    event Genesis(uint64[5] operatorKey, address indexed operatorOwner, bytes32 stateRoot);

    /// @notice A deposit entered the queue.
    /// @param index Its number in the queue.
    /// @param owner The L1 owner of the L2 account to credit.
    /// @param payer Who paid.
    /// @param key The five words of the account's key, as given.
    /// @param nano What L2 credits.
    /// @param chain The queue's hash chain behind it.
    event Deposited(
        uint64 indexed index, address indexed owner, address indexed payer, uint64[5] key, uint64 nano, bytes32 chain
    );

    /// @notice A forced exit entered the queue.
    /// @param index Its number in the queue.
    /// @param requester Who asks; it has an effect only if he owns the account.
    /// @param account The account to empty.
    /// @param chain The queue's hash chain behind it.
    event ForcedExitRequested(
        uint64 indexed index, address indexed requester, uint32 indexed account, bytes32 chain
    );

    /// @notice Public data of a batch: with it, anyone rebuilds the state from logs alone.
    /// @dev The bytes of a batch are those of its id and committer, from the last part with `firstLimb` 0 before
    /// `BatchCommitted` on, in order.
    /// @param id The batch's id.
    /// @param committer Who sent it.
    /// @param firstLimb Its place in the batch's public data.
    /// @param part The bytes.
    event PublicData(bytes32 indexed id, address indexed committer, uint32 firstLimb, bytes part);

    /// @notice All public data of a batch is here and agrees with its header. It may still never be proven.
    /// @param id The batch's id.
    /// @param committer Who sent it.
    /// @param number The batch number.
    /// @param digest The digest of the batch statement.
    /// @param batch The batch.
    event BatchCommitted(
        bytes32 indexed id, address indexed committer, uint64 indexed number, bytes32 digest, Batch batch
    );

    /// @notice A batch is final.
    /// @param number The batch number.
    /// @param id Its id.
    event BatchFinalized(uint64 indexed number, bytes32 indexed id);

    /// @notice A block is proven; its batches are final.
    /// @param firstBatch The number of its first batch.
    /// @param batches How many batches.
    /// @param newRoot The state root.
    /// @param queueNext The first queue entry not consumed.
    event BlockProven(uint64 indexed firstBatch, uint32 batches, bytes32 newRoot, uint64 queueNext);

    /// @notice A withdrawal, or a deposit that L2 refused, was paid out.
    /// @param batch The batch's number.
    /// @param index The number of the payout within the batch.
    /// @param owner Who was paid.
    /// @param units How much.
    event Claimed(uint64 indexed batch, uint32 indexed index, address indexed owner, uint256 units);

    /// @notice The rollup is frozen for good: a queue entry passed its deadline.
    /// @param index The entry.
    /// @param stateRoot The state that owners leave from.
    event Frozen(uint64 index, bytes32 stateRoot);

    /// @notice An account left a frozen rollup.
    /// @param account Its number.
    /// @param owner Who was paid.
    /// @param nano What it held.
    /// @param units What was paid: `nano` in whole base units.
    event Escaped(uint32 indexed account, address indexed owner, uint256 nano, uint256 units);

    /// @notice A deposit that no block consumed was paid back.
    /// @param index Its number in the queue.
    /// @param owner Who was paid.
    /// @param units How much.
    event DepositRefunded(uint64 indexed index, address indexed owner, uint256 units);

    /// @notice Deposits and proofs wait.
    /// @param until When they go on, at the latest.
    event Paused(uint64 until);

    /// @notice Deposits and proofs go on.
    event Unpaused();

    /// @notice Another verifier.
    /// @param verifier The new one.
    /// @param codehash The hash of its code.
    event VerifierChanged(address verifier, bytes32 codehash);

    /// @notice Another operator.
    /// @param operator The new one.
    event OperatorChanged(address operator);

    /// @notice Another guardian.
    /// @param guardian The new one.
    event GuardianChanged(address guardian);

    // ------------------------------------------------------------------------------------------------ errors

    /// @notice An address that must not be zero.
    error ZeroAddress();
    /// @notice Zero, the rollup and the token own no account.
    error WrongOwner(address owner);
    /// @notice A verifier is a contract: an address without code, or an account that delegates to code, is none.
    error NotAContract(address verifier);
    /// @notice The verifier's code is not that with which it was announced.
    error WrongVerifierCode(bytes32 expected, bytes32 got);
    /// @notice The token has not 6 decimals.
    error WrongDecimals(uint8 decimals);
    /// @notice An element that is not below p.
    error NotCanonical();
    /// @notice Only this address may do that.
    error Unauthorized(address caller);
    /// @notice Only the operator, who is not late.
    error OperatorIsNotLate();
    /// @notice A block of anybody but the operator must consume every entry older than `RESCUE_AGE`; this one is.
    error StillLate(uint64 index);
    /// @notice The rollup is frozen.
    error IsFrozen();
    /// @notice The rollup is not frozen.
    error NotFrozen();
    /// @notice Paused until then.
    error IsPaused(uint64 until);
    /// @notice A pause may begin at that time at the earliest.
    error PauseTooSoon(uint64 earliest);
    /// @notice The deposit, or what the token delivered of it, is not between the least and the largest amount.
    error DepositOutOfRange(uint256 units);
    /// @notice The rollup holds less than payouts of final batches, deposits that a block or an escape must leave, and this
    /// payment.
    error ReserveTooSmall(uint256 needed, uint256 held);
    /// @notice The rollup would hold more than L2 can count.
    error SupplyLimit(uint256 units);
    /// @notice Only a queue entry that is there.
    error NoSuchEntry(uint64 index);
    /// @notice The next part starts at another limb.
    error WrongPart(uint32 expected, uint32 got);
    /// @notice A part is not the rest of the data, nor a whole number of chunks.
    error WrongPartLength(uint256 bytesGot);
    /// @notice The public data do not have the hash that the batch names.
    error WrongDataHash(bytes32 expected, bytes32 got);
    /// @notice A record at this limb is none that may stand there.
    error WrongRecord(uint32 limb);
    /// @notice The queue entries of the public data are not those of the queue.
    error WrongQueueEntries();
    /// @notice The range of queue entries is not within the queue.
    error WrongQueueRange(uint64 from, uint64 to);
    /// @notice This batch was committed before.
    error AlreadyCommitted(bytes32 id);
    /// @notice This batch has not been committed.
    error NotCommitted(bytes32 id);
    /// @notice A block has at least one batch.
    error EmptyBlock();
    /// @notice Batches are numbered without gaps.
    error WrongNumber(uint64 expected, uint64 got);
    /// @notice A batch starts from the root that the one before reached.
    error WrongRoot(bytes32 expected, bytes32 got);
    /// @notice A batch consumes from where the one before stopped.
    error WrongQueueStart(uint64 expected, uint64 got);
    /// @notice A batch is older than the one before it, or of the future.
    error WrongTime(uint64 got);
    /// @notice A batch of this time had to be committed by then: seal its intents into a new batch.
    error BatchTooOld(uint64 timestamp, uint256 latest);
    /// @notice The contract is not on the chain that it was deployed on.
    error WrongChain(uint256 chainId);
    /// @notice The proof does not show the block statement.
    error InvalidProof();
    /// @notice No such payout, or a wrong path.
    error InvalidClaim();
    /// @notice Paid already.
    error AlreadyPaid();
    /// @notice No queue entry has passed its deadline.
    error DeadlineNotPassed();
    /// @notice The leaves and paths do not lead to the final state root.
    error WrongPath();
    /// @notice Accounts are in ascending order of their numbers; this one is not.
    error WrongOrder(uint32 account);

    // ------------------------------------------------------------------------------------------- into the rollup

    /// @notice Pays tokens into the queue, for the L2 account of `owner` and `key`; L2 opens it if there is none.
    /// @dev Counts what arrives, so a token that takes a fee credits less. The caller must have approved the token.
    /// @param owner The L1 owner of the account: to him it withdraws, and a refused deposit goes back. Not zero, the
    /// rollup or the token.
    /// @param key Five words; each is reduced modulo p on L2. Words that are no point make an account that cannot sign
    /// and that its owner can still empty by a forced exit.
    /// @param units Base units to pay: what arrives is at least `leastDeposit` and at most 70,368,744,176.
    /// @return index The entry's number in the queue.
    function deposit(address owner, uint64[5] calldata key, uint256 units) external returns (uint64 index);

    /// @notice Does what `deposit` does, with an approval that the caller signed (EIP-2612) in place of one that the
    /// caller sent before.
    /// @dev Pays from the caller alone, so the permit need not name the account. A permit that somebody else has sent to
    /// the token already, or that the token refuses, is passed over: what counts is the allowance.
    /// @param owner As in `deposit`.
    /// @param key As in `deposit`.
    /// @param units Base units to pay, and to approve.
    /// @param permit The approval.
    /// @return index The entry's number in the queue.
    function depositWithPermit(address owner, uint64[5] calldata key, uint256 units, Permit calldata permit)
        external
        returns (uint64 index);

    /// @notice Does what `deposit` does, paid by the signer of an authorization (EIP-3009). By anyone: the payer needs
    /// no ether.
    /// @dev The signature binds rollup, amount, owner and key: the last two by the nonce. A third party that sees the
    /// call can only make the same deposit. The token takes it from the rollup alone, so it cannot pay without an entry.
    /// @param owner As in `deposit`.
    /// @param key As in `deposit`.
    /// @param units Base units to pay.
    /// @param authorization The payer's authorization.
    /// @return index The entry's number in the queue.
    function depositWithAuthorization(
        address owner,
        uint64[5] calldata key,
        uint256 units,
        Authorization calldata authorization
    ) external returns (uint64 index);

    /// @notice Asks that L2 withdraw all that an account holds to its owner. The operator must consume the request
    /// before its deadline. Never paused.
    /// @param account The account; the caller should own it, or nothing will happen.
    /// @return index The entry's number in the queue.
    function requestForcedExit(uint32 account) external returns (uint64 index);

    // ---------------------------------------------------------------------------------------------- settlement

    /// @notice Takes public data of a batch: all of it, or the next part. Checks on the last part that the data have
    /// the hash named, that the queue entries in them are those of the queue; evaluates them at the batch's challenge;
    /// and remembers the payouts. By the operator, or by anybody while he is late.
    /// @dev Nothing of it counts before a proof. Parts of one batch come from one sender, in order; a part that starts
    /// at limb 0 starts anew. Every part comes within `BATCH_AGE_MAX` of the batch's time.
    /// @param batch The batch.
    /// @param firstLimb Where the part starts.
    /// @param part Bytes of public data: to their end, or a whole number of chunks.
    function commit(Batch calldata batch, uint32 firstLimb, bytes calldata part) external;

    /// @notice Proves a block of committed batches, which become final. By the operator; while he is late, by anybody
    /// whose block leaves no entry older than `RESCUE_AGE`. The rollup must hold what all final batches pay out and nobody
    /// claimed.
    /// @param batches Consecutive batches from the next one on.
    /// @param proof The final proof without its public inputs.
    function prove(Batch[] calldata batches, bytes calldata proof) external;

    // --------------------------------------------------------------------------------------------- out of the rollup

    /// @notice Pays a withdrawal of a final batch, or a deposit that it refused, to its owner. By anybody, once. Never
    /// paused, also in a frozen rollup.
    /// @param batch The batch's number.
    /// @param chunk The chunk of public data in which the payout's record ends: 4096 limbs make a chunk.
    /// @param index The number of the payout within the batch: refused deposits and withdrawals in their order.
    /// @param owner Who is paid.
    /// @param units How much.
    /// @param path Siblings in the chunk's tree of payouts; leaf = keccak256(keccak256(abi.encode(index, owner, units))),
    /// pairs are sorted, an odd last node moves up as it is.
    function claim(
        uint64 batch,
        uint32 chunk,
        uint32 index,
        address owner,
        uint256 units,
        bytes32[] calldata path
    ) external;

    /// @notice Pays several payouts, each as `claim` does; those already paid are passed over. One that is wrong, or that
    /// the token refuses, reverts all.
    /// @param claims The payouts.
    function claimMany(Claim[] calldata claims) external;

    /// @notice Freezes the rollup for good if a queue entry has passed its deadline. By anybody; never paused.
    function freeze() external;

    /// @notice Pays out the balance of an account of a frozen rollup, in whole base units; what is left over, less than
    /// one, is lost. By anybody, to the owner, once per account. Never paused.
    /// @dev Vaults hold less than 16 nano each, 1/60 of a base unit, and are not paid out.
    /// @param account The account's leaf and path.
    /// @param licensesRoot The root of the licenses tree: the last sibling.
    function escape(AccountProof calldata account, bytes32 licensesRoot) external;

    /// @notice Pays out the balances of several accounts under one multiproof, each as `escape` does; accounts that have
    /// left are passed over. One that is wrong, or that the token refuses, reverts all.
    /// @dev The path of 32 levels costs most of an escape, and neighbours share almost all of it.
    /// @param accounts The leaves, in ascending order of their numbers; at least one.
    /// @param siblings What the leaves alone do not give, from the lowest level up and from left to right: of each level,
    /// the siblings of the known nodes that are not known themselves.
    /// @param licensesRoot The root of the licenses tree: the last sibling.
    function escapeMany(AccountLeaf[] calldata accounts, bytes32[] calldata siblings, bytes32 licensesRoot) external;

    /// @notice Pays back a deposit that no block consumed before the rollup was frozen. By anybody, to the owner, once.
    /// Never paused.
    /// @param index Its number in the queue.
    /// @param owner As deposited.
    /// @param key As deposited.
    /// @param nano As recorded.
    function refund(uint64 index, address owner, uint64[5] calldata key, uint64 nano) external;

    // --------------------------------------------------------------------------------------------- governance

    /// @notice Makes deposits and proofs wait for at most `PAUSE_MAX`, and not again before `PAUSE_INTERVAL` has
    /// passed since the last pause began. By the guardian. The pause counts in no limit: neither does the operator
    /// become late by it, nor does a deadline pass.
    function pause() external;

    /// @notice Ends a pause. By the guardian or the timelock.
    function unpause() external;

    /// @notice Changes the verifier. By the timelock. Its code must stay as it is: `prove` compares the hash.
    /// @param newVerifier The new one, a contract.
    function setVerifier(address newVerifier) external;

    /// @notice Changes the operator. By the timelock.
    /// @param newOperator The new one.
    function setOperator(address newOperator) external;

    /// @notice Changes the guardian. By the timelock.
    /// @param newGuardian The new one; zero for none.
    function setGuardian(address newGuardian) external;

    // ------------------------------------------------------------------------------------------------ what it is

    /// @notice The settlement token.
    function token() external view returns (address);
    /// @notice The digest of the domain: chain id and this contract.
    function domain() external view returns (bytes32);
    /// @notice The verifier of block proofs.
    function verifier() external view returns (address);
    /// @notice The hash of the verifier's code.
    function verifierCodehash() external view returns (bytes32);
    /// @notice The least deposit, in base units.
    function leastDeposit() external view returns (uint64);
    /// @notice Payouts of final batches that nobody claimed, in base units: never more than the rollup holds.
    function outstanding() external view returns (uint256);
    /// @notice Deposits that no final batch consumed and that were not paid back, in base units. Neither a block nor an
    /// escape reaches them.
    function unconsumedDeposits() external view returns (uint256);
    /// @notice Who commits and proves.
    function operator() external view returns (address);
    /// @notice Who may pause, and cancel what the timelock holds.
    function guardian() external view returns (address);
    /// @notice An OpenZeppelin TimelockController, whose delay never falls below `UPGRADE_DELAY`.
    function timelock() external view returns (address);
    /// @notice The final state root.
    function stateRoot() external view returns (bytes32);
    /// @notice The number of the next batch to prove.
    function nextBatch() external view returns (uint64);
    /// @notice The time of the last final batch; before the first, an hour before the deployment.
    function lastTimestamp() external view returns (uint64);
    /// @notice The first queue entry that no final batch consumed.
    function queueNext() external view returns (uint64);
    /// @notice How many entries the queue ever had.
    function queueLength() external view returns (uint64);
    /// @notice The hash chain behind the first `length` entries.
    /// @param length How many entries; no more than there are.
    function queueChain(uint64 length) external view returns (bytes32);
    /// @notice When an entry must be consumed, in unix seconds; a pause that began before moves it.
    /// @param index The entry.
    function deadline(uint64 index) external view returns (uint64);
    /// @notice Whether anybody may commit and prove.
    function operatorIsLate() external view returns (bool);
    /// @notice Until when deposits and proofs wait; a time in the past if they do not.
    function pausedUntil() external view returns (uint64);
    /// @notice Whether the rollup is frozen.
    function frozen() external view returns (bool);
    /// @notice The id of a batch: keccak256 of its ABI encoding.
    /// @param batch The batch.
    function batchId(Batch calldata batch) external pure returns (bytes32);
    /// @notice The digest of a committed batch's statement; zero if it is not (wholly) committed.
    /// @param id The batch's id.
    function committedDigest(bytes32 id) external view returns (bytes32);
    /// @notice Who committed a batch.
    /// @param id The batch's id.
    function committedBy(bytes32 id) external view returns (address);
    /// @notice How many limbs of a batch that is not committed were taken in parts from this sender.
    /// @param id The batch's id.
    /// @param committer The sender.
    function stagedLimbs(bytes32 id, address committer) external view returns (uint32);
    /// @notice The id of a final batch; zero if there is none.
    /// @param number The batch's number.
    function finalBatch(uint64 number) external view returns (bytes32);
    /// @notice The root of the payouts in a chunk of a committed batch; zero if there are none.
    /// @param id The batch's id.
    /// @param chunk The chunk.
    function payoutRoot(bytes32 id, uint32 chunk) external view returns (bytes32);
    /// @notice Whether a payout was claimed.
    /// @param batch The batch's number.
    /// @param index The payout's number.
    function isClaimed(uint64 batch, uint32 index) external view returns (bool);
    /// @notice Whether an account has left.
    /// @param account Its number.
    function hasEscaped(uint32 account) external view returns (bool);
    /// @notice Whether a deposit that no block consumed was paid back.
    /// @param index Its number in the queue.
    function isRefunded(uint64 index) external view returns (bool);
}
