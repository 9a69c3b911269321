// Webhooks of an account, which signs every call about them. `webhook.ts` is the receiver's side.

import type * as api from './api.js';
import { nameOf } from './bytes.js';
import type { Transport } from './http.js';
import { InputError } from './input-error.js';
import { pages } from './pages.js';
import { type PageQuery, paths } from './paths.js';
import { whole } from './quantity.js';
import type { Signer } from './signer.js';

const KEEP_SECONDS_MAX = 7 * 24 * 3600;
/** By this name Node asks an object how `console.log` shows it. */
const SHOWN = Symbol.for('nodejs.util.inspect.custom');

/** The calls of one account. */
export class AccountWebhooks {
  constructor(
    private readonly transport: Transport,
    private readonly signer: () => Promise<Signer>,
  ) {}

  async register(url: string, filter: api.EventFilter): Promise<api.WebhookSecret> {
    const { types, account, license, block } = filter;
    const wanted = {
      types,
      account: account === undefined ? undefined : Number(whole(account, 'account')),
      license: license === undefined ? undefined : Number(whole(license, 'license')),
      block: block === undefined ? undefined : whole(block, 'u64', 'block number').toString(),
    };
    return discreet(await this.#post(paths.webhooks, { url, filter: wanted }));
  }

  async list(): Promise<api.Webhook[]> {
    const { items } = (await this.#call('GET', paths.webhooks)) as { items: api.Webhook[] };
    return items;
  }

  async get(id: string): Promise<api.Webhook> {
    return (await this.#call('GET', paths.webhook(webhook(id)))) as api.Webhook;
  }

  async delete(id: string): Promise<api.Webhook> {
    return (await this.#call('DELETE', paths.webhook(webhook(id)))) as api.Webhook;
  }

  async rotate(id: string, keepSeconds: number | undefined): Promise<api.WebhookSecret> {
    const keep = keepSeconds ?? 0;
    if (!(Number.isInteger(keep) && keep >= 0 && keep <= KEEP_SECONDS_MAX)) {
      throw new InputError(`keepSeconds is ${keepSeconds}, expected 0 to ${KEEP_SECONDS_MAX}`);
    }
    return discreet(await this.#post(paths.rotateWebhook(webhook(id)), { keep_seconds: keepSeconds }));
  }

  async test(id: string): Promise<api.WebhookDelivery> {
    return this.#post(paths.testWebhook(webhook(id)), {});
  }

  deliveries(id: string, query: PageQuery): AsyncGenerator<api.WebhookDelivery, void> {
    const of = webhook(id);
    const load = async (page: PageQuery): Promise<{ items: api.WebhookDelivery[] }> =>
      (await this.#call('GET', paths.webhookDeliveries(of, page))) as { items: api.WebhookDelivery[] };
    return pages(load, query);
  }

  async resend(id: string, event: string): Promise<api.WebhookDelivery> {
    return this.#post(paths.resendEvent(webhook(id)), { event: nameOf(event, 'an event') });
  }

  async #post<T>(path: string, body: object): Promise<T> {
    return (await this.#call('POST', path, JSON.stringify(body))) as T;
  }

  /** Signs a call once; it is sent byte for byte until an answer comes. */
  async #call(method: 'GET' | 'POST' | 'DELETE', path: string, body?: string): Promise<unknown> {
    const signer = await this.signer();
    const request = { method, target: path, ...(body === undefined ? {} : { body }) };
    return this.transport.call({ method, path, body, signature: signer.signRequest(request) });
  }
}

const webhook = (id: string): string => nameOf(id, 'a webhook');

/** Keeps the secret out of logs: it is read by its name, and in JSON. */
function discreet(answer: api.WebhookSecret): api.WebhookSecret {
  const shown = (): unknown => ({ webhook: answer.webhook, secret: '…' });
  return Object.defineProperty(answer, SHOWN, { value: shown });
}
