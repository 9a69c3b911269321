// L1 as a page reaches it: the visitor's wallet, or a JSON-RPC URL that the visitor typed.

import type { Provider } from './rollup.js';

/** An L1 endpoint that the visitor trusts. */
export type Endpoint = { readonly url: string } | { readonly provider: Provider };

/** The name of a wallet in errors, in place of a host. */
const WALLET_URL = 'https://wallet';

/** URL and `fetch` as the SDK takes them. */
export function transportOf(endpoint: Endpoint): { url: string; fetch?: typeof fetch } {
  return 'url' in endpoint ? endpoint : { url: WALLET_URL, fetch: fetchOf(endpoint.provider) };
}

/** A provider of EIP-1193, as calls of the contract take it. */
export function providerOf(endpoint: Endpoint): Provider {
  return 'provider' in endpoint ? endpoint.provider : providerAt(endpoint.url);
}

/** A `fetch` whose JSON-RPC requests a wallet answers. */
function fetchOf(provider: Provider): typeof fetch {
  return async (_, init) => {
    const { id, method, params } = JSON.parse(String(init?.body)) as {
      id: number;
      method: string;
      params: unknown[];
    };
    try {
      return Response.json({ jsonrpc: '2.0', id, result: await provider.request({ method, params }) });
    } catch (error) {
      const message = (error as { message?: unknown } | null)?.message;
      return Response.json({ jsonrpc: '2.0', id, error: { message: String(message ?? error) } });
    }
  };
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
