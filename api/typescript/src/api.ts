// Documents of the REST API by name, from the types of its OpenAPI document.

import type { LicenseVersionDocument } from './operations.js';
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
export type IntentDocument = Omit<Schemas['IntentBody'], 'operation'> & {
  readonly operation: OperationDocument;
};
export type IntentStatus = Schemas['IntentStatus'];
/** A license: its terms, the version that counts now, and what the last sealed batch left of it. */
export type License = Omit<Schemas['LicenseBody'], 'status'> &
  LicenseVersionDocument & {
    /** Hash of the manifest under which it was registered: its `recipient` is made of it. */
    readonly registered_provenance: string;
    /** The version from the next batch on, if the open batch updates the license. */
    readonly next?: LicenseVersionDocument | null;
  };
/** A version of a license. A registered one counts in its batch, an updated one from the next batch on. */
export type LicenseVersionLine = LicenseVersionDocument & {
  /** The batch that registered or updated the license: a decimal string. */
  readonly batch: string;
  /** The stage that the batch has reached. */
  readonly stage: Stage;
};
export type NodeStatus = Schemas['StatusBody'];
export type OperationDocument = Schemas['OperationBody'] | { readonly update_license: UpdateLicenseDocument };
/** Replaces what a licensor sets of its license. */
export type UpdateLicenseDocument = LicenseVersionDocument & {
  readonly license: number;
  readonly recipient: string;
};
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
  /** The event pays this license. */
  readonly license?: Whole | undefined;
  /** The event is a step of this block, or a payout in it. */
  readonly block?: Whole | undefined;
}

/** An event of a stream, and the place after it: a stream that begins `after` it misses nothing. */
export type StreamedEvent = FarthingEvent & { readonly place: string };

/** How far an intent has come, lowest first; a dropped one never settles. */
export const STAGES = ['accepted', 'sequenced', 'proven', 'finalized'] as const;
export type Stage = (typeof STAGES)[number];
