// Runs api/conformance/scenario.json: the format is described beside it.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { EventFilter, EventType, Stage, StreamedEvent } from '../src/api.js';
import { toHex } from '../src/bytes.js';
import { Farthing, type PayOptions } from '../src/client.js';
import { readIntent, readOperation } from '../src/documents.js';
import { FarthingError, ProblemError } from '../src/errors.js';
import { problemError } from '../src/http.js';
import type { LicenseChanges, LicenseTerms } from '../src/operations.js';
import type { Money, Whole } from '../src/quantity.js';
import { verifyReceipt } from '../src/receipt.js';
import { verifyReceiptOnL1 } from '../src/settlement.js';
import { type Banner, banner } from './banner.js';
import { type Actor, actorOf, deposit, seedOf } from './dev-node.js';
import { REPOSITORY } from './vectors.js';

/** The longest wait for the events of a step. */
const EVENTS_SECONDS_MAX = 60;

type Json = null | boolean | number | string | Json[] | { [name: string]: Json };
type Fields = { [name: string]: Json };

interface Step {
  readonly name: string;
  readonly do: string;
  readonly as?: string;
  readonly with?: Fields;
  readonly expect?: Json;
  readonly refused?: { readonly code: string; readonly by: string; readonly retryable?: boolean };
  readonly save?: Record<string, string>;
  readonly within?: number;
}

interface Scenario {
  readonly format: number;
  readonly values: Fields;
  readonly steps: readonly Step[];
}

class Runner {
  readonly #run = toHex(crypto.getRandomValues(new Uint8Array(8))).slice(2);
  readonly #actors = new Map<string, Actor>();
  readonly #clients = new Map<string, Farthing>();
  readonly #values: Fields;
  readonly #reader: Farthing;

  constructor(
    private readonly node: Banner,
    values: Fields,
  ) {
    const { rest, l1, chain_id, contract, token } = node;
    this.#values = { ...values, rest, l1, chain_id, contract, token };
    for (const { name, account, seed, owner } of node.accounts) {
      this.#values[name] = account;
      const { key } = actorOf(Buffer.from(seed.slice(2), 'hex'));
      this.#actors.set(name, { key, owner });
    }
    this.#reader = new Farthing({ node: rest });
  }

  actor(name: string): Actor {
    const known = this.#actors.get(name) ?? actorOf(seedOf(`farthing conformance: ${this.#run} ${name}`));
    this.#actors.set(name, known);
    return known;
  }

  client(name: string): Farthing {
    const account = this.#values[name] as number;
    assert.equal(typeof account, 'number', `the account of ${name} is known`);
    const { key } = this.actor(name);
    const known = this.#clients.get(name) ?? new Farthing({ node: this.node.rest, account, key });
    this.#clients.set(name, known);
    return known;
  }

