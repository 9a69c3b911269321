// Meters usage and pays for it: events in a durable outbox, folded to payments, each event paid exactly once.
// For Node: the outbox is a file.

export {
  EventConflictError,
  EventTooLargeError,
  InvalidEventError,
  OutboxError,
  OutboxLockedError,
  UnknownModelError,
} from './errors.js';
export { type MeteredEvent, paymentMemo, type Rate, type UsageEvent } from './event.js';
export type { FoldPolicy } from './fold.js';
export { Meter, type MeterOptions, type StartOptions } from './meter.js';
export type { PaymentReport, PaymentState } from './payment.js';
export type { FlushReport } from './report.js';
