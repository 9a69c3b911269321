// The calls about webhooks: what is sent, and who signs it.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { requestContent, requestDomain } from '../src/account-request.js';
import { digestFromHex, fromHex } from '../src/bytes.js';
import { Farthing } from '../src/client.js';
import { ProblemError } from '../src/errors.js';
import { InputError } from '../src/input-error.js';
import { keyFromSeed } from '../src/keys.js';
import { OPENING_MESSAGE } from '../src/opening.js';
import { signatureFault } from '../src/schnorr.js';

const KEY = keyFromSeed(new Uint8Array(32).fill(2));
const DOMAIN = `0x${'00'.repeat(31)}07`;
const ID = `0x${'ab'.repeat(32)}`;
const EVENT = `0x${'cd'.repeat(32)}`;
const SECRET = `whsec_${'5e'.repeat(32)}`;

interface Sent {
  readonly method: string;
  readonly target: string;
  readonly body: string;
  readonly headers: Headers;
}

/** A client of a node that answers from a script, and what it was sent besides look-ups. */
function scripted(...answers: (Response | Error)[]): { farthing: Farthing; sent: Sent[] } {
  const sent: Sent[] = [];
  const answer: typeof fetch = async (input, init) => {
    const { pathname, search } = new URL(String(input));
    if (pathname === '/base/version') return Response.json({ domain: DOMAIN, limits: {} });
    if (pathname === '/base/v1/accounts/7') return Response.json({ nonce: '5' });
    const target = `${pathname.slice('/base'.length)}${search}`;
    const headers = new Headers(init?.headers);
    sent.push({ method: init?.method ?? 'GET', target, body: String(init?.body ?? ''), headers });
    const next = answers.shift() ?? Response.json({});
    if (next instanceof Error) throw next;
    return next;
  };
  const node = 'http://node.test/base/';
  return { farthing: new Farthing({ node, account: 7, key: KEY, firstDelayMs: 1, fetch: answer }), sent };
}

/** The second for which the account's key signed a request. */
function signedAt({ method, target, body, headers }: Sent): number {
  const header = headers.get('farthing-signature') ?? '';
  const [, time, signature] = /^account=7,t=([0-9]+),s=(0x[0-9a-f]{160})$/.exec(header) ?? [];
  assert.ok(time !== undefined && signature !== undefined, header);
  const content = requestContent(method, target, body);
  const domain = requestDomain(digestFromHex(DOMAIN, 'domain'), 7n, BigInt(time), content);
  const key = fromHex(KEY.publicKey, 'key');
  const fault = signatureFault(key, domain, OPENING_MESSAGE, fromHex(signature, 'signature'));
  assert.equal(fault, undefined, `${method} ${target}`);
  return Number(time);
}

test('each call is signed, and has the form that the node takes', async () => {
  const answers = [{ items: [{ id: ID }] }, { id: ID }, { id: ID }].map((body) => Response.json(body));
  const { farthing, sent } = scripted(...answers);
  assert.deepEqual(await farthing.webhooks(), [{ id: ID }]);
  await farthing.webhook(ID);
  await farthing.deleteWebhook(ID);
  await farthing.registerWebhook('https://app.example/hook', {
    types: ['license.paid'],
    license: 3n,
    block: 9,
  });
  await farthing.registerWebhook('https://app.example/hook');
  await farthing.rotateWebhookSecret(ID, 60);
  await farthing.rotateWebhookSecret(ID);
  await farthing.testWebhook(ID);
  await farthing.resendEvent(ID, EVENT);
  const hook = `/v1/webhooks/${ID}`;
  const url = '"url":"https://app.example/hook"';
  assert.deepEqual(
    sent.map(({ method, target, body }) => `${method} ${target} ${body}`.trim()),
    [
      'GET /v1/webhooks',
      `GET ${hook}`,
      `DELETE ${hook}`,
      `POST /v1/webhooks {${url},"filter":{"types":["license.paid"],"license":3,"block":"9"}}`,
      `POST /v1/webhooks {${url},"filter":{}}`,
      `POST ${hook}/rotate {"keep_seconds":60}`,
      `POST ${hook}/rotate {}`,
      `POST ${hook}/test {}`,
      `POST ${hook}/resend {"event":"${EVENT}"}`,
    ],
  );
  for (const one of sent) {
    signedAt(one);
    assert.equal(one.headers.get('idempotency-key'), null);
  }
});

test('deliveries come over all pages', async () => {
  const pages = [
    { items: [{ event: 'a' }], next_cursor: 'c/1' },
    { items: [{ event: 'b' }], next_cursor: null },
  ];
  const { farthing, sent } = scripted(...pages.map((page) => Response.json(page)));
  const events: string[] = [];
  for await (const { event } of farthing.webhookDeliveries(ID, { limit: 1 })) events.push(event);
  assert.deepEqual(events, ['a', 'b']);
  assert.deepEqual(
    sent.map(({ target }) => target.split('?')[1]),
    ['limit=1', 'cursor=c%2F1&limit=1'],
  );
  for (const one of sent) signedAt(one);
});

test('a call is signed once, and the same call again for another second', async () => {
  const { farthing, sent } = scripted(new Error('reset'), Response.json({ event: EVENT }));
  await farthing.testWebhook(ID);
  await farthing.testWebhook(ID);
  await farthing.testWebhook(ID);
  const times = sent.map(signedAt);
  assert.equal(times[0], times[1], 'a retry is the same request');
  assert.ok((times[1] as number) < (times[2] as number) && (times[2] as number) < (times[3] as number));
});

test('a secret is given once, and kept out of logs', async () => {
  const body = { webhook: { id: ID }, secret: SECRET };
  const { farthing } = scripted(Response.json(body, { status: 201 }), Response.json(body));
  for (const answer of [
    await farthing.registerWebhook('https://app.example'),
    await farthing.rotateWebhookSecret(ID),
  ]) {
    assert.equal(answer.secret, SECRET);
    assert.deepEqual(JSON.parse(JSON.stringify(answer)), body);
    assert.ok(!inspect(answer).includes(SECRET) && inspect(answer).includes(ID));
    assert.ok(!inspect({ answer }, { depth: 9 }).includes(SECRET));
  }
});

test('a wrong argument sends nothing, and refusals are errors by their code', async () => {
  const problem = { type: '/docs#webhook_not_found', title: 'T.', status: 404, code: 'webhook_not_found' };
  const { farthing, sent } = scripted(Response.json(problem, { status: 404 }));
  const wrong = [
    () => farthing.webhook('0x12'),
    () => farthing.deleteWebhook(`${ID}00`),
    () => farthing.resendEvent(ID, 'e'),
    () => farthing.rotateWebhookSecret(ID, 604_801),
    () => farthing.rotateWebhookSecret(ID, 0.5),
    () => farthing.registerWebhook('https://app.example', { account: -1 }),
  ];
  for (const call of wrong) await assert.rejects(call(), InputError);
  assert.deepEqual(sent, []);
  const refused = (error: unknown): boolean =>
    error instanceof ProblemError && error.code === 'webhook_not_found' && error.name !== 'ProblemError';
  await assert.rejects(farthing.webhook(ID), refused);
});
