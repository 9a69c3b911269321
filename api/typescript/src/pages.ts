import type { PageQuery } from './paths.js';

/** A page of a list of the API. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly next_cursor?: string | null;
}

/** All items from a page on, which are asked for page by page. */
export async function* pages<T>(
  load: (query: PageQuery) => Promise<Page<T>>,
  query: PageQuery,
): AsyncGenerator<T, void> {
  let cursor = query.cursor;
  do {
    const page = await load({ ...query, cursor });
    yield* page.items;
    cursor = page.next_cursor ?? undefined;
  } while (cursor !== undefined);
}
