// Addresses inside the page. They are in the fragment, so that every prefix and every proxy works.

/** A page with its parameter. Numbers stay text: batch numbers exceed what a JavaScript number holds. */
export type Route =
  | PlainRoute<'overview' | 'batches' | 'blocks' | 'licenses' | 'accounts' | 'creator' | 'exit' | 'platform'>
  | NumberedRoute<'batch' | 'block' | 'license' | 'account'>
  | { readonly page: 'intent'; readonly id: string }
  /** With an intent, whose receipt is asked for. */
  | { readonly page: 'verify'; readonly id?: string }
  | { readonly page: 'owner'; readonly address: string }
  | { readonly page: 'search'; readonly text: string }
  | { readonly page: 'missing'; readonly path: string };

/** A route for each of several pages: so that they are told apart one by one. */
type PlainRoute<Page extends string> = Page extends string ? { readonly page: Page } : never;
type NumberedRoute<Page extends string> = Page extends string
  ? { readonly page: Page; readonly number: string }
  : never;

const LISTS = {
  batches: 'batch',
  blocks: 'block',
  licenses: 'license',
  accounts: 'account',
} as const;
/** Pages without a parameter that are no list. */
const SINGLE = ['creator', 'exit', 'platform'] as const;
const NUMBER = /^(?:0|[1-9]\d{0,19})$/;
const INTENT = /^0x[0-9a-fA-F]{64}$/;
const ADDRESS = /^0x[0-9a-fA-F]{40}$/;

function isList(text: string): text is keyof typeof LISTS {
  return Object.hasOwn(LISTS, text);
}

/** Reads a fragment, such as `#/batches/7`. */
export function parseRoute(hash: string): Route {
  const path = hash.replace(/^#/, '');
  const missing: Route = { page: 'missing', path };
  let parts: string[];
  try {
    parts = path.split('/').filter(Boolean).map(decodeURIComponent);
  } catch {
    return missing;
  }
  const [first, second, ...more] = parts;
  if (more.length > 0) return missing;
  if (first === undefined) return { page: 'overview' };
  if (first === 'verify' && second === undefined) return { page: 'verify' };
  if (first === 'verify' && INTENT.test(second ?? ''))
    return { page: 'verify', id: (second ?? '').toLowerCase() };
  const single = SINGLE.find((page) => page === first);
  if (second === undefined)
    return single !== undefined ? { page: single } : isList(first) ? { page: first } : missing;
  if (isList(first) && NUMBER.test(second)) return { page: LISTS[first], number: second };
  if (first === 'intents' && INTENT.test(second)) return { page: 'intent', id: second.toLowerCase() };
  if (first === 'owners' && ADDRESS.test(second)) return { page: 'owner', address: second };
  if (first === 'search') return { page: 'search', text: second };
  return missing;
}

/** The fragment of a page. */
export function hrefOf(route: Route): string {
  switch (route.page) {
    case 'overview':
      return '#/';
    case 'batch':
      return `#/batches/${route.number}`;
    case 'block':
    case 'license':
    case 'account':
      return `#/${route.page}s/${route.number}`;
    case 'intent':
      return `#/intents/${route.id}`;
    case 'verify':
      return route.id === undefined ? '#/verify' : `#/verify/${route.id}`;
    case 'owner':
      return `#/owners/${route.address}`;
    case 'search':
      return `#/search/${encodeURIComponent(route.text)}`;
    case 'missing':
      return `#${route.path}`;
    default:
      return `#/${route.page}`;
  }
}
