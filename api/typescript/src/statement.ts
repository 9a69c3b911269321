// Statements: the public inputs of leaf and block proofs (state/SPEC.md, section 13).

import { elementBytes, fromBigEndian, keccak } from './bytes.js';
import { PROTOCOL_VERSION } from './deployment.js';
import { P } from './field.js';
import { compress, type Digest, hash, Tag, ZERO_DIGEST } from './poseidon2.js';

/** An element of GF(p)[X]/(X² − 7): the coefficients of 1 and X. */
export type Quadratic = readonly [bigint, bigint];

/** A batch's statement. */
export interface BatchStatement {
  readonly domain: Digest;
  readonly class: bigint;
  readonly number: bigint;
  readonly timestamp: bigint;
  readonly oldRoot: Digest;
  readonly newRoot: Digest;
  readonly receiptsRoot: Digest;
  readonly intents: bigint;
  readonly queueFrom: bigint;
  readonly queueTo: bigint;
  readonly publicData: Digest;
  readonly publicDataLimbs: bigint;
  readonly challenge: Quadratic;
  readonly evaluation: Quadratic;
}

/** A block's statement. */
export interface BlockStatement {
  readonly domain: Digest;
  readonly firstBatch: bigint;
  readonly batches: bigint;
  readonly timestamp: bigint;
  readonly oldRoot: Digest;
  readonly newRoot: Digest;
  readonly queueFrom: bigint;
  readonly queueTo: bigint;
  readonly batchesRoot: Digest;
}

/** Elements 0 to 27: all but challenge and evaluation. */
export function headerElements(header: Omit<BatchStatement, 'challenge' | 'evaluation'>): bigint[] {
  return [
    PROTOCOL_VERSION,
    ...header.domain,
    header.class,
    header.number,
    header.timestamp,
    ...header.oldRoot,
    ...header.newRoot,
    ...header.receiptsRoot,
    header.intents,
    header.queueFrom,
    header.queueTo,
    ...header.publicData,
    header.publicDataLimbs,
  ];
}

/** The 32 public inputs of a leaf proof. */
export function batchElements(batch: BatchStatement): bigint[] {
  return [...headerElements(batch), ...batch.challenge, ...batch.evaluation];
}

export function batchDigest(batch: BatchStatement): Digest {
  return hash(Tag.BatchStatement, batchElements(batch));
}

export function blockDigest(block: BlockStatement): Digest {
  return hash(Tag.BlockStatement, [
    PROTOCOL_VERSION,
    ...block.domain,
    block.firstBatch,
    block.batches,
    block.timestamp,
    ...block.oldRoot,
    ...block.newRoot,
    block.queueFrom,
    block.queueTo,
    ...block.batchesRoot,
  ]);
}

/** The root over the batches' digests, padded with zeros to a power of two. */
export function batchesRoot(digests: readonly Digest[]): Digest {
  let level = digests.slice();
  let width = 1;
  while (width < level.length) width *= 2;
  while (level.length < width) level.push(ZERO_DIGEST);
  while (level.length > 1) {
    level = Array.from({ length: level.length / 2 }, (_, i) =>
      compress(level[2 * i] as Digest, level[2 * i + 1] as Digest),
    );
  }
  return level[0] ?? ZERO_DIGEST;
}

/** r: the point at which public data are evaluated, from both commitments to them. */
export function evaluationPoint(dataHash: Uint8Array, header: readonly bigint[]): Quadratic {
  const digest = keccak(dataHash, elementBytes(header));
  return [fromBigEndian(digest.subarray(0, 16)) % P, fromBigEndian(digest.subarray(16)) % P];
}

/** y = Σ limbᵢ·rⁿ⁻¹⁻ⁱ, by Horner from the first limb. */
export function evaluate(limbs: readonly bigint[], point: Quadratic): Quadratic {
  const [r0, r1] = point;
  let [y0, y1] = [0n, 0n];
  for (const limb of limbs) {
    [y0, y1] = [(y0 * r0 + 7n * y1 * r1 + limb) % P, (y0 * r1 + y1 * r0) % P];
  }
  return [y0, y1];
}
