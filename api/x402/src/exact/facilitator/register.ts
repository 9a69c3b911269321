import type { x402Facilitator } from '@x402/core/facilitator';
import { type ExactFarthingFacilitatorOptions, ExactFarthingScheme } from './scheme.js';

/** Adds a node's deployment to a facilitator. */
export async function registerExactFarthingScheme(
  facilitator: x402Facilitator,
  options: ExactFarthingFacilitatorOptions,
): Promise<x402Facilitator> {
  const scheme = await ExactFarthingScheme.connect(options);
  return facilitator.register(scheme.settlement.network, scheme);
}
