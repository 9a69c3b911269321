// Receipts and revenue statements against L1: the contract has verified their batches, and every field of a
// receipt's block is as L1 has it.

import {
  addressFromHex,
  bigEndian,
  checksummed,
  digestOf,
  digestToHex,
  fromBigEndian,
  keccak,
  toHex,
  utf8,
} from './bytes.js';
import { type Deployment, domainOf } from './deployment.js';
import { L1Error, NotSettledError } from './errors.js';
import type { Digest } from './poseidon2.js';
import { type Whole, whole } from './quantity.js';
import { type ReceiptBlock, type VerifiedReceipt, verifyReceipt } from './receipt.js';
import { type ProvenStatement, statementBatches, verifyStatement } from './revenue-statement.js';
import { type L1Endpoint, type Log, Rpc, RpcRefusal } from './rpc.js';
import { type BatchStatement, type BlockStatement, batchDigest, batchesRoot } from './statement.js';

/** The endpoint to ask, and the contract to ask about. */
export type L1Options = L1Endpoint & {
  /** The rollup's address from a source that the caller trusts: never from the document that is checked. */
  readonly contract: string;
  /** The L1 block of the deployment, from which logs are read; 0 by default. A statement needs no logs. */
  readonly deployedAt?: Whole;
};

/** A receipt that L1 confirms. */
export interface SettledReceipt extends VerifiedReceipt {
  readonly settled: true;
  /** The L1 block at which that was seen. */
  readonly l1Block: bigint;
}

const topic = (signature: string): string => toHex(keccak(utf8(signature)));
const selector = (signature: string): string => topic(signature).slice(0, 10);

const BATCH_TYPE =
  '(uint32,uint64,uint64,bytes32,bytes32,bytes32,uint32,uint64,uint64,bytes32,uint32,bytes32)';
const BATCH_WORDS = 12;
const WORD = 32;
const BLOCK_PROVEN = topic('BlockProven(uint64,uint32,bytes32,uint64)');
const BATCH_COMMITTED = topic(`BatchCommitted(bytes32,address,uint64,bytes32,${BATCH_TYPE})`);
const PROVE = selector(`prove(${BATCH_TYPE}[],bytes)`);
const ZERO_WORD = `0x${'00'.repeat(WORD)}`;

const wordOf = (value: bigint): string => toHex(bigEndian(value, WORD));

/**
 * Checks that a receipt agrees with itself and that the contract has verified its batch. The error is a
 * `ReceiptError` if the receipt contradicts itself or is of another contract, a `NotSettledError` if L1 does
 * not confirm it, an `L1Error` if L1 does not answer.
 */
export async function verifyReceiptOnL1(receipt: unknown, l1: L1Options): Promise<SettledReceipt> {
  const rollup = await SettledRollup.of(l1);
  const verified = verifyReceipt(receipt, rollup.deployment);
  await rollup.open();
  const l1Block = await rollup.check(verified);
  return { ...verified, settled: true, l1Block };
}

/**
 * Checks that a revenue statement agrees with itself and that the contract has verified its batches: then its
 * claim is true. The error is a `StatementError` if the statement contradicts itself or is of another contract, a
 * `NotSettledError` if L1 does not confirm it, an `L1Error` if L1 does not answer.
 */
export async function verifyStatementOnL1(statement: unknown, l1: L1Options): Promise<ProvenStatement> {
  const rollup = await SettledRollup.of(l1);
  const verified = verifyStatement(statement, rollup.deployment);
  await rollup.open();
  const l1Block = await rollup.checkBatches(statementBatches(verified));
  return { ...verified, outcome: 'proven', l1Block };
}

/** Where L1 proved a block. */
interface Proof {
  readonly log: Log;
  readonly firstBatch: bigint;
  readonly batches: bigint;
}

class SettledRollup {
  private readonly contract: string;
  private readonly domain: Digest;

  private constructor(
    private readonly rpc: Rpc,
    /** The chain of the endpoint, and the contract that the caller named. */
    readonly deployment: Deployment,
    private readonly deployedAt: bigint,
  ) {
    this.contract = deployment.contract;
    this.domain = domainOf(deployment);
  }

