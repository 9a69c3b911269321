import type { x402ResourceServer } from '@x402/core/server';
import type { Network } from '@x402/core/types';
import { CAIP_FAMILY } from '../../settlement.js';
import { ExactFarthingScheme, type ExactFarthingServerOptions } from './scheme.js';

/** Lets a resource server be paid on Farthing; on one network, or on all that its facilitators have. */
export function registerExactFarthingScheme(
  server: x402ResourceServer,
  options: ExactFarthingServerOptions & { readonly network?: Network | undefined } = {},
): x402ResourceServer {
  return server.register(options.network ?? CAIP_FAMILY, new ExactFarthingScheme(options));
}
