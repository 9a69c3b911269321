// Files that prove themselves, checked step by step: all but the last step without a request. The node has no
// part in it: a file is right or wrong, and L1 has the last word.
//
// The SDK is imported by its path, since Node runs the tests of this module, and knows no alias.

import {
  type AccountProof,
  type ConsistentStatement,
  type IntentDocument,
  L1Error,
  readIntent,
  type SignedIntent,
  verifyAccountProof,
  verifyReceipt,
  verifyReceiptOnL1,
  verifyStatementOnL1,
} from '../../../typescript/src/index.js';
import { domainOf, fromHex, intentMessage, signatureFault } from '../../../typescript/src/protocol.js';
import { grouped, tokensText } from './amount.js';
import { type Endpoint, providerOf } from './endpoint.js';
import { chainName, shortHex } from './names.js';
import { Rollup } from './rollup.js';
import { batchesText, statementSteps } from './statement-steps.js';
import { type Step, sentence, skipped } from './step.js';
import { momentText } from './time.js';

/** A receipt has about 3 kB, an account's path 4 kB, a statement 9 kB for each of at most 1,000 licenses. */
export const FILE_BYTES_MAX = 1 << 24;
const KEY_BYTES = 40;
const ZERO_ADDRESS = `0x${'00'.repeat(20)}`;

/** A file with the steps that need no L1. */
export interface Checked {
  readonly kind: 'receipt' | 'account' | 'statement' | 'other';
  readonly steps: readonly Step[];
  readonly document: unknown;
  /** The instruction of a receipt, once its signature is valid. */
  readonly intent?: IntentDocument | undefined;
  /** The contents of a statement that agrees with itself. */
  readonly statement?: ConsistentStatement | undefined;
}

/** The address of a rollup, and the L1 block from which its logs are read. */
export interface Place {
  readonly contract: string;
  readonly deployedAt: string;
}

/** A step before it is taken: its text on success, or an error. */
interface Plan {
  readonly title: string;
  readonly reason: string;
  readonly check: () => string | { readonly open: string };
}

/** Checks a file as far as that needs no L1. */
export function checkFile(text: string): Checked {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    return refused(undefined, 'The file is not JSON.', 'It is cut off, or it is another kind of file.');
  }
  if (hasFields(document, 'receipt_path', 'intent')) return checkReceipt(document);
  if (hasFields(document, 'licenses_root', 'siblings')) return checkAccount(document as AccountProof);
  if (hasFields(document, 'claim', 'licenses')) {
    return { kind: 'statement', document, ...statementSteps(document) };
  }
  if (hasFields(document, 'siblings', 'accounts_root')) {
    const reason = 'A statement has one or two of them: `farthing statement make` makes it.';
    return refused(document, "The file is a license's opening, which claims nothing by itself.", reason);
  }
  if (hasFields(document, 'proof', 'statement')) {
    const reason = 'The contract verifies such proofs. The receipt of an intent says which block has it.';
    return refused(document, "The file is a block's statement with its proof.", reason);
  }
  return refused(
    document,
    'The file is neither a receipt nor a statement nor the path of an account.',
    WANTED,
  );
}

const WANTED =
  'Save a receipt on the page of an intent, or the path of an account on the page of exits. ' +
  'The program `farthing` makes statements.';

function refused(document: unknown, text: string, reason: string): Checked {
  const steps = [{ title: 'File', outcome: 'bad', text, reason } as const];
  return { kind: 'other', steps, document };
}

function hasFields(value: unknown, ...names: readonly string[]): boolean {
  return typeof value === 'object' && value !== null && names.every((name) => Object.hasOwn(value, name));
}

/** Takes steps in order. After the first that fails the others are skipped. */
function take(plans: readonly Plan[]): Step[] {
  let failed = false;
  return plans.map(({ title, reason, check }): Step => {
    if (failed) return skipped(title);
    try {
      const found = check();
      if (typeof found === 'string') return { title, outcome: 'good', text: found };
      return { title, outcome: 'open', text: found.open };
    } catch (error) {
      failed = true;
      return { title, outcome: 'bad', text: sentence(error), reason };
    }
  });
}

