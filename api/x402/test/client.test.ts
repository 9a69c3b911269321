import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { intentDocument, readIntent } from '@farthing/sdk';
import { ExactFarthingScheme } from '../src/exact/client/index.js';
import { PAYMENT_IDENTIFIER, paymentMemo } from '../src/purchase.js';
import { settlementOf } from '../src/settlement.js';
import {
  ASSET,
  NETWORK,
  options,
  RECIPIENT,
  RESOURCE,
  requirements,
  SETTLEMENT,
  supported,
} from './scripted.js';

const scheme = (): ExactFarthingScheme => new ExactFarthingScheme(options(), SETTLEMENT);
const named = (id?: string) => ({
  extensions: { [PAYMENT_IDENTIFIER]: { info: { required: true, ...(id && { id }) } } },
});
const deployment = { chainId: 1, contract: `0x${'22'.repeat(20)}` };

describe('the client signs what is asked for', () => {
  test('a payment of the license, bound to its resource', async () => {
    const before = Math.floor(Date.now() / 1000);
    const { x402Version, payload, extensions } = await scheme().createPaymentPayload(2, requirements());
    const signed = readIntent(payload['intent'], deployment);
    const { intent } = signed;
    assert.deepEqual([x402Version, extensions, intent.account], [2, undefined, 7n]);
    assert.ok(intent.operation.kind === 'pay');
    const { license, uses, amount, memo } = intent.operation;
    assert.deepEqual([license, uses, amount], [3n, 20n, 5000n]);
    assert.deepEqual(memo, paymentMemo(RESOURCE, undefined));
    assert.match(JSON.stringify(intentDocument(signed)), new RegExp(`"recipient":"${RECIPIENT}"`));
    const valid = Number(intent.validUntil) - before;
    assert.ok(valid >= 300 && valid <= 310, `${valid}`);
  });

  test('the memo is the one that nodes compute', () => {
    const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
    const id = 'order-0123456789';
    assert.equal(
      hex(paymentMemo(RESOURCE, id)),
      '69f0804e65f0eb73b17ba547bfb1ba379d7fb05885707db48169bc95aa373047',
    );
    assert.equal(
      hex(paymentMemo(RESOURCE, undefined)),
      'a275ebcd088193fa8624c39afdec9c93d8f30acff8f483e92bed7dd47edff10d',
    );
  });

  test('validity follows maxTimeoutSeconds within bounds', async () => {
    for (const [asked, got] of [
      [1, 30],
      [60.5, 61],
      [1e9, 7 * 24 * 3600],
    ] as const) {
      const { payload } = await scheme().createPaymentPayload(2, requirements({ maxTimeoutSeconds: asked }));
      const valid = Number(readIntent(payload['intent'], deployment).intent.validUntil) - Date.now() / 1000;
      assert.ok(Math.abs(valid - got) < 5, `${asked}: ${valid}`);
    }
  });

  test('what is not of this deployment, or not exact, is refused before anything is signed', async () => {
    const table: readonly [Partial<ReturnType<typeof requirements>>, RegExp][] = [
      [{ scheme: 'upto' }, /scheme upto/],
      [{ network: 'farthing:0' }, /is for farthing:0/],
      [{ asset: `0x${'11'.repeat(20)}` }, /settles in/],
      [{ payTo: 'account:3' }, /payTo/],
      [{ payTo: 'license:03' }, /payTo/],
      [{ amount: '0' }, /amount/],
      [{ amount: '2.5' }, /amount/],
      [{ amount: '251' }, /no multiple of license 3's price, 250/],
    ];
    for (const [changes, why] of table) {
      await assert.rejects(scheme().createPaymentPayload(2, requirements(changes)), why);
    }
    await assert.rejects(scheme().createPaymentPayload(1, requirements()), /version 1/);
    await assert.rejects(
      scheme().createPaymentPayload(2, requirements(), { maxAmountPerPayment: '4999' }),
      /at most 4999/,
    );
  });

  test('the token counts as a dollar, and no other asset does', () => {
    const asset = { asset: ASSET, decimals: 9, symbol: 'USDC' };
    assert.deepEqual(scheme().findDefaultAsset(ASSET.toUpperCase().replace('0X', '0x'), NETWORK), asset);
    assert.equal(scheme().findDefaultAsset(`0x${'11'.repeat(20)}`, NETWORK), undefined);
    assert.equal(scheme().findDefaultAsset(ASSET, 'farthing:0'), undefined);
  });

  test('a purchase that the caller names is signed once', async () => {
    const own = scheme();
    const id = 'order-0123456789';
    const [one, two] = await Promise.all([
      own.createPaymentPayload(2, requirements(), named(id)),
      own.createPaymentPayload(2, requirements(), named(id)),
    ]);
    assert.deepEqual(one, two);
    assert.deepEqual(one.extensions, { [PAYMENT_IDENTIFIER]: { info: { id } } });
    await assert.rejects(
      own.createPaymentPayload(2, requirements({ amount: '250' }), named(id)),
      /another purchase/,
    );
    // A payment that failed was not signed: its name is free.
    const failed = 'order-that-failed-1';
    await assert.rejects(own.createPaymentPayload(2, requirements({ amount: '251' }), named(failed)));
    await own.createPaymentPayload(2, requirements(), named(failed));
    await assert.rejects(own.createPaymentPayload(2, requirements(), named('short')), /identifier/);
  });

  test('a purchase without a name gets one where the server takes it, and is signed each time', async () => {
    const own = scheme();
    const [one, two] = [
      await own.createPaymentPayload(2, requirements(), named()),
      await own.createPaymentPayload(2, requirements(), named()),
    ];
    assert.notDeepEqual(one.payload, two.payload);
    assert.notDeepEqual(one.extensions, two.extensions);
  });
});

test('a facilitator that does not name its token, or counts otherwise, is refused', () => {
  assert.deepEqual(settlementOf(supported()), SETTLEMENT);
  assert.throws(() => settlementOf(supported(), 'farthing:0'), /no scheme exact on farthing:0/);
  assert.throws(() => settlementOf(supported(null)), /settlement token/);
  const [kind] = supported().kinds;
  const kinds = [{ ...kind, extra: { asset: ASSET, decimals: 6 } }];
  assert.throws(() => settlementOf({ ...supported(), kinds } as never), /6 decimals/);
});
