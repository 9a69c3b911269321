// The resource server's side: prices, and requirements that bind a payment to its resource.

import type {
  AssetAmount,
  Network,
  PaymentFlowConfig,
  PaymentRequirements,
  Price,
  SchemeNetworkServer,
  SchemePaymentRequiredContext,
  SchemeServerHooks,
  SupportedKind,
  VerifyContext,
} from '@x402/core/types';
import { parsePrice } from '../../price.js';
import { ACCEPTS_REPEATS, identifierInfo, isIdentifier, RESOURCE } from '../../purchase.js';
import { assetOf, DECIMALS, isFarthing, kindProblem, SCHEME, SYMBOL_DEFAULT } from '../../settlement.js';

/** Choices of a resource server. */
export interface ExactFarthingServerOptions {
  /** The token's ticker in prices such as `"0.10 USDC"`; USDC by default. */
  readonly symbol?: string | undefined;
}

/** Scheme `exact` of a resource server. `payTo` of a route is `license:` and the license's number. */
export class ExactFarthingScheme implements SchemeNetworkServer {
  readonly scheme = SCHEME;
  readonly defaultAssetTransferMethod = 'default';
  /**
   * By default the payment is made before the handler runs: a signed payment promises no funds, and can be
   * overdrawn until it is made. `authorization` makes it after the handler, on `extra.paymentFlow`.
   */
  readonly paymentFlows: Readonly<Record<string, PaymentFlowConfig>> = {
    default: { supported: ['upfront', 'authorization'], default: 'upfront' },
  };
  readonly schemeHooks: SchemeServerHooks = { onBeforeVerify: refuseWithoutIdentifier };
  readonly #symbol: string;

  constructor(options: ExactFarthingServerOptions = {}) {
    this.#symbol = options.symbol ?? SYMBOL_DEFAULT;
  }

  /** The token is filled in by the facilitator's word: see `enhancePaymentRequirements`. */
  async parsePrice(price: Price, _network: Network): Promise<AssetAmount> {
    return parsePrice(price, { asset: '', symbol: this.#symbol });
  }

  getAssetDecimals(): number {
    return DECIMALS;
  }

  validateFacilitatorSupport(_network: Network, kind: SupportedKind): string | undefined {
    return kindProblem(kind.extra);
  }

  async enhancePaymentRequirements(
    requirements: PaymentRequirements,
    kind: SupportedKind,
    _facilitatorExtensions: string[],
  ): Promise<PaymentRequirements> {
    if (!/^license:(?:0|[1-9][0-9]{0,9})$/.test(requirements.payTo)) {
      throw new Error(`payTo is "${requirements.payTo}", expected license: and the number of a license`);
    }
    const asset = assetOf(kind.extra);
    if (asset === undefined) throw new Error(kindProblem(kind.extra));
    return {
      ...requirements,
      asset: requirements.asset === '' ? asset : requirements.asset,
      extra: { ...requirements.extra, decimals: DECIMALS },
    };
  }

  /** Binds payments to the resource, and allows repeats where the route declares `payment-identifier`. */
  async enrichPaymentRequiredResponse(context: SchemePaymentRequiredContext): Promise<PaymentRequirements[]> {
    const { requirements, resourceInfo, paymentRequiredResponse } = context;
    const repeats = identifierInfo(paymentRequiredResponse.extensions) !== undefined;
    const unbound = requirements.find((accept) => isOurs(accept) && !(RESOURCE in accept.extra));
    // Called once for each of the accepts, and each time for those of one network.
    return requirements.map((accept) =>
      unbound === undefined ||
      !isOurs(accept) ||
      accept.network !== unbound.network ||
      RESOURCE in accept.extra
        ? accept
        : {
            ...accept,
            extra: {
              ...accept.extra,
              [RESOURCE]: resourceInfo.url,
              ...(repeats && { [ACCEPTS_REPEATS]: true }),
            },
          },
    );
  }
}

function isOurs({ scheme, network }: PaymentRequirements): boolean {
  return scheme === SCHEME && isFarthing(network);
}

/** A route that requires an identifier takes no payment without one. */
async function refuseWithoutIdentifier(
  context: VerifyContext,
): Promise<{ abort: true; reason: string; message: string } | undefined> {
  if (identifierInfo(context.declaredExtensions)?.required !== true) return undefined;
  const id = identifierInfo(context.paymentPayload.extensions)?.id;
  if (id !== undefined && isIdentifier(id)) return undefined;
  return {
    abort: true,
    reason: 'payment_identifier_required',
    message: 'this route takes payments with a payment identifier alone',
  };
}
