import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fromHex } from '../src/bytes.js';
import { ServerClock } from '../src/clock.js';
import { ClockError } from '../src/errors.js';
import { intentMessage } from '../src/intent.js';
import { keyFromSeed } from '../src/keys.js';
import * as operations from '../src/operations.js';
import { signatureFault } from '../src/schnorr.js';
import { Signer, VALIDITY_MAX_SECONDS } from '../src/signer.js';

const KEY = keyFromSeed(new Uint8Array(32).fill(1));
const DOMAIN = [1n, 2n, 3n, 4n] as const;
const NOW = 1_800_000_000_000;
const at = (ms: number): ServerClock => new ServerClock(() => ms);
const signer = (ms: number, validForSeconds?: number): Signer =>
  new Signer(7, KEY, DOMAIN, { clock: at(ms), validForSeconds });
const operation = operations.transfer(8, 1n, `0x${'08'.repeat(24)}`);

test('what it signs verifies', () => {
  const { intent, signature } = signer(NOW).sign(operation);
  assert.equal(intent.account, 7n);
  assert.equal(intent.fee, 0n);
  assert.equal(intent.validUntil, BigInt(NOW / 1000 + 900));
  const key = fromHex(KEY.publicKey, 'key');
  assert.equal(signatureFault(key, DOMAIN, intentMessage(intent), signature), undefined);
  const other = intentMessage({ ...intent, nonce: intent.nonce + 1n });
  assert.equal(signatureFault(key, DOMAIN, other, signature), 'mismatch');
});

test('nonces grow while the clock stands, and writers seldom meet', () => {
  const one = signer(NOW);
  let last = 0n;
  for (let i = 0; i < 20; i += 1) {
    const { nonce } = one.sign(operation).intent;
    assert.ok(nonce > last);
    last = nonce;
  }
  const first = Array.from({ length: 30 }, () => signer(NOW).sign(operation).intent.nonce);
  for (const nonce of first) assert.equal(nonce / 1000n, BigInt(NOW));
  assert.ok(new Set(first).size > 20, 'thirty writers in one millisecond draw few nonces twice');
});

test('a nonce a day ahead of the clock is not followed', () => {
  const day = 86_400_000_000n;
  const now = BigInt(NOW) * 1000n;
  const near = signer(NOW);
  near.learnNonce(now + day - 1n);
  assert.ok(near.sign(operation).intent.nonce >= now + day);
  const far = signer(NOW);
  far.learnNonce(now + day);
  assert.throws(() => far.sign(operation), ClockError);
});

test('a validity that nodes refuse is not signed', () => {
  signer(NOW, VALIDITY_MAX_SECONDS);
  for (const seconds of [0, -1, 1.5, VALIDITY_MAX_SECONDS + 1]) {
    assert.throws(() => signer(NOW, seconds), /validForSeconds/);
  }
});

test('a clock that says no time signs nothing', () => {
  for (const ms of [-1, Number.NaN, 2 ** 40 * 1000]) {
    assert.throws(() => signer(ms).sign(operation), ClockError);
  }
});

test("the node's clock is followed to a second", () => {
  const clock = at(NOW);
  const date = (ms: number): string => new Date(ms).toUTCString();
  clock.observe(date(NOW), NOW - 20, NOW);
  assert.equal(clock.offsetMs, 0);
  // The node is five minutes ahead: the least offset that its Date allows.
  clock.observe(date(NOW + 300_000), NOW - 20, NOW);
  assert.equal(clock.offsetMs, 300_000);
  clock.observe(date(NOW + 301_000), NOW - 20, NOW + 10);
  assert.ok(clock.offsetMs >= 300_990 && clock.offsetMs <= 301_020);
  clock.observe('yesterday', NOW, NOW);
  clock.observe(null, NOW, NOW);
  assert.ok(clock.offsetMs >= 300_990);
  assert.equal(clock.nowMs(), NOW + clock.offsetMs);
  clock.observe(date(NOW + 2 * 3_600_000), NOW, NOW);
  assert.throws(() => clock.nowMs(), ClockError);
});
