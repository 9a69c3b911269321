import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LicenseVersionLine } from '../src/api.js';
import { digestToHex } from '../src/bytes.js';
import { Farthing } from '../src/client.js';
import { domainOf } from '../src/deployment.js';
import { readIntent } from '../src/documents.js';
import { RecipientChangedError } from '../src/errors.js';
import { InputError } from '../src/input-error.js';
import { keyFromSeed } from '../src/keys.js';
import type { LicenseChanges } from '../src/operations.js';
import { LicenseUpdatingError, NotLicensorError, PROBLEMS } from '../src/problems.js';
import { readPublicData, writePublicData } from '../src/public-data.js';
import type { components } from '../src/schema.js';

const DEPLOYMENT = { chainId: 31337, contract: `0x${'fa'.repeat(20)}` };
const KEY = keyFromSeed(new Uint8Array(32).fill(4));
const RECIPIENT = `0x${'03'.repeat(24)}`;
const PROVENANCE = `0x${'aa'.repeat(32)}`;

const json = (status: number, body: unknown): Response =>
  new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json' } });
const problem = (code: string, status: number): Response =>
  json(status, { type: `/docs#${code}`, title: 'A title.', status, code });

type Version = components['schemas']['LicenseVersionBody'];

/** A node with license 3, which is updated once in a batch. */
class LicenseNode {
  version: Version = {
    price: '250',
    derivative_shares: 100_000,
    status: 'active',
    licensee: null,
    provenance: PROVENANCE,
  };
  /** The version of the batch after the open one. */
  next: Version | undefined;
  /** Refusals after which the open batch is sealed. */
  sealsAfter = 1;
  /** Refuses everything by this. */
  refusal: Response | undefined;
  /** Whether readers see that version before the open batch is sealed. */
  showsNext = true;
  readonly versions: LicenseVersionLine[] = [];
  readonly bodies: string[] = [];
  readonly pages: string[] = [];

  client(retries = 5): Farthing {
    const own = { node: 'http://node.test', account: 7, key: KEY, retries, firstDelayMs: 1 };
    return new Farthing({ ...own, fetch: this.fetch });
  }

  get sent(): (Version & { license: number; recipient: string })[] {
    return this.bodies.map((body) => JSON.parse(body).operation.update_license);
  }

  get nonces(): string[] {
    return this.bodies.map((body) => JSON.parse(body).nonce);
  }

  readonly fetch: typeof fetch = async (input, init) => {
    const { pathname, searchParams, search } = new URL(String(input));
    if (init?.method === 'POST') return this.#submit(String(init.body));
    if (pathname === '/version') {
      const { chainId: chain_id, contract } = DEPLOYMENT;
      const limits = { batch_intents_max: 100 };
      return json(200, { domain: digestToHex(domainOf(DEPLOYMENT)), chain_id, contract, limits });
    }
    if (pathname === '/v1/accounts/7') return json(200, { nonce: '5', settled_nonce: '5' });
    if (pathname === '/v1/licenses/3/versions') {
      this.pages.push(search);
      const from = Number(searchParams.get('cursor') ?? 0);
      const next_cursor = from + 2 < this.versions.length ? String(from + 2) : undefined;
      return json(200, { items: this.versions.slice(from, from + 2), next_cursor });
    }
    if (pathname === '/v1/licenses/3') {
      return json(200, { id: 3, recipient: RECIPIENT, ...this.version, next: this.#shown });
    }
    return problem('intent_not_found', 404);
  };

  get #shown(): Version | undefined {
    return this.showsNext ? this.next : undefined;
  }

  #submit(body: string): Response {
    this.bodies.push(body);
    const { id, intent } = readIntent(JSON.parse(body), DEPLOYMENT);
    if (this.refusal !== undefined) return this.refusal.clone();
    if (this.next !== undefined) {
      this.sealsAfter -= 1;
      if (this.sealsAfter === 0) {
        this.version = this.next;
        this.next = undefined;
      }
      return problem('license_updating', 409);
    }
    assert.equal(intent.operation.kind, 'update_license');
    const { license, recipient, ...version } = JSON.parse(body).operation.update_license;
    this.next = version;
    return json(201, { id, batch: '4', repeated: false });
  }
}

test('what is not given of a version stays as it is', async () => {
  const cases: [LicenseChanges, Partial<Version>][] = [
    [{ price: '300' }, { price: '300' }],
    [{ price: 0n }, { price: '0' }],
    [{ status: 'paused' }, { status: 'paused' }],
    [{ licensee: 9 }, { licensee: 9 }],
    [{ derivativeShares: 0 }, { derivative_shares: 0 }],
    [{ provenance: `0x${'bb'.repeat(32)}` }, { provenance: `0x${'bb'.repeat(32)}` }],
    [{ status: 'retired' }, { status: 'retired', derivative_shares: 0, licensee: null }],
  ];
  for (const [changes, changed] of cases) {
    const node = new LicenseNode();
    const answer = await node.client().updateLicense(3, changes);
    assert.equal(answer.batch, '4');
    const expected = { ...node.version, ...changed, license: 3, recipient: RECIPIENT };
    assert.deepEqual(node.sent, [expected]);
  }
  const node = new LicenseNode();
  node.version = { ...node.version, licensee: 9 };
  await node.client().updateLicense(3, { price: '300' });
  assert.equal(node.sent[0]?.licensee, 9, 'a licensee stays');
  const open = new LicenseNode();
  open.version = { ...open.version, licensee: 9 };
  await open.client().updateLicense(3, { licensee: null });
  assert.equal(open.sent[0]?.licensee, null, 'null opens the license');
});

