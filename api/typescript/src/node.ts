// Key files, for Node: the same that `farthing keys` reads and writes. Browsers have no files, so this is a
// module of its own, `@farthing/sdk/node`.

import { open, stat } from 'node:fs/promises';
import { toHex } from './bytes.js';
import { InputError } from './input-error.js';
import { SecretKey } from './keys.js';

/** The largest key file: a key, and as much white space and marks as editors add. */
const FILE_BYTES_MAX = 4096;

/** The key in a file: 64 hexadecimal digits, `0x` before them or not. Errors never quote the file. */
export async function keyFromFile(path: string): Promise<SecretKey> {
  const text = await readPrivate(path);
  const lines = text
    .split(/\r\n|\r|\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const [line] = lines;
  if (line === undefined) throw new InputError(`${path}: is empty, expected 64 hexadecimal digits`);
  if (lines.length > 1) {
    throw new InputError(`${path}: holds ${lines.length} lines, expected one of 64 hexadecimal digits`);
  }
  const digits = line.replace(/^0[xX]/, '');
  if (!/^[0-9a-fA-F]*$/.test(digits)) {
    throw new InputError(`${path}: holds other characters, expected 64 hexadecimal digits`);
  }
  if (digits.length !== 64) {
    throw new InputError(`${path}: holds ${digits.length} hexadecimal digits, expected 64`);
  }
  return SecretKey.fromSeed(digits);
}

async function readPrivate(path: string): Promise<string> {
  // A secret in the place of a path is not repeated.
  if (/^(?:0[xX])?[0-9a-fA-F]{64}$/.test(path.trim())) {
    throw new InputError(
      'this looks like a secret key; a key is taken from a file: give the path of the file',
    );
  }
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => {
    throw new InputError(
      `${path}: ${error.code === 'ENOENT' ? 'no such file' : `cannot be read (${error.code})`}`,
    );
  });
  if (found.isDirectory()) throw new InputError(`${path}: is a folder, expected a file`);
  const file = await open(path).catch((error: NodeJS.ErrnoException) => {
    throw new InputError(`${path}: cannot be read by this user (${error.code})`);
  });
  try {
    const bytes = new Uint8Array(FILE_BYTES_MAX + 1);
    const { bytesRead } = await file.read(bytes, 0, bytes.length, null);
    if (bytesRead > FILE_BYTES_MAX) {
      throw new InputError(`${path}: has more than ${FILE_BYTES_MAX} bytes, the most that is read`);
    }
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(0, bytesRead));
  } catch (error) {
    if (error instanceof TypeError) throw new InputError(`${path}: is not text in UTF-8`);
    throw error;
  } finally {
    await file.close();
  }
}

/** Makes a key, writes its seed to a new file that its owner alone can read, and returns it. */
export async function newKeyFile(path: string): Promise<SecretKey> {
  const { key, seed } = SecretKey.generate();
  const file = await open(path, 'wx', 0o600).catch((error: NodeJS.ErrnoException) => {
    const why =
      error.code === 'EEXIST'
        ? 'exists, and a key is never overwritten'
        : `cannot be written (${error.code})`;
    throw new InputError(`${path}: ${why}`);
  });
  try {
    await file.writeFile(`${toHex(seed)}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  return key;
}
