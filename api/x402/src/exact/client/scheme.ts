// The buyer's side: signs the payment that a resource server asks for.

import { Farthing, type FarthingOptions, type SecretKey, ServerClock, type Whole } from '@farthing/sdk';
import { HTTPFacilitatorClient } from '@x402/core/server';
import type {
  DefaultAsset,
  Network,
  PaymentPayloadContext,
  PaymentPayloadResult,
  PaymentRequirements,
  SchemeNetworkClient,
} from '@x402/core/types';
import {
  identifierInfo,
  isIdentifier,
  newIdentifier,
  PAYMENT_IDENTIFIER,
  paymentMemo,
  RESOURCE,
} from '../../purchase.js';
import {
  findDefaultAsset,
  networkOf,
  SCHEME,
  type Settlement,
  sameAsset,
  settlementOf,
  X402_VERSION,
} from '../../settlement.js';

/** The buyer's account and key, and the SDK's other choices. */
export interface ExactFarthingClientOptions extends FarthingOptions {
  readonly account: Whole;
  readonly key: SecretKey;
  /** The token's ticker; USDC by default. */
  readonly symbol?: string | undefined;
}

/** The least validity of a payment: a server that waits for its own work still finds it valid. */
const VALID_SECONDS_MIN = 30;
/** The longest validity that nodes take. */
const VALID_SECONDS_MAX = 7 * 24 * 3600;
/** Payments remembered by the caller's identifiers. */
const REMEMBERED_MAX = 1000;

/** A payment that was signed under an identifier of the caller's. */
interface Remembered {
  readonly terms: string;
  readonly made: Promise<PaymentPayloadResult>;
}

/** Scheme `exact` of one buyer on one deployment. */
export class ExactFarthingScheme implements SchemeNetworkClient {
  readonly scheme = SCHEME;
  /** The deployment that is paid on. */
  readonly settlement: Settlement;
  readonly #farthing: Farthing;
  readonly #clock: ServerClock;
  readonly #remembered = new Map<string, Remembered>();

  /** `settlement` is the token whose units count as dollars for spending caps. */
  constructor(options: ExactFarthingClientOptions, settlement: Settlement) {
    this.settlement = settlement;
    this.#clock = options.clock ?? new ServerClock();
    // A server that names a recipient which is not final is refused, and not waited for.
    this.#farthing = new Farthing({ recipientWaitMs: 0, ...options, clock: this.#clock });
  }

  /** Asks the buyer's own node which token it settles in. */
  static async connect(options: ExactFarthingClientOptions): Promise<ExactFarthingScheme> {
    const { domain } = await new Farthing(options).version();
    const supported = await new HTTPFacilitatorClient({
      url: `${options.node.replace(/\/+$/, '')}/x402`,
    }).getSupported();
    return new ExactFarthingScheme(options, settlementOf(supported, networkOf(domain), options.symbol));
  }

  findDefaultAsset(asset: string, network: Network): DefaultAsset | undefined {
    return findDefaultAsset(this.settlement, asset, network);
  }

  /**
   * Signs a payment; each call signs another one. Under an identifier that the caller chose (`info.id` of the
   * extension `payment-identifier`) the same payment is returned again, so a purchase is not paid twice.
   */
  createPaymentPayload(
    x402Version: number,
    requirements: PaymentRequirements,
    context: PaymentPayloadContext = {},
  ): Promise<PaymentPayloadResult> {
    const chosen = identifierInfo(context.extensions)?.id;
    if (chosen === undefined) return this.#create(x402Version, requirements, context);
    const terms = JSON.stringify([x402Version, requirements]);
    const known = this.#remembered.get(chosen);
    if (known === undefined)
      return this.#remember(chosen, terms, this.#create(x402Version, requirements, context));
    if (known.terms === terms) return known.made;
    return Promise.reject(new Error(`the payment identifier ${chosen} has named another purchase`));
  }

  #remember(
    chosen: string,
    terms: string,
    made: Promise<PaymentPayloadResult>,
  ): Promise<PaymentPayloadResult> {
    const [oldest] = this.#remembered.keys();
    if (this.#remembered.size >= REMEMBERED_MAX && oldest !== undefined) this.#remembered.delete(oldest);
    this.#remembered.set(chosen, { terms, made });
    // Nothing was signed: the identifier is free again.
    made.catch(() => this.#remembered.delete(chosen));
    return made;
  }

  async #create(
    x402Version: number,
    requirements: PaymentRequirements,
    { extensions, maxAmountPerPayment }: PaymentPayloadContext,
  ): Promise<PaymentPayloadResult> {
    const { license, amount } = this.#check(x402Version, requirements);
    if (maxAmountPerPayment !== undefined && amount > BigInt(maxAmountPerPayment)) {
      throw new Error(`the payment is of ${amount} nano, at most ${maxAmountPerPayment} are allowed`);
    }
    const declared = identifierInfo(extensions);
    const identifier = declared === undefined ? undefined : (declared.id ?? newIdentifier());
    if (identifier !== undefined && !isIdentifier(identifier)) {
      throw new Error('a payment identifier is 16 to 128 letters, digits, hyphens and underscores');
    }
    const resource = requirements.extra?.[RESOURCE];
    const memo = typeof resource === 'string' ? paymentMemo(resource, identifier) : undefined;
    const uses = await this.#uses(license, amount);
    const operation = await this.#farthing.preparePay(license, uses, { memo });
    if (operation.amount !== amount) {
      throw new Error(`license ${license} asks ${operation.amount} nano, and ${amount} are required`);
    }
    const signed = await this.#farthing.sign(operation, { validUntil: this.#validUntil(requirements) });
    const payload = { intent: this.#farthing.document(signed) };
    if (identifier === undefined) return { x402Version, payload };
    return { x402Version, payload, extensions: { [PAYMENT_IDENTIFIER]: { info: { id: identifier } } } };
  }

  #check(x402Version: number, requirements: PaymentRequirements): { license: bigint; amount: bigint } {
    const { scheme, network, asset, payTo, amount } = requirements;
    if (x402Version !== X402_VERSION)
      throw new Error(`x402 version ${x402Version}, expected ${X402_VERSION}`);
    if (scheme !== SCHEME) throw new Error(`scheme ${scheme}, expected ${SCHEME}`);
    if (network !== this.settlement.network) {
      throw new Error(`the payment is for ${network}, and this account is on ${this.settlement.network}`);
    }
    if (!sameAsset(asset, this.settlement.asset)) {
      throw new Error(`the payment is in ${asset}, and ${network} settles in ${this.settlement.asset}`);
    }
    const license = /^license:(0|[1-9][0-9]{0,9})$/.exec(payTo)?.[1];
    if (license === undefined) throw new Error('payTo: expected license: and the number of a license');
    if (!/^[1-9][0-9]{0,18}$/.test(amount))
      throw new Error('amount: expected nano in decimal digits, above 0');
    return { license: BigInt(license), amount: BigInt(amount) };
  }

  /** The uses that the amount pays for. */
  async #uses(license: bigint, amount: bigint): Promise<bigint> {
    const price = BigInt((await this.#farthing.license(license)).price);
    if (price === 0n || amount % price !== 0n) {
      throw new Error(
        `${amount} nano are required, which is no multiple of license ${license}'s price, ${price}`,
      );
    }
    return amount / price;
  }

  #validUntil({ maxTimeoutSeconds }: PaymentRequirements): number {
    const seconds = Math.min(Math.max(Math.ceil(maxTimeoutSeconds), VALID_SECONDS_MIN), VALID_SECONDS_MAX);
    return Math.floor(this.#clock.nowMs() / 1000) + seconds;
  }
}
