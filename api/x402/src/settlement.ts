// The network and the token of a deployment, and what a facilitator says of them.

import type { DefaultAsset, Network, SupportedResponse } from '@x402/core/types';

/** The scheme: an exact amount for each payment. */
export const SCHEME = 'exact';
/** The version of x402. */
export const X402_VERSION = 2;
/** All networks of Farthing. */
export const CAIP_FAMILY = 'farthing:*';
/** Places of an amount after the point: amounts on the wire are nano. */
export const DECIMALS = 9;
/** The token's ticker unless the caller names another. */
export const SYMBOL_DEFAULT = 'USDC';

/** Digits of the deployment's digest in a network's name, of which CAIP-2 allows 32. */
const NETWORK_DIGITS = 32;
const NAMESPACE = 'farthing';

/** The token in which a deployment settles. */
export interface Settlement {
  readonly network: Network;
  /** The token's address on L1. */
  readonly asset: string;
  /** Its ticker. */
  readonly symbol: string;
}

/** The network of a deployment, from its digest (`domain` of `/version`). */
export function networkOf(domain: string): Network {
  if (!/^0x[0-9a-fA-F]{64}$/.test(domain)) throw new Error('a domain is 0x and 64 hexadecimal digits');
  return `${NAMESPACE}:${domain.slice(2, 2 + NETWORK_DIGITS).toLowerCase()}`;
}

/** True if a network is one of Farthing. */
export function isFarthing(network: string): boolean {
  return network.startsWith(`${NAMESPACE}:`);
}

/** True if two texts are the same token. */
export function sameAsset(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}

/** The only asset of a deployment; a spending cap in dollars counts one token as a dollar. */
export function findDefaultAsset(
  settlement: Settlement,
  asset: string,
  network: Network,
): DefaultAsset | undefined {
  if (network !== settlement.network || !sameAsset(asset, settlement.asset)) return undefined;
  return { asset: settlement.asset, decimals: DECIMALS, symbol: settlement.symbol };
}

/** The deployment's token, as a facilitator's `/supported` tells it. */
export function settlementOf(
  supported: SupportedResponse,
  network?: Network,
  symbol: string = SYMBOL_DEFAULT,
): Settlement {
  const kind = supported.kinds.find(
    (found) =>
      found.scheme === SCHEME &&
      found.x402Version === X402_VERSION &&
      (network === undefined ? isFarthing(found.network) : found.network === network),
  );
  if (kind === undefined) throw new Error(`the facilitator has no scheme exact on ${network ?? CAIP_FAMILY}`);
  const problem = kindProblem(kind.extra);
  if (problem !== undefined) throw new Error(problem);
  return { network: kind.network, asset: assetOf(kind.extra) as string, symbol };
}

/** The defect of a kind's facts; `undefined` if there is none. */
export function kindProblem(extra: Record<string, unknown> | undefined): string | undefined {
  if (assetOf(extra) === undefined) return 'the facilitator does not name the settlement token (extra.asset)';
  if (extra?.['decimals'] !== DECIMALS) {
    return `the facilitator counts ${String(extra?.['decimals'])} decimals, expected ${DECIMALS}`;
  }
  return undefined;
}

/** The token that a kind's facts name. */
export function assetOf(extra: Record<string, unknown> | undefined): string | undefined {
  const asset = extra?.['asset'];
  return typeof asset === 'string' && /^0x[0-9a-fA-F]{40}$/.test(asset) ? asset : undefined;
}
