import assert from 'node:assert/strict';
import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { Farthing } from '../src/client.js';
import { InputError } from '../src/input-error.js';
import { keyFromSeed, SecretKey } from '../src/keys.js';
import { keyFromFile, newKeyFile } from '../src/node.js';
import { Signer } from '../src/signer.js';
import { walletSeed } from '../src/wallet.js';

const DIGITS = 'aB'.repeat(32);

test('a secret is in no text that a key, a signer or a client makes', () => {
  const key = keyFromSeed(DIGITS);
  const signer = new Signer(1, key, [0n, 0n, 0n, 0n]);
  const client = new Farthing({ node: 'http://127.0.0.1:1', account: 1, key });
  for (const value of [key, signer, client, { key }, [key]]) {
    for (const text of [
      inspect(value, { depth: 9, showHidden: true }),
      JSON.stringify(value, (_, field) => (typeof field === 'bigint' ? field.toString() : field)),
      `${value}`,
    ]) {
      assert.ok(!text.toLowerCase().includes('abababab'), text);
      // The scalar is the only other secret: no run of digits is as long.
      assert.ok(!/[0-9]{60}/.test(text), text);
    }
  }
  assert.match(inspect(key), /^SecretKey\(public key 0x[0-9a-f]{80}\)$/);
});

test('errors about secrets do not quote them', () => {
  for (const seed of [
    `${DIGITS}ab`,
    `${DIGITS.slice(1)}`,
    `${DIGITS.slice(1)}g`,
    new Uint8Array(31).fill(0xab),
  ]) {
    assert.throws(
      () => keyFromSeed(seed),
      (error: unknown) =>
        error instanceof InputError && !error.message.includes('aBaB') && !error.message.includes('171'),
    );
  }
  const signature = `0x${'ab'.repeat(64)}`;
  assert.throws(
    () => walletSeed(signature),
    (error: Error) => !error.message.includes('abab'),
  );
  assert.throws(() => walletSeed(`0x${'00'.repeat(65)}`), /r or s is zero/);
  assert.throws(() => walletSeed(`0x${'01'.repeat(32)}80${'01'.repeat(32)}`), /upper half/);
});

test('keys are drawn apart', () => {
  const [a, b] = [SecretKey.generate(), SecretKey.generate()];
  assert.notEqual(a.key.publicKey, b.key.publicKey);
  assert.equal(keyFromSeed(a.seed).publicKey, a.key.publicKey);
});

test('key files are those of the command line', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'farthing-keys-'));
  try {
    const path = join(folder, 'key');
    const expected = keyFromSeed(DIGITS).publicKey;
    for (const text of [
      `0x${DIGITS}\n`,
      `0X${DIGITS}`,
      DIGITS,
      `\ufeff0x${DIGITS}\r\n`,
      `\r\n  ${DIGITS} \t\r\n\r\n`,
    ]) {
      await writeFile(path, text);
      assert.equal((await keyFromFile(path)).publicKey, expected, JSON.stringify(text));
    }
    for (const [content, message] of [
      ['', 'is empty'],
      ['\r\n \n', 'is empty'],
      [DIGITS.slice(1), '63 hexadecimal digits'],
      [`0x${DIGITS}ab`, '66 hexadecimal digits'],
      [`${DIGITS}\n${DIGITS}`, '2 lines'],
      ['{"seed":1}', 'other characters'],
      [Uint8Array.of(0xff, 0xfe, 0x30), 'is not text'],
      ['a'.repeat(5000), 'more than 4096 bytes'],
    ] as const) {
      await writeFile(path, content);
      await assert.rejects(keyFromFile(path), (error: unknown) => {
        assert.ok(error instanceof InputError && error.message.includes(message), String(error));
        return !error.message.includes('aBaB');
      });
    }
    await assert.rejects(keyFromFile(folder), /is a folder/);
    await assert.rejects(keyFromFile(join(folder, 'none')), /no such file/);
    await assert.rejects(keyFromFile(DIGITS), (error: Error) => {
      return /looks like a secret/.test(error.message) && !error.message.includes('aBaB');
    });

    const made = join(folder, 'made');
    const key = await newKeyFile(made);
    assert.equal((await keyFromFile(made)).publicKey, key.publicKey);
    assert.match(await readFile(made, 'utf8'), /^0x[0-9a-f]{64}\n$/);
    assert.equal((await stat(made)).mode & 0o777, 0o600);
    await assert.rejects(newKeyFile(made), /never overwritten/);
    await chmod(made, 0o600);
  } finally {
    await rm(folder, { recursive: true });
  }
});
