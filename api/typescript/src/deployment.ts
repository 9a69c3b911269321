import { addressFromHex, addressLimbs } from './bytes.js';
import { type Digest, hash, Tag } from './poseidon2.js';
import { type Whole, whole } from './quantity.js';

/** The version of messages, leaves and statements. */
export const PROTOCOL_VERSION = 2n;

/** The L1 chain and the contract that a signature is for. */
export interface Deployment {
  readonly chainId: Whole;
  readonly contract: string;
}

/** The digest that separates deployments: it is part of every signature, statement and id. */
export function domainOf(deployment: Deployment): Digest {
  const chainId = whole(deployment.chainId, 'chainId', 'chain id');
  const contract = addressFromHex(deployment.contract, 'contract');
  return hash(Tag.Domain, [
    PROTOCOL_VERSION,
    chainId >> 32n,
    chainId & 0xffffffffn,
    ...addressLimbs(contract),
  ]);
}
