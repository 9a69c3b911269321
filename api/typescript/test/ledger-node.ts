// A node in memory that keeps the rules of nonces and repeats, for tests of the meter.

import type { IntentDocument } from '../src/api.js';
import { digestToHex } from '../src/bytes.js';
import { Farthing, type FarthingOptions } from '../src/client.js';
import { domainOf } from '../src/deployment.js';
import { readIntent } from '../src/documents.js';
import { keyFromSeed } from '../src/keys.js';

export const DEPLOYMENT = { chainId: 31337, contract: '0x5fbdb2315678afecb367f032d93f642f64180aa3' };
const KEY = keyFromSeed(new Uint8Array(32).fill(3));

const json = (status: number, body: unknown): Response =>
  new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json' } });

function problem(code: string, status = 409): { type: string; title: string; status: number; code: string } {
  return { type: `/docs#${code}`, title: 'A title.', status, code };
}

/** The recipient of a number, unless a test says otherwise. */
export function recipient(number: string): string {
  return `0x${BigInt(number).toString(16).padStart(48, '0')}`;
}

/** Admits intents: each once, each nonce once and above the settled one. */
export class LedgerNode {
  /** Accepted intents by id. */
  readonly accepted = new Map<string, IntentDocument>();
  readonly dropped = new Map<string, string>();
  /** Ids of the intents of each request. */
  readonly requests: string[][] = [];
  /** The code with which an intent is refused before anything else is looked at. */
  refuse: (document: IntentDocument, id: string) => string | undefined = () => undefined;
  /** Does not answer: before the intents are taken, or after. */
  silent: 'before' | 'after' | undefined;
  settledNonce = 0n;
  stage = 'accepted';
  historyIsKept = true;
  prices: Record<string, string> = {};
  /** Recipients of licenses that have another than `recipient` gives. */
  recipients: Record<string, string> = {};
  deployment = DEPLOYMENT;

  client(options: Partial<FarthingOptions> = {}): Farthing {
    const own = { node: 'http://node.test', account: 7, key: KEY, retries: 0, fetch: this.fetch };
    return new Farthing({ ...own, ...options });
  }

  /** License, uses and memo of each accepted payment. */
  get paid(): { license: number; uses: number; memo: string }[] {
    return [...this.accepted.values()].map(({ operation }) => {
      if (!('pay' in operation)) throw new Error('only payments are expected');
      const { license, uses, memo } = operation.pay;
      return { license, uses, memo };
    });
  }

  /** The sum of the uses of a license. */
  uses(license: number): number {
    return this.paid.reduce((sum, paid) => (paid.license === license ? sum + paid.uses : sum), 0);
  }

  /** Drops an accepted intent, as when L1 has another history. */
  drop(id: string, reason: string): void {
    this.accepted.delete(id);
    this.dropped.set(id, reason);
  }

  readonly fetch: typeof fetch = async (input, init) => {
    const path = new URL(String(input)).pathname;
    const last = path.split('/').at(-1) as string;
    if (init?.method === 'POST') return this.#submit(JSON.parse(String(init.body)).intents);
    if (this.silent !== undefined) throw new TypeError('the node is silent');
    if (path === '/version') {
      const { chainId: chain_id, contract } = this.deployment;
      const domain = digestToHex(domainOf(this.deployment));
      return json(200, { domain, chain_id, contract, limits: { batch_intents_max: 100 } });
    }
    if (path.startsWith('/v1/accounts/')) {
      const nonce = this.settledNonce.toString();
      return json(200, { nonce, settled_nonce: nonce, recipient: recipient(last) });
    }
    if (path.startsWith('/v1/licenses/')) {
      const price = this.prices[last] ?? '250';
      return json(200, { id: Number(last), price, lineage: 1, recipient: this.#recipientOf(last) });
    }
    return this.#status(last);
  };

  #recipientOf(license: string): string {
    return this.recipients[license] ?? recipient(license);
  }

  #namesLicense({ operation }: IntentDocument): boolean {
    if (!('pay' in operation)) return true;
    const { license, recipient } = operation.pay;
    return recipient === this.#recipientOf(String(license));
  }

  #status(id: string): Response {
    const dropped = this.dropped.get(id);
    if (dropped !== undefined) return json(200, { id, status: 'dropped', dropped });
    if (this.accepted.has(id)) return json(200, { id, status: this.stage });
    const code = this.historyIsKept ? 'intent_not_found' : 'intent_history_unavailable';
    return json(404, problem(code, 404));
  }

  #submit(documents: readonly IntentDocument[]): Response {
    if (this.silent === 'before') throw new TypeError('the request was lost');
    const ids = documents.map((document) => readIntent(document, this.deployment).id);
    this.requests.push(ids);
    const results = documents.map((document, i) => this.#admit(document, ids[i] as string));
    if (this.silent === 'after') throw new TypeError('the reply was lost');
    return json(200, { results });
  }

  #admit(document: IntentDocument, id: string): object {
    if (this.accepted.has(id)) return { accepted: { id, batch: '7', repeated: true } };
    const nonces = [...this.accepted.values()].map(({ nonce }) => nonce);
    let code = this.dropped.has(id) ? 'intent_dropped' : this.refuse(document, id);
    if (code === undefined && !this.#namesLicense(document)) code = 'recipient_changed';
    if (code === undefined && nonces.includes(document.nonce)) code = 'nonce_used';
    if (code === undefined && BigInt(document.nonce) <= this.settledNonce) code = 'nonce_too_low';
    if (code !== undefined) return { rejected: problem(code) };
    this.accepted.set(id, document);
    return { accepted: { id, batch: '7', repeated: false } };
  }
}
