// The durable outbox of a meter: events, payments and signed intents in a journal. The memory follows the journal:
// a change is made when its record is durable, and in the order of the records.

import { open } from 'node:fs/promises';
import type { Deployment } from '../deployment.js';
import { EventConflictError, OutboxError } from './errors.js';
import { type CheckedRate, isSameEvent, type MeteredEvent } from './event.js';
import type { FoldedPayment } from './fold.js';
import { Journal, type JournalRecord } from './journal.js';
import { PaidEvents } from './paid-events.js';
import {
  archiveLine,
  type OutboxPayment,
  type PaymentReport,
  type PaymentState,
  paymentReport,
  readArchiveLine,
  type StoredEvent,
  type StoredIntent,
} from './payment.js';
import {
  type Counts,
  type FoldedRecord,
  fromJournal,
  numbersOf,
  type OutboxRecord,
  rangesOf,
  toJournal,
} from './records.js';

const KIND = 'farthing-meter';
/** The journal is rewritten without what is paid when it is larger than this, and than twice its size after that. */
const COMPACT_BYTES = 16 << 20;
const DAY_SECONDS = 24 * 3600;
/** Payments whose folding is one write. */
const FOLDED_AT_ONCE = 1000;

/** Events of one license and one rate that wait, and the units carried to their next payment. */
export interface Group {
  readonly rate: CheckedRate;
  readonly carry: bigint;
  /** By number, in the order in which they were recorded. */
  readonly waiting: ReadonlyMap<number, StoredEvent>;
}

interface OwnGroup extends Group {
  carry: bigint;
  readonly waiting: Map<number, StoredEvent>;
}

type OwnPayment = { -readonly [field in keyof OutboxPayment]: OutboxPayment[field] };

/** An event that is being written. */
interface Writing {
  readonly event: StoredEvent;
  readonly written: Promise<void>;
}

/** A transition that an answer of the node allows. */
export type Transition = { readonly payment: OutboxPayment } & (
  | { readonly to: 'accepted' | 'finalized'; readonly intent: string }
  | { readonly to: 'resend' | 'undecided' }
);

/** What an outbox remembers, and by which clock. */
export interface OutboxOptions {
  /** For so many days ids are remembered after their payment became final; `Infinity` is for ever. */
  readonly rememberDays: number;
  /** Unix seconds. */
  readonly now: () => number;
}

/** An open outbox. */
export class Outbox {
  #journal!: Journal;
  #account: bigint | undefined;
  #deployment: Deployment | undefined;
  readonly #groups = new Map<string, OwnGroup>();
  readonly #events = new Map<string, StoredEvent>();
  readonly #writing = new Map<string, Writing>();
  readonly #payments = new Map<number, OwnPayment>();
  readonly #paid = new PaidEvents();
  #archived = 0;
  #nextEvent = 1;
  #nextPayment = 1;
  #compactedBytes = 0;

  private constructor(
    private readonly path: string,
    private readonly options: OutboxOptions,
  ) {}

