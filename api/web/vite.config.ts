import { fileURLToPath } from 'node:url';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vite';
import { compressed } from './tools/compressed.ts';

const sdk = fileURLToPath(new URL('../typescript/src/index.ts', import.meta.url));

export default defineConfig({
  // Relative addresses: the page works behind any prefix.
  base: './',
  plugins: [svelte(), compressed()],
  // The SDK is taken from its sources, with this package's copy of what it depends on.
  resolve: { alias: { '@farthing/sdk': sdk }, dedupe: ['@noble/hashes'] },
  build: {
    target: 'es2022',
    cssTarget: ['chrome123', 'firefox121', 'safari17.5'],
    // Every file is an asset with a hash in its name, except for the page itself.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
  server: {
    // `npm run dev` beside a node of `farthing dev`.
    proxy: Object.fromEntries(
      ['/v1', '/version', '/readyz', '/livez', '/metrics', '/docs', '/openapi.json'].map((path) => [
        path,
        process.env['FARTHING_NODE'] ?? 'http://127.0.0.1:8080',
      ]),
    ),
  },
});
