// Errors. Each has a code that is stable, and says whether the same call may be made again.

import type { StatementStep } from './revenue-statement.js';

/** A problem as the API has it in JSON. */
export interface ProblemDocument {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: string;
  readonly detail?: string | null;
  readonly request_id?: string | null;
}

/** What all errors of this package say. */
export interface ErrorFacts {
  /** Whether the same call may succeed later. */
  readonly retryable?: boolean | undefined;
  /** The intent that was being sent, once one was signed. */
  readonly intentId?: string | undefined;
  /** Whether that intent may have been accepted all the same: ask for its status, or send it again. */
  readonly outcomeUnknown?: boolean | undefined;
  readonly cause?: unknown;
}

/** The base of all errors of this package. */
export class FarthingError extends Error {
  readonly code: string;
  readonly retryable: boolean;
  /** The intent that was being sent, once one was signed. */
  readonly intentId: string | undefined;
  /** Whether that intent may have been accepted all the same. */
  readonly outcomeUnknown: boolean;

  constructor(code: string, message: string, facts: ErrorFacts = {}) {
    super(message, facts.cause === undefined ? undefined : { cause: facts.cause });
    this.name = new.target.name;
    this.code = code;
    this.retryable = facts.retryable ?? false;
    this.intentId = facts.intentId;
    this.outcomeUnknown = facts.outcomeUnknown ?? false;
  }
}

/** What the node said and where it explains it. */
export interface ProblemFacts extends ErrorFacts {
  readonly docsUrl?: string | undefined;
  readonly retryAfterMs?: number | undefined;
}

/** A problem that the node answered with (RFC 9457). */
export class ProblemError extends FarthingError {
  readonly status: number;
  readonly title: string;
  readonly detail: string | undefined;
  /** The answer's `X-Request-Id`: quote it to the node's operator. */
  readonly requestId: string | undefined;
  /** Where the node explains the code. */
  readonly docsUrl: string | undefined;
  /** How long the node asked to wait. */
  readonly retryAfterMs: number | undefined;

  constructor(problem: ProblemDocument, facts: ProblemFacts = {}) {
    super(problem.code, `${problem.code}: ${problem.detail ?? problem.title}`, facts);
    this.status = problem.status;
    this.title = problem.title;
    this.detail = problem.detail ?? undefined;
    this.requestId = problem.request_id ?? undefined;
    this.docsUrl = facts.docsUrl;
    this.retryAfterMs = facts.retryAfterMs;
  }
}

/** No answer: the connection failed, ended, or took too long. */
export class ConnectionError extends FarthingError {
  constructor(message: string, facts: ErrorFacts = {}) {
    super('connection_failed', message, { retryable: true, ...facts });
  }
}

/** No answer within the time that a call may take. */
export class TimeoutError extends FarthingError {
  constructor(message: string, facts: ErrorFacts = {}) {
    super('timeout', message, { retryable: true, ...facts });
  }
}

/** An answer that is neither what the call gives nor a problem: a proxy's, or another program's. */
export class UnexpectedAnswerError extends FarthingError {
  readonly status: number;

  constructor(status: number, message: string, facts: ErrorFacts = {}) {
    super('unexpected_answer', message, facts);
    this.status = status;
  }
}

/**
 * A recipient that is another, by the node's word, than the client was told or the node named before. Nothing was
 * signed. A node that refuses a signed intent for this answers with the same code.
 */
export class RecipientChangedError extends FarthingError {
  /** The recipient that the client knows: `0x` and 48 hexadecimal digits. */
  readonly expected: string;
  /** The recipient that the node names. */
  readonly got: string;

  constructor(holder: string, expected: string, got: string) {
    super(
      'recipient_changed',
      `the node says that ${holder} is ${got}, expected ${expected}: the number belongs to somebody else`,
    );
    this.expected = expected;
    this.got = got;
  }
}

/** A clock that is so wrong, or a nonce so far ahead of it, that nothing is signed. */
export class ClockError extends FarthingError {
  constructor(message: string) {
    super('clock', message);
  }
}

/** A receipt, or an account's path, that contradicts itself or is of another deployment. */
export class ReceiptError extends FarthingError {
  constructor(message: string) {
    super('invalid_receipt', message);
  }
}

/** A revenue statement that contradicts itself or is of another deployment. */
export class StatementError extends FarthingError {
  constructor(
    /** The check that refused it. */
    readonly step: StatementStep,
    message: string,
  ) {
    super('invalid_statement', message);
  }
}

/** A receipt or a revenue statement that agrees with itself and that L1 does not confirm. */
export class NotSettledError extends FarthingError {
  constructor(message: string, facts: ErrorFacts = {}) {
    super('not_settled', message, facts);
  }
}

/** An L1 endpoint that does not answer, or answers what no endpoint should. */
export class L1Error extends FarthingError {
  constructor(message: string, facts: ErrorFacts = {}) {
    super('l1_unavailable', message, { retryable: true, ...facts });
  }
}