  /** The rollup that the caller named, on the chain of the endpoint. */
  static async of(l1: L1Options): Promise<SettledRollup> {
    const rpc = new Rpc(l1);
    const chainId = await rpc.integer('eth_chainId');
    const contract = checksummed(addressFromHex(l1.contract, 'contract'));
    const deployedAt = whole(l1.deployedAt ?? 0, 'u64', 'block of the deployment');
    return new SettledRollup(rpc, { chainId, contract }, deployedAt);
  }

  /** Looks at the contract's code and domain. */
  async open(): Promise<void> {
    if ((await this.rpc.code(this.contract)).length === 0) {
      throw new NotSettledError(`there is no contract at ${this.contract} on this chain`);
    }
    let domain: string;
    try {
      domain = await this.rpc.view(this.contract, selector('domain()'));
    } catch (error) {
      // A contract that does not answer this is another one; a silent L1 is another error.
      if (!(error instanceof RpcRefusal)) throw error;
      domain = '';
    }
    if (domain !== digestToHex(this.domain)) {
      throw new NotSettledError(
        `the contract ${this.contract} is not a rollup of this chain: its domain differs`,
      );
    }
  }

  /** Checks batch and block of a receipt; returns the L1 block at which that was seen. */
  async check(verified: VerifiedReceipt): Promise<bigint> {
    const at = await this.checkBatches([verified.batch]);
    if (verified.block !== undefined) await this.checkBlock(verified.block, at);
    return at;
  }

  /** Checks that the contract has verified these batches; returns the L1 block at which that was seen. */
  async checkBatches(batches: readonly BatchStatement[]): Promise<bigint> {
    const at = await this.rpc.integer('eth_blockNumber');
    for (const batch of batches) {
      const digest = await this.digest(batch.number);
      if (digest !== digestToHex(batchDigest(batch))) throw this.notFinal(batch.number);
    }
    return at;
  }

  private notFinal(batch: bigint): NotSettledError {
    return new NotSettledError(
      `the contract has not verified batch ${batch}, or has verified another batch with its number`,
    );
  }

  private finalBatch(batch: bigint): Promise<string> {
    return this.rpc.view(this.contract, selector('finalBatch(uint64)') + wordOf(batch).slice(2));
  }

  /** The digest of a final batch; `undefined` if there is none. */
  private async digest(batch: bigint): Promise<string | undefined> {
    const id = await this.finalBatch(batch);
    if (id === ZERO_WORD) return undefined;
    return this.rpc.view(this.contract, selector('committedDigest(bytes32)') + id.slice(2));
  }

  private async checkBlock(block: ReceiptBlock, head: bigint): Promise<void> {
    const proof = await this.proof(block, head);
    if (block.l1 !== undefined) {
      same('the L1 transaction', block.l1.transaction, proof.log.transaction);
      same('the L1 block', block.l1.block, proof.log.block);
    }
    same('the number', block.number, await this.number(proof));
    checkStatement(block.statement, await this.statement(proof));
  }

  /** Where L1 proved the block: in the L1 block that the receipt names, or anywhere. */
  private async proof(block: ReceiptBlock, head: bigint): Promise<Proof> {
    const [from, to] = block.l1 ? [block.l1.block, block.l1.block] : [this.deployedAt, head];
    const firstBatch = block.statement.firstBatch;
    const logs = await this.rpc.logs(this.contract, [BLOCK_PROVEN, wordOf(firstBatch)], from, to);
    const log = logs.at(-1);
    if (log === undefined) {
      throw new NotSettledError(
        `the contract has proven no block that starts with batch ${firstBatch} in L1 blocks ${from} to ${to}`,
      );
    }
    return { log, firstBatch, batches: fromBigEndian(log.data.subarray(0, WORD)) };
  }

  /** The number of a proven block: how many the contract had proven with it. */
  private async number(proof: Proof): Promise<bigint> {
    const logs = await this.rpc.logs(this.contract, [BLOCK_PROVEN], this.deployedAt, proof.log.block);
    const until = (log: Log): boolean =>
      log.block < proof.log.block || (log.block === proof.log.block && log.index <= proof.log.index);
    return BigInt(logs.filter(until).length);
  }

