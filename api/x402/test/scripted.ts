// A node that answers the SDK's questions from a script.

import { keyFromSeed, type SecretKey } from '@farthing/sdk';
import type { FacilitatorClient } from '@x402/core/server';
import type { PaymentRequirements, SupportedResponse } from '@x402/core/types';
import { networkOf } from '../src/settlement.js';

export const DOMAIN = `0x${'00112233445566ff'.repeat(4)}`;
export const NETWORK = networkOf(DOMAIN);
export const ASSET = `0x${'Ab'.repeat(20)}`;
export const SETTLEMENT = { network: NETWORK, asset: ASSET, symbol: 'USDC' };
export const RESOURCE = 'https://shop.example/songs/7';

export const supported = (asset: unknown = ASSET): SupportedResponse => ({
  kinds: [{ x402Version: 2, scheme: 'exact', network: NETWORK, extra: { asset, decimals: 9 } }],
  extensions: ['payment-identifier'],
  signers: {},
});

/** A facilitator that says what it takes, and takes nothing. */
export const facilitator = (answer: SupportedResponse = supported()): FacilitatorClient => ({
  getSupported: async () => answer,
  verify: async () => ({ isValid: false, invalidReason: 'asked' }),
  settle: async () => ({ success: false, errorReason: 'asked', transaction: '', network: NETWORK }),
});

/** The license as intents name it. */
export const RECIPIENT = `0x${'01'.repeat(24)}`;

/** License 3 costs 250 nano; account 7 signs. */
export function options(): {
  node: string;
  account: number;
  key: SecretKey;
  fetch: typeof fetch;
} {
  const answers: Record<string, unknown> = {
    '/version': { domain: DOMAIN, chain_id: 1, contract: `0x${'22'.repeat(20)}` },
    '/v1/accounts/7': { nonce: '5', finalized: true },
    '/v1/licenses/3': { id: 3, price: '250', recipient: RECIPIENT, finalized: true },
  };
  return {
    node: 'http://node.test',
    account: 7,
    key: keyFromSeed(new Uint8Array(32).fill(2)),
    fetch: async (input) => Response.json(answers[new URL(String(input)).pathname]),
  };
}

/** The terms of a server. */
export function requirements(changes: Partial<PaymentRequirements> = {}): PaymentRequirements {
  return {
    scheme: 'exact',
    network: NETWORK,
    asset: ASSET.toLowerCase(),
    amount: '5000',
    payTo: 'license:3',
    maxTimeoutSeconds: 300,
    extra: { resource: RESOURCE },
    ...changes,
  };
}
