// L1 as a page reaches it: the visitor's wallet, or a JSON-RPC URL that the visitor typed.

import type { Provider } from './rollup.js';

/** An L1 endpoint that the visitor trusts, as the SDK takes it. */
export type Endpoint = { readonly url: string } | { readonly provider: Provider };

/** A provider of EIP-1193, as calls of the contract take it. */
export function providerOf(endpoint: Endpoint): Provider {
  return 'provider' in endpoint ? endpoint.provider : providerAt(endpoint.url);
}

function providerAt(url: string): Provider {
  return {
    async request({ method, params = [] }) {
      const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params });
      const headers = { 'Content-Type': 'application/json' };
      const answer = (await (await fetch(url, { method: 'POST', headers, body })).json()) as {
        result?: unknown;
        error?: { message?: string };
      };
      if (answer.error != null) throw new Error(answer.error.message ?? `L1 refused ${method}`);
      return answer.result;
    },
  };
}
