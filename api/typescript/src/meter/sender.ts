// Sends the payments of an outbox. An intent is on disk before it is sent for the first time, and an answer before
// the next step that depends on it.

import type { Farthing } from '../client.js';
import type { Deployment } from '../deployment.js';
import { intentDocument, readIntent } from '../documents.js';
import { FarthingError, ProblemError, UnexpectedAnswerError } from '../errors.js';
import type { SignedIntent } from '../intent.js';
import type * as operations from '../operations.js';
import type { PaymentResult } from '../submit.js';
import { usesMax } from './fold.js';
import type { Outbox, Transition } from './outbox.js';
import type { OutboxPayment } from './payment.js';
import type { Prices } from './prices.js';
import { consequenceOf, isUnknowable } from './refusal.js';
import type { FlushReport } from './report.js';

/** Intents of one request: signed, kept and sent together. */
export const REQUEST_INTENTS = 256;
/** Signatures between two moments for other work: each takes 1.5 ms. */
const SIGNED_AT_ONCE = 8;
/** How often one flush signs a payment again. */
const ROUNDS_MAX = 4;

/** A payment to be signed again; without a nonce, with a new one. */
interface Again {
  readonly payment: OutboxPayment;
  readonly nonce: bigint | undefined;
  readonly error: FarthingError;
}

/** A payment's change, a new signature, or a pause; `unanswered` if nothing is known. */
type Outcome = Transition | Again | 'paused' | 'unanswered';

/** Sends for one flush. */
export class Sender {
  readonly #later: (payment: OutboxPayment) => void;

  /** `later` is told of payments that were refused and are sent again after a pause. */
  constructor(
    private readonly outbox: Outbox,
    private readonly client: Farthing,
    private readonly prices: Prices,
    private readonly deployment: Deployment,
    private readonly report: FlushReport,
    later: (payment: OutboxPayment) => void,
  ) {
    this.#later = later;
  }

  /** Sends signed payments in order; false if the node does not answer. */
  async send(payments: readonly OutboxPayment[]): Promise<boolean> {
    for (let from = 0; from < payments.length; from += REQUEST_INTENTS) {
      if (!(await this.#sendSome(payments.slice(from, from + REQUEST_INTENTS)))) return false;
    }
    return true;
  }

  /** Signs folded payments and sends them, each request while the next one is signed. */
  async signAndSend(payments: readonly OutboxPayment[]): Promise<boolean> {
    let sending = Promise.resolve(true);
    for (let from = 0; from < payments.length; from += REQUEST_INTENTS) {
      const some = payments.slice(from, from + REQUEST_INTENTS);
      const signing = this.#sign(some.map((payment) => ({ payment, nonce: undefined })));
      // Both have ended before an error of one of them is thrown on.
      await Promise.allSettled([signing, sending]);
      if (!(await sending)) return false;
      sending = this.#sendSome(await signing);
    }
    return sending;
  }

  async #sendSome(first: readonly OutboxPayment[]): Promise<boolean> {
    let payments = first;
    for (let round = 0; payments.length > 0; round += 1) {
      const signed = payments.map((payment) => this.#currentIntent(payment));
      const results = await this.client.submitMany(signed);
      const [changes, again]: [Transition[], Again[]] = [[], []];
      let answered = true;
      for (const [i, payment] of payments.entries()) {
        const outcome = await this.#outcomeOf(payment, results[i] as PaymentResult);
        if (outcome === 'unanswered') answered = false;
        else if (outcome === 'paused') continue;
        else if ('to' in outcome) changes.push(outcome);
        else again.push(outcome);
      }
      await this.outbox.note(changes);
      for (const { payment, to } of changes) this.#count(payment, to);
      if (!answered) return false;
      if (round === ROUNDS_MAX) for (const { payment, error } of again) this.#pause(payment, error);
      payments = round === ROUNDS_MAX ? [] : await this.#signAgain(again);
    }
    return true;
  }

  #count(payment: OutboxPayment, to: Transition['to']): void {
    if (to === 'undecided') this.report.undecided += 1;
    if (to !== 'accepted') return;
    this.report.accepted += 1;
    this.report.events += payment.events.length;
  }

  #currentIntent({ intents, number }: OutboxPayment): SignedIntent {
    const current = intents.at(-1);
    if (current === undefined) throw new Error(`payment ${number} is not signed`);
    return current.signed ?? readIntent(current.document, this.deployment);
  }

