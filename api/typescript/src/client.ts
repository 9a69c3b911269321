// The client of a node: signs, sends, waits.

import { verifyAccountProof } from './account-proof.js';
import type * as api from './api.js';
import { addressFromHex, checksummed, digestFromHex, digestToHex, nameOf, toHex } from './bytes.js';
import { ServerClock } from './clock.js';
import { type Deployment, domainOf } from './deployment.js';
import { intentDocument } from './documents.js';
import { type EventsOptions, eventStream } from './event-stream.js';
import { type CallOptions, Transport } from './http.js';
import { InputError } from './input-error.js';
import type { Intent, SignedIntent } from './intent.js';
import type { SecretKey } from './keys.js';
import { OPENING_MESSAGE, openingDomain } from './opening.js';
import * as operations from './operations.js';
import { pages } from './pages.js';
import { type EarningsQuery, type PageQuery, paths } from './paths.js';
import { type Digest, ZERO_DIGEST } from './poseidon2.js';
import { type Money, money, RANGES, type Whole, whole } from './quantity.js';
import { holderChain, KnownRecipients, recipientOf } from './recipients.js';
import { type Holder, lineageOf } from './shares.js';
import { Signer, type SignerOptions } from './signer.js';
import { type PaymentResult, Submitter } from './submit.js';
import { AccountWebhooks } from './webhooks.js';

/** A client's choices. */
export interface FarthingOptions extends CallOptions, SignerOptions {
  /** The node's URL, such as `http://127.0.0.1:8080`. */
  readonly node: string;
  /** The account that signs; reading needs none. */
  readonly account?: Whole | undefined;
  /** Its key. */
  readonly key?: SecretKey | undefined;
  /** The deployment to sign for. Without it, the node's word is taken; with it, another one is refused. */
  readonly deployment?: Deployment | undefined;
}

/** Choices of one call that signs. */
export interface SendOptions {
  /** 32 bytes for the caller's own records; zeros by default. */
  readonly memo?: operations.Word | undefined;
  /** Binds the request: the node refuses another intent under the same key. */
  readonly idempotencyKey?: string | undefined;
}

/** Choices of a payment. */
export interface PayOptions extends SendOptions {
  /** The recipient by its owner's word: this call signs for no other. See `Farthing.withRecipient`. */
  readonly recipient?: string | undefined;
}

/** Choices of an update of a license. */
export type UpdateOptions = Omit<PayOptions, 'memo'>;

/** One payment of many. */
export interface Payment {
  readonly license: Whole;
  readonly uses: Whole;
  readonly memo?: operations.Word | undefined;
}

/** Fields of an intent that a caller chooses in place of the signer. */
export interface IntentFields {
  readonly account?: Whole | undefined;
  readonly nonce?: Whole | undefined;
  readonly fee?: Money | undefined;
  /** Unix seconds. */
  readonly validUntil?: Whole | undefined;
}

/** In place of a recipient while arguments are checked. */
const NO_RECIPIENT = recipientOf(ZERO_DIGEST);
/** In place of a license's version while changes are checked. */
const NEW_VERSION = {
  price: '0',
  derivative_shares: 0,
  status: 'active',
  licensee: null,
  provenance: toHex(new Uint8Array(32)),
} as const;
/** The longest single long poll: below what proxies in between usually allow. */
const POLL_MAX_MS = 30_000;

/** A client of one node, and of one account if it has a key. */
export class Farthing {
  readonly #options: FarthingOptions;
  readonly #clock: ServerClock;
  readonly #transport: Transport;
  readonly #submitter: Submitter;
  readonly #webhooks: AccountWebhooks;
  readonly #recipients = new KnownRecipients();
  #version: Promise<api.Version> | undefined;
  #signer: Promise<Signer> | undefined;

  constructor(options: FarthingOptions) {
    if ((options.account === undefined) !== (options.key === undefined)) {
      throw new InputError('account and key belong together: give both, or none to read only');
    }
    this.#options = options;
    this.#clock = options.clock ?? new ServerClock();
    this.#transport = new Transport(options.node, this.#clock, options);
    this.#submitter = new Submitter(this.#transport);
    this.#webhooks = new AccountWebhooks(this.#transport, () => this.#ownSigner());
  }

  /** The account that signs, if there is one. */
  get ownAccount(): bigint | undefined {
    const { account } = this.#options;
    return account === undefined ? undefined : whole(account, 'account');
  }