  /** Opens the outbox of an account, or makes it. */
  static async open(path: string, account: bigint, options: OutboxOptions): Promise<Outbox> {
    const outbox = new Outbox(path, options);
    outbox.#journal = await Journal.open(path, {
      kind: KIND,
      replay: (record) => {
        try {
          outbox.#apply(fromJournal(record));
        } catch (error) {
          const what = (error as Error).message;
          throw new OutboxError(`${path}: holds a record that this SDK does not read: ${what}`, error);
        }
      },
    });
    try {
      await outbox.#bindAccount(account);
      return outbox;
    } catch (error) {
      await outbox.close();
      throw error;
    }
  }

  async #bindAccount(account: bigint): Promise<void> {
    if (this.#account === undefined) await this.#write([{ kind: 'account', account }]);
    if (this.#account !== account) {
      throw new OutboxError(
        `${this.path}: pays from account ${this.#account}, and the client signs for account ${account}`,
      );
    }
  }

  /** Binds it to a deployment, or checks that it is bound to this one. */
  async bindDeployment({ chainId, contract }: Deployment): Promise<void> {
    const deployment = { chainId: chainId.toString(), contract: contract.toLowerCase() };
    if (this.#deployment === undefined) await this.#write([{ kind: 'deployment', deployment }]);
    const own = this.#deployment;
    if (own?.chainId !== deployment.chainId || own.contract !== deployment.contract) {
      throw new OutboxError(
        `${this.path}: pays on chain ${own?.chainId} and contract ${own?.contract}, and the node serves chain ` +
          `${chainId} and contract ${contract}`,
      );
    }
  }

  /** Records all events or none; for each, whether it is new. They are durable on return. */
  async record(events: readonly MeteredEvent[]): Promise<boolean[]> {
    const added = new Map<string, StoredEvent>();
    const writes = new Set<Promise<void>>();
    let number = this.#nextEvent;
    const isNew = events.map((event) => {
      const writing = this.#writing.get(event.id);
      const before = this.#events.get(event.id) ?? writing?.event ?? added.get(event.id);
      const paid = before === undefined ? this.#paid.find(event) : undefined;
      if (paid === 'other' || (before !== undefined && !isSameEvent(before, event))) {
        throw new EventConflictError(
          `event ${JSON.stringify(event.id)}: the outbox has an event of this id with another license, rate, ` +
            'units or provenance',
        );
      }
      // What is being written may still fail: it is there when that write has ended.
      if (writing !== undefined) writes.add(writing.written);
      if (before !== undefined || paid !== undefined) return false;
      added.set(event.id, { ...event, number });
      number += 1;
      return true;
    });
    this.#nextEvent = number;
    if (added.size > 0) {
      const lines = [...added.values()].map((event) => ({ kind: 'event', event }) as const);
      const written = this.#write(lines).finally(() => {
        for (const id of added.keys()) this.#writing.delete(id);
      });
      for (const { event } of lines) this.#writing.set(event.id, { event, written });
      writes.add(written);
    }
    await Promise.all(writes);
    return isNew;
  }

  /** Events that wait, by license and rate, ascending. */
  groups(): Group[] {
    const order = ({ rate: a }: Group, { rate: b }: Group): number =>
      Number(a.license - b.license) || Number(a.unitsPerUse - b.unitsPerUse);
    return [...this.#groups.values()].sort(order);
  }

  /** Binds events of a group to new payments. */
  async fold(folded: readonly FoldedPayment[]): Promise<void> {
    for (let from = 0; from < folded.length; from += FOLDED_AT_ONCE) {
      const lines = folded.slice(from, from + FOLDED_AT_ONCE).map(({ events, ...payment }) => {
        const number = this.#nextPayment;
        this.#nextPayment += 1;
        const ranges = rangesOf(events as readonly StoredEvent[]);
        return { kind: 'folded', payment: { ...payment, number, ranges } } as const;
      });
      await this.#write(lines);
    }
  }

  /** Keeps signed intents, before they are sent for the first time. */
  signed(intents: readonly { payment: OutboxPayment; intent: StoredIntent }[]): Promise<void> {
    return this.#write(
      intents.map(({ payment, intent }) => ({ kind: 'signed', payment: payment.number, intent })),
    );
  }

  /** Notes transitions. */
  async note(transitions: readonly Transition[]): Promise<void> {
    const lines = transitions.map((transition): OutboxRecord => {
      const payment = transition.payment.number;
      if (!('intent' in transition)) return { kind: transition.to, payment };
      const { to, intent } = transition;
      if (to === 'accepted') return { kind: to, payment, intent };
      return { kind: to, payment, intent, time: this.options.now() };
    });
    if (lines.length > 0) await this.#write(lines);
  }

  /** Payments in a state, the oldest first. */
  paymentsIn(state: PaymentState): OutboxPayment[] {
    return [...this.#payments.values()].filter((payment) => payment.state === state);
  }

  /** How many events wait, and how many payments are in each state. */
  counts(): Record<PaymentState | 'waiting', number> {
    const counts = { waiting: 0, folded: 0, signed: 0, accepted: 0, finalized: this.#archived, undecided: 0 };
    for (const { waiting } of this.#groups.values()) counts.waiting += waiting.size;
    for (const { state } of this.#payments.values()) counts[state] += 1;
    return counts;
  }

  /** All payments: those of the archive first. */
  async *payments(): AsyncGenerator<PaymentReport, void> {
    const live = [...this.#payments.values()];
    const seen = new Set<number>();
    for await (const payment of archivedPayments(this.#archive)) {
      if (seen.has(payment.number)) continue;
      seen.add(payment.number);
      yield payment;
    }
    for (const payment of live) if (!seen.has(payment.number)) yield paymentReport(payment);
  }

  /** Compacts it if that makes the journal much smaller. */
  async compactIfLarge(): Promise<void> {
    if (this.#journal.size > Math.max(COMPACT_BYTES, 2 * this.#compactedBytes)) await this.compact();
  }

  /**
   * Moves finalized payments to the archive, a file of JSON lines beside the journal, and rewrites the journal
   * without them, and without ids whose time is over. After a crash in between, a payment has two equal lines in the
   * archive.
   */
  async compact(): Promise<void> {
    this.#paid.forget(this.options.now() / DAY_SECONDS - this.options.rememberDays);
    const moved = new Set(this.paymentsIn('finalized') as OwnPayment[]);
    if (moved.size > 0) await appendDurably(this.#archive, [...moved].map(archiveLine).join(''));
    await this.#journal.compact(() => this.#snapshot(moved));
    for (const payment of moved) {
      this.#payments.delete(payment.number);
      for (const event of payment.events) {
        this.#events.delete(event.id);
        this.#paid.add(event, this.#dayOf(payment));
      }
      this.#archived += 1;
    }
    this.#compactedBytes = this.#journal.size;
  }

  /** Ends it, after what waits is durable. */
  close(): Promise<void> {
    return this.#journal.close();
  }

  // --- inside ---

  get #archive(): string {
    return `${this.path}.paid`;
  }

  get #today(): number {
    return Math.floor(this.options.now() / DAY_SECONDS);
  }

  #dayOf({ finalAt }: OutboxPayment): number {
    return finalAt === undefined ? this.#today : Math.floor(finalAt / DAY_SECONDS);
  }

  /** Makes records durable, and then changes the state by them. */
  #write(lines: readonly OutboxRecord[]): Promise<void> {
    return this.#journal.append(lines.map(toJournal), () => {
      for (const line of lines) this.#apply(line);
    });
  }

  #apply(record: OutboxRecord): void {
    switch (record.kind) {
      case 'account':
        this.#account = record.account;
        return;
      case 'deployment':
        this.#deployment = record.deployment;
        return;
      case 'event': {
        const { event } = record;
        this.#events.set(event.id, event);
        this.#group(event.rate).waiting.set(event.number, event);
        this.#nextEvent = Math.max(this.#nextEvent, event.number + 1);
        return;
      }
      case 'folded':
        this.#applyFolded(record.payment);
        return;
      case 'signed': {
        const payment = this.#payment(record.payment);
        payment.intents = [...payment.intents, record.intent];
        payment.state = 'signed';
        payment.settling = undefined;
        return;
      }
      case 'accepted':
      case 'finalized': {
        const payment = this.#payment(record.payment);
        payment.state = record.kind;
        payment.settling = record.intent;
        payment.finalAt = record.kind === 'finalized' ? (record.time ?? this.options.now()) : undefined;
        // Most are not sent again.
        payment.intents = payment.intents.map(({ id, document }) => ({ id, document }));
        return;
      }
      case 'resend':
      case 'undecided': {
        const payment = this.#payment(record.payment);
        payment.state = record.kind === 'resend' ? 'signed' : 'undecided';
        payment.settling = undefined;
        return;
      }
      case 'carry':
        this.#group(record.rate).carry = record.carry;
        return;
      case 'paid':
        this.#paid.addPart(record.part, record.day ?? this.#today);
        return;
      case 'counts':
        this.#nextEvent = record.counts.nextEvent;
        this.#nextPayment = record.counts.nextPayment;
        this.#archived = record.counts.archived;
        return;
    }
  }

  #applyFolded({ ranges, ...payment }: FoldedRecord): void {
    const group = this.#group(payment.rate);
    const events: StoredEvent[] = [];
    for (const number of numbersOf(ranges)) {
      const event = group.waiting.get(number);
      if (event === undefined) throw new TypeError(`payment ${payment.number} has no event ${number}`);
      group.waiting.delete(number);
      events.push(event);
    }
    group.carry = payment.carryOut;
    this.#payments.set(payment.number, {
      ...payment,
      events,
      state: 'folded',
      intents: [],
      settling: undefined,
      finalAt: undefined,
    });
    this.#nextPayment = Math.max(this.#nextPayment, payment.number + 1);
  }

  #group(rate: CheckedRate): OwnGroup {
    const key = `${rate.license}/${rate.unitsPerUse}`;
    const group = this.#groups.get(key) ?? { rate, carry: 0n, waiting: new Map() };
    this.#groups.set(key, group);
    return group;
  }

  #payment(number: number): OwnPayment {
    const payment = this.#payments.get(number);
    if (payment === undefined) throw new TypeError(`there is no payment ${number}`);
    return payment;
  }

  /** The state as records, without the payments that are in the archive. */
  *#snapshot(archived: ReadonlySet<OutboxPayment>): Generator<JournalRecord, void> {
    for (const record of this.#snapshotRecords(archived)) yield toJournal(record);
  }

  *#snapshotRecords(archived: ReadonlySet<OutboxPayment>): Generator<OutboxRecord, void> {
    yield { kind: 'account', account: this.#account as bigint };
    if (this.#deployment !== undefined) yield { kind: 'deployment', deployment: this.#deployment };
    const newlyPaid = new PaidEvents();
    for (const payment of archived) {
      for (const event of payment.events) newlyPaid.add(event, this.#dayOf(payment));
    }
    for (const paid of [this.#paid, newlyPaid])
      for (const part of paid.parts()) yield { kind: 'paid', ...part };
    const counts: Counts = {
      nextEvent: this.#nextEvent,
      nextPayment: this.#nextPayment,
      archived: this.#archived + archived.size,
    };
    yield { kind: 'counts', counts };
    for (const payment of this.#payments.values()) {
      if (archived.has(payment)) continue;
      const { number, intents, state, settling, finalAt, events, ...facts } = payment;
      for (const event of events) yield { kind: 'event', event };
      yield { kind: 'folded', payment: { ...facts, number, ranges: rangesOf(events) } };
      for (const intent of intents) yield { kind: 'signed', payment: number, intent };
      if (state === 'undecided') yield { kind: 'undecided', payment: number };
      if (settling === undefined) continue;
      if (state === 'accepted') yield { kind: state, payment: number, intent: settling };
      if (state === 'finalized') yield { kind: state, payment: number, intent: settling, time: finalAt };
    }
    for (const { rate, carry, waiting } of this.#groups.values()) {
      yield { kind: 'carry', rate, carry };
      for (const event of waiting.values()) yield { kind: 'event', event };
    }
  }
}

/** Appends text to a file of lines, after what a crash may have left of a line. */
async function appendDurably(path: string, text: string): Promise<void> {
  const file = await open(path, 'a', 0o600);
  try {
    await file.appendFile(`\n${text}`, 'utf8');
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Payments of an archive. Lines that a crash cut are passed over: the journal still has those payments. */
async function* archivedPayments(path: string): AsyncGenerator<PaymentReport, void> {
  const file = await open(path, 'r').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw new OutboxError(`${path}: cannot be read (${error.code})`, error);
  });
  if (file === undefined) return;
  try {
    for await (const line of file.readLines({ encoding: 'utf8' })) {
      const payment = readArchiveLine(line);
      if (payment !== undefined) yield payment;
    }
  } finally {
    await file.close();
  }
}
