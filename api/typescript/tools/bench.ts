// Measures signing and verifying on this machine; the README has the figures.

import { performance } from 'node:perf_hooks';
import { fromHex } from '../src/bytes.js';
import { intentMessage } from '../src/intent.js';
import { keyFromSeed } from '../src/keys.js';
import * as operations from '../src/operations.js';
import { permute } from '../src/poseidon2.js';
import { signatureFault } from '../src/schnorr.js';
import { Signer } from '../src/signer.js';

const DOMAIN = [1n, 2n, 3n, 4n] as const;

/** Runs `work` for two seconds after a warm-up; returns runs a second. */
function rate(work: () => void): number {
  for (let i = 0; i < 50; i += 1) work();
  const begin = performance.now();
  let count = 0;
  while (performance.now() - begin < 2000) {
    work();
    count += 1;
  }
  return (count * 1000) / (performance.now() - begin);
}

const start = performance.now();
const key = keyFromSeed(new Uint8Array(32).fill(1));
const first = performance.now() - start;
const signer = new Signer(7, key, DOMAIN);
const operation = operations.pay(3, 20, '5000', `0x${'00'.repeat(24)}`);
const signed = signer.sign(operation);
const [bytes, message] = [fromHex(key.publicKey, 'key'), intentMessage(signed.intent)];

const report = {
  node: process.version,
  first_key_ms: first,
  signatures_per_second: rate(() => signer.sign(operation)),
  verifications_per_second: rate(() => signatureFault(bytes, DOMAIN, message, signed.signature)),
  permutations_per_second: rate(() => permute([...message.slice(0, 12)])),
};
for (const [name, value] of Object.entries(report)) {
  console.log(`${name.padEnd(26)} ${typeof value === 'number' ? value.toFixed(1) : value}`);
}
