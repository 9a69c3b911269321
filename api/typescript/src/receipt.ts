// Checks that a receipt agrees with itself: signature → receipts root → batch → block, with no server.
//
// Consistent is not settled: key, batch and block are the receipt's own words, and anyone can make a consistent
// receipt of a payment that never happened. Only L1 knows: see `verifyReceiptOnL1`.

import { addressFromHex, checksummed, digestFromHex, digestToHex, fromHex } from './bytes.js';
import { type Deployment, domainOf, PROTOCOL_VERSION } from './deployment.js';
import { fields, readIntent } from './documents.js';
import { FarthingError, ReceiptError } from './errors.js';
import { InputError } from './input-error.js';
import { intentMessage, type SignedIntent } from './intent.js';
import { type Digest, rootOf, sameDigest } from './poseidon2.js';
import { type Whole, whole } from './quantity.js';
import { challenge, PUBLIC_KEY_BYTES, parsePublicKey, parseSignature, signatureFault } from './schnorr.js';
import { type BatchStatement, type BlockStatement, batchDigest } from './statement.js';
import { type L1Place, readBatch, readBlockStatement, readPlace } from './statement-documents.js';

/** Levels of the receipts tree. */
const RECEIPTS_DEPTH = 16;

/** A block, by the receipt's word. */
export interface ReceiptBlock {
  readonly number: bigint;
  readonly statement: BlockStatement;
  readonly l1: L1Place | undefined;
}

/** The contents of a consistent receipt: facts if, and only if, L1 has verified the batch. */
export interface VerifiedReceipt {
  readonly id: string;
  readonly account: bigint;
  readonly intent: SignedIntent;
  readonly deployment: { readonly chainId: bigint; readonly contract: string };
  readonly batch: BatchStatement;
  /** `undefined` if the receipt was made before its batch was proven. */
  readonly block: ReceiptBlock | undefined;
}

/**
 * Checks that a receipt agrees with itself, which a made-up one does too: whether its payment is settled, only
 * L1 says. With `deployment`, the receipt must be of that one.
 */
export function verifyReceipt(receipt: unknown, deployment?: Deployment): VerifiedReceipt {
  try {
    return verify(receipt, deployment);
  } catch (error) {
    // A field that is not what it should be makes the document no receipt.
    if (error instanceof InputError) throw new ReceiptError(`not a receipt: ${error.message}`);
    if (error instanceof FarthingError) throw error;
    throw new ReceiptError(`not a receipt: ${String(error)}`);
  }
}

function verify(receipt: unknown, expected: Deployment | undefined): VerifiedReceipt {
  const names = ['id', 'chain_id', 'contract', 'intent', 'key', 'receipt_path', 'batch'];
  const f = fields(receipt, 'receipt', names, ['block']);
  const deployment = {
    chainId: whole(f['chain_id'] as Whole, 'chainId', 'chain id'),
    contract: checksummed(addressFromHex(f['contract'], 'contract')),
  };
  if (expected !== undefined) requireDeployment(deployment, expected);
  const intent = readIntent(f['intent'], deployment);
  const batch = readBatch(f['batch']);
  checkIntent(f, intent, domainOf(deployment), batch);
  const block = f['block'] == null ? undefined : readBlock(f['block'], batch);
  return { id: intent.id, account: intent.intent.account, intent, deployment, batch, block };
}

function requireDeployment(got: Deployment, expected: Deployment): void {
  const chainId = whole(expected.chainId, 'chainId', 'chain id');
  const contract = checksummed(addressFromHex(expected.contract, 'contract'));
  if (got.chainId !== chainId || got.contract !== contract) {
    throw new ReceiptError(
      `the receipt is of chain ${got.chainId} and contract ${got.contract}, expected chain ${chainId} and ` +
        `contract ${contract}`,
    );
  }
}

