// A receipt that agrees with itself, and the L1 that confirms it: made for tests, as anyone could.

import { bigEndian, concat, digestToHex, elementBytes, fromHex, keccak, toHex, utf8 } from '../src/bytes.js';
import { domainOf } from '../src/deployment.js';
import { intentDocument } from '../src/documents.js';
import type { Fp5 } from '../src/extension.js';
import { intentMessage } from '../src/intent.js';
import { keyFromSeed } from '../src/keys.js';
import * as operations from '../src/operations.js';
import { compress, type Digest, rootOf, ZERO_DIGEST } from '../src/poseidon2.js';
import { challenge, parseSignature } from '../src/schnorr.js';
import { Signer } from '../src/signer.js';
import { type BatchStatement, batchDigest, batchesRoot } from '../src/statement.js';

export const DEPLOYMENT = { chainId: 31337, contract: `0x${'fa'.repeat(20)}` };
const DOMAIN = domainOf(DEPLOYMENT);
const TIME = 1_800_000_000n;
const INDEX = 5n;
const BLOCK_NUMBER = 2;
const L1_BLOCK = 40;
const TRANSACTION = `0x${'7a'.repeat(32)}`;

const digest = (seed: bigint): Digest => [seed, seed + 1n, seed + 2n, seed + 3n];

function batchOf(number: bigint, receiptsRoot: Digest): BatchStatement {
  return {
    domain: DOMAIN,
    class: 0n,
    number,
    timestamp: TIME + number,
    oldRoot: digest(100n * number),
    newRoot: digest(100n * (number + 1n)),
    receiptsRoot,
    intents: 9n,
    queueFrom: number,
    queueTo: number + 1n,
    publicData: digest(7n),
    publicDataLimbs: 12n,
    challenge: [3n, 4n],
    evaluation: [5n, 6n],
  };
}

function pathOf(levels: number): Digest[] {
  const siblings: Digest[] = [];
  let empty = ZERO_DIGEST;
  for (let i = 0; i < levels; i += 1) {
    siblings.push(empty);
    empty = compress(empty, empty);
  }
  return siblings;
}

const signer = new Signer(7, keyFromSeed(new Uint8Array(32).fill(3)), DOMAIN);
const signed = signer.signIntent({
  account: 7n,
  nonce: 1_700_000_000_000_000n,
  fee: 1n,
  validUntil: TIME + 600n,
  operation: operations.pay(3, 20, '5000', `0x${'03'.repeat(24)}`, new Uint8Array(32).fill(9)),
});
const parsed = parseSignature(signed.signature) as { nonce: Fp5 };
const key = keyFromSeed(new Uint8Array(32).fill(3));
const leaf = challenge(DOMAIN, parsed.nonce, key.elements, intentMessage(signed.intent));
const siblings = pathOf(16);
const FIRST = 10n;
const batches = [FIRST, FIRST + 1n, FIRST + 2n].map((number) =>
  batchOf(number, number === FIRST + 1n ? rootOf(leaf, INDEX, siblings) : ZERO_DIGEST),
);
const digests = batches.map(batchDigest);
const [first, paid, last] = batches as [BatchStatement, BatchStatement, BatchStatement];

const hex = (bytes: Uint8Array): string => toHex(bytes);
const felt = (value: bigint): string => hex(elementBytes([value]));

/** The receipt, as JSON that a test may change. */
export function madeReceipt(): Record<string, unknown> {
  return structuredClone({
    id: signed.id,
    chain_id: DEPLOYMENT.chainId,
    contract: DEPLOYMENT.contract,
    intent: intentDocument(signed),
    key: key.publicKey,
    receipt_path: { index: Number(INDEX), siblings: siblings.map(digestToHex) },
    batch: {
      domain: digestToHex(paid.domain),
      class: Number(paid.class),
      number: paid.number.toString(),
      timestamp: Number(paid.timestamp),
      old_root: digestToHex(paid.oldRoot),
      new_root: digestToHex(paid.newRoot),
      receipts_root: digestToHex(paid.receiptsRoot),
      intents: Number(paid.intents),
      queue_from: paid.queueFrom.toString(),
      queue_to: paid.queueTo.toString(),
      public_data: digestToHex(paid.publicData),
      public_data_limbs: Number(paid.publicDataLimbs),
      challenge: paid.challenge.map(felt),
      evaluation: paid.evaluation.map(felt),
    },
    block: {
      number: BLOCK_NUMBER.toString(),
      batch_path: {
        index: 1,
        siblings: [
          digestToHex(digests[0] as Digest),
          digestToHex(compress(digests[2] as Digest, ZERO_DIGEST)),
        ],
      },
      statement: {
        version: 2,
        domain: digestToHex(DOMAIN),
        first_batch: FIRST.toString(),
        batches: 3,
        timestamp: Number(last.timestamp),
        old_root: digestToHex(first.oldRoot),
        new_root: digestToHex(last.newRoot),
        queue_from: first.queueFrom.toString(),
        queue_to: last.queueTo.toString(),
        batches_root: digestToHex(batchesRoot(digests)),
      },
      l1: { transaction: TRANSACTION, block: L1_BLOCK },
    },
  });
}

