// The packages @x402/* as they are published, with a development node as their facilitator.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Farthing, readIntent, SecretKey, type SignedIntent } from '@farthing/sdk';
import { x402Facilitator } from '@x402/core/facilitator';
import type { PaymentPayload } from '@x402/core/types';
import {
  appendPaymentIdentifierToExtensions,
  declarePaymentIdentifierExtension,
} from '@x402/extensions/payment-identifier';
import { wrapFetchWithPayment, type x402Client } from '@x402/fetch';
import { type Banner, banner } from '../../typescript/test/banner.js';
import { registerExactFarthingScheme as facilitateBy } from '../src/exact/facilitator/index.js';
import { PAYMENT_IDENTIFIER } from '../src/purchase.js';
import { type Account, accountOf, license, spendable } from './dev-node.js';
import { buyer, openShop, reasonOf, type Shop, send, settlement, terms } from './shop.js';

const { node, skip } = banner();
const PRICE = 250_000n;
const AFTER_WORK = { paymentFlow: 'authorization' };

describe('a node as the facilitator of @x402', { skip }, () => {
  let shop: Shop;
  let payer: Farthing;
  let client: x402Client;
  let payTo: string;
  let rich: Account;
  let poor: Account;
  let spendAll = async (): Promise<void> => {};
  const dev = (index: number) => accountOf(node as Banner, index);

  before(async () => {
    // Accounts of this run: others pay from those of the banner at the same time.
    const funder = new Farthing(dev(0));
    const open = async (): Promise<Account> => {
      const { key } = SecretKey.generate();
      const { id } = await funder.openAccount(key, (node as Banner).accounts[0]?.owner as string);
      return { node: (node as Banner).rest, account: id, key };
    };
    [rich, poor] = [await open(), await open()];
    await funder.transfer(rich.account, 1_000_000_000n);
    payer = new Farthing(rich);
    const id = await license(new Farthing(dev(1)), dev(1).account, PRICE);
    payTo = `license:${id}`;
    const named = { [PAYMENT_IDENTIFIER]: declarePaymentIdentifierExtension(true) };
    shop = await openShop((node as Banner).rest, {
      '/song': { payTo, price: '$0.00025' },
      '/other-song': { payTo, price: '$0.00025' },
      '/album': { payTo, price: '0.0025 USDC' },
      '/after-work': { payTo, price: 0.00025, extra: AFTER_WORK },
      '/spender': { payTo, price: '$0.00025', extra: AFTER_WORK, work: () => spendAll() },
      '/named': { payTo, price: '$0.00025', extensions: named },
      '/dear': { payTo, price: '$2' },
      '/odd': { payTo, price: '$0.000000001' },
    });
    client = await buyer(rich);
  });
  after(() => shop?.close());

  const pay = async (path: string, by: x402Client = client): Promise<PaymentPayload> =>
    by.createPaymentPayload(await terms(`${shop.url}${path}`));
  const count = (path: string): number => shop.handled.get(path) ?? 0;
  const intentOf = async ({ payload }: PaymentPayload): Promise<SignedIntent> =>
    readIntent(payload['intent'], await payer.deployment());
  const balance = (): Promise<bigint> => spendable(payer, rich.account);

  for (const path of ['/song', '/after-work']) {
    test(`402, pay, 200: ${path}`, async () => {
      const [had, ran] = [await balance(), count(path)];
      const response = await wrapFetchWithPayment(fetch, client)(`${shop.url}${path}`);
      assert.equal(response.status, 200);
      assert.deepEqual(await response.json(), { resource: path });
      assert.equal(count(path), ran + 1);
      const { success, transaction, network, payer: by, amount, extra } = settlement(response);
      assert.deepEqual([success, network, by], [true, shop.settlement.network, `account:${rich.account}`]);
      assert.equal(amount, PRICE.toString());
      assert.equal(extra?.['receipt'], `/v1/intents/${transaction}/receipt`);
      const status = await payer.status(transaction);
      assert.equal(status.account, rich.account);
      assert.equal(await balance(), had - PRICE);
    });

    test(`a replayed header releases nothing: ${path}`, async () => {
      const payment = await pay(path);
      assert.equal((await send(`${shop.url}${path}`, payment)).status, 200);
      const had = await balance();
      const again = await send(`${shop.url}${path}`, payment);
      assert.equal(again.status, 402);
      assert.equal(reasonOf(again), 'duplicate_settlement');
      assert.equal(await balance(), had);
    });

    test(`of 50 requests with one payment one is answered: ${path}`, async () => {
      const [payment, had] = [await pay(path), await balance()];
      const answers = await Promise.all(
        Array.from({ length: 50 }, () => send(`${shop.url}${path}`, payment)),
      );
      const statuses = answers.map((answer) => answer.status);
      assert.equal(statuses.filter((status) => status === 200).length, 1);
      assert.equal(statuses.filter((status) => status === 402).length, 49);
      for (const answer of answers) {
        if (answer.status === 402) assert.equal(reasonOf(answer), 'duplicate_settlement');
      }
      assert.equal(await balance(), had - PRICE);
    });
  }

  test('of 50 settlements of one payment one succeeds', async () => {
    const payment = await pay('/song');
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => shop.facilitator.settle(payment, payment.accepted)),
    );
    assert.equal(answers.filter(({ success }) => success).length, 1);
    const refused = answers.filter(({ success }) => !success);
    for (const { errorReason, transaction } of refused) {
      assert.equal(errorReason, 'duplicate_settlement');
      assert.match(transaction, /^0x[0-9a-f]{64}$/);
    }
  });

  test('a payment of another amount, or for another resource, is refused', async () => {
    const [cheap, dear] = [await pay('/song'), await terms(`${shop.url}/album`)];
    const [had, accepted] = [await balance(), dear.accepts[0] as PaymentPayload['accepted']];
    const wrong = await send(`${shop.url}/album`, { ...cheap, accepted });
    assert.equal(reasonOf(wrong), 'invalid_exact_farthing_payload_amount_mismatch');
    const unmatched = await send(`${shop.url}/album`, cheap);
    assert.equal(reasonOf(unmatched), 'No matching payment requirements');
    const other = (await terms(`${shop.url}/other-song`)).accepts[0] as PaymentPayload['accepted'];
    const elsewhere = await send(`${shop.url}/other-song`, { ...cheap, accepted: other });
    assert.equal(reasonOf(elsewhere), 'invalid_exact_farthing_payload_memo_mismatch');
    assert.deepEqual([wrong.status, unmatched.status, elsewhere.status], [402, 402, 402]);
    assert.equal(await balance(), had);
    assert.equal(count('/album'), 0);
  });

  test('an expired payment is refused', async () => {
    for (const path of ['/song', '/after-work']) {
      const payment = await pay(path);
      const { operation } = (await intentOf(payment)).intent;
      const signed = await payer.sign(operation, { validUntil: Math.floor(Date.now() / 1000) - 5 });
      const late = { ...payment, payload: { intent: payer.document(signed) } };
      const refused = await send(`${shop.url}${path}`, late);
      assert.deepEqual([refused.status, reasonOf(refused)], [402, 'invalid_exact_farthing_payload_expired']);
    }
  });

  test('an account without funds is refused, also when it spent them after the check', async () => {
    const by = await buyer(poor);
    for (const path of ['/song', '/after-work']) {
      const refused = await send(`${shop.url}${path}`, await pay(path, by));
      assert.deepEqual([refused.status, reasonOf(refused)], [402, 'insufficient_funds']);
    }
    await payer.transfer(poor.account, PRICE);
    spendAll = async () => {
      await new Farthing(poor).transfer(rich.account, 1n);
    };
    const overdrawn = await send(`${shop.url}/spender`, await pay('/spender', by));
    assert.equal(count('/spender'), 1);
    assert.deepEqual([overdrawn.status, reasonOf(overdrawn)], [402, 'insufficient_funds']);
    assert.deepEqual(await overdrawn.json(), {}, 'the resource is not released');
    assert.equal(await spendable(payer, poor.account), PRICE - 1n);
  });

  test('a payment that was sent as an intent before releases nothing', async () => {
    const payment = await pay('/song');
    const { id } = await payer.submit(await intentOf(payment));
    const refused = await send(`${shop.url}/song`, payment);
    assert.deepEqual([refused.status, reasonOf(refused)], [402, 'duplicate_settlement']);
    assert.equal(settlement(refused).transaction, id);
  });

  test('a purchase with an identifier is paid once, and answered again', async () => {
    const id = `order-${crypto.randomUUID()}`;
    const by = await buyer(rich);
    by.onBeforePaymentCreation(async ({ paymentRequired }) => {
      appendPaymentIdentifierToExtensions(paymentRequired.extensions ?? {}, id);
    });
    const had = await balance();
    const paid = wrapFetchWithPayment(fetch, by);
    const first = await paid(`${shop.url}/named`);
    // The answer got lost, and the program asks again for the same purchase.
    const again = await paid(`${shop.url}/named`);
    assert.deepEqual([first.status, again.status], [200, 200]);
    assert.equal(settlement(again).transaction, settlement(first).transaction);
    assert.deepEqual(
      [settlement(first), settlement(again)].map(({ extra }) => extra?.['repeated']),
      [false, true],
    );
    assert.equal(await balance(), had - PRICE);
    // Without one of its own, each purchase has another.
    const fresh = wrapFetchWithPayment(fetch, client);
    const [one, two] = [await fresh(`${shop.url}/named`), await fresh(`${shop.url}/named`)];
    assert.notEqual(settlement(one).transaction, settlement(two).transaction);
    assert.equal(await balance(), had - 3n * PRICE);
  });

  test('an identifier helps nobody: changed, left out, or not asked for', async () => {
    const payment = await pay('/named');
    const without: PaymentPayload = { ...payment, extensions: {} };
    assert.equal(reasonOf(await send(`${shop.url}/named`, without)), 'payment_identifier_required');
    const other = { [PAYMENT_IDENTIFIER]: { info: { required: true, id: 'another-purchase-1' } } };
    const changed = await send(`${shop.url}/named`, { ...payment, extensions: other });
    assert.equal(reasonOf(changed), 'invalid_exact_farthing_payload_memo_mismatch');
    // The route does not declare the extension; the buyer sends, and signs, an identifier all the same.
    const asked = await terms(`${shop.url}/song`);
    const extensions = { [PAYMENT_IDENTIFIER]: { info: { required: false, id: 'not-asked-for-1234' } } };
    const own = await client.createPaymentPayload({ ...asked, extensions });
    assert.equal((await send(`${shop.url}/song`, own)).status, 200);
    assert.equal(reasonOf(await send(`${shop.url}/song`, own)), 'duplicate_settlement');
  });

  test('a buyer does not pay more than its cap, nor what no number of uses costs', async () => {
    const paid = wrapFetchWithPayment(fetch, client);
    await assert.rejects(paid(`${shop.url}/dear`), /spendControls/);
    await assert.rejects(paid(`${shop.url}/odd`), /no multiple of license/);
    assert.deepEqual([count('/dear'), count('/odd')], [0, 0]);
  });

  test('a facilitator of several networks asks the node', async () => {
    const facilitator = await facilitateBy(new x402Facilitator(), { node: (node as Banner).rest });
    const supported = facilitator.getSupported();
    assert.deepEqual(supported.kinds, (await shop.facilitator.getSupported()).kinds);
    const payment = await pay('/song');
    assert.equal((await facilitator.verify(payment, payment.accepted)).isValid, true);
    assert.equal((await facilitator.settle(payment, payment.accepted)).success, true);
    const again = await facilitator.settle(payment, payment.accepted);
    assert.deepEqual([again.success, again.errorReason], [false, 'duplicate_settlement']);
  });
});
