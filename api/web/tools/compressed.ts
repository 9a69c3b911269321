// A step of the build: beside each file its gzip and brotli form, where that is smaller.

import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import type { Plugin } from 'vite';

const CODINGS = [
  { suffix: '.gz', encode: (bytes: Buffer) => gzipSync(bytes, { level: 9 }) },
  {
    suffix: '.br',
    encode: (bytes: Buffer) =>
      brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } }),
  },
];

/** Writes the compressed forms, and says how large the application is. */
export function compressed(): Plugin {
  let folder = '';
  return {
    name: 'compressed',
    apply: 'build',
    configResolved(config) {
      folder = resolve(config.root, config.build.outDir);
    },
    closeBundle() {
      const paths = readdirSync(folder, { recursive: true }).map((name) => join(folder, String(name)));
      let [plain, gzip] = [0, 0];
      for (const path of paths.filter((path) => statSync(path).isFile())) {
        const bytes = readFileSync(path);
        plain += bytes.length;
        for (const { suffix, encode } of CODINGS) {
          const smaller = encode(bytes);
          if (suffix === '.gz') gzip += Math.min(smaller.length, bytes.length);
          if (smaller.length < bytes.length) writeFileSync(path + suffix, smaller);
        }
      }
      console.info(`web: ${kilobytes(plain)} kB, ${kilobytes(gzip)} kB by gzip`);
    },
  };
}

function kilobytes(bytes: number): string {
  return (bytes / 1000).toFixed(1);
}