test('an update of a license that changes in the open batch is sent again when it is sealed', async () => {
  const node = new LicenseNode();
  const client = node.client();
  node.next = { ...node.version };
  node.sealsAfter = 3;
  await client.updateLicense(3, { price: '300' });
  assert.equal(node.bodies.length, 4);
  assert.equal(new Set(node.bodies).size, 1, 'byte for byte');
});

test('an update of a license that waits for its next version changes that one', async () => {
  const node = new LicenseNode();
  const client = node.client();
  await client.updateLicense(3, { status: 'paused' });
  await client.updateLicense(3, { price: '300' });
  assert.deepEqual(node.next, { ...node.version, status: 'paused', price: '300' });
  assert.equal(node.bodies.length, 3);
  assert.equal(new Set(node.bodies.slice(1)).size, 1, 'byte for byte');
});

test('an update keeps what another one changed after it was signed', async () => {
  const node = new LicenseNode();
  // Another writer's update comes between reading and sending.
  node.showsNext = false;
  const client = node.client();
  await client.updateLicense(3, { status: 'paused' });
  await client.updateLicense(3, { price: '300' });
  assert.deepEqual(
    node.sent.map(({ status, price }) => [status, price]),
    [
      ['paused', '250'],
      ['active', '300'],
      ['paused', '300'],
    ],
  );
  assert.equal(new Set(node.nonces.slice(1)).size, 1, 'one of the two settles at most');
});

test('an update that waits too long says that it may be sent later', async () => {
  const node = new LicenseNode();
  node.next = node.version;
  node.sealsAfter = 100;
  await assert.rejects(node.client(2).updateLicense(3, { price: '300' }), (error: unknown) => {
    return error instanceof LicenseUpdatingError && error.retryable && !error.outcomeUnknown;
  });
  assert.equal(node.bodies.length, 9);
});

test('wrong changes are not sent', async () => {
  const node = new LicenseNode();
  const client = node.client();
  const wrong = [
    {},
    { price: undefined },
    { price: 1.5 },
    { price: 1n << 40n },
    { status: 'closed' },
    { licensee: 0 },
    { licensee: 2 ** 31 },
    { derivativeShares: 1_000_001 },
    { provenance: '0x00' },
  ] as unknown as LicenseChanges[];
  for (const changes of wrong) await assert.rejects(client.updateLicense(3, changes), InputError);
  const other = { recipient: `0x${'04'.repeat(24)}` };
  await assert.rejects(client.updateLicense(3, { price: '1' }, other), RecipientChangedError);
  assert.equal(node.bodies.length, 0);
});

test('a refusal of a licensor, a payer or a retired license is for good', async () => {
  const node = new LicenseNode();
  node.refusal = problem('not_licensor', 403);
  await assert.rejects(node.client().updateLicense(3, { price: '300' }), (error: unknown) => {
    return error instanceof NotLicensorError && error.status === 403 && !error.retryable;
  });
  for (const code of ['license_paused', 'not_licensee', 'license_retired'] as const) {
    node.refusal = problem(code, 409);
    await assert.rejects(node.client().updateLicense(3, { price: '300' }), PROBLEMS[code]);
  }
  assert.equal(node.bodies.length, 4);
});

test('versions are listed over all pages, as the node has them', async () => {
  const node = new LicenseNode();
  for (const batch of ['9', '5', '2']) node.versions.push({ ...node.version, batch, stage: 'sequenced' });
  const batches: string[] = [];
  for await (const version of node.client().licenseVersions(3, { limit: 2 })) batches.push(version.batch);
  assert.deepEqual(batches, ['9', '5', '2']);
  assert.deepEqual(node.pages, ['?limit=2', '?cursor=2&limit=2']);
});

test('a record of an updated license has one reading', () => {
  const record = {
    kind: 'updated_license',
    id: 3n,
    price: 300n,
    derivativeShares: 5n,
    status: 'paused',
    licensee: 9n,
    provenance: new Uint8Array(32),
  } as const;
  const limbs = writePublicData([record]);
  assert.deepEqual(readPublicData(limbs), [record]);
  const wrong: [number, bigint, RegExp][] = [
    [0, 1n, /head/],
    [0, 1n << 8n, /retired/],
    [0, 2n << 8n, /status/],
    [1, 1n << 51n, /licensee/],
    [1, 1_000_000n, /derivative shares/],
    [2, 1n, /price/],
    [3, 1n << 32n, /provenance/],
  ];
  for (const [at, added, field] of wrong) {
    const changed = limbs.map((limb, i) => (i === at ? limb + added : limb));
    assert.throws(() => readPublicData(changed), field);
  }
  const license = { kind: 'license', id: 1n, vault: 0n, received: 0n } as const;
  assert.throws(() => readPublicData(writePublicData([license, record])), /out of order/);
  assert.throws(() => readPublicData(writePublicData([record, record])), /out of order/);
});
