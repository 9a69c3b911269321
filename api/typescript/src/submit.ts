// Sends signed intents. One is signed before the first attempt and sent as it is until an answer comes. Only a
// refusal that holds for ever, of an intent that the node has never accepted, is followed by another signature.

import type { IntentAccepted, IntentBatchAnswer } from './api.js';
import { intentDocument } from './documents.js';
import { FarthingError, ProblemError, UnexpectedAnswerError } from './errors.js';
import { problemError, sleep, type Transport } from './http.js';
import type { SignedIntent } from './intent.js';
import type { Operation } from './operations.js';
import { paths } from './paths.js';
import { LicenseUpdatingError, type ProblemCode, RETRYABLE_CODES } from './problems.js';
import type { Signer } from './signer.js';

/** How often an operation is signed: a writer whose nonce came too late is late once, seldom twice. */
const SIGNED_MAX = 4;
/** An update of a license is sent more often than other calls: batches are open for a minute by default. */
const UPDATE_PATIENCE = 4;
/** The most intents of one request. */
const BATCH_INTENTS_MAX = 2048;

/** What became of one payment of many. */
export type PaymentResult = { readonly accepted: IntentAccepted } | { readonly rejected: FarthingError };

type Result = PaymentResult & { readonly signed: SignedIntent };

/** Sends intents to one node. */
export class Submitter {
  constructor(private readonly transport: Transport) {}

  /** Sends a signed intent; on return it is durable. */
  async submit(
    signed: SignedIntent,
    idempotencyKey?: string,
    ownCode?: ProblemCode,
  ): Promise<IntentAccepted> {
    const answer = (await this.transport.call({
      method: 'POST',
      path: paths.submit,
      body: JSON.stringify(intentDocument(signed)),
      idempotencyKey,
      intentId: signed.id,
      ownCode,
    })) as IntentAccepted;
    if (answer.id?.toLowerCase() !== signed.id) {
      throw new UnexpectedAnswerError(200, 'the node accepted another intent than was sent', {
        intentId: signed.id,
        outcomeUnknown: true,
      });
    }
    return answer;
  }

  /** Signs an operation and sends it; signs it again if its nonce can never settle. */
  async send(signer: Signer, operation: Operation, idempotencyKey?: string): Promise<IntentAccepted> {
    for (let count = 1; ; count += 1) {
      const signed = signer.sign(operation);
      try {
        return await this.submit(signed, idempotencyKey);
      } catch (error) {
        if (count === SIGNED_MAX || !(await this.mayBeSignedAgain(signer, signed, error))) throw error;
      }
    }
  }

  /**
   * Sends an update of a license. The node refuses it while the open batch registers or updates the license: `make`
   * then reads the license again, and the update is sent once more until that batch is sealed. It is the same, byte
   * for byte, if the license is. If it has changed, the update is signed again under the same nonce: one settles.
   */
  async sendUpdate(
    signer: Signer,
    make: () => Promise<Operation>,
    idempotencyKey?: string,
  ): Promise<IntentAccepted> {
    let signed = signer.sign(await make());
    for (let [count, refusals] = [1, 0]; ; ) {
      try {
        return await this.submit(signed, idempotencyKey, 'license_updating');
      } catch (error) {
        if (error instanceof LicenseUpdatingError) {
          refusals += 1;
          if (refusals > this.transport.retries * UPDATE_PATIENCE) throw error;
          const delay = this.transport.delay(refusals, error.retryAfterMs, true) as number;
          await sleep(delay);
          signed = signer.signIntent({ ...signed.intent, operation: await make() });
        } else {
          if (count === SIGNED_MAX || !(await this.mayBeSignedAgain(signer, signed, error))) throw error;
          signed = signer.sign(await make());
          count += 1;
        }
      }
    }
  }

  /** Whether an intent was refused for ever and never accepted; the signer then learns the nonce to pass. */
  private async mayBeSignedAgain(signer: Signer, signed: SignedIntent, refusal: unknown): Promise<boolean> {
    if (!(refusal instanceof ProblemError)) return false;
    if (refusal.code !== 'nonce_too_low' && refusal.code !== 'nonce_used') return false;
    if (!(await this.wasNeverAccepted(signed.id))) return false;
    const account = await this.transport.get(paths.account(signer.account));
    signer.learnNonce((account as { settled_nonce: string }).settled_nonce);
    return true;
  }

  private async wasNeverAccepted(id: string): Promise<boolean> {
    try {
      await this.transport.get(paths.intent(id));
      return false;
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error;
      if (error.code === 'intent_not_found') return true;
      if (error.code === 'intent_history_unavailable') return false;
      throw error;
    }
  }

