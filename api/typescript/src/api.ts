// Documents of the REST API by name, from the types of its OpenAPI document.

import type { Whole } from './quantity.js';
import type { components } from './schema.js';
import type { FarthingEvent } from './webhook.js';

type Schemas = components['schemas'];

export type Account = Schemas['AccountBody'];
export type AccountEarningsLine = Schemas['AccountEarningsLineBody'];
export type AccountEarningsPage = Schemas['AccountEarningsPage'];
export type AccountOpened = Schemas['AccountOpened'];
export type AccountProof = Schemas['AccountProofBody'];
export type Batch = Schemas['BatchBody'];
export type Block = Schemas['BlockBody'];
export type BlockProof = Schemas['BlockProofBody'];
export type EarningsLine = Schemas['EarningsLineBody'];
export type EarningsPage = Schemas['EarningsPage'];
export type IntentAccepted = Schemas['IntentAccepted'];
export type IntentAnswer = Schemas['IntentAnswer'];
export type IntentBatchAnswer = Schemas['IntentBatchAnswer'];
export type IntentDocument = Schemas['IntentBody'];
export type IntentStatus = Schemas['IntentStatus'];
export type License = Schemas['LicenseBody'];
export type LicenseVersionLine = Schemas['LicenseVersionLineBody'];
export type NodeStatus = Schemas['StatusBody'];
export type OperationDocument = Schemas['OperationBody'];
export type Payout = Schemas['PayoutBody'];
export type Problem = Schemas['Problem'];
export type Quote = Schemas['QuoteBody'];
export type Readiness = Schemas['ReadinessBody'];
export type Receipt = Schemas['ReceiptBody'];
export type Version = Schemas['VersionBody'];
export type Webhook = Omit<Schemas['WebhookBody'], 'filter'> & { readonly filter: EventFilterDocument };
/** A webhook and its new secret. `console.log` shows the webhook alone. */
export type WebhookSecret = { readonly webhook: Webhook; readonly secret: string };
export type WebhookDelivery = Schemas['DeliveryBody'];

/** The type of an event. */
export type EventType = FarthingEvent['type'];
type EventFilterDocument = Omit<Schemas['EventFilterBody'], 'types'> & { readonly types?: EventType[] };

/** Conditions on events; an event must meet all that are given. Without any, all events are wanted. */
export interface EventFilter {
  /** Its type is one of these. */
  readonly types?: readonly EventType[] | undefined;
  /** The event pays this account: a license in which it holds shares, or its owner on L1. */
  readonly account?: Whole | undefined;
  /** The event pays or updates this license. */
  readonly license?: Whole | undefined;
  /** The event is a step of this block, or a payout in it. */
  readonly block?: Whole | undefined;
}

/** An event of a stream, and the place after it: a stream that begins `after` it misses nothing. */
export type StreamedEvent = FarthingEvent & { readonly place: string };

/** How far an intent has come, lowest first; a dropped one never settles. */
export const STAGES = ['accepted', 'sequenced', 'proven', 'finalized'] as const;
export type Stage = (typeof STAGES)[number];
