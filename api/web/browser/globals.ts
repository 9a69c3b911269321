// Node 18, which is Debian 12's, has no global `crypto`; later ones and browsers do.

import { webcrypto } from 'node:crypto';

globalThis.crypto ??= webcrypto as Crypto;
