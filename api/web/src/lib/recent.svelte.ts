// The newest batches and blocks. The API lists both from the first on, so the newest are asked for by number;
// each is asked for again only when its stage has changed.

import { type Batch, BatchNotFoundError, type Block, type NodeStatus } from '@farthing/sdk';
import { node } from './node.js';

type Settled = Batch['status'];

/** The newest `count` batches, the newest first. */
export class RecentBatches {
  items = $state.raw<readonly Batch[]>([]);
  readonly #known = new Map<bigint, Batch>();

  constructor(private readonly count: number) {}

  async update(status: NodeStatus): Promise<void> {
    const end = BigInt(status.batches.sequenced);
    const found = await Promise.all(newest(end, 0n, this.count).map((number) => this.#batch(number, status)));
    for (const number of this.#known.keys()) {
      if (number < end - BigInt(2 * this.count)) this.#known.delete(number);
    }
    this.items = found.filter((batch) => batch !== undefined);
  }

  async #batch(number: bigint, status: NodeStatus): Promise<Batch | undefined> {
    const known = this.#known.get(number);
    if (known !== undefined && known.status === stageOf(number, status)) return known;
    try {
      const batch = await node.batch(number);
      this.#known.set(number, batch);
      return batch;
    } catch (error) {
      // The newest is sealed and cannot be read yet: it comes with the next beat.
      if (error instanceof BatchNotFoundError) return undefined;
      throw error;
    }
  }
}

/** The newest `count` blocks, the newest first. */
export class RecentBlocks {
  items = $state.raw<readonly Block[]>([]);
  readonly #final = new Map<bigint, Block>();

  constructor(private readonly count: number) {}

  /** Takes the number of the newest block from batches that were just loaded. */
  async update(batches: readonly Batch[]): Promise<void> {
    const last = batches.find((batch) => batch.block != null)?.block;
    if (last == null) return;
    this.items = await Promise.all(
      newest(BigInt(last) + 1n, 1n, this.count).map((number) => this.#block(number)),
    );
  }

  async #block(number: bigint): Promise<Block> {
    const known = this.#final.get(number);
    if (known !== undefined) return known;
    const block = await node.block(number);
    if (block.status === 'finalized') this.#final.set(number, block);
    return block;
  }
}

/** The numbers below `end`, down to `first`, at most `count`. */
function newest(end: bigint, first: bigint, count: number): bigint[] {
  const numbers: bigint[] = [];
  for (let number = end - 1n; number >= first && numbers.length < count; number -= 1n) numbers.push(number);
  return numbers;
}

function stageOf(number: bigint, { batches }: NodeStatus): Settled {
  if (number < BigInt(batches.finalized)) return 'finalized';
  return number < BigInt(batches.proven) ? 'proven' : 'sequenced';
}
