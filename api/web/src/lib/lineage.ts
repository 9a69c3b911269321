// A license with all of its ancestors.

import type { License } from '@farthing/sdk';
import { missingParents } from './flow.js';
import { node } from './node.js';

/** Loads a license and its ancestors, generation by generation. */
export async function loadLineage(id: string): Promise<ReadonlyMap<number, License>> {
  const first = await node.license(id);
  const known = new Map([[first.id, first]]);
  for (let next = missingParents(known); next.length > 0; next = missingParents(known)) {
    for (const license of await Promise.all(next.map((id) => node.license(id))))
      known.set(license.id, license);
  }
  return known;
}