  /** The statement that the contract gave its verifier. */
  private async statement(proof: Proof): Promise<BlockStatement> {
    const { firstBatch, batches } = proof;
    const digests: Digest[] = [];
    for (let batch = firstBatch; batch < firstBatch + batches; batch += 1n) {
      const digest = await this.digest(batch);
      if (digest === undefined) throw this.notFinal(batch);
      digests.push(digestOf(bytesOf(digest), 'digest of a batch'));
    }
    const sent = sentBatches(await this.rpc.transactionInput(proof.log.transaction));
    const first = await this.header(proof, sent, firstBatch);
    const last = await this.header(proof, sent, firstBatch + batches - 1n);
    return {
      domain: this.domain,
      firstBatch,
      batches,
      timestamp: last.integer(2),
      oldRoot: first.digest(3),
      newRoot: last.digest(4),
      queueFrom: first.integer(7),
      queueTo: last.integer(8),
      batchesRoot: batchesRoot(digests),
    };
  }

  /** The header of a batch with the id that the contract keeps: from the proof's calldata, or from the logs. */
  private async header(proof: Proof, sent: readonly Header[], batch: bigint): Promise<Header> {
    const id = await this.finalBatch(batch);
    const found = sent.find((header) => header.id === id);
    if (found !== undefined) return found;
    const logs = await this.rpc.logs(this.contract, [BATCH_COMMITTED, id], this.deployedAt, proof.log.block);
    const data = logs.at(-1)?.data.subarray(WORD, WORD + BATCH_WORDS * WORD);
    if (data === undefined) {
      throw new L1Error(`L1 does not have the header of batch ${batch} any more: ask an archive node`);
    }
    const header = new Header(data);
    if (header.id !== id) throw new L1Error(`the header of batch ${batch} on L1 has another id`);
    return header;
  }
}

/** A batch of the contract: twelve words. */
class Header {
  readonly id: string;

  constructor(private readonly words: Uint8Array) {
    this.id = toHex(keccak(words));
  }

  private word(index: number): Uint8Array {
    return this.words.subarray(index * WORD, (index + 1) * WORD);
  }

  integer(index: number): bigint {
    return fromBigEndian(this.word(index));
  }

  digest(index: number): Digest {
    return digestOf(this.word(index), 'digest of a header');
  }
}

/** The batches that a transaction gave to `prove`; none if it called another contract first. */
function sentBatches(input: Uint8Array): Header[] {
  if (toHex(input.subarray(0, 4)) !== PROVE) return [];
  const body = input.subarray(4);
  const integerAt = (at: number): number => Number(fromBigEndian(body.subarray(at, at + WORD)) & 0xffffffffn);
  const list = integerAt(0);
  const count = integerAt(list);
  const headers: Header[] = [];
  for (let i = 0; i < count; i += 1) {
    const at = list + WORD + i * BATCH_WORDS * WORD;
    const words = body.subarray(at, at + BATCH_WORDS * WORD);
    if (words.length < BATCH_WORDS * WORD) return [];
    headers.push(new Header(words));
  }
  return headers;
}

function bytesOf(word: string): Uint8Array {
  return bigEndian(BigInt(word === '0x' ? 0 : word), WORD);
}

/** Compares a block's statement field by field. */
function checkStatement(receipt: BlockStatement, l1: BlockStatement): void {
  const digest = (value: Digest): string => digestToHex(value);
  same('the domain', digest(receipt.domain), digest(l1.domain));
  same('the first batch', receipt.firstBatch, l1.firstBatch);
  same('the number of batches', receipt.batches, l1.batches);
  same('the time', receipt.timestamp, l1.timestamp);
  same('the old root', digest(receipt.oldRoot), digest(l1.oldRoot));
  same('the new root', digest(receipt.newRoot), digest(l1.newRoot));
  same('the first queue entry', receipt.queueFrom, l1.queueFrom);
  same('the next queue entry', receipt.queueTo, l1.queueTo);
  same('the batches root', digest(receipt.batchesRoot), digest(l1.batchesRoot));
}

function same(field: string, receipt: string | bigint, l1: string | bigint): void {
  if (receipt !== l1) {
    throw new NotSettledError(`the receipt says ${field} ${receipt} of its block, L1 has ${l1}`);
  }
}
