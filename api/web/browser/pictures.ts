// Makes the pictures of docs: `npm run pictures`, beside a node. Payments fill several batches and blocks first.

import type { Page } from 'playwright-core';
import { tokens } from '../../typescript/src/index.js';
import { settled, shows, Visitor } from './browser.js';
import { accountOf, actor, final } from './node.js';
import { TestWallet } from './wallet.js';

const FOLDER = '../../docs';
const VIEW = { width: 1160, height: 800 };
const BATCHES = 12;

const visitor = await Visitor.start();
const wallet = await TestWallet.open(3);
const options = { viewport: VIEW, prepare: wallet.install, reducedMotion: 'reduce' } as const;

/** Registers a license of an actor and returns its number. */
async function register(index: number, terms: Parameters<ReturnType<typeof actor>['registerLicense']>[0]) {
  const owner = actor(index);
  const { id, registers } = await owner.registerLicense(terms);
  await owner.status(id, { until: 'sequenced' });
  return registers ?? 0;
}

async function connect(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Connect Test wallet <b>' }).click();
}

/** The number of the wallet's account, which is opened. */
async function openAccount(): Promise<number> {
  let account = 0;
  await visitor.visit('#/creator', options, async (page) => {
    await connect(page);
    await page.getByRole('button', { name: 'Open an account' }).click();
    const text = await page.getByText(/tokens in account \d+/).textContent();
    account = Number(/\d+/.exec(text ?? '')?.[0]);
  });
  return account;
}

/** Visits a page, and takes its picture once it is complete. */
async function picture(name: string, hash: string, prepare: (page: Page) => Promise<void>): Promise<void> {
  await visitor.visit(hash, options, async (page) => {
    await prepare(page);
    await settled(page);
    await page.screenshot({ path: `${FOLDER}/web-${name}.png` });
  });
}

const account = await openAccount();
const song = await register(2, {
  price: tokens('0.0003'),
  derivativeShares: 250_000,
  holders: [
    { holder: { account }, shares: 700_000 },
    { holder: { account: accountOf(2) }, shares: 300_000 },
  ],
});
const remix = await register(3, {
  price: tokens('0.001'),
  derivativeShares: 200_000,
  holders: [
    { holder: { account: accountOf(3) }, shares: 600_000 },
    { holder: { license: song }, shares: 400_000 },
  ],
});
const model = await register(4, {
  price: tokens('0.002'),
  holders: [
    { holder: { account: accountOf(4) }, shares: 450_000 },
    { holder: { license: remix }, shares: 300_000 },
    { holder: { license: song }, shares: 250_000 },
  ],
});
let intent = '';
for (let batch = 0; batch < BATCHES; batch += 1) {
  const count = 3 + ((batch * 5) % 11);
  const payments = Array.from({ length: count }, (_, index) => ({
    license: [song, remix, model][index % 3] ?? song,
    uses: 20 + index,
  }));
  await actor(1).payMany(payments);
  const { id } = await actor(1).pay(model, 250 + 40 * batch);
  await actor(1).status(id, { until: 'sequenced' });
  intent ||= id;
}
await final(intent);
await picture('overview', '', () => Promise.resolve());
await picture('license', `#/licenses/${model}`, () => Promise.resolve());
await picture('creator', '#/creator', async (page) => {
  await connect(page);
  await shows(page, `tokens in account ${account}`);
});
await picture('verify', `#/verify/${intent}`, async (page) => {
  await page.getByRole('button', { name: 'Ask by Test wallet <b>' }).click();
  await shows(page, 'L1 confirms it');
  await page.getByRole('heading', { name: /^Checks of/ }).scrollIntoViewIfNeeded();
});
await visitor.stop();