function checkIntent(
  receipt: Record<string, unknown>,
  signed: SignedIntent,
  domain: Digest,
  batch: BatchStatement,
): void {
  const id = digestToHex(digestFromHex(receipt['id'], 'id'));
  if (id !== signed.id) throw new ReceiptError(`the intent's id is ${signed.id}, the receipt says ${id}`);
  const keyBytes = fromHex(receipt['key'], 'key', PUBLIC_KEY_BYTES);
  const message = intentMessage(signed.intent);
  const fault = signatureFault(keyBytes, domain, message, signed.signature);
  if (fault !== undefined) throw new ReceiptError(`the signature is not valid: ${fault}`);
  requireDomain('batch', batch.domain, domain);
  if (signed.intent.validUntil < batch.timestamp) {
    throw new ReceiptError(
      `the intent was valid until ${signed.intent.validUntil}, the batch is of ${batch.timestamp}`,
    );
  }
  const key = parsePublicKey(keyBytes);
  const parsed = parseSignature(signed.signature);
  if (key === undefined || typeof parsed === 'string') throw new ReceiptError('the signature is not valid');
  const leaf = challenge(domain, parsed.nonce, key, message);
  const tree = {
    what: 'receipt path',
    levels: RECEIPTS_DEPTH,
    leaves: batch.intents,
    root: batch.receiptsRoot,
  };
  checkPath(tree, leaf, receipt['receipt_path']);
}

function requireDomain(what: string, got: Digest, expected: Digest): void {
  if (!sameDigest(got, expected)) {
    throw new ReceiptError(`the ${what}'s domain is not that of the receipt's chain and contract`);
  }
}

/** A tree as its statement commits to it. */
interface Tree {
  readonly what: string;
  readonly levels: number;
  readonly leaves: bigint;
  readonly root: Digest;
}

/** Checks a path of the tree; returns the leaf's index. */
function checkPath(tree: Tree, leaf: Digest, path: unknown): bigint {
  const { what, levels, leaves, root } = tree;
  const f = fields(path, what, ['index', 'siblings']);
  const index = whole(f['index'] as Whole, 'count', `index of the ${what}`);
  if (!Array.isArray(f['siblings']) || f['siblings'].length !== levels) {
    const got = Array.isArray(f['siblings']) ? f['siblings'].length : 'no';
    throw new ReceiptError(`the ${what} has ${got} siblings, expected ${levels}`);
  }
  if (index >= leaves) throw new ReceiptError(`the ${what} starts at leaf ${index} of ${leaves}`);
  const siblings = f['siblings'].map((sibling: unknown) => digestFromHex(sibling, what));
  const got = rootOf(leaf, index, siblings);
  if (!sameDigest(got, root)) {
    throw new ReceiptError(`the ${what} leads to ${digestToHex(got)}, expected ${digestToHex(root)}`);
  }
  return index;
}

function readBlock(value: unknown, batch: BatchStatement): ReceiptBlock {
  const f = fields(value, 'block', ['number', 'batch_path', 'statement'], ['l1']);
  const { version, statement } = readBlockStatement(f['statement']);
  if (version !== PROTOCOL_VERSION) {
    throw new ReceiptError(`the block is of protocol version ${version}, expected ${PROTOCOL_VERSION}`);
  }
  requireDomain('block', statement.domain, batch.domain);
  const tree = {
    what: 'batch path',
    levels: statement.batches <= 1n ? 0 : (statement.batches - 1n).toString(2).length,
    leaves: statement.batches,
    root: statement.batchesRoot,
  };
  const path = fields(f['batch_path'], 'batch path', ['index', 'siblings']);
  const index = whole(path['index'] as Whole, 'count', 'index of the batch path');
  if (batch.number - statement.firstBatch !== index) {
    throw new ReceiptError(
      `batch ${batch.number} is not at index ${index} of a block that starts with batch ${statement.firstBatch}`,
    );
  }
  checkPath(tree, batchDigest(batch), path);
  const number = whole(f['number'] as Whole, 'u64', 'block number');
  return { number, statement, l1: f['l1'] == null ? undefined : readPlace(f['l1']) };
}
