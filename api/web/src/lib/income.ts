// What an account earned, license by license and day by day, exact.

import type { EarningsLine, License } from '@farthing/sdk';
import { byDay, type IncomeLine, partOf } from './earnings.js';
import { node } from './node.js';

/** Lines of a license that are loaded: a page of the API at its largest. */
const LINES_MAX = 500;
const LICENSES_MAX = 50;
/** Batches whose time is asked for. */
const BATCHES_MAX = 200;

/** The income of one license. */
export interface LicenseIncome {
  readonly license: License;
  readonly shares: number;
  readonly nano: bigint;
}

/** The income of an account. */
export interface Income {
  readonly licenses: readonly LicenseIncome[];
  readonly lines: readonly IncomeLine[];
  /** By day, of the batches whose time is known. */
  readonly days: readonly { readonly day: string; readonly nano: bigint }[];
  /** Whether these are all lines that the node has. */
  readonly complete: boolean;
}

/** Loads the income of an account from the licenses in which it has shares. */
export async function loadIncome(
  account: number,
  held: readonly { readonly license: License; readonly shares: number }[],
): Promise<Income> {
  const chosen = held.slice(0, LICENSES_MAX);
  const pages = await Promise.all(
    chosen.map(({ license }) => node.earningsPage(license.id, { limit: LINES_MAX })),
  );
  const complete = held.length <= LICENSES_MAX && pages.every((page) => page.next_cursor == null);
  const times = await timesOf(pages.flatMap((page) => page.items));
  const lines = chosen.flatMap(({ license }, index) =>
    (pages[index]?.items ?? []).flatMap((line): IncomeLine[] => {
      const nano = partOf([line], account);
      const time = times.get(line.batch);
      return nano === 0n ? [] : [{ batch: line.batch, license: license.id, nano, time }];
    }),
  );
  const licenses = chosen.map(({ license, shares }, index) => {
    return { license, shares, nano: partOf(pages[index]?.items ?? [], account) };
  });
  return { licenses, lines, days: byDay(lines), complete };
}

async function timesOf(lines: readonly EarningsLine[]): Promise<ReadonlyMap<string, number>> {
  const numbers = [...new Set(lines.map((line) => line.batch))].sort((a, b) => Number(BigInt(b) - BigInt(a)));
  const batches = await Promise.all(numbers.slice(0, BATCHES_MAX).map((number) => node.batch(number)));
  return new Map(batches.map((batch) => [batch.number, batch.statement.timestamp]));
}
