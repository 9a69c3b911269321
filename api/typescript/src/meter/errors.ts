// Errors of the meter.

import { FarthingError } from '../errors.js';

/** A usage event with a field that is out of range or of another form. Nothing was recorded. */
export class InvalidEventError extends FarthingError {
  constructor(message: string, code: 'invalid_event' | 'unknown_model' = 'invalid_event') {
    super(code, message);
  }
}

/** A usage event of a model that no rate maps to a license. Nothing was recorded. */
export class UnknownModelError extends InvalidEventError {
  constructor(message: string) {
    super(message, 'unknown_model');
  }
}

/** A usage event with the id of another one. Nothing was recorded. */
export class EventConflictError extends FarthingError {
  constructor(message: string) {
    super('event_conflict', message);
  }
}

/** A usage event that no single payment can pay at the license's price. It waits. */
export class EventTooLargeError extends FarthingError {
  constructor(message: string) {
    super('event_too_large', message);
  }
}

/** An outbox that cannot be used: of another account, deployment or format, damaged, or not writable. */
export class OutboxError extends FarthingError {
  constructor(message: string, cause?: unknown) {
    super('outbox', message, { cause });
  }
}

/** An outbox that another process has open. */
export class OutboxLockedError extends FarthingError {
  constructor(message: string) {
    super('outbox_locked', message, { retryable: true });
  }
}
