// The search box: which pages a text may mean.

import type { Route } from './route.js';

/** The pages that a text may mean, the likeliest first; or why it means none. */
export type SearchResult =
  | { readonly kind: 'one'; readonly route: Route }
  | { readonly kind: 'several'; readonly routes: readonly Route[] }
  | { readonly kind: 'none'; readonly reason: string };

const NAMED = /^(account|license|licence|batch|block)e?s?\s*[#/: ]?\s*(\d+)$/i;
const NUMBER = /^#?\s*(\d[\d,]*)$/;
const HEX = /^0x[0-9a-f]*$/i;

/** Reads a text. */
export function readSearch(text: string): SearchResult {
  const wanted = text.trim();
  const named = NAMED.exec(wanted);
  if (named !== null) {
    const word = named[1]?.toLowerCase() === 'licence' ? 'license' : named[1]?.toLowerCase();
    return { kind: 'one', route: numbered(word as 'account', named[2] ?? '') };
  }
  const number = NUMBER.exec(wanted)?.[1]?.replaceAll(',', '');
  if (number !== undefined) {
    const pages = ['license', 'account', 'batch', 'block'] as const;
    return { kind: 'several', routes: pages.map((page) => numbered(page, number)) };
  }
  if (HEX.test(wanted)) {
    const digits = wanted.length - 2;
    if (digits === 40) return { kind: 'one', route: { page: 'owner', address: wanted } };
    if (digits === 64) return { kind: 'one', route: { page: 'intent', id: wanted.toLowerCase() } };
    return {
      kind: 'none',
      reason: `An L1 address has 40 hexadecimal digits, an intent has 64; this has ${digits}.`,
    };
  }
  return {
    kind: 'none',
    reason: 'Search for a number, an L1 address (0x and 40 digits), or an intent (0x and 64 digits).',
  };
}

function numbered(page: 'account' | 'license' | 'batch' | 'block', digits: string): Route {
  return { page, number: digits.replace(/^0+(?=\d)/, '') };
}
