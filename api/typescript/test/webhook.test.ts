import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { utf8 } from '../src/bytes.js';
import { verifyWebhook, WebhookError, webhookFault } from '../src/webhook.js';

interface Vectors {
  signed: { secrets: string[]; time: number; body: string; header: string }[];
  checks: {
    about: string;
    header: string;
    body: string;
    secrets: string[];
    now: number;
    tolerance: number;
    result: string;
  }[];
}

const file = new URL('../../../conformance/webhooks.json', import.meta.url);
const vectors = JSON.parse(readFileSync(file, 'utf8')) as Vectors;

test('the vectors of all SDKs hold', () => {
  assert.ok(vectors.signed.length >= 4 && vectors.checks.length >= 30);
  for (const { secrets, time, body, header } of vectors.signed) {
    for (const secret of secrets) {
      assert.equal(webhookFault(utf8(body), header, [secret], { now: time, toleranceSeconds: 0 }), undefined);
    }
  }
  for (const check of vectors.checks) {
    const options = { now: check.now, toleranceSeconds: check.tolerance };
    const fault = webhookFault(utf8(check.body), check.header, check.secrets, options);
    assert.equal(fault ?? 'ok', check.result, check.about);
  }
});

test('a webhook that is right gives its event, any other an error', () => {
  const [first] = vectors.signed;
  assert.ok(first);
  const { body, header, time: now } = first;
  const [secret] = first.secrets as [string];
  assert.deepEqual(verifyWebhook(body, header, secret, { now }), JSON.parse(body));
  assert.deepEqual(verifyWebhook(utf8(body), header, ['other', secret], { now }), JSON.parse(body));
  const fails = (fault: string) => (error: unknown) => error instanceof WebhookError && error.fault === fault;
  assert.throws(() => verifyWebhook(`${body} `, header, secret, { now }), fails('mismatch'));
  assert.throws(() => verifyWebhook(body, null, secret, { now }), fails('malformed'));
  assert.throws(() => verifyWebhook(body, header, secret), fails('stale'), 'the clock of this machine');
  try {
    verifyWebhook(body, header, 'whsec_secret', { now });
  } catch (error) {
    assert.ok(!String(error).includes('whsec_secret'));
  }
});
