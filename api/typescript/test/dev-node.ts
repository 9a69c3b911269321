// Actors of the development node that tests run against, and deposits on its L1.

import { bigEndian, fromHex, keccak, toHex, utf8 } from '../src/bytes.js';
import { keyFromSeed, type SecretKey } from '../src/keys.js';
import { Rpc } from '../src/rpc.js';
import type { Banner } from './banner.js';

/** Somebody of a run. */
export interface Actor {
  readonly key: SecretKey;
  readonly owner: string;
}

/** The actor of a seed; its owner is the last 20 bytes of the seed's hash. */
export function actorOf(seed: Uint8Array): Actor {
  return { key: keyFromSeed(seed), owner: toHex(keccak(seed).subarray(12)) };
}

/** The seed of a name in a run. */
export function seedOf(text: string): Uint8Array {
  return keccak(utf8(text));
}

/** Makes tokens and deposits them for an actor, by the L1's first account. */
export async function deposit(node: Banner, actor: Actor, baseUnits: bigint): Promise<void> {
  const rpc = new Rpc({ url: node.l1 });
  const [from] = (await rpc.request('eth_accounts', [])) as [string];
  const word = (value: bigint): string => toHex(bigEndian(value, 32)).slice(2);
  const selector = (signature: string): string => toHex(keccak(utf8(signature))).slice(0, 10);
  const address = (text: string): string => word(BigInt(text));
  const send = async (to: string, data: string): Promise<void> => {
    const hash = await rpc.request('eth_sendTransaction', [{ from, to, data }]);
    for (;;) {
      const receipt = (await rpc.request('eth_getTransactionReceipt', [hash])) as { status: string } | null;
      if (receipt?.status === '0x1') return;
      if (receipt !== null) throw new Error(`the transaction to ${to} failed`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  };
  await send(node.token, selector('mint(address,uint256)') + address(from) + word(baseUnits));
  const words = fromHex(actor.key.publicKey, 'key');
  const key = [0, 8, 16, 24, 32].map((at) => word(BigInt(toHex(words.subarray(at, at + 8)))));
  const head = selector('deposit(address,uint64[5],uint256)') + address(actor.owner);
  await send(node.contract, head + key.join('') + word(baseUnits));
}