  /** Signs many operations and sends them in requests of as many as the node takes; results in order. */
  async sendMany(signer: Signer, operations: readonly Operation[], limit: number): Promise<PaymentResult[]> {
    const size = Math.max(1, Math.min(limit, BATCH_INTENTS_MAX));
    const results: PaymentResult[] = [];
    for (let from = 0; from < operations.length; from += size) {
      results.push(...(await this.sendChunk(signer, operations.slice(from, from + size))));
    }
    return results;
  }

  /** Sends signed intents in requests of as many as the node takes; results in order. */
  async submitMany(signed: readonly SignedIntent[], limit: number): Promise<PaymentResult[]> {
    const size = Math.max(1, Math.min(limit, BATCH_INTENTS_MAX));
    const results: PaymentResult[] = [];
    for (let from = 0; from < signed.length; from += size) {
      results.push(...(await this.submitChunk(signed.slice(from, from + size))).map(withoutIntent));
    }
    return results;
  }

  private async sendChunk(signer: Signer, operations: readonly Operation[]): Promise<PaymentResult[]> {
    const results: Result[] = await this.submitChunk(operations.map((operation) => signer.sign(operation)));
    for (let count = 1; count < SIGNED_MAX; count += 1) {
      const again: number[] = [];
      for (const [i, result] of results.entries()) {
        if ('rejected' in result && (await this.refusedForGood(signer, result))) again.push(i);
      }
      if (again.length === 0) break;
      const signed = again.map((i) => signer.sign(operations[i] as Operation));
      const next = await this.submitChunk(signed);
      for (const [j, i] of again.entries()) results[i] = next[j] as Result;
    }
    return results.map(withoutIntent);
  }

  private async refusedForGood(
    signer: Signer,
    result: Result & { rejected: FarthingError },
  ): Promise<boolean> {
    try {
      return await this.mayBeSignedAgain(signer, result.signed, result.rejected);
    } catch {
      // The refusal stands where the node cannot be asked.
      return false;
    }
  }

  /** Sends signed intents in one request, and again those that the node had no room for. */
  private async submitChunk(chunk: readonly SignedIntent[]): Promise<Result[]> {
    const results: Result[] = [];
    for (let attempt = 1; results.length < chunk.length; attempt += 1) {
      const rest = chunk.slice(results.length);
      let answer: IntentBatchAnswer;
      try {
        answer = await this.submitBatch(rest);
      } catch (error) {
        // Some may have been accepted: each result names its intent, and says so.
        return [...results, ...rest.map((signed) => ({ signed, rejected: about(signed, error) }))];
      }
      const delay = this.transport.delay(attempt);
      for (const [i, result] of answer.results.entries()) {
        const signed = rest[i] as SignedIntent;
        if ('accepted' in result) {
          results.push({ signed, accepted: result.accepted });
          continue;
        }
        // An account's intents keep their order: all from the first to be sent again are sent again, and those
        // that were accepted are answered as repeats.
        const retryable = RETRYABLE_CODES.has(result.rejected.code);
        if (retryable && delay !== undefined) break;
        const rejected = problemError(result.rejected, { retryable, intentId: signed.id });
        results.push({ signed, rejected });
      }
      if (results.length < chunk.length && delay !== undefined) await sleep(delay);
    }
    return results;
  }

  private async submitBatch(signed: readonly SignedIntent[]): Promise<IntentBatchAnswer> {
    const answer = (await this.transport.call({
      method: 'POST',
      path: paths.submitBatch,
      body: JSON.stringify({ intents: signed.map(intentDocument) }),
      intentId: signed[0]?.id,
    })) as IntentBatchAnswer;
    if (!Array.isArray(answer.results) || answer.results.length !== signed.length) {
      const got = Array.isArray(answer.results) ? answer.results.length : 'no';
      throw new UnexpectedAnswerError(200, `${got} results for ${signed.length} intents`, {
        outcomeUnknown: true,
      });
    }
    return answer;
  }
}

function withoutIntent(result: Result): PaymentResult {
  return 'accepted' in result ? { accepted: result.accepted } : { rejected: result.rejected };
}

/** The error of a whole request, as that of one of its intents. */
function about(signed: SignedIntent, error: unknown): FarthingError {
  if (!(error instanceof FarthingError)) throw error;
  const facts = {
    retryable: error.retryable,
    outcomeUnknown: error.outcomeUnknown,
    intentId: signed.id,
    cause: error,
  };
  return new FarthingError(error.code, error.message, facts);
}
