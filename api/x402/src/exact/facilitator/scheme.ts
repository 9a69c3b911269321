// The facilitator's side, for programs that are facilitators of several networks: it asks a Farthing node,
// which is one itself (`/x402` of its URL).

import { HTTPFacilitatorClient } from '@x402/core/server';
import type {
  PaymentPayload,
  PaymentRequirements,
  SchemeNetworkFacilitator,
  SettleResponse,
  SupportedResponse,
  VerifyResponse,
} from '@x402/core/types';
import { CAIP_FAMILY, SCHEME, type Settlement, settlementOf } from '../../settlement.js';

/** A node to ask. */
export interface ExactFarthingFacilitatorOptions {
  /** The node's URL, such as `http://127.0.0.1:8080`. */
  readonly node: string;
  /** The time that one call may take. */
  readonly timeoutMs?: number | undefined;
}

/** Scheme `exact` by a node. It keeps nothing: the node tells a payment from its repeat. */
export class ExactFarthingScheme implements SchemeNetworkFacilitator {
  readonly scheme = SCHEME;
  readonly caipFamily = CAIP_FAMILY;
  /** The node's deployment. */
  readonly settlement: Settlement;
  readonly #node: HTTPFacilitatorClient;
  readonly #extra: Record<string, unknown> | undefined;

  private constructor(node: HTTPFacilitatorClient, supported: SupportedResponse) {
    this.settlement = settlementOf(supported);
    this.#node = node;
    this.#extra = supported.kinds.find((kind) => kind.network === this.settlement.network)?.extra;
  }

  /** Asks the node what it is. */
  static async connect(options: ExactFarthingFacilitatorOptions): Promise<ExactFarthingScheme> {
    const { node, timeoutMs } = options;
    const url = `${node.replace(/\/+$/, '')}/x402`;
    const client = new HTTPFacilitatorClient(timeoutMs === undefined ? { url } : { url, timeoutMs });
    return new ExactFarthingScheme(client, await client.getSupported());
  }

  getExtra(network: string): Record<string, unknown> | undefined {
    return network === this.settlement.network ? this.#extra : undefined;
  }

  /** Buyers sign themselves: there are none. */
  getSigners(): string[] {
    return [];
  }

  verify(payload: PaymentPayload, requirements: PaymentRequirements): Promise<VerifyResponse> {
    return this.#node.verify(payload, requirements);
  }

  settle(payload: PaymentPayload, requirements: PaymentRequirements): Promise<SettleResponse> {
    return this.#node.settle(payload, requirements);
  }
}
