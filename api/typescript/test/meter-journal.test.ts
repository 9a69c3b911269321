import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { crc32 } from '../src/meter/crc32.js';
import { Journal, type JournalRecord } from '../src/meter/journal.js';
import { FileLock } from '../src/meter/lock.js';

function folderOf(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'farthing-journal-'));
  t.after(() => rmSync(folder, { recursive: true }));
  return folder;
}

async function opened(path: string): Promise<{ journal: Journal; numbers: unknown[] }> {
  const numbers: unknown[] = [];
  const replay = (record: JournalRecord) => void numbers.push(record['n']);
  return { journal: await Journal.open(path, { kind: 'test', replay }), numbers };
}

async function numbersIn(path: string): Promise<unknown[]> {
  const { journal, numbers } = await opened(path);
  await journal.close();
  return numbers;
}

test('the checksum is that of zlib', () => {
  assert.equal(crc32(new TextEncoder().encode('123456789')), 0xcbf43926);
  assert.equal(crc32(new Uint8Array()), 0);
});

test('records come back in order, and those of one turn share a flush', async (t) => {
  const path = join(folderOf(t), 'deep', 'journal');
  const { journal } = await opened(path);
  const applied: number[] = [];
  const each = Array.from({ length: 500 }, (_, n) => journal.append([{ n }], () => void applied.push(n)));
  await Promise.all(each);
  await journal.append([{ n: 500 }, { n: 501 }], () => void applied.push(500, 501));
  await journal.close();
  const all = Array.from({ length: 502 }, (_, n) => n);
  assert.deepEqual(applied, all);
  assert.deepEqual(await numbersIn(path), all);
  const frames = readFileSync(path).toString('latin1').split('\xffFJ1').length - 1;
  assert.equal(frames, 3, 'the head, 500 records, 2 records');
  await assert.rejects(journal.append([{ n: 1 }]), /closed/);
});

test('a cut last frame is taken off at any length, and nothing before it', async (t) => {
  const path = join(folderOf(t), 'journal');
  const { journal } = await opened(path);
  await journal.append([{ n: 1 }]);
  const whole = journal.size;
  await journal.append([{ n: 2, text: 'é'.repeat(9) }]);
  await journal.close();
  const bytes = readFileSync(path);
  for (let length = whole; length < bytes.length; length += 1) {
    writeFileSync(path, bytes.subarray(0, length));
    const { journal: found, numbers } = await opened(path);
    assert.deepEqual([numbers, found.cutBytes], [[1], length - whole], `${length} bytes`);
    await found.append([{ n: 3 }]);
    await found.close();
    assert.deepEqual(await numbersIn(path), [1, 3]);
  }
  // A crash may leave zeros, or other bytes, where the last frame was to be.
  for (const rest of [Buffer.alloc(100), bytes.subarray(whole + 1), Buffer.from('\xffFJ1', 'latin1')]) {
    writeFileSync(path, Buffer.concat([bytes.subarray(0, whole), rest]));
    assert.deepEqual(await numbersIn(path), [1]);
  }
});

test('damage before the last frame is an error, and the file stays as it is', async (t) => {
  const path = join(folderOf(t), 'journal');
  const { journal } = await opened(path);
  for (const n of [1, 2, 3]) await journal.append([{ n }]);
  await journal.close();
  const bytes = readFileSync(path);
  const last = bytes.lastIndexOf(Buffer.from('\xffFJ1', 'latin1'));
  for (let at = 0; at < last; at += 1) {
    const damaged = Buffer.from(bytes);
    damaged[at] = (damaged[at] as number) ^ 0x10;
    writeFileSync(path, damaged);
    await assert.rejects(opened(path), { code: 'outbox', message: /byte [0-9]+/ }, `byte ${at}`);
    assert.deepEqual(readFileSync(path), damaged);
  }
});

