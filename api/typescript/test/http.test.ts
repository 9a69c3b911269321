import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Farthing } from '../src/client.js';
import {
  ConnectionError,
  FarthingError,
  ProblemError,
  RecipientChangedError,
  TimeoutError,
  UnexpectedAnswerError,
} from '../src/errors.js';
import { problemError } from '../src/http.js';
import { InputError } from '../src/input-error.js';
import { keyFromSeed } from '../src/keys.js';
import * as operations from '../src/operations.js';
import * as problems from '../src/problems.js';
import { holderChain, recipientOf } from '../src/recipients.js';
import { REPOSITORY } from './vectors.js';

const KEY = keyFromSeed(new Uint8Array(32).fill(2));

/** One request as the node would see it. */
interface Seen {
  readonly method: string;
  readonly path: string;
  readonly body: string | undefined;
  readonly key: string | null;
}

type Answer = Response | Error;

/** A recipient of a number's bytes. */
const recipient = (number: number): string => `0x${`0${number}`.repeat(24)}`;

const json = (status: number, body: unknown, headers: Record<string, string> = {}): Response =>
  new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json', ...headers } });
const problem = (code: string, status: number, headers: Record<string, string> = {}): Response =>
  json(
    status,
    { type: `/docs#${code}`, title: 'A title.', status, code, request_id: 'r-1', detail: 'A detail.' },
    headers,
  );

/** A node that answers from a script; what the script does not say is a failure. */
class ScriptedNode {
  readonly seen: Seen[] = [];
  readonly posts: Answer[];
  /** The recipients that it names. */
  readonly recipients: Record<string, string> = {
    'account 7': recipient(7),
    'account 8': recipient(8),
    'license 3': recipient(3),
  };

  constructor(...posts: Answer[]) {
    this.posts = posts;
  }

  readonly fetch: typeof fetch = async (input, init) => {
    const url = new URL(String(input));
    const headers = new Headers(init?.headers);
    const body = init?.body == null ? undefined : String(init.body);
    this.seen.push({
      method: init?.method ?? 'GET',
      path: url.pathname,
      body,
      key: headers.get('idempotency-key'),
    });
    const path = url.pathname.replace('/base', '');
    if (path === '/version') {
      return json(200, { domain: `0x${'00'.repeat(31)}07`, limits: { batch_intents_max: 3 } });
    }
    const account = /^\/v1\/accounts\/([0-9]+)$/.exec(path)?.[1];
    if (account !== undefined) {
      return json(200, { nonce: '5', settled_nonce: '9', recipient: this.recipients[`account ${account}`] });
    }
    if (path === '/v1/licenses/3') {
      return json(200, { id: 3, price: '250', lineage: 1, recipient: this.recipients['license 3'] });
    }
    if (init?.method !== 'POST' && path.startsWith('/v1/intents/')) return problem('intent_not_found', 404);
    const answer = this.posts.shift();
    if (answer === undefined) throw new Error(`the script has no answer to ${url.pathname}`);
    if (answer instanceof Error) throw answer;
    if (answer.status === 201 && answer.headers.get('x-accept') !== null) return accept(path, body ?? '');
    return answer;
  };

  client(options: { retries?: number } = {}): Farthing {
    return new Farthing({
      node: 'http://node.test/base/',
      account: 7,
      key: KEY,
      firstDelayMs: 1,
      maxDelayMs: 20,
      fetch: this.fetch,
      ...options,
    });
  }

  get sent(): Seen[] {
    return this.seen.filter(({ method }) => method === 'POST');
  }
}

/** Accepts whatever was sent; ids are not needed for batches, and single ones are taken from `ids`. */
const accepted = (): Response => new Response('{}', { status: 201, headers: { 'x-accept': 'yes' } });
let acceptedId = '';
function accept(path: string, body: string): Response {
  if (path === '/v1/intents/batch') {
    const { intents } = JSON.parse(body) as { intents: unknown[] };
    return json(200, {
      results: intents.map((_, i) => ({ accepted: { id: `0x${i}`, batch: '0', repeated: false } })),
    });
  }
  return json(201, { id: acceptedId, batch: '0', repeated: false });
}

async function signedOnce(client: Farthing): Promise<Awaited<ReturnType<Farthing['sign']>>> {
  const signed = await client.sign(operations.transfer(8, 1n, recipient(8)));
  acceptedId = signed.id;
  return signed;
}