  // --- the node ---

  /** Which program the node runs, and which deployment it serves. */
  version(): Promise<api.Version> {
    return this.#get(paths.version);
  }

  /** The deployment that the node serves. */
  async deployment(): Promise<Deployment> {
    const { chain_id: chainId, contract } = await this.#knownVersion();
    return { chainId, contract };
  }

  /** Whether the node takes intents; if not, the error says why. */
  readiness(): Promise<api.Readiness> {
    return this.#get(paths.readiness);
  }

  /** How the node is, how far its batches are, and what it sees of L1. */
  nodeStatus(): Promise<api.NodeStatus> {
    return this.#get(paths.nodeStatus);
  }

  // --- recipients ---

  /**
   * Signs for `holder` only under this recipient, which its owner gave: the node is not trusted for it. Of others the
   * node's word is taken the first time, and kept as long as the client.
   */
  withRecipient(holder: Holder, recipient: string): this {
    this.#recipients.tell(holder, recipient);
    return this;
  }

  /** The recipient of an account or a license: as it was told, else as the node names it. */
  async recipient(holder: Holder): Promise<string> {
    const { recipient } = await ('account' in holder
      ? this.account(holder.account)
      : this.license(holder.license));
    return this.#recipients.check(holder, recipient);
  }

  // --- accounts ---

