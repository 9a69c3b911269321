// A meter: usage events to payments, each event paid exactly once (api/conformance/metering.md).

import type { Farthing } from '../client.js';
import { FarthingError, ProblemError } from '../errors.js';
import { InputError } from '../input-error.js';
import { EventTooLargeError } from './errors.js';
import {
  type CheckedRate,
  checkedRate,
  type MeteredEvent,
  meteredEvent,
  type Rate,
  type UsageEvent,
} from './event.js';
import { checkPolicy, dueBefore, type FoldPolicy, fold, isPayable } from './fold.js';
import { type Group, Outbox, type Transition } from './outbox.js';
import type { OutboxPayment, PaymentReport, PaymentState } from './payment.js';
import { Prices } from './prices.js';
import { isUnknowable } from './refusal.js';
import { FlushReport } from './report.js';
import { Sender } from './sender.js';

/** Until a payment that was refused is sent again. */
const REFUSED_PAUSE_MS = 60_000;
const FLUSH_DEFAULT_MS = 1000;
const CONFIRM_DEFAULT_MS = 30_000;
/** A year of accounts, and a month to find them wrong. */
const REMEMBER_DAYS = 400;
/** A queue that delivers again, or a run that is started again, does so within hours. */
const REMEMBER_DAYS_MIN = 1;
/** Questions for the status of intents at the same time. */
const QUESTIONS = 16;

/** A meter's choices. */
export interface MeterOptions {
  /** The client that signs and sends. */
  readonly client: Farthing;
  /** The path of the journal with events and payments. One process at a time has it open. */
  readonly outbox: string;
  /** License and units per use of each model. */
  readonly rates?: Readonly<Record<string, Rate>> | undefined;
  /** Which events are paid together; by default those of a license and a minute. */
  readonly fold?: FoldPolicy | undefined;
  /** Until a payment that the node refused is sent again; a minute by default. */
  readonly refusedPauseMs?: number | undefined;
  /**
   * For so many days ids are remembered after their payment became final: 400 by default, `Infinity` for ever. A paid
   * event that is recorded again later is a new one.
   */
  readonly rememberDays?: number | undefined;
  /** Milliseconds since 1970, for tests. */
  readonly clock?: (() => number) | undefined;
}

/** How `start` works. */
export interface StartOptions {
  readonly flushEveryMs?: number | undefined;
  readonly confirmEveryMs?: number | undefined;
  /** Told of each flush that did something or left something waiting. */
  readonly onReport?: ((report: FlushReport) => void) | undefined;
  /** Told of failures, such as a full disk; the next flush comes all the same. */
  readonly onError?: ((error: unknown) => void) | undefined;
}

/** Records usage events durably, folds them to payments, and sends these. */
export class Meter {
  readonly #client: Farthing;
  readonly #outbox: Outbox;
  readonly #rates: ReadonlyMap<string, CheckedRate>;
  readonly #fold: FoldPolicy;
  readonly #refusedPauseMs: number;
  readonly #clock: () => number;
  /** When payments that were refused are sent again, by `performance.now`. */
  readonly #sendAt = new Map<number, number>();
  readonly #prices: Prices;
  /** The work that is going on: flush and confirm come one after the other. */
  #work: Promise<unknown> = Promise.resolve();
  #timers: NodeJS.Timeout[] = [];
  #closed = false;

  private constructor(
    options: MeterOptions,
    outbox: Outbox,
    rates: ReadonlyMap<string, CheckedRate>,
    fold: FoldPolicy,
  ) {
    this.#client = options.client;
    this.#outbox = outbox;
    this.#rates = rates;
    this.#fold = fold;
    this.#refusedPauseMs = options.refusedPauseMs ?? REFUSED_PAUSE_MS;
    this.#clock = options.clock ?? Date.now;
    this.#prices = new Prices(options.client);
  }

  /** Opens the outbox, or makes it. The node need not answer yet. */
  static async open(options: MeterOptions): Promise<Meter> {
    const account = options.client.ownAccount;
    if (account === undefined) throw new InputError('a meter pays: give its client account and key');
    const rates = Object.entries(options.rates ?? {}).map(
      ([model, rate]) => [model, checkedRate(rate)] as const,
    );
    const fold = checkPolicy(options.fold ?? { intervalSeconds: 60 });
    const { rememberDays = REMEMBER_DAYS, clock = Date.now } = options;
    if (!(rememberDays >= REMEMBER_DAYS_MIN)) {
      throw new InputError(`rememberDays is ${rememberDays}, expected ${REMEMBER_DAYS_MIN} or more`);
    }
    const remembers = { rememberDays, now: () => Math.floor(clock() / 1000) };
    return new Meter(options, await Outbox.open(options.outbox, account, remembers), new Map(rates), fold);
  }

