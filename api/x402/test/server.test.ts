import assert from 'node:assert/strict';
import { test } from 'node:test';
import { x402ResourceServer } from '@x402/core/server';
import type { Network, PaymentPayload, PaymentRequired } from '@x402/core/types';
import { registerExactFarthingScheme } from '../src/exact/server/index.js';
import { PAYMENT_IDENTIFIER } from '../src/purchase.js';
import { ASSET, facilitator, NETWORK, RESOURCE, supported } from './scripted.js';

const OTHER: Network = 'farthing:ffffffffffffffffffffffffffffffff';

async function server(): Promise<x402ResourceServer> {
  const [kind] = supported().kinds;
  const kinds = [kind, { ...kind, network: OTHER }];
  const made = new x402ResourceServer(facilitator({ ...supported(), kinds } as never));
  await registerExactFarthingScheme(made).initialize();
  return made;
}

async function required(
  made: x402ResourceServer,
  networks: readonly Network[],
  extensions?: Record<string, unknown>,
  extra?: Record<string, unknown>,
): Promise<PaymentRequired> {
  const price = '$0.00025';
  const options = networks.map((network) => ({
    scheme: 'exact',
    network,
    payTo: 'license:3',
    price,
    ...(extra && { extra }),
  }));
  const requirements = await made.buildPaymentRequirementsFromOptions(options, undefined);
  return made.createPaymentRequiredResponse(requirements, { url: RESOURCE }, undefined, extensions);
}

const declared = (more: Record<string, unknown> = {}) => ({
  [PAYMENT_IDENTIFIER]: { info: { required: true, ...more }, schema: {} },
});

test('requirements name token, resource and flow', async () => {
  const [accept] = (await required(await server(), [NETWORK])).accepts;
  assert.deepEqual(accept, {
    scheme: 'exact',
    network: NETWORK,
    amount: '250000',
    asset: ASSET,
    payTo: 'license:3',
    maxTimeoutSeconds: 300,
    extra: { decimals: 9, resource: RESOURCE, paymentFlow: 'upfront' },
  });
  const later = await required(await server(), [NETWORK], undefined, { paymentFlow: 'authorization' });
  assert.equal(later.accepts[0]?.extra['paymentFlow'], 'authorization');
});

test('each network of a route is bound, and repeats are taken where the route declares them', async () => {
  const { accepts } = await required(await server(), [NETWORK, OTHER], declared());
  for (const { extra } of accepts) {
    assert.deepEqual([extra['resource'], extra['acceptsRepeats']], [RESOURCE, true]);
  }
  const plain = await required(await server(), [NETWORK, OTHER]);
  for (const { extra } of plain.accepts) assert.ok(!('acceptsRepeats' in extra));
});

test('payTo is a license', async () => {
  const made = await server();
  for (const payTo of ['account:1', 'license:', 'license:01', '0xabc']) {
    const option = { scheme: 'exact', network: NETWORK, payTo, price: '$1' };
    await assert.rejects(made.buildPaymentRequirementsFromOptions([option], undefined), /payTo is/);
  }
});

test('a facilitator without the token is refused at the start, or at the first price', async () => {
  const [kind] = supported().kinds;
  const without = { ...supported(), kinds: [{ ...kind, extra: { decimals: 9 } }] } as never;
  const named = new x402ResourceServer(facilitator(without));
  registerExactFarthingScheme(named, { network: NETWORK });
  await assert.rejects(named.initialize(), /settlement token/);
  const any = registerExactFarthingScheme(new x402ResourceServer(facilitator(without)));
  await any.initialize();
  await assert.rejects(required(any, [NETWORK]), /settlement token/);
});

test('a route that requires an identifier takes no payment without one', async () => {
  const made = await server();
  const { accepts } = await required(made, [NETWORK], declared());
  const [accepted] = accepts;
  assert.ok(accepted !== undefined);
  const payment = (id?: unknown): PaymentPayload => ({
    x402Version: 2,
    accepted,
    payload: {},
    extensions: declared({ id }),
  });
  for (const id of [undefined, 'short', 7]) {
    const { isValid, invalidReason } = await made.verifyPayment(payment(id), accepted, declared());
    assert.deepEqual([isValid, invalidReason], [false, 'payment_identifier_required']);
  }
  const good = await made.verifyPayment(payment('order-0123456789'), accepted, declared());
  assert.equal(good.isValid, true, 'upfront: the settlement decides');
});