test('every code of the API has a class, and those that Rust sends again are sent again', () => {
  const document = JSON.parse(readFileSync(join(REPOSITORY, 'api/server/openapi.json'), 'utf8'));
  const codes: string[] = document.components.schemas.ProblemCode.enum;
  assert.deepEqual(Object.keys(problems.PROBLEMS).sort(), [...codes].sort());
  for (const code of codes) {
    const error = problemError({ type: `/docs#${code}`, title: 'T.', status: 400, code });
    const name = code.replace(/(?:^|_)([a-z])/g, (_, letter: string) => letter.toUpperCase());
    // The client finds out about changed recipients too, mostly, and its error has the plain name.
    assert.equal(error.name, `${name}${code === 'recipient_changed' ? 'Problem' : ''}Error`);
    assert.equal(error.code, code);
    assert.ok(error instanceof ProblemError && error instanceof FarthingError);
  }
  const rust = readFileSync(join(REPOSITORY, 'api/types/src/problem.rs'), 'utf8');
  const body = /fn is_retryable[^}]*?matches!\(([^)]*)\)/s.exec(rust)?.[1] ?? '';
  const retryable = [...body.matchAll(/Self::(\w+)/g)].map(([, name]) =>
    (name as string).replace(/(?!^)([A-Z])/g, '_$1').toLowerCase(),
  );
  assert.deepEqual([...problems.RETRYABLE_CODES].sort(), retryable.sort());
});

test('an intent is sent again byte for byte, under the same key', async () => {
  const node = new ScriptedNode(
    new TypeError('fetch failed'),
    new DOMException('late', 'TimeoutError'),
    problem('overloaded', 503),
    problem('rate_limited', 429, { 'retry-after': '0' }),
    new Response('<html>', { status: 502 }),
    accepted(),
  );
  const client = node.client();
  const answer = await client.submit(await signedOnce(client));
  assert.equal(answer.repeated, false);
  assert.equal(node.sent.length, 6);
  assert.equal(new Set(node.sent.map(({ body }) => body)).size, 1);
  assert.equal(new Set(node.sent.map(({ key }) => key)).size, 1);
  assert.match(node.sent[0]?.key ?? '', /^[0-9a-f]{32}$/);
  assert.equal(node.sent[0]?.path, '/base/v1/intents');
});

test('a definitive refusal is not sent again', async () => {
  const node = new ScriptedNode(problem('insufficient_funds', 422));
  await assert.rejects(node.client().transfer(8, '1'), (error: unknown) => {
    assert.ok(error instanceof problems.InsufficientFundsError);
    assert.equal(error.status, 422);
    assert.equal(error.requestId, 'r-1');
    assert.equal(error.docsUrl, 'http://node.test/base/docs#insufficient_funds');
    assert.equal(error.retryable, false);
    assert.equal(error.outcomeUnknown, false);
    assert.match(error.intentId ?? '', /^0x[0-9a-f]{64}$/);
    return true;
  });
  assert.equal(node.sent.length, 1);
});

test('an error says when the outcome is unknown, and names the intent', async () => {
  const cases: [() => Answer, new (...parameters: never[]) => FarthingError][] = [
    [() => new TypeError('fetch failed'), ConnectionError],
    [() => new DOMException('late', 'TimeoutError'), TimeoutError],
    [() => new Response('<html>', { status: 504 }), UnexpectedAnswerError],
    [() => problem('deadline_exceeded', 504), problems.DeadlineExceededError],
  ];
  for (const [answer, Class] of cases) {
    const node = new ScriptedNode(answer(), problem('not_ready', 503));
    await assert.rejects(node.client({ retries: 1 }).transfer(8, '1'), (error: unknown) => {
      assert.ok(error instanceof problems.NotReadyError);
      return error.outcomeUnknown && error.intentId !== undefined && error.retryable;
    });
    const alone = new ScriptedNode(answer());
    await assert.rejects(alone.client({ retries: 0 }).transfer(8, '1'), (error: unknown) => {
      assert.ok(error instanceof FarthingError && error instanceof Class);
      return error.outcomeUnknown && error.intentId !== undefined;
    });
  }
  // Nothing that came before has reached the node's work.
  const node = new ScriptedNode(problem('overloaded', 503), problem('overloaded', 503));
  await assert.rejects(node.client({ retries: 1 }).transfer(8, '1'), (error: unknown) => {
    return error instanceof problems.OverloadedError && !error.outcomeUnknown;
  });
});

