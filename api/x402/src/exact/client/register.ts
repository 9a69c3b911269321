import type { x402Client } from '@x402/core/client';
import { type ExactFarthingClientOptions, ExactFarthingScheme } from './scheme.js';

/** Lets a client pay from an account, on the deployment of the account's node. */
export async function registerExactFarthingScheme(
  client: x402Client,
  options: ExactFarthingClientOptions,
): Promise<x402Client> {
  const scheme = await ExactFarthingScheme.connect(options);
  return client.register(scheme.settlement.network, scheme);
}
