// The node that served this page.

import { Farthing } from '@farthing/sdk';

/** Its address, with the prefix under which the page is. */
export const base = new URL('.', document.baseURI).href;

/** A client that reads. */
export const node = new Farthing({ node: base, retries: 2, timeoutMs: 15_000 });