test('X-Should-Retry decides', async () => {
  const node = new ScriptedNode(problem('internal', 500, { 'x-should-retry': 'true' }), accepted());
  const client = node.client();
  await client.submit(await signedOnce(client));
  assert.equal(node.sent.length, 2);
  const stubborn = new ScriptedNode(problem('overloaded', 503, { 'x-should-retry': 'false' }));
  await assert.rejects(stubborn.client().transfer(8, '1'), problems.OverloadedError);
});

test('Retry-After is honoured, up to the longest delay', async () => {
  const node = new ScriptedNode(problem('rate_limited', 429, { 'retry-after': '3600' }));
  await assert.rejects(node.client({ retries: 0 }).transfer(8, '1'), (error: unknown) => {
    return error instanceof problems.RateLimitedError && error.retryAfterMs === 3_600_000;
  });
});

test('a nonce that can never settle is signed again, by the settled one', async () => {
  const node = new ScriptedNode(
    problem('nonce_too_low', 409),
    problem('nonce_used', 409),
    problem('nonce_undecided', 409),
  );
  await assert.rejects(node.client().transfer(8, '1'), problems.NonceUndecidedError);
  assert.equal(node.sent.length, 3);
  assert.equal(new Set(node.sent.map(({ body }) => body)).size, 3);
  assert.equal(new Set(node.sent.map(({ key }) => key)).size, 3);
});

test('another intent than the one sent is no answer', async () => {
  const node = new ScriptedNode(json(201, { id: `0x${'11'.repeat(32)}`, batch: '0', repeated: false }));
  await assert.rejects(node.client().transfer(8, '1'), (error: unknown) => {
    return error instanceof UnexpectedAnswerError && error.outcomeUnknown;
  });
});

test('many payments go in requests of as many as the node takes, each with its result', async () => {
  const node = new ScriptedNode(
    accepted(),
    json(200, {
      results: [
        { accepted: { id: '0x1', batch: '0', repeated: false } },
        { rejected: { type: '/docs#overloaded', title: 'T.', status: 503, code: 'overloaded' } },
        { accepted: { id: '0x3', batch: '0', repeated: false } },
      ],
    }),
    json(200, {
      results: [
        {
          rejected: {
            type: '/docs#insufficient_funds',
            title: 'T.',
            status: 422,
            code: 'insufficient_funds',
          },
        },
        { accepted: { id: '0x3', batch: '0', repeated: true } },
      ],
    }),
    new TypeError('fetch failed'),
  );
  const client = node.client({ retries: 1 });
  node.posts.push(new TypeError('fetch failed'));
  const results = await client.payMany(Array.from({ length: 7 }, () => ({ license: 3, uses: 2 })));
  const shown = results.map((result) => ('accepted' in result ? 'accepted' : result.rejected.code));
  assert.deepEqual(shown, [
    ...['accepted', 'accepted', 'accepted'],
    ...['accepted', 'insufficient_funds', 'accepted'],
    'connection_failed',
  ]);
  const last = results.at(-1);
  assert.ok(last !== undefined && 'rejected' in last && last.rejected.outcomeUnknown);
  assert.match(last.rejected.intentId ?? '', /^0x[0-9a-f]{64}$/);
});

test('recipients are signed as the node names them the first time', async () => {
  const node = new ScriptedNode(problem('overloaded', 503), problem('overloaded', 503));
  const client = node.client({ retries: 0 });
  const changed = (expected: string, got: string) => (error: unknown) =>
    error instanceof RecipientChangedError &&
    error.code === 'recipient_changed' &&
    !error.retryable &&
    error.expected === expected &&
    error.got === got;
  await assert.rejects(client.pay(3, 1), problems.OverloadedError);
  await assert.rejects(client.transfer(8, '1'), problems.OverloadedError);
  const signed = node.sent.map(({ body }) => JSON.parse(body ?? '').operation);
  assert.deepEqual([signed[0].pay.recipient, signed[1].transfer.recipient], [recipient(3), recipient(8)]);
  node.recipients['account 8'] = recipient(9);
  node.recipients['license 3'] = recipient(9);
  await assert.rejects(client.transfer(8, '1'), changed(recipient(8), recipient(9)));
  await assert.rejects(client.pay(3, 1), changed(recipient(3), recipient(9)));
  await assert.rejects(client.payMany([{ license: 3, uses: 1 }]), changed(recipient(3), recipient(9)));
  await assert.rejects(client.recipient({ license: 3 }), changed(recipient(3), recipient(9)));
  const holders = [{ holder: { license: 3 }, shares: 1_000_000 }];
  await assert.rejects(client.registerLicense({ price: 1n, holders }), changed(recipient(3), recipient(9)));
  assert.equal(node.sent.length, 2, 'nothing more was sent');
});

