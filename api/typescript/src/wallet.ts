// The key of an L1 wallet: the wallet signs a fixed message of EIP-712, and the signature seeds the key
// (state/SPEC.md, section 5).

import {
  addressFromHex,
  bigEndian,
  checksummed,
  concat,
  fromBigEndian,
  fromHex,
  keccak,
  utf8,
} from './bytes.js';
import type { Deployment } from './deployment.js';
import { InputError } from './input-error.js';
import { SecretKey } from './keys.js';
import { whole } from './quantity.js';

const STATEMENT =
  'This signature becomes the key that signs your Farthing payments. Whoever gets it can spend your ' +
  'balance: sign only for software that you trust.';
const NAME = 'Farthing';
const VERSION = '1';
const DOMAIN_TYPE = 'EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)';
const MESSAGE_TYPE = 'FarthingKey(string statement)';

/** Half the order of secp256k1, rounded down: the largest s that wallets give (EIP-2). */
const S_MAX = 0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0n;

/** The typed data that a wallet signs, for `eth_signTypedData_v4`. */
export interface WalletMessage {
  readonly types: {
    readonly EIP712Domain: readonly { readonly name: string; readonly type: string }[];
    readonly FarthingKey: readonly { readonly name: string; readonly type: string }[];
  };
  readonly primaryType: 'FarthingKey';
  readonly domain: {
    readonly name: string;
    readonly version: string;
    readonly chainId: number;
    readonly verifyingContract: `0x${string}`;
  };
  readonly message: { readonly statement: string };
}

/** The message that a wallet signs for the key of a deployment. */
export function walletMessage(deployment: Deployment): WalletMessage {
  const contract = addressFromHex(deployment.contract, 'contract');
  return {
    types: {
      EIP712Domain: [
        { name: 'name', type: 'string' },
        { name: 'version', type: 'string' },
        { name: 'chainId', type: 'uint256' },
        { name: 'verifyingContract', type: 'address' },
      ],
      FarthingKey: [{ name: 'statement', type: 'string' }],
    },
    primaryType: 'FarthingKey',
    domain: {
      name: NAME,
      version: VERSION,
      chainId: Number(whole(deployment.chainId, 'chainId', 'chain id')),
      verifyingContract: checksummed(contract) as `0x${string}`,
    },
    message: { statement: STATEMENT },
  };
}

/** The hash that a wallet signs. */
export function walletMessageHash(deployment: Deployment): Uint8Array {
  const domain = keccak(
    keccak(utf8(DOMAIN_TYPE)),
    keccak(utf8(NAME)),
    keccak(utf8(VERSION)),
    bigEndian(whole(deployment.chainId, 'chainId', 'chain id'), 32),
    concat(new Uint8Array(12), addressFromHex(deployment.contract, 'contract')),
  );
  const message = keccak(keccak(utf8(MESSAGE_TYPE)), keccak(utf8(STATEMENT)));
  return keccak(Uint8Array.of(0x19, 0x01), domain, message);
}

/** The seed of a wallet's signature: keccak256 of r and s. */
export function walletSeed(signature: Uint8Array | string): Uint8Array {
  // The signature is a secret: errors do not quote it.
  const bytes = typeof signature === 'string' ? fromHex(signature, "the wallet's signature") : signature;
  if (bytes.length !== 65) {
    throw new InputError(`the wallet's signature: ${bytes.length} bytes, expected 65`);
  }
  const [r, s] = [bytes.subarray(0, 32), bytes.subarray(32, 64)];
  if (fromBigEndian(r) === 0n || fromBigEndian(s) === 0n) {
    throw new InputError('not a signature: r or s is zero');
  }
  if (fromBigEndian(s) > S_MAX) {
    throw new InputError("the signature's s is in the upper half of its range (EIP-2)");
  }
  return keccak(r, s);
}

/** The key of a wallet. `sign` shows the wallet the typed data and returns its 65 bytes. */
export async function keyFromWallet(
  deployment: Deployment,
  sign: (message: WalletMessage) => Promise<Uint8Array | string>,
): Promise<SecretKey> {
  return SecretKey.fromSeed(walletSeed(await sign(walletMessage(deployment))));
}