  /** Opens the account of a key and an L1 address, or finds it. The key signs for it. */
  async openAccount(key: SecretKey, owner: string): Promise<api.AccountOpened> {
    const address = addressFromHex(owner, 'owner');
    const domain = await this.#domain();
    const signature = key.sign(openingDomain(domain, key.elements, address), OPENING_MESSAGE);
    const body = { key: key.publicKey, owner: toHex(address), signature: toHex(signature) };
    const call = { method: 'POST', path: paths.openAccount, body: JSON.stringify(body) } as const;
    return (await this.#transport.call(call)) as api.AccountOpened;
  }

  account(id: Whole): Promise<api.Account> {
    return this.#get(paths.account(whole(id, 'account')));
  }

  /** The account with this key and owner, if there is one. */
  async accountOf(publicKey: string, owner: string): Promise<api.Account | undefined> {
    const address = checksummed(addressFromHex(owner, 'owner'));
    const page = await this.#get<{ items: api.Account[] }>(paths.accountOf(publicKey, address));
    return page.items[0];
  }

  /** Accounts, ascending. */
  accounts(query: PageQuery = {}): AsyncGenerator<api.Account, void> {
    return pages((of) => this.#get(paths.accounts(of)), query);
  }

  /** The account's path in the last final state, checked: the arguments of the contract's `escape`. */
  async accountProof(id: Whole): Promise<api.AccountProof> {
    const account = whole(id, 'account');
    const proof = await this.#get<api.AccountProof>(paths.accountProof(account));
    verifyAccountProof(account, proof);
    return proof;
  }

  // --- licenses ---

  license(id: Whole): Promise<api.License> {
    return this.#get(paths.license(whole(id, 'license')));
  }

  /** Licenses, ascending. */
  licenses(query: PageQuery = {}): AsyncGenerator<api.License, void> {
    return pages((of) => this.#get(paths.licenses(of)), query);
  }

  /** What a payment would give to each holder. */
  quote(license: Whole, uses: Whole): Promise<api.Quote> {
    return this.#get(paths.quote(whole(license, 'license'), whole(uses, 'uses')));
  }

  /** What a license received, from whom, and what went to each holder, batch by batch, ascending. */
  earnings(license: Whole, query: EarningsQuery = {}): AsyncGenerator<api.EarningsLine, void> {
    return pages((of) => this.earningsPage(license, { ...query, ...of }), query);
  }

  /** One page of it, with the batches of which the node has no lines (`not_kept`). */
  earningsPage(license: Whole, query: EarningsQuery = {}): Promise<api.EarningsPage> {
    return this.#get(paths.earnings(whole(license, 'license'), query));
  }

  /** Royalties and every other movement of an account's balance, batch by batch, ascending. */
  accountEarnings(account: Whole, query: EarningsQuery = {}): AsyncGenerator<api.AccountEarningsLine, void> {
    return pages((of) => this.accountEarningsPage(account, { ...query, ...of }), query);
  }

  /** One page of it, with the batches of which the node has no lines (`not_kept`). */
  accountEarningsPage(account: Whole, query: EarningsQuery = {}): Promise<api.AccountEarningsPage> {
    return this.#get(paths.accountEarnings(whole(account, 'account'), query));
  }

  /** Registers a license under its holders' recipients; parents among them are looked up for their lineage. */
  async registerLicense(
    terms: operations.LicenseTerms,
    options: SendOptions = {},
  ): Promise<api.IntentAccepted> {
    // The terms are checked first: broken ones need no look-up.
    operations.registerLicense(terms, 1, NO_RECIPIENT);
    const parents: number[] = [];
    const recipients: string[] = [];
    for (const { holder } of terms.holders) {
      if ('license' in holder) {
        const parent = await this.license(holder.license);
        parents.push(parent.lineage);
        recipients.push(this.#recipients.check(holder, parent.recipient));
      } else recipients.push(await this.recipient(holder));
    }
    const recipient = recipientOf(holderChain(terms.holders, recipients));
    return this.#send(operations.registerLicense(terms, lineageOf(parents), recipient), options);
  }

  /**
   * Changes what the own account set of its license; the rest stays as it is. It counts from the next batch on. A
   * license that is retired is so for good, and asks for no derivative shares. While the open batch registers or
   * updates the license, the update waits for the next one.
   */
  async updateLicense(
    license: Whole,
    changes: operations.LicenseChanges,
    options: UpdateOptions = {},
  ): Promise<api.IntentAccepted> {
    const id = whole(license, 'license');
    // The arguments are checked first: wrong ones need no look-up.
    operations.updateLicense(id, operations.changedVersion(NEW_VERSION, changes), NO_RECIPIENT);
    const signer = await this.#ownSigner();
    const make = async (): Promise<operations.UpdateLicense> => {
      const found = await this.#payable(id, options.recipient);
      return operations.updateLicense(
        id,
        operations.changedVersion(found.next ?? found, changes),
        found.recipient,
      );
    };
    return this.#submitter.sendUpdate(signer, make, options.idempotencyKey);
  }

  /** Versions of a license, the newest first: its prices and provenances. The last one is as registered. */
  licenseVersions(license: Whole, query: PageQuery = {}): AsyncGenerator<api.LicenseVersionLine, void> {
    const id = whole(license, 'license');
    return pages((of) => this.#get(paths.versions(id, of)), query);
  }

  // --- money ---

  /** Pays for uses of a license at its price, under its recipient. On return it is durable. */
  async pay(license: Whole, uses: Whole, options: PayOptions = {}): Promise<api.IntentAccepted> {
    return this.#send(await this.preparePay(license, uses, options), options);
  }

  /** Pays many at once. Each has its own result, in order; what is signed never ends in an exception. */
  async payMany(payments: readonly Payment[]): Promise<PaymentResult[]> {
    const licenses = new Map<bigint, api.License>();
    const prepared: operations.Pay[] = [];
    for (const { license, uses, memo } of payments) {
      const id = whole(license, 'license');
      const found = licenses.get(id) ?? (await this.#payable(id));
      licenses.set(id, found);
      prepared.push(priced(found, uses, memo));
    }
    const signer = await this.#ownSigner();
    const { limits } = await this.#knownVersion();
    return this.#submitter.sendMany(signer, prepared, limits.batch_intents_max);
  }

  /** The payment at the license's price and under its recipient, to be signed. */
  async preparePay(license: Whole, uses: Whole, options: PayOptions = {}): Promise<operations.Pay> {
    whole(uses, 'uses');
    return priced(await this.#payable(whole(license, 'license'), options.recipient), uses, options.memo);
  }

  /** Pays an account, under its recipient. */
  async transfer(to: Whole, amount: Money, options: PayOptions = {}): Promise<api.IntentAccepted> {
    // The arguments are checked first: wrong ones need no look-up.
    operations.transfer(to, amount, options.recipient ?? NO_RECIPIENT, options.memo);
    const named = (await this.account(to)).recipient;
    const recipient = this.#recipients.check({ account: to }, named, options.recipient);
    return this.#send(operations.transfer(to, amount, recipient, options.memo), options);
  }

  /** Withdraws to the account's owner on L1: whole base units, 1000 nano each. */
  async withdraw(amount: Money, options: SendOptions = {}): Promise<api.IntentAccepted> {
    return this.#send(operations.withdraw(amount, options.memo), options);
  }

  /** Signs an operation and does not send it. Its recipient is not looked at. */
  async sign(operation: operations.Operation, fields: IntentFields = {}): Promise<SignedIntent> {
    const signer = await this.#ownSigner();
    if (Object.values(fields).every((value) => value === undefined)) return signer.sign(operation);
    const { account, nonce, fee, validUntil } = fields;
    const { intent } = signer.sign(operation);
    const chosen: Intent = {
      operation,
      account: account === undefined ? intent.account : whole(account, 'account'),
      nonce: nonce === undefined ? intent.nonce : whole(nonce, 'nonce'),
      fee: fee === undefined ? intent.fee : money(fee, 'fee'),
      validUntil: validUntil === undefined ? intent.validUntil : whole(validUntil, 'time', 'valid until'),
    };
    return signer.signIntent(chosen);
  }

  /** Sends a signed intent; on return it is durable. It may be sent any number of times. */
  submit(
    signed: SignedIntent,
    options: { idempotencyKey?: string | undefined } = {},
  ): Promise<api.IntentAccepted> {
    return this.#submitter.submit(signed, options.idempotencyKey);
  }

  /** Sends many signed intents in few requests; each has its own result, in order. Repeats are answered as such. */
  async submitMany(signed: readonly SignedIntent[]): Promise<PaymentResult[]> {
    const { limits } = await this.#knownVersion();
    return this.#submitter.submitMany(signed, limits.batch_intents_max);
  }

  /** Later intents get nonces above the account's largest: of another writer whose clock is ahead, too. */
  async learnNonce(): Promise<void> {
    const signer = await this.#ownSigner();
    const { nonce, settled_nonce: settled } = await this.account(signer.account);
    signer.learnNonce(nonce);
    signer.learnNonce(settled);
  }

  /** The JSON of a signed intent, for any HTTP client. */
  document(signed: SignedIntent): api.IntentDocument {
    return intentDocument(signed);
  }

  // --- what became of it ---

  /** Where an intent is. With `until`, waits for that stage, for the end of the intent, or for the time-out. */
  async status(
    id: string,
    options: { until?: api.Stage | undefined; timeoutMs?: number | undefined } = {},
  ): Promise<api.IntentStatus> {
    const { until, timeoutMs = 10 * 60 * 1000 } = options;
    const intent = nameOf(id, 'an intent');
    if (until === undefined) return this.#get(paths.intent(intent));
    const start = Date.now();
    const order = ['dropped', 'accepted', 'sequenced', 'proven', 'finalized'];
    for (;;) {
      const left = Math.max(timeoutMs - (Date.now() - start), 0);
      const seconds = Math.ceil(Math.min(left, POLL_MAX_MS) / 1000);
      const path = paths.intentWait(intent, seconds, until);
      const status = (await this.#transport.get(path, seconds * 1000)) as api.IntentStatus;
      const reached = order.indexOf(status.status) >= order.indexOf(until);
      if (status.status === 'dropped' || reached || Date.now() - start >= timeoutMs) return status;
    }
  }

  /** The receipt of an intent whose batch is sealed: keep it. See `verifyReceipt`. */
  receipt(id: string): Promise<api.Receipt> {
    return this.#get(paths.receipt(nameOf(id, 'an intent')));
  }

  /** What L1 pays to an owner, ascending. */
  payouts(owner: string, query: PageQuery = {}): AsyncGenerator<api.Payout, void> {
    const address = toHex(addressFromHex(owner, 'owner'));
    return pages((of) => this.#get(paths.payouts(address, of)), query);
  }

  batch(number: Whole): Promise<api.Batch> {
    return this.#get(paths.batch(whole(number, 'batch')));
  }

  /** Sealed batches, ascending. */
  batches(query: PageQuery = {}): AsyncGenerator<api.Batch, void> {
    return pages((of) => this.#get(paths.batches(of)), query);
  }

  block(number: Whole): Promise<api.Block> {
    return this.#get(paths.block(whole(number, 'u64', 'block number')));
  }

  /** Blocks, ascending. */
  blocks(query: PageQuery = {}): AsyncGenerator<api.Block, void> {
    return pages((of) => this.#get(paths.blocks(of)), query);
  }

  /** What the contract's verifier is given for a block. */
  blockProof(number: Whole): Promise<api.BlockProof> {
    return this.#get(paths.blockProof(whole(number, 'u64', 'block number')));
  }

  // --- events ---

  /**
   * Events as they happen, for as long as they are read. The stream is opened again where it ended: nothing is missed.
   * An event may come twice, with the same `id`. To go on later, keep the `place` of the last event that was handled,
   * and give it as `after`. Ends by an error only if the first connection fails or the node refuses for good.
   */
  events(options: EventsOptions = {}): AsyncGenerator<api.StreamedEvent, void> {
    return eventStream(this.#transport, options);
  }

  /**
   * Registers a webhook: events that meet the filter are posted to the URL. The answer has its secret, and is the
   * only one that does. If the answer is lost, the next try is refused as `request_repeated`: find the webhook by
   * `webhooks`, and rotate its secret.
   */
  registerWebhook(url: string, filter: api.EventFilter = {}): Promise<api.WebhookSecret> {
    return this.#webhooks.register(url, filter);
  }

  /** The account's webhooks. */
  webhooks(): Promise<api.Webhook[]> {
    return this.#webhooks.list();
  }

  webhook(id: string): Promise<api.Webhook> {
    return this.#webhooks.get(id);
  }

  /** Deletes a webhook and its pending deliveries. */
  deleteWebhook(id: string): Promise<api.Webhook> {
    return this.#webhooks.delete(id);
  }

  /** Makes a new secret; the old one signs too for `keepSeconds`, a day if that is not given. */
  rotateWebhookSecret(id: string, keepSeconds?: number): Promise<api.WebhookSecret> {
    return this.#webhooks.rotate(id, keepSeconds);
  }

  /** Posts a test event to a webhook. */
  testWebhook(id: string): Promise<api.WebhookDelivery> {
    return this.#webhooks.test(id);
  }

  /** Events queued for a webhook, the newest first. */
  webhookDeliveries(id: string, query: PageQuery = {}): AsyncGenerator<api.WebhookDelivery, void> {
    return this.#webhooks.deliveries(id, query);
  }

  /** Posts an event again that was queued before. */
  resendEvent(id: string, event: string): Promise<api.WebhookDelivery> {
    return this.#webhooks.resend(id, event);
  }

  // --- inside ---

  async #get<T>(path: string): Promise<T> {
    return (await this.#transport.get(path)) as T;
  }

  #knownVersion(): Promise<api.Version> {
    this.#version ??= this.version().catch((error: unknown) => {
      // Asked again by the next call.
      this.#version = undefined;
      throw error;
    });
    return this.#version;
  }

  /** The digest of the deployment that is signed for. */
  async #domain(): Promise<Digest> {
    const { domain, chain_id, contract } = await this.#knownVersion();
    const expected = this.#options.deployment;
    if (expected === undefined) return digestFromHex(domain, 'domain');
    const own = domainOf(expected);
    if (digestToHex(own) !== domain.toLowerCase()) {
      throw new InputError(
        `the node serves chain ${chain_id} and contract ${contract}, expected chain ${expected.chainId} and ` +
          `contract ${expected.contract}: give the URL of another node`,
      );
    }
    return own;
  }

  /** The signer, which knows the deployment and the account's last nonce. */
  #ownSigner(): Promise<Signer> {
    const { account, key, fee, validForSeconds } = this.#options;
    if (account === undefined || key === undefined) {
      throw new InputError('this client only reads: give account and key to sign');
    }
    this.#signer ??= (async () => {
      const domain = await this.#domain();
      const signer = new Signer(account, key, domain, { fee, validForSeconds, clock: this.#clock });
      signer.learnNonce((await this.account(account)).nonce);
      return signer;
    })().catch((error: unknown) => {
      this.#signer = undefined;
      throw error;
    });
    return this.#signer;
  }

  async #send(operation: operations.Operation, options: SendOptions): Promise<api.IntentAccepted> {
    return this.#submitter.send(await this.#ownSigner(), operation, options.idempotencyKey);
  }

  /** A license whose recipient is the one to sign for. */
  async #payable(license: bigint, told?: string): Promise<api.License> {
    const found = await this.license(license);
    return { ...found, recipient: this.#recipients.check({ license }, found.recipient, told) };
  }
}

function priced(license: api.License, uses: Whole, memo: operations.Word | undefined): operations.Pay {
  const count = whole(uses, 'uses');
  const amount = money(license.price, 'price') * count;
  if (amount > RANGES.amount[1]) {
    throw new InputError(
      `${count} uses of license ${license.id} cost ${amount} nano, more than an intent moves: pay in parts`,
      'invalid_amount',
    );
  }
  return operations.pay(license.id, count, amount, license.recipient, memo);
}
