// The banner of the development node that tests run against: the file named by FARTHING_DEV has it. The tests of
// api/x402 read it here too, so this file imports nothing of the package.

import { readFileSync } from 'node:fs';

/** The line that `farthing dev --json` prints. */
export interface Banner {
  readonly rest: string;
  readonly l1: string;
  readonly chain_id: number;
  readonly contract: string;
  readonly token: string;
  readonly data: string;
  readonly config: string;
  readonly accounts: readonly {
    readonly name: string;
    readonly account: number;
    readonly seed: string;
    readonly owner: string;
  }[];
}

/** The banner, or why what needs a node is left out. */
export function banner(): { node: Banner; skip: false } | { node: undefined; skip: string } {
  const path = process.env['FARTHING_DEV'];
  if (path === undefined) return { node: undefined, skip: 'no FARTHING_DEV: see api/conformance/README.md' };
  return { node: JSON.parse(readFileSync(path, 'utf8')) as Banner, skip: false };
}
