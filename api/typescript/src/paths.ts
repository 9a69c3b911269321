// The paths of the REST API, each in one place.

import type { EventFilter, Stage } from './api.js';
import { whole } from './quantity.js';

const query = (parameters: Record<string, string | bigint | number | undefined>): string => {
  const set = Object.entries(parameters).filter(([, value]) => value !== undefined);
  const text = set.map(([name, value]) => `${name}=${encodeURIComponent(String(value))}`).join('&');
  return text === '' ? '' : `?${text}`;
};

/** Which page of a list. */
export interface PageQuery {
  readonly cursor?: string | undefined;
  readonly limit?: number | undefined;
}

/** Which page of earnings, and the period of their batches. */
export interface EarningsQuery extends PageQuery {
  /** Unix seconds: batches of this time and later ones. */
  readonly from?: number | undefined;
  /** Unix seconds: batches before this time. */
  readonly to?: number | undefined;
}

/** The parameters of a filter. */
const filter = ({ types, account, license, block }: EventFilter) => ({
  types: types?.length ? types.join(',') : undefined,
  account: account === undefined ? undefined : whole(account, 'account'),
  license: license === undefined ? undefined : whole(license, 'license'),
  block: block === undefined ? undefined : whole(block, 'u64', 'block number'),
});

const earnings = ({ cursor, limit, from, to }: EarningsQuery): string => query({ cursor, limit, from, to });

const page = ({ cursor, limit }: PageQuery): string => query({ cursor, limit });

export const paths = {
  version: '/version',
  readiness: '/readyz',
  nodeStatus: '/v1/status',
  openAccount: '/v1/accounts',
  submit: '/v1/intents',
  submitBatch: '/v1/intents/batch',
  account: (id: bigint) => `/v1/accounts/${id}`,
  accountProof: (id: bigint) => `/v1/accounts/${id}/proof`,
  accountEarnings: (id: bigint, of: EarningsQuery) => `/v1/accounts/${id}/earnings${earnings(of)}`,
  accountOf: (key: string, owner: string) => `/v1/accounts${query({ key, owner })}`,
  accounts: (of: PageQuery) => `/v1/accounts${page(of)}`,
  license: (id: bigint) => `/v1/licenses/${id}`,
  licenses: (of: PageQuery) => `/v1/licenses${page(of)}`,
  quote: (license: bigint, uses: bigint) => `/v1/licenses/${license}/quote${query({ uses })}`,
  versions: (license: bigint, of: PageQuery) => `/v1/licenses/${license}/versions${page(of)}`,
  earnings: (license: bigint, of: EarningsQuery) => `/v1/licenses/${license}/earnings${earnings(of)}`,
  intent: (id: string) => `/v1/intents/${id}`,
  intentWait: (id: string, wait: number, until: Stage) => `/v1/intents/${id}${query({ wait, until })}`,
  receipt: (id: string) => `/v1/intents/${id}/receipt`,
  payouts: (owner: string, of: PageQuery) => `/v1/owners/${owner}/payouts${page(of)}`,
  batch: (number: bigint) => `/v1/batches/${number}`,
  batches: (of: PageQuery) => `/v1/batches${page(of)}`,
  block: (number: bigint) => `/v1/blocks/${number}`,
  blocks: (of: PageQuery) => `/v1/blocks${page(of)}`,
  events: (of: EventFilter, after: string | undefined) => `/v1/events${query({ ...filter(of), after })}`,
  webhooks: '/v1/webhooks',
  webhook: (id: string) => `/v1/webhooks/${id}`,
  rotateWebhook: (id: string) => `/v1/webhooks/${id}/rotate`,
  testWebhook: (id: string) => `/v1/webhooks/${id}/test`,
  webhookDeliveries: (id: string, of: PageQuery) => `/v1/webhooks/${id}/deliveries${page(of)}`,
  resendEvent: (id: string) => `/v1/webhooks/${id}/resend`,
  blockProof: (number: bigint) => `/v1/blocks/${number}/proof`,
} as const;