  /** Decides by the node's answer. */
  async #outcomeOf(payment: OutboxPayment, result: PaymentResult): Promise<Outcome> {
    const current = payment.intents.at(-1);
    if ('accepted' in result) {
      if (result.accepted.id === current?.id) return { payment, to: 'accepted', intent: result.accepted.id };
      const got = `intent ${current?.id} was sent, the node accepted ${result.accepted.id}`;
      throw new UnexpectedAnswerError(200, got, { intentId: current?.id, outcomeUnknown: true });
    }
    const error = result.rejected;
    const nonce = current === undefined ? undefined : BigInt(current.document.nonce);
    switch (consequenceOf(error)) {
      case 'repeat':
        return this.#unanswered(error);
      case 'pause':
        this.#pause(payment, error);
        return 'paused';
      case 'same_nonce':
        if (error.code === 'amount_mismatch') this.prices.forget(payment.rate.license);
        return { payment, nonce, error };
      case 'look_same_nonce':
        return this.#lookOr({ payment, nonce, error });
      case 'look_new_nonce':
        return this.#lookOr({ payment, nonce: undefined, error });
      case 'undecided':
        return { payment, to: 'undecided' };
    }
  }

  async #lookOr(again: Again): Promise<Outcome> {
    try {
      return (await this.look(again.payment)) ?? again;
    } catch (error) {
      if (!(error instanceof FarthingError)) throw error;
      return this.#unanswered(error);
    }
  }

  #unanswered(error: FarthingError): 'unanswered' {
    this.report.unanswered += 1;
    this.report.lastError = error;
    return 'unanswered';
  }

  #pause(payment: OutboxPayment, error: FarthingError): void {
    this.report.refuse(error);
    this.#later(payment);
  }

  /** Asks for the status of every intent of a payment; `undefined` if none of them can settle. */
  async look(payment: OutboxPayment): Promise<Transition | undefined> {
    for (const { id } of payment.intents) {
      try {
        const { status, dropped } = await this.client.status(id);
        if (status === 'finalized') return { payment, to: 'finalized', intent: id };
        if (status !== 'dropped') return { payment, to: 'accepted', intent: id };
        if (dropped === 'nonce_settled') return { payment, to: 'undecided' };
      } catch (error) {
        if (isUnknowable(error)) return { payment, to: 'undecided' };
        if (!(error instanceof ProblemError) || error.code !== 'intent_not_found') throw error;
      }
    }
    return undefined;
  }

  /** Signs payments whose intents cannot settle, or not beside the new one. */
  async #signAgain(again: readonly Again[]): Promise<OutboxPayment[]> {
    if (again.some(({ nonce }) => nonce === undefined)) await this.client.learnNonce();
    return this.#sign(again);
  }

  /** Signs payments again with new nonces: for a person who knows that none of their intents settles. */
  async signWithNewNonce(payments: readonly OutboxPayment[]): Promise<boolean> {
    await this.client.learnNonce();
    return this.send(await this.#sign(payments.map((payment) => ({ payment, nonce: undefined }))));
  }

  /** Signs a dropped payment again, with the same nonce, and sends it. */
  async replace(payments: readonly OutboxPayment[]): Promise<boolean> {
    const nonceOf = ({ intents }: OutboxPayment): bigint => BigInt(intents.at(-1)?.document.nonce ?? 0);
    const signed = await this.#sign(payments.map((payment) => ({ payment, nonce: nonceOf(payment) })));
    return this.send(signed);
  }

  /** Signs payments and keeps the intents; those that cannot be paid at the price of now stay as they are. */
  async #sign(
    payments: readonly { payment: OutboxPayment; nonce: bigint | undefined }[],
  ): Promise<OutboxPayment[]> {
    const signed: Parameters<Outbox['signed']>[0][number][] = [];
    for (const [i, { payment, nonce }] of payments.entries()) {
      const { rate, uses, memo } = payment;
      const one = await this.prices.of(rate.license);
      if (one instanceof FarthingError) {
        this.#pause(payment, one);
        continue;
      }
      const price = one.amount;
      if (uses > usesMax(price)) {
        const what = `payment ${payment.number} of ${uses} uses at ${price} nano: more than an intent moves`;
        this.#pause(payment, new FarthingError('amount_too_large', what));
        continue;
      }
      const operation = { ...one, uses, amount: price * uses, memo };
      const intent = await this.#signOne(payment, operation, nonce);
      signed.push({ payment, intent: { id: intent.id, document: intentDocument(intent), signed: intent } });
      if (i % SIGNED_AT_ONCE === SIGNED_AT_ONCE - 1) await new Promise((resolve) => setImmediate(resolve));
    }
    if (signed.length > 0) await this.outbox.signed(signed);
    return signed.map(({ payment }) => payment);
  }

  async #signOne(
    payment: OutboxPayment,
    operation: operations.Pay,
    nonce: bigint | undefined,
  ): Promise<SignedIntent> {
    const signed = await this.client.sign(operation, { nonce });
    if (!payment.intents.some(({ id }) => id === signed.id)) return signed;
    // Signed within the second of one that was refused, which may be for good.
    return this.client.sign(operation, { nonce, validUntil: signed.intent.validUntil + 1n });
  }
}
