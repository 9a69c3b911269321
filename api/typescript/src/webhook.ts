// Signatures of webhooks: HMAC-SHA256 of time and body under a secret that node and receiver share.

import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { concat, toHex, utf8 } from './bytes.js';
import { FarthingError } from './errors.js';
import type { components } from './schema.js';

/** The header that carries the signatures. */
export const WEBHOOK_SIGNATURE_HEADER = 'Farthing-Webhook-Signature';

/** Seconds by which the receiver's clock and the time of an attempt may differ. */
export const WEBHOOK_TOLERANCE_SECONDS = 300;

/** An event as streams and webhooks tell it. */
export type FarthingEvent = components['schemas']['EventBody'];

export type WebhookFault = 'malformed' | 'mismatch' | 'stale';

const TEXTS: Record<WebhookFault, string> = {
  malformed: 'the signature header is malformed: expected t=UNIX_SECONDS,v1=HEX',
  mismatch: 'no signature of the webhook is by a secret that this receiver knows',
  stale: "the webhook's time is too far from the clock of this receiver",
};

/** A webhook that is not to be trusted. `fault` is `malformed`, `mismatch` or `stale`. */
export class WebhookError extends FarthingError {
  readonly fault: WebhookFault;

  constructor(fault: WebhookFault) {
    super('invalid_webhook', TEXTS[fault]);
    this.fault = fault;
  }
}

/** What the check compares with. */
export interface WebhookOptions {
  /** Unix seconds; the clock of this machine by default. */
  readonly now?: number;
  readonly toleranceSeconds?: number;
}

/**
 * Checks a webhook and returns its event. `body` is the request's body as it arrived, byte for byte:
 * JSON that was read and written again is another text. Give both secrets during a rotation. An event
 * may arrive twice: its `id` tells.
 */
export function verifyWebhook(
  body: string | Uint8Array,
  header: string | null | undefined,
  secrets: string | readonly string[],
  options: WebhookOptions = {},
): FarthingEvent {
  const bytes = typeof body === 'string' ? utf8(body) : body;
  const fault = webhookFault(bytes, header ?? '', typeof secrets === 'string' ? [secrets] : secrets, options);
  if (fault !== undefined) throw new WebhookError(fault);
  return JSON.parse(new TextDecoder().decode(bytes)) as FarthingEvent;
}

/** Why a webhook is not to be trusted; nothing of one that is. */
export function webhookFault(
  body: Uint8Array,
  header: string,
  secrets: readonly string[],
  options: WebhookOptions = {},
): WebhookFault | undefined {
  const parsed = parse(header);
  if (parsed === undefined) return 'malformed';
  const { time, signatures } = parsed;
  const signed = concat(utf8(`${time}.`), body);
  let matches = false;
  for (const secret of secrets) {
    if (secret === '') continue;
    const expected = toHex(hmac(sha256, utf8(secret), signed)).slice(2);
    for (const given of signatures) matches = equal(given, expected) || matches;
  }
  if (!matches) return 'mismatch';
  const now = options.now ?? Math.floor(Date.now() / 1000);
  const tolerance = options.toleranceSeconds ?? WEBHOOK_TOLERANCE_SECONDS;
  return Math.abs(Number(time) - now) <= tolerance ? undefined : 'stale';
}

/** The time's text and the signatures of version 1. Those of other versions are passed over. */
function parse(header: string): { time: string; signatures: string[] } | undefined {
  let time: string | undefined;
  const signatures: string[] = [];
  for (const part of header.split(',')) {
    const at = part.indexOf('=');
    if (at < 0) return undefined;
    const [name, value] = [part.slice(0, at), part.slice(at + 1)];
    if (name === 't') {
      if (time !== undefined || !/^[0-9]{1,12}$/.test(value)) return undefined;
      time = value;
    } else if (name === 'v1') {
      signatures.push(value);
    }
  }
  return time === undefined || signatures.length === 0 ? undefined : { time, signatures };
}

/** Compares in a time that does not depend on where texts of one length differ. */
function equal(given: string, expected: string): boolean {
  if (given.length !== expected.length) return false;
  let difference = 0;
  for (let i = 0; i < expected.length; i += 1) difference |= given.charCodeAt(i) ^ expected.charCodeAt(i);
  return difference === 0;
}