test('files of others are refused and not changed', async (t) => {
  const path = join(folderOf(t), 'journal');
  writeFileSync(path, 'the notes of somebody\n');
  await assert.rejects(opened(path), /byte 0: this is not a journal/);
  assert.equal(readFileSync(path, 'utf8'), 'the notes of somebody\n');
  rmSync(path);
  const other = await Journal.open(path, { kind: 'other', replay: () => {} });
  await other.close();
  await assert.rejects(opened(path), /not a journal of test/);
});

test('compaction keeps what it is given and what comes after', async (t) => {
  const path = join(folderOf(t), 'journal');
  const { journal } = await opened(path);
  const kept: number[] = [];
  const add = (n: number) => journal.append([{ n, filler: 'x'.repeat(100) }], () => void kept.push(n));
  const early = Array.from({ length: 50 }, (_, n) => add(n));
  await Promise.all(early);
  const before = journal.size;
  kept.splice(0, 40);
  const compacted = journal.compact(function* () {
    for (const n of kept) yield { n };
  });
  const late = add(50);
  await Promise.all([compacted, late]);
  assert.ok(journal.size < before / 2, `${journal.size} of ${before}`);
  await add(51);
  await journal.close();
  assert.deepEqual(await numbersIn(path), kept);
  assert.equal(statSync(path).mode & 0o777, 0o600);
});

test('a failed write takes nothing, and later ones go on', async (t) => {
  const path = join(folderOf(t), 'journal');
  const { journal } = await opened(path);
  await journal.append([{ n: 1 }]);
  let applied = false;
  const circular: Record<string, unknown> = {};
  circular['self'] = circular;
  const apply = () => {
    applied = true;
  };
  assert.throws(() => journal.append([circular], apply));
  const huge = journal.append([{ n: 'x'.repeat(70_000_000) }], apply);
  await assert.rejects(huge, /at most/);
  assert.ok(!applied);
  await journal.append([{ n: 2 }]);
  await journal.close();
  assert.deepEqual(await numbersIn(path), [1, 2]);
});

test('a second opening is refused, and a killed process leaves the lock', async (t) => {
  const folder = folderOf(t);
  const path = join(folder, 'journal');
  const { journal } = await opened(path);
  await assert.rejects(opened(path), new RegExp(`process ${process.pid} has it open`));
  await journal.close();
  const module = new URL('../src/meter/journal.js', import.meta.url).href;
  const code = `const { Journal } = await import(${JSON.stringify(module)});
    await Journal.open(process.argv[1], { kind: 'test', replay: () => {} });
    console.log('open');
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', code, path], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  await assert.rejects(opened(path), new RegExp(`process ${child.pid} has it open`));
  child.kill('SIGKILL');
  await once(child, 'exit');
  assert.deepEqual(await numbersIn(path), []);
  assert.deepEqual(readdirSync(folder), ['journal']);
});

test('of many that open at once, at most one has the journal', async (t) => {
  const path = join(folderOf(t), 'journal');
  const results = await Promise.allSettled(Array.from({ length: 8 }, () => opened(path)));
  const held = results.filter(({ status }) => status === 'fulfilled');
  assert.ok(held.length <= 1, `${held.length} hold it`);
  for (const result of held) {
    await (result as PromiseFulfilledResult<{ journal: Journal }>).value.journal.close();
  }
});

test('the lock of a process elsewhere holds as long as it shows life', async (t) => {
  const path = join(folderOf(t), 'journal');
  const elsewhere = `${path}.lock-0`;
  writeFileSync(elsewhere, '{"pid":1,"space":"another machine","started":"1"}');
  const beat = setInterval(() => utimesSync(elsewhere, new Date(), new Date()), 100);
  await assert.rejects(FileLock.acquire(path, 1000), {
    code: 'outbox_locked',
    message: /process 1 has it open/,
  });
  clearInterval(beat);
  await (await FileLock.acquire(path, 1000)).release();
  assert.deepEqual(readdirSync(dirname(path)), []);
});