  /** A value with variables in place of their names. */
  fill(value: Json): Json {
    if (typeof value === 'string' && value.startsWith('$')) return this.variable(value.slice(1));
    if (Array.isArray(value)) return value.map((item) => this.fill(item));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, this.fill(item)]));
  }

  private variable(name: string): Json {
    if (name.startsWith('key:')) return this.actor(name.slice(4)).key.publicKey;
    if (name.startsWith('owner:')) return this.actor(name.slice(6)).owner;
    const value = this.#values[name];
    assert.notEqual(value, undefined, `$${name} has a value`);
    return value as Json;
  }

  async step(step: Step): Promise<void> {
    const end = Date.now() + (step.within ?? 0) * 1000;
    for (;;) {
      try {
        return await this.once(step);
      } catch (error) {
        if (Date.now() >= end) throw error;
        await new Promise((resolve) => setTimeout(resolve, 500));
      }
    }
  }

  private async once(step: Step): Promise<void> {
    const given = this.fill(step.with ?? {}) as Fields;
    let result: Json;
    try {
      result = (await this.call(step, given)) as Json;
    } catch (error) {
      if (!(error instanceof FarthingError) || step.refused === undefined) throw error;
      const by = error instanceof ProblemError ? 'node' : 'client';
      const got = { code: error.code, by, retryable: error.retryable };
      assert.deepEqual({ ...got, ...step.refused }, got, error.message);
      return;
    }
    assert.equal(step.refused, undefined, `expected a refusal, got ${JSON.stringify(result)}`);
    if (step.expect !== undefined) contains(result, this.fill(step.expect), 'result');
    for (const [name, field] of Object.entries(step.save ?? {})) {
      const path = field === '.' ? [] : field.split('.');
      const saved = path.reduce<Json | undefined>((at, part) => (at as Fields)[part], result);
      assert.notEqual(saved, undefined, `the result has ${field}`);
      this.#values[name] = saved as Json;
    }
  }

  private async call(step: Step, given: Fields): Promise<unknown> {
    const reader = this.#reader;
    const signer = (): Farthing => this.client(step.as as string);
    const options: PayOptions = {
      memo: given['memo'] as string | undefined,
      recipient: given['recipient'] as string | undefined,
    };
    const id = given['id'] as Whole;
    const license = given['license'] as Whole;
    const uses = given['uses'] as Whole;
    const amount = given['amount'] as Money;
    const intent = given['intent'] as string;
    switch (step.do) {
      case 'version':
        return reader.version();
      case 'open_account': {
        const { owner } = this.actor(given['owner'] as string);
        return reader.openAccount(this.actor(given['key'] as string).key, owner);
      }
      case 'deposit':
        return deposit(this.node, this.actor(given['key'] as string), BigInt(given['base_units'] as string));
      case 'account':
        return reader.account(id);
      case 'license':
        return reader.license(id);
      case 'register_license':
        return signer().registerLicense({
          price: given['price'] as Money,
          derivativeShares: given['derivative_shares'] as Whole,
          provenance: given['provenance'] as string,
          holders: given['holders'] as unknown as LicenseTerms['holders'],
        });
      case 'update_license':
        return signer().updateLicense(license, changesOf(given));
      case 'license_versions':
        return collect(reader.licenseVersions(license, { limit: given['limit'] as number }));
      case 'quote':
        return reader.quote(license, uses);
      case 'pay':
        return signer().pay(license, uses, options);
      case 'pay_many': {
        const payments = given['payments'] as unknown as { license: number; uses: number; memo?: string }[];
        const results = await signer().payMany(payments);
        return results.map((result) =>
          'accepted' in result ? result : { rejected: { ...result.rejected } },
        );
      }
      case 'transfer':
        return signer().transfer(given['to'] as Whole, amount, options);
      case 'withdraw':
        return signer().withdraw(amount, options);
      case 'sign':
        return this.sign(step, given);
      case 'submit': {
        const signed = readIntent(given['intent'], await reader.deployment());
        return reader.submit(signed, { idempotencyKey: given['idempotency_key'] as string | undefined });
      }
      case 'status': {
        const timeoutMs = given['timeout'] == null ? undefined : Number(given['timeout']) * 1000;
        return reader.status(intent, { until: given['until'] as Stage | undefined, timeoutMs });
      }
      case 'receipt':
        return reader.receipt(intent);
      case 'verify_receipt':
        return verify(given);
      case 'earnings':
        return this.earnings(license, given['limit'] as number);
      case 'payouts':
        return collect(reader.payouts(this.actor(given['owner'] as string).owner));
      case 'register_webhook':
        return signer().registerWebhook(given['url'] as string, filterOf(given));
      case 'webhooks':
        return signer().webhooks();
      case 'webhook':
        return signer().webhook(given['webhook'] as string);
      case 'delete_webhook':
        return signer().deleteWebhook(given['webhook'] as string);
      case 'rotate_webhook_secret':
        return signer().rotateWebhookSecret(given['webhook'] as string, given['keep_seconds'] as number);
      case 'test_webhook':
        return signer().testWebhook(given['webhook'] as string);
      case 'webhook_deliveries':
        return collect(signer().webhookDeliveries(given['webhook'] as string));
      case 'resend_event':
        return signer().resendEvent(given['webhook'] as string, given['event'] as string);
      case 'events':
        return this.events(given);
      case 'request':
        return this.request(given);
      default:
        throw new Error(`the verb ${step.do} has no runner`);
    }
  }

  private async sign(step: Step, given: Fields): Promise<unknown> {
    const operation = readOperation(given['operation']);
    const account = this.#values[step.as as string] as number;
    const client =
      given['key'] == null
        ? this.client(step.as as string)
        : new Farthing({ node: this.node.rest, account, key: this.actor(given['key'] as string).key });
    const signed = await client.sign(operation, {
      account: (given['account'] ?? undefined) as Whole | undefined,
      nonce: (given['nonce'] ?? undefined) as Whole | undefined,
      fee: (given['fee'] ?? undefined) as Money | undefined,
      validUntil: (given['valid_until'] ?? undefined) as Whole | undefined,
    });
    return { id: signed.id, intent: client.document(signed) };
  }

  private async earnings(license: Whole, limit: number): Promise<unknown> {
    const lines = await collect(this.#reader.earnings(license, { limit }));
    const { holders } = await this.#reader.license(license);
    const sum = (amounts: string[]): string =>
      amounts.reduce((all, amount) => all + BigInt(amount), 0n).toString();
    const parts = holders.map(({ holder }) => {
      const name = JSON.stringify(holder);
      const own = lines.flatMap((line) => line.parts).filter((part) => JSON.stringify(part.holder) === name);
      return sum(own.map((part) => part.amount));
    });
    return { received: sum(lines.map((line) => line.received)), parts };
  }

  private async events(given: Fields): Promise<unknown> {
    const events: StreamedEvent[] = [];
    const signal = AbortSignal.timeout(EVENTS_SECONDS_MAX * 1000);
    const options = {
      ...filterOf(given),
      after: (given['after'] ?? undefined) as string | undefined,
      signal,
    };
    for await (const event of this.#reader.events(options)) {
      events.push(event);
      if (events.length === given['count']) return { events, place: event.place };
    }
    throw new Error(`${events.length} events in ${EVENTS_SECONDS_MAX} s`);
  }

  private async request(given: Fields): Promise<unknown> {
    const text = given['json'] == null ? given['text'] : JSON.stringify(given['json']);
    const headers = { ...(given['json'] == null ? {} : { 'content-type': 'application/json' }) };
    const response = await fetch(`${this.node.rest}${given['path']}`, {
      method: given['method'] as string,
      headers: { ...headers, ...(given['headers'] as Record<string, string> | undefined) },
      ...(text == null ? {} : { body: text as string }),
    });
    const body = await response.json();
    if (!response.ok) throw problemError(body);
    return { status: response.status, body };
  }
}