test('a recipient that the client was told is the only one that it signs for', async () => {
  const node = new ScriptedNode(problem('overloaded', 503), problem('overloaded', 503));
  const told = node.client({ retries: 0 }).withRecipient({ license: 3 }, recipient(4));
  await assert.rejects(told.pay(3, 1), RecipientChangedError);
  await assert.rejects(told.pay(3, 1, { recipient: recipient(3) }), problems.OverloadedError);
  const client = node.client({ retries: 0 });
  await assert.rejects(client.pay(3, 1, { recipient: recipient(4) }), RecipientChangedError);
  await assert.rejects(client.preparePay(3, 1, { recipient: recipient(4) }), RecipientChangedError);
  await assert.rejects(client.transfer(8, '1', { recipient: recipient(4) }), RecipientChangedError);
  for (const wrong of ['', '0x', recipient(4).slice(2), `0x${'ff'.repeat(24)}`]) {
    await assert.rejects(client.transfer(8, '1', { recipient: wrong }), InputError);
    await assert.rejects(client.pay(3, 1, { recipient: wrong }), InputError);
    assert.throws(() => client.withRecipient({ account: 8 }, wrong), InputError);
  }
  assert.equal(node.sent.length, 1);
  node.recipients['license 3'] = `0x${'ff'.repeat(24)}`;
  await assert.rejects(client.pay(3, 1), UnexpectedAnswerError);
  node.recipients['license 3'] = recipient(3);
  // Words for one call are forgotten after it.
  await assert.rejects(client.pay(3, 1), problems.OverloadedError);
  assert.equal(await client.recipient({ account: 8 }), recipient(8));
});

test('a registration signs the chain of its holders', async () => {
  const node = new ScriptedNode(problem('overloaded', 503));
  const holders = [
    { holder: { account: 8 }, shares: 400_000 },
    { holder: { license: 3 }, shares: 600_000 },
  ];
  const client = node.client({ retries: 0 });
  await assert.rejects(client.registerLicense({ price: 1n, holders }), problems.OverloadedError);
  const { register_license } = JSON.parse(node.sent[0]?.body ?? '').operation;
  assert.equal(register_license.lineage, 2);
  assert.equal(register_license.recipient, recipientOf(holderChain(holders, [recipient(8), recipient(3)])));
});

test('a recipient that the node refuses is a problem', async () => {
  const node = new ScriptedNode(problem('recipient_changed', 422));
  await assert.rejects(node.client().pay(3, 1), (error: unknown) => {
    assert.ok(error instanceof problems.RecipientChangedProblemError);
    return error.code === 'recipient_changed' && !error.retryable && !error.outcomeUnknown;
  });
  assert.equal(node.sent.length, 1);
});

test('a node of another deployment than the one that was named gets no signature', async () => {
  const node = new ScriptedNode();
  const deployment = { chainId: 1, contract: `0x${'22'.repeat(20)}` };
  const client = new Farthing({
    node: 'http://node.test',
    account: 7,
    key: KEY,
    deployment,
    fetch: node.fetch,
  });
  await assert.rejects(client.withdraw('1000'), /serves chain .* expected chain 1/);
  await assert.rejects(client.openAccount(KEY, deployment.contract), /expected chain 1/);
  assert.equal(node.sent.length, 0);
});

test('a client without a key only reads', async () => {
  const node = new ScriptedNode();
  const client = new Farthing({ node: 'http://node.test', fetch: node.fetch });
  assert.equal((await client.license(3)).price, '250');
  await assert.rejects(client.transfer(8, '1'), /only reads/);
  assert.throws(() => new Farthing({ node: 'http://node.test', account: 1 }), /belong together/);
  for (const url of ['node.test', 'ftp://node.test', 'http://user:word@node.test']) {
    assert.throws(
      () => new Farthing({ node: url }),
      (error: Error) => !error.message.includes('word@'),
      url,
    );
  }
});
