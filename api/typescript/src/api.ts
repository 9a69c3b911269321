// Documents of the REST API by name, from the types of its OpenAPI document.

import type { components } from './schema.js';

type Schemas = components['schemas'];

export type Account = Schemas['AccountBody'];
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
export type NodeStatus = Schemas['StatusBody'];
export type OperationDocument = Schemas['OperationBody'];
export type Payout = Schemas['PayoutBody'];
export type Problem = Schemas['Problem'];
export type Quote = Schemas['QuoteBody'];
export type Readiness = Schemas['ReadinessBody'];
export type Receipt = Schemas['ReceiptBody'];
export type Version = Schemas['VersionBody'];

/** How far an intent has come, lowest first; a dropped one never settles. */
export const STAGES = ['accepted', 'sequenced', 'proven', 'finalized'] as const;
export type Stage = (typeof STAGES)[number];