  // --- events ---

  /** Records an event; on return it is on disk. False if it had been recorded before. */
  async record(event: UsageEvent): Promise<boolean> {
    const [isNew] = await this.#outbox.record([this.check(event)]);
    return isNew as boolean;
  }

  /** Records events, all or none; returns how many are new. */
  async recordMany(events: Iterable<UsageEvent>): Promise<number> {
    const isNew = await this.#outbox.record([...events].map((event) => this.check(event)));
    return isNew.filter(Boolean).length;
  }

  /** Records the events of a file, such as those of `readTrace`; returns how many are new. */
  async recordAll(events: AsyncIterable<UsageEvent>, atOnce = 1000): Promise<number> {
    let [some, count]: [UsageEvent[], number] = [[], 0];
    for await (const event of events) {
      some.push(event);
      if (some.length < atOnce) continue;
      count += await this.recordMany(some);
      some = [];
    }
    return count + (await this.recordMany(some));
  }

  /** Checks an event and finds its license and rate. Nothing is recorded. */
  check(event: UsageEvent): MeteredEvent {
    return meteredEvent(event, this.#rates, this.#seconds());
  }

  /** How many events wait, and how many payments are in each state. */
  counts(): Record<PaymentState | 'waiting', number> {
    return this.#outbox.counts();
  }

  /** All payments with their events, the archived ones first. */
  payments(): AsyncIterable<PaymentReport> {
    return this.#outbox.payments();
  }

  /**
   * Moves final payments to the archive, and rewrites the journal without them and without ids whose days have passed.
   * This happens by itself, too, when the journal is large.
   */
  compact(): Promise<void> {
    return this.#oneByOne(() => this.#outbox.compact());
  }

  // --- payments ---

  /**
   * Sends again what is signed, folds what is due, signs and sends it. With `all`, events of intervals that have not
   * ended are due too. Refusals are in the report.
   */
  flush(options: { readonly all?: boolean | undefined } = {}): Promise<FlushReport> {
    return this.#oneByOne(() => this.#flush(options.all === true));
  }

  /**
   * Asks for the status of accepted and undecided payments. What was dropped after it had been accepted is signed
   * again and sent.
   */
  confirm(): Promise<FlushReport> {
    return this.#oneByOne(() => this.#confirm());
  }

  /**
   * Decides about an undecided payment: it was paid, or it is signed again with a new nonce. Look for its receipt or
   * its effect on both accounts first. A wrong answer pays twice or never.
   */
  resolve(payment: number, decision: { readonly paid: boolean }): Promise<FlushReport> {
    return this.#oneByOne(() => this.#resolve(payment, decision.paid));
  }

  /** Flushes and confirms again and again, until `close`. */
  start(options: StartOptions = {}): void {
    if (this.#timers.length > 0) throw new InputError('the meter was started before');
    const { flushEveryMs = FLUSH_DEFAULT_MS, confirmEveryMs = CONFIRM_DEFAULT_MS } = options;
    const { onReport = () => {}, onError = warn } = options;
    const every = (ms: number, work: () => Promise<FlushReport>): void => {
      let running = false;
      const turn = async (): Promise<void> => {
        if (running || this.#closed) return;
        running = true;
        try {
          const report = await work();
          if (!report.isEmpty) onReport(report);
        } catch (error) {
          if (!this.#closed) onError(error);
        } finally {
          running = false;
        }
      };
      this.#timers.push(setInterval(() => void turn(), ms));
    };
    every(flushEveryMs, () => this.flush());
    every(confirmEveryMs, () => this.confirm());
  }

  /** Ends it, after the work that is going on. What is recorded stays, for the next start. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const timer of this.#timers) clearInterval(timer);
    await this.#work.catch(() => undefined);
    await this.#outbox.close();
  }

  // --- inside ---

  #seconds(): bigint {
    return BigInt(Math.floor(this.#clock() / 1000));
  }

  #oneByOne<T>(work: () => Promise<T>): Promise<T> {
    if (this.#closed) return Promise.reject(new InputError('the meter is closed'));
    const done = this.#work.catch(() => undefined).then(work);
    this.#work = done;
    return done;
  }

  /** Runs work with a sender. An answer that does not come ends the work, and is in the report. */
  async #withSender(work: (sender: Sender, report: FlushReport) => Promise<void>): Promise<FlushReport> {
    const report = new FlushReport();
    try {
      const deployment = await this.#client.deployment();
      await this.#outbox.bindDeployment(deployment);
      const later = ({ number }: OutboxPayment): void => {
        this.#sendAt.set(number, performance.now() + this.#refusedPauseMs);
      };
      await work(new Sender(this.#outbox, this.#client, this.#prices, deployment, report, later), report);
    } catch (error) {
      if (!(error instanceof FarthingError) || !error.retryable) throw error;
      report.lastError = error;
    }
    await this.#outbox.compactIfLarge();
    return report;
  }

  async #flush(all: boolean): Promise<FlushReport> {
    return this.#withSender(async (sender, report) => {
      const signed = this.#ready('signed').sort(byNonce);
      if (!(await sender.send(signed))) return;
      // Folded before a crash.
      if (!(await sender.signAndSend(this.#ready('folded')))) return;
      for (const group of this.#outbox.groups()) await this.#foldGroup(group, all, report);
      await sender.signAndSend(this.#ready('folded'));
    });
  }

  /** Payments in a state whose pause has ended. */
  #ready(state: PaymentState): OutboxPayment[] {
    const now = performance.now();
    return this.#outbox.paymentsIn(state).filter(({ number }) => {
      const ready = (this.#sendAt.get(number) ?? 0) <= now;
      if (ready) this.#sendAt.delete(number);
      return ready;
    });
  }

  async #foldGroup({ rate, carry, waiting }: Group, all: boolean, report: FlushReport): Promise<void> {
    const now = all ? undefined : this.#seconds();
    const end = dueBefore(this.#fold, now);
    const due = [...waiting.values()].filter(({ time }) => end === undefined || time < end);
    if (due.length === 0) return;
    this.#prices.forget(rate.license);
    const one = await this.#prices.of(rate.license);
    if (one instanceof FarthingError) {
      report.refuse(one);
      return;
    }
    const price = one.amount;
    for (const event of due) {
      if (isPayable(event, price)) continue;
      const what = `event ${JSON.stringify(event.id)}: ${event.units} units at ${price} nano a use`;
      report.refuse(new EventTooLargeError(`${what} are more than one payment can pay`));
    }
    await this.#outbox.fold(fold(rate, due, carry, this.#fold, price, now));
  }

  async #confirm(): Promise<FlushReport> {
    return this.#withSender(async (sender, report) => {
      const accepted = this.#outbox.paymentsIn('accepted');
      const dropped: OutboxPayment[] = [];
      for (let from = 0; from < accepted.length; from += QUESTIONS) {
        const some = accepted.slice(from, from + QUESTIONS);
        const found = await Promise.all(some.map((payment) => this.#statusOf(payment)));
        const changes = found.filter((change) => change !== undefined);
        dropped.push(...changes.flatMap((change) => (change.to === 'dropped' ? [change.payment] : [])));
        const kept = changes.filter((change): change is Transition => change.to !== 'dropped');
        await this.#outbox.note(kept);
        report.undecided += kept.filter(({ to }) => to === 'undecided').length;
      }
      for (const payment of this.#outbox.paymentsIn('undecided')) {
        const found = await sender.look(payment);
        if (found !== undefined && found.to !== 'undecided') await this.#outbox.note([found]);
      }
      await sender.replace(dropped.sort(byNonce));
    });
  }

  /** What became of an accepted payment; `undefined` if it is as before. */
  async #statusOf(
    payment: OutboxPayment,
  ): Promise<Transition | { to: 'dropped'; payment: OutboxPayment } | undefined> {
    const intent = payment.settling as string;
    try {
      const { status, dropped } = await this.#client.status(intent);
      if (status === 'finalized') return { payment, to: 'finalized', intent };
      if (status !== 'dropped') return undefined;
      return { payment, to: dropped === 'nonce_settled' ? 'undecided' : 'dropped' };
    } catch (error) {
      // A node that was rebuilt from L1 knows later intents only: this one may well be settled.
      if (isUnknowable(error)) return undefined;
      // The node has lost what it had acknowledged: the same bytes are sent again by the next flush.
      if (error instanceof ProblemError && error.code === 'intent_not_found')
        return { payment, to: 'resend' };
      throw error;
    }
  }

  async #resolve(number: number, paid: boolean): Promise<FlushReport> {
    const payment = this.#outbox.paymentsIn('undecided').find((found) => found.number === number);
    if (payment === undefined) throw new InputError(`payment ${number} is not undecided`);
    return this.#withSender(async (sender) => {
      const intent = payment.intents.at(-1)?.id as string;
      if (paid) await this.#outbox.note([{ payment, to: 'finalized', intent }]);
      else await sender.signWithNewNonce([payment]);
    });
  }
}

/** The oldest nonce first, as the node takes them. */
function byNonce(a: OutboxPayment, b: OutboxPayment): number {
  const nonce = ({ intents }: OutboxPayment): bigint => BigInt(intents.at(-1)?.document.nonce ?? 0);
  return nonce(a) < nonce(b) ? -1 : nonce(a) > nonce(b) ? 1 : 0;
}

function warn(error: unknown): void {
  process.emitWarning(error instanceof Error ? error : String(error));
}
