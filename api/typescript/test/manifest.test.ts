import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { utf8 } from '../src/bytes.js';
import { InputError } from '../src/input-error.js';
import { canonicalManifest, manifestHash } from '../src/manifest.js';

interface Vectors {
  manifests: { name: string; text: string; canonical: string; sha256: string }[];
  refused: { name: string; text: string }[];
}

const file = new URL('../../../manifest/vectors/manifests.json', import.meta.url);
const vectors = JSON.parse(readFileSync(file, 'utf8')) as Vectors;

test('the vectors of all implementations hold', () => {
  assert.ok(vectors.manifests.length >= 3);
  for (const { name, text, canonical, sha256 } of vectors.manifests) {
    assert.equal(canonicalManifest(text), canonical, name);
    assert.equal(manifestHash(utf8(text)), `0x${sha256}`, name);
  }
});

test('text without one hash is refused', () => {
  assert.ok(vectors.refused.length >= 15);
  const large = `${' '.repeat(65_535)}{}`;
  const bytes = [Uint8Array.of(0xff), Uint8Array.of(0xef, 0xbb, 0xbf, 0x7b, 0x7d)];
  const texts = [
    ...vectors.refused.map(({ text }) => text),
    '['.repeat(60_000),
    '9'.repeat(60_000),
    large,
    ...bytes,
  ];
  for (const text of texts) {
    assert.throws(
      () => manifestHash(text),
      InputError,
      typeof text === 'string' ? text.slice(0, 40) : undefined,
    );
  }
});

test('members are sorted by UTF-16, and text has the fewest escapes', () => {
  const text = '{"\ufb33": 1, "\u{1f600}": {"b": [true, "a:\\"-1.5e3"], "__proto__": "\\u000f"}}';
  const expected = '{"\u{1f600}":{"__proto__":"\\u000f","b":[true,"a:\\"-1.5e3"]},"\ufb33":1}';
  assert.equal(canonicalManifest(text), expected);
});
