// What an account earned, license by license and day by day, exact.

import type { License } from '@farthing/sdk';
import { byDay, type IncomeLine, partOf } from './earnings.js';
import { node } from './node.js';

/** Lines of a license that are loaded: a page of the API at its largest. */
const LINES_MAX = 500;
const LICENSES_MAX = 50;

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
  /** By day. */
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
  const lines = chosen.flatMap(({ license }, index) =>
    (pages[index]?.items ?? []).flatMap((line): IncomeLine[] => {
      const nano = partOf([line], account);
      return nano === 0n ? [] : [{ batch: line.batch, license: license.id, nano, time: line.time }];
    }),
  );
  const licenses = chosen.map(({ license, shares }, index) => {
    return { license, shares, nano: partOf(pages[index]?.items ?? [], account) };
  });
  return { licenses, lines, days: byDay(lines), complete };
}