function checkReceipt(document: unknown): Checked {
  const receipt = document as Record<string, unknown>;
  const deployment = { chainId: receipt['chain_id'] as number, contract: String(receipt['contract']) };
  let signed: SignedIntent;
  const steps = take([
    {
      title: 'Intent',
      reason: 'The file was changed after the node made it, or it is of another version.',
      check: () => {
        signed = readIntent(receipt['intent'], deployment);
        if (signed.id !== String(receipt['id']).toLowerCase())
          throw new Error(`the content has the id ${signed.id}, the file says ${String(receipt['id'])}`);
        return `Its id ${shortHex(signed.id)} follows from its content, its chain (${chainName(deployment.chainId)}) and its contract.`;
      },
    },
    {
      title: 'Signature',
      reason: 'Another key signed it, or the intent was changed after it was signed.',
      check: () => {
        const key = fromHex(receipt['key'], 'key', KEY_BYTES);
        const fault = signatureFault(
          key,
          domainOf(deployment),
          intentMessage(signed.intent),
          signed.signature,
        );
        if (fault !== undefined) throw new Error(`the signature is not valid: ${fault}`);
        return `The key ${shortHex(String(receipt['key']))} of account ${signed.intent.account} signed it.`;
      },
    },
    {
      title: 'Batch',
      reason: 'The intent is not in this batch, or the statement of the batch was changed.',
      check: () => {
        const { batch } = verifyReceipt({ ...receipt, block: null });
        const time = momentText(Number(batch.timestamp));
        return `A path of 16 hashes leads from the intent to the receipts root of batch ${grouped(batch.number)}, sealed at ${time}.`;
      },
    },
    {
      title: 'Block',
      reason: 'The batch is not in this block, or the statement of the block was changed.',
      check: () => {
        const { batch, block } = verifyReceipt(receipt);
        if (block === undefined)
          return { open: 'The receipt was made before its batch was in a block. A later one has the block.' };
        return `A path leads from batch ${grouped(batch.number)} to the batches root of block ${grouped(block.number)}.`;
      },
    },
  ]);
  const isSigned = steps[1]?.outcome === 'good';
  const intent = isSigned ? (receipt['intent'] as IntentDocument) : undefined;
  return { kind: 'receipt', steps, document, intent };
}

function checkAccount(proof: AccountProof): Checked {
  const steps = take([
    {
      title: 'Path',
      reason: 'Balance, nonce, key or owner were changed, or the path is of another account.',
      check: () => {
        const root = verifyAccountProof(BigInt(proof.id), proof);
        return `It leads from account ${proof.id} with ${tokensText(proof.balance)} tokens to the state root ${shortHex(root)}.`;
      },
    },
  ]);
  return { kind: 'account', steps, document: proof };
}

/** True if L1 can be asked about a file: it agrees with itself. */
export function isConsistent({ kind, steps }: Checked): boolean {
  return kind !== 'other' && steps.every(({ outcome }) => outcome === 'good' || outcome === 'open');
}

/** Asks the contract about a file that agrees with itself. */
export async function askL1(checked: Checked, endpoint: Endpoint, place: Place): Promise<Step> {
  const title = 'L1';
  try {
    return { title, outcome: 'good', text: await ask(checked, endpoint, place) };
  } catch (error) {
    return { title, outcome: 'bad', text: sentence(error), reason: reasonOf(error, checked.kind) };
  }
}

function ask(checked: Checked, endpoint: Endpoint, place: Place): Promise<string> {
  switch (checked.kind) {
    case 'receipt':
      return askReceipt(checked, endpoint, place);
    case 'statement':
      return askStatement(checked, endpoint, place);
    default:
      return askAccount(checked, endpoint, place);
  }
}

async function askReceipt({ document }: Checked, endpoint: Endpoint, place: Place): Promise<string> {
  const { batch, l1Block } = await verifyReceiptOnL1(document, { ...endpoint, ...place });
  return verifiedText(`batch ${grouped(batch.number)}`, l1Block);
}

async function askStatement({ document }: Checked, endpoint: Endpoint, place: Place): Promise<string> {
  const { claim, l1Block } = await verifyStatementOnL1(document, { ...endpoint, ...place });
  return verifiedText(batchesText(claim), l1Block);
}

function verifiedText(batches: string, l1Block: bigint): string {
  return `The contract has verified ${batches}, as of L1 block ${grouped(l1Block)}. Nobody can undo it.`;
}

async function askAccount({ document }: Checked, endpoint: Endpoint, place: Place): Promise<string> {
  const proof = document as AccountProof;
  if (proof.contract.toLowerCase() !== place.contract.toLowerCase())
    throw new Error(`the path is of the contract ${proof.contract}, expected ${place.contract}`);
  const root = await new Rollup(providerOf(endpoint), place.contract, ZERO_ADDRESS).stateRoot();
  if (root.toLowerCase() !== proof.state_root.toLowerCase()) {
    throw new OtherStateError(
      `the state root of the contract is ${root}, the path leads to ${proof.state_root}`,
    );
  }
  return `The contract has this state root: account ${proof.id} holds ${tokensText(proof.balance)} tokens.`;
}

/** A path to another state than the contract's. */
class OtherStateError extends Error {}

function reasonOf(error: unknown, kind: Checked['kind']): string {
  if (error instanceof OtherStateError) {
    return 'Each block of the rollup moves the state. Save the path again, and ask L1 before the next block.';
  }
  if (error instanceof L1Error || kind === 'account') {
    return 'Nothing is known about the file by this. Check the endpoint and its chain, or ask another one.';
  }
  const { code } = error as { code?: string };
  if (code === 'not_settled' && kind === 'statement') {
    return 'A batch is not final yet, or the statement is made up. A statement of final batches stays valid for ever.';
  }
  if (code === 'not_settled') {
    return 'The batch is not final yet, or the receipt is made up. A receipt of a final batch stays valid for ever.';
  }
  return 'The file is of another rollup than the one that was named, or the endpoint is on another chain.';
}
