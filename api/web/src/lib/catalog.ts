// All licenses, for the questions that the API answers for none alone: who holds shares, what derives from what.

import type { License } from '@farthing/sdk';
import { node } from './node.js';

/** More than this many are not loaded into a page. */
export const CATALOG_MAX = 10_000;
const PAGE = 500;

/** The licenses, ascending, and whether these are all. */
export interface Catalog {
  readonly licenses: readonly License[];
  readonly complete: boolean;
}

/** Loads the catalog. */
export async function loadCatalog(): Promise<Catalog> {
  const licenses: License[] = [];
  for await (const license of node.licenses({ limit: PAGE })) {
    if (licenses.length === CATALOG_MAX) return { licenses, complete: false };
    licenses.push(license);
  }
  return { licenses, complete: true };
}

/** The licenses that derive from one directly. */
export function derivatives({ licenses }: Catalog, parent: number): License[] {
  return licenses.filter(({ holders }) =>
    holders.some(({ holder }) => 'license' in holder && holder.license === parent),
  );
}

/** The licenses in which an account holds shares, each with the shares. */
export function holdings({ licenses }: Catalog, account: number): { license: License; shares: number }[] {
  return licenses.flatMap((license) => {
    const held = license.holders.find(({ holder }) => 'account' in holder && holder.account === account);
    return held === undefined ? [] : [{ license, shares: held.shares }];
  });
}