/** Changes of a license, as a step has them. */
function changesOf({ price, derivative_shares, status, licensee, provenance }: Fields): LicenseChanges {
  return {
    price: (price ?? undefined) as Money | undefined,
    derivativeShares: (derivative_shares ?? undefined) as Whole | undefined,
    status: (status ?? undefined) as LicenseChanges['status'],
    licensee: licensee === 'none' ? null : ((licensee ?? undefined) as Whole | undefined),
    provenance: (provenance ?? undefined) as string | undefined,
  };
}

/** Conditions on events, as a step has them. */
function filterOf({ types, account, license, block }: Fields): EventFilter {
  return {
    types: (types ?? undefined) as EventType[] | undefined,
    account: (account ?? undefined) as Whole | undefined,
    license: (license ?? undefined) as Whole | undefined,
    block: (block ?? undefined) as Whole | undefined,
  };
}

async function verify(given: Fields): Promise<unknown> {
  const receipt = structuredClone(given['receipt']) as Fields;
  for (const [pointer, value] of Object.entries((given['change'] ?? {}) as Fields)) {
    const path = pointer.slice(1).split('/');
    const last = path.pop() as string;
    const parent = path.reduce((at, name) => at[name] as Fields, receipt);
    assert.notEqual(parent[last], undefined, pointer);
    parent[last] = value;
  }
  const shown = (verified: ReturnType<typeof verifyReceipt>, settled: boolean): unknown => ({
    id: verified.id,
    account: Number(verified.account),
    batch: verified.batch.number.toString(),
    settled,
  });
  if (given['l1'] != null) {
    const l1 = { url: given['l1'] as string, contract: given['contract'] as string };
    return shown(await verifyReceiptOnL1(receipt, l1), true);
  }
  const deployment = given['deployment'] as { chain_id: number; contract: string } | undefined;
  const expected =
    deployment == null ? undefined : { chainId: deployment.chain_id, contract: deployment.contract };
  return shown(verifyReceipt(receipt, expected), false);
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

/** Compares what is expected: fields of an object, items of an array, one of several values. */
function contains(got: Json | undefined, expected: Json, path: string): void {
  if (Array.isArray(expected)) {
    assert.ok(Array.isArray(got), `${path} is a list`);
    assert.equal(got.length, expected.length, `length of ${path}`);
    expected.forEach((item, i) => {
      contains(got[i], item, `${path}/${i}`);
    });
  } else if (typeof expected === 'object' && expected !== null) {
    const choices = expected['any_of'];
    if (Array.isArray(choices)) {
      assert.ok(
        choices.includes(got as Json),
        `${path} is ${JSON.stringify(got)}, expected one of ${choices}`,
      );
      return;
    }
    assert.ok(typeof got === 'object' && got !== null, `${path} is an object`);
    for (const [name, item] of Object.entries(expected))
      contains((got as Fields)[name], item, `${path}/${name}`);
  } else {
    assert.deepEqual(got ?? null, expected, path);
  }
}

const { node, skip } = banner();

test('the scenario of all SDKs', { skip }, async (t) => {
  const path = join(REPOSITORY, 'api/conformance/scenario.json');
  const scenario = JSON.parse(readFileSync(path, 'utf8')) as Scenario;
  assert.equal(scenario.format, 1, 'the format that this runner reads');
  assert.ok(scenario.steps.length >= 30);
  const runner = new Runner(node as Banner, scenario.values);
  for (const [i, step] of scenario.steps.entries()) {
    const begin = Date.now();
    try {
      await runner.step(step);
    } catch (error) {
      throw new Error(`step ${i + 1}, "${step.name}": ${String(error)}`, { cause: error });
    }
    if (Date.now() - begin > 2000) t.diagnostic(`${step.name}: ${Date.now() - begin} ms`);
  }
  t.diagnostic(`${scenario.steps.length} steps`);
});
