// A platform's whole way: the cost of payments, a program with its numbers, a deposit, webhooks.

import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import { verifyWebhook, WEBHOOK_SIGNATURE_HEADER } from '../../typescript/src/index.js';
import { address, call, uint } from '../src/lib/abi.js';
import { shows, Visitor } from './browser.js';
import { accountOf, banner, type Paid, pay, until } from './node.js';
import { askL1, TestWallet } from './wallet.js';

let visitor: Visitor;
let paid: Paid;

before(async () => {
  paid = await pay();
  visitor = await Visitor.start();
});
after(() => visitor?.stop());

test('a platform sees what it has, what a payment costs, and a program with its numbers', async () => {
  await visitor.visit('#/platform', {}, async (page) => {
    await page.getByRole('textbox', { name: 'Account', exact: true }).fill(String(accountOf(1)));
    await page.getByRole('textbox', { name: 'License', exact: true }).fill(String(paid.derivative));
    await page.getByLabel('Uses in a payment').fill('250');
    const cost = page.getByRole('region', { name: 'License' });
    await cost.getByText('0.25', { exact: true }).waitFor();
    await cost.getByText('2 accounts').waitFor();
    const program = page.getByRole('tabpanel');
    assert.match((await program.textContent()) ?? '', new RegExp(`pay\\(${paid.derivative}, 250\\)`));
    assert.ok((await program.textContent())?.includes(visitor.url.replace(/\/$/, '')));
    await page.getByRole('tab', { name: 'TypeScript' }).press('ArrowRight');
    await page.getByRole('tab', { name: 'Python', selected: true }).waitFor();
    assert.match((await program.textContent()) ?? '', new RegExp(`pay\\(${paid.derivative}, uses=250\\)`));
    await page.getByLabel('Payments a day').fill('100');
    const money = page.getByRole('region', { name: 'Account' });
    await money
      .locator('.figure', { hasText: 'Lasts for' })
      .getByText(/^\d+ days$/)
      .waitFor();
    await page.getByRole('textbox', { name: 'License', exact: true }).fill('4294967295');
    await shows(page, 'There is no license 4294967295');
  });
});

/** A receiver of webhooks, and what it got. */
class Receiver {
  readonly posts: { readonly body: string; readonly signature: string }[] = [];

  private constructor(private readonly server: Server) {}

  static async start(): Promise<Receiver> {
    const server = createServer();
    const receiver = new Receiver(server);
    server.on('request', async (incoming, outgoing) => {
      let body = '';
      for await (const part of incoming) body += part;
      const signature = String(incoming.headers[WEBHOOK_SIGNATURE_HEADER.toLowerCase()]);
      receiver.posts.push({ body, signature });
      outgoing.writeHead(204).end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return receiver;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/hook`;
  }

  stop(): void {
    this.server.closeAllConnections();
    this.server.close();
  }
}

test('a platform deposits by its wallet, and its webhooks are signed', async () => {
  const wallet = await TestWallet.open(4);
  const [faucet] = (await askL1('eth_accounts', [])) as string[];
  const mint = call('mint(address,uint256)', address(wallet.address), uint(20_000_000));
  await askL1('eth_sendTransaction', [{ from: faucet, to: banner().token, data: mint }]);
  await until('the wallet has tokens', async () => (await wallet.tokens()) >= 20_000_000n);
  const receiver = await Receiver.start();
  try {
    await visitor.visit('#/platform', { prepare: wallet.install }, async (page) => {
      await page.getByRole('button', { name: 'Connect Test wallet <b>' }).click();
      await shows(page, 'Your wallet has 20 tokens.');
      const amount = page.getByLabel('From your wallet to the rollup');
      await amount.fill('21');
      await shows(page, 'At most 20 tokens.');
      await amount.fill('12.5');
      await page.getByRole('button', { name: 'Deposit' }).click();
      await shows(page, '12.5 tokens are on their way');
      await shows(page, 'Your wallet has 7.5 tokens.');
      await page.getByRole('heading', { name: /^Your account \d+$/ }).waitFor();
      await page.locator('dl', { hasText: 'Key that signs' }).getByText('12.5 tokens').waitFor();

      await page.getByLabel('URL to which events are posted').fill(receiver.url);
      await page.getByLabel('block.finalized').check();
      await page.getByRole('button', { name: 'Register' }).click();
      const secret = (await page.getByText(/^whsec_[0-9a-f]{64}$/).textContent()) ?? '';
      const webhook = page.getByRole('article', { name: `Webhook ${receiver.url}` });
      await webhook.getByRole('button', { name: 'Send a test' }).click();
      await webhook.getByRole('row', { name: /webhook\.test .* delivered 1 204/ }).waitFor();
      const [post] = receiver.posts;
      const event = verifyWebhook(post?.body ?? '', post?.signature, [secret]);
      assert.equal((event as { type: string }).type, 'webhook.test');
      await webhook.getByRole('button', { name: 'Resend' }).first().click();
      await webhook.getByRole('row', { name: /webhook\.test .* delivered 2 204/ }).waitFor();
      await webhook.getByRole('button', { name: 'Delete' }).click();
      await webhook.waitFor({ state: 'detached' });

      await page.getByLabel('URL to which events are posted').fill('http://user@127.0.0.1/');
      await page.getByRole('button', { name: 'Register' }).click();
      await shows(page, 'It did not work');
    });
  } finally {
    receiver.stop();
  }
  const transactions = ['eth_sendTransaction', 'eth_sendTransaction'];
  assert.deepEqual(wallet.asked, ['eth_requestAccounts', 'eth_signTypedData_v4', ...transactions]);
});
