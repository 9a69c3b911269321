import assert from 'node:assert/strict';
import { test } from 'node:test';
import { snippets } from '../src/lib/snippets.js';

test('every program has the numbers of its platform', () => {
  const made = snippets({ node: 'https://host/farthing', account: 17, license: 23, uses: 400 });
  assert.deepEqual(
    made.map((one) => one.name),
    ['TypeScript', 'Python', 'Rust', 'curl'],
  );
  for (const { name, text } of made) {
    for (const value of ['https://host/farthing', '17', '23', '400'])
      assert.ok(text.includes(value), `${name}: ${value}`);
    assert.ok(!text.includes('undefined'), name);
  }
});
