// The webhooks of an account. Each request is signed by the account's key, in this page.

import type { Farthing, SecretKey } from '@farthing/sdk';
import { requestSignature } from '@farthing/sdk';
import { domainOf } from '../../../typescript/src/protocol.js';
import type { components } from '../../../typescript/src/schema.js';
import { base } from './node.js';

type Schemas = components['schemas'];
export type Webhook = Schemas['WebhookBody'];
export type Delivery = Schemas['DeliveryBody'];

/** The types of events, as streams and webhooks name them. */
export const EVENT_TYPES = [
  'batch.sealed',
  'license.paid',
  'license.updated',
  'block.proven',
  'block.finalized',
  'payout.claimable',
] as const;
const PATH = '/v1/webhooks';
/** Deliveries of a webhook that a page shows. */
const DELIVERIES = 10;

/** Speaks to the node about the webhooks of one account. */
export class Webhooks {
  constructor(
    private readonly node: Farthing,
    private readonly account: number,
    private readonly key: SecretKey,
  ) {}

  async list(): Promise<readonly Webhook[]> {
    return (await this.#call<Schemas['WebhookList']>('GET', PATH)).items;
  }

  /** Registers a URL. The answer alone has the secret. */
  register(url: string, types: readonly string[]): Promise<Schemas['WebhookSecretBody']> {
    return this.#call('POST', PATH, { url, filter: { types } });
  }

  /** Posts a test event to a webhook. */
  test({ id }: Webhook): Promise<Delivery> {
    return this.#call('POST', `${PATH}/${id}/test`, {});
  }

  async deliveries({ id }: Webhook): Promise<readonly Delivery[]> {
    const path = `${PATH}/${id}/deliveries?limit=${DELIVERIES}`;
    return (await this.#call<Schemas['Page_DeliveryBody']>('GET', path)).items;
  }

  resend({ id }: Webhook, { event }: Delivery): Promise<unknown> {
    return this.#call('POST', `${PATH}/${id}/resend`, { event });
  }

  remove({ id }: Webhook): Promise<unknown> {
    return this.#call('DELETE', `${PATH}/${id}`);
  }

  /** Signs and makes a request. The target is the node's, without the prefix of a proxy. */
  async #call<T>(method: string, target: string, content?: unknown): Promise<T> {
    const domain = domainOf(await this.node.deployment());
    const body = content === undefined ? '' : JSON.stringify(content);
    const signer = { account: this.account, key: this.key, domain };
    const time = Math.floor(Date.now() / 1000);
    const headers = {
      'Farthing-Signature': requestSignature(signer, time, { method, target, body }),
      ...(body === '' ? {} : { 'Content-Type': 'application/json' }),
    };
    const request = { method, headers, ...(body === '' ? {} : { body }) };
    const answer = await fetch(`${base}${target.slice(1)}`, request);
    const text = await answer.text();
    if (!answer.ok) throw new Error(problemText(answer.status, text));
    return (text === '' ? undefined : JSON.parse(text)) as T;
  }
}

/** The words of a problem, or the status of an answer that is none. */
function problemText(status: number, text: string): string {
  try {
    const { title, detail } = JSON.parse(text) as Partial<Schemas['Problem']>;
    if (title !== undefined) return `${title}: ${detail ?? ''}`.replace(/: $/, '');
  } catch {
    // Not JSON: a proxy's answer.
  }
  return `the node answered with status ${status}`;
}