const word = (value: bigint | number): Uint8Array => bigEndian(BigInt(value), 32);
const topic = (signature: string): string => toHex(keccak(utf8(signature)));
const selector = (signature: string): string => topic(signature).slice(0, 10);
const BATCH = '(uint32,uint64,uint64,bytes32,bytes32,bytes32,uint32,uint64,uint64,bytes32,uint32,bytes32)';

/** A batch in the words of the contract. */
function words(batch: BatchStatement): Uint8Array {
  return concat(
    word(batch.class),
    word(batch.number),
    word(batch.timestamp),
    elementBytes(batch.oldRoot),
    elementBytes(batch.newRoot),
    elementBytes(batch.receiptsRoot),
    word(batch.intents),
    word(batch.queueFrom),
    word(batch.queueTo),
    elementBytes(batch.publicData),
    word(batch.publicDataLimbs),
    word(0xda7a),
  );
}

/** The L1 of the receipt. `direct`: the proof was sent to the contract itself, with the batches. */
export class MadeL1 {
  direct = true;
  domain: string = digestToHex(DOMAIN);
  code = '0x60';
  final = new Set(batches.map(({ number }) => number));
  readonly asked: string[] = [];

  readonly fetch: typeof fetch = async (_, init) => {
    const { method, params, id } = JSON.parse(String(init?.body)) as {
      method: string;
      params: Record<string, string>[] & string[];
      id: number;
    };
    this.asked.push(method);
    const answer = { jsonrpc: '2.0', id, ...this.answer(method, params as unknown[]) };
    return new Response(JSON.stringify(answer));
  };

  private answer(method: string, params: unknown[]): { result: unknown } | { error: { message: string } } {
    switch (method) {
      case 'eth_chainId':
        return { result: `0x${DEPLOYMENT.chainId.toString(16)}` };
      case 'eth_blockNumber':
        return { result: '0x64' };
      case 'eth_getCode':
        return { result: this.code };
      case 'eth_call':
        return this.view((params[0] as { data: string }).data);
      case 'eth_getTransactionByHash':
        return { result: { input: this.direct ? this.calldata() : '0x12345678' } };
      case 'eth_getLogs':
        return this.logs(params[0] as { topics: string[]; fromBlock: string; toBlock: string });
      default:
        return { error: { message: `no ${method}` } };
    }
  }

  private view(data: string): { result: string } | { error: { message: string } } {
    const argument = BigInt(`0x${data.slice(10)}0`) / 16n;
    switch (data.slice(0, 10)) {
      case selector('domain()'):
        return this.domain === '' ? { error: { message: 'execution reverted' } } : { result: this.domain };
      case selector('finalBatch(uint64)'): {
        const batch = batches.find(({ number }) => number === argument);
        const known = batch !== undefined && this.final.has(argument);
        return { result: known ? toHex(keccak(words(batch))) : toHex(word(0)) };
      }
      case selector('committedDigest(bytes32)'): {
        const batch = batches.find((one) => BigInt(toHex(keccak(words(one)))) === argument);
        return { result: batch === undefined ? toHex(word(0)) : digestToHex(batchDigest(batch)) };
      }
      default:
        return { error: { message: 'no such view' } };
    }
  }

  private calldata(): string {
    const list = concat(word(3), ...batches.map(words));
    const body = concat(word(64), word(64 + list.length), list, word(1), word(0));
    return selector(`prove(${BATCH}[],bytes)`) + toHex(body).slice(2);
  }

  /** Ranges of more than 30 L1 blocks are refused, as endpoints do. */
  private logs(filter: { topics: string[]; fromBlock: string; toBlock: string }) {
    const [from, to] = [Number(filter.fromBlock), Number(filter.toBlock)];
    if (to - from > 30) return { error: { message: 'range too wide' } };
    const place = { transactionHash: TRANSACTION, logIndex: '0x1' };
    const proven = topic('BlockProven(uint64,uint32,bytes32,uint64)');
    const logs = [
      { block: 20, topics: [proven, toHex(word(0))], data: toHex(concat(word(10), word(0), word(0))) },
      {
        block: L1_BLOCK,
        topics: [proven, toHex(word(FIRST))],
        data: toHex(concat(word(3), word(0), word(0))),
      },
      {
        block: 60,
        topics: [proven, toHex(word(FIRST + 3n))],
        data: toHex(concat(word(1), word(0), word(0))),
      },
      ...batches.map((batch) => ({
        block: 30,
        topics: [
          topic(`BatchCommitted(bytes32,address,uint64,bytes32,${BATCH})`),
          toHex(keccak(words(batch))),
        ],
        data: toHex(concat(fromHex(digestToHex(batchDigest(batch)), 'digest'), words(batch))),
      })),
    ];
    const matching = logs.filter(({ block, topics }) => {
      return block >= from && block <= to && filter.topics.every((wanted, i) => wanted === topics[i]);
    });
    return {
      result: matching.map(({ block, ...log }) => ({
        ...log,
        ...place,
        blockNumber: `0x${block.toString(16)}`,
      })),
    };
  }
}
