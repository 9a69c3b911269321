// A lock of a file against a second process. Each holder has a lock file with a name of its own, and two that see
// each other both give way. A file is removed only if its holder has ended, and its name is never used again: so
// a holder's lock is never taken away by mistake.

import { randomBytes } from 'node:crypto';
import { readdir, readFile, readlink, stat, unlink, utimes, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { sleep } from '../http.js';
import { OutboxError, OutboxLockedError } from './errors.js';

/** How long the lock of a process that cannot be looked up holds without a sign of life. */
const LEASE_MS = 15_000;
/** Between two signs of life. */
const BEAT_MS = 3000;
/** Between two looks at a lock file of such a process. */
const LOOK_MS = 500;
/** Two processes that start at once may both give way; they try again. */
const ATTEMPTS_MAX = 8;
/** The longest pause before that. */
const PAUSE_MAX_MS = 200;

/** Who holds a lock: enough to see on the same machine whether that process has ended. */
interface Holder {
  readonly pid: number;
  /** The machine since its start, and the space in which the process number counts; empty where unknown. */
  readonly space: string;
  /** When the process started, by its machine's clock of ticks; empty where unknown. */
  readonly started: string;
}

/** A held lock. It ends with `release`, or with the process. */
export class FileLock {
  #timer: NodeJS.Timeout | undefined;
  #beatMs = performance.now();

  private constructor(
    private readonly file: string,
    private readonly locked: string,
  ) {
    this.#timer = setInterval(() => void this.#beat().catch(() => undefined), BEAT_MS);
    this.#timer.unref();
  }

  /** Locks a file, which need not exist; fails if another process holds it. */
  static async acquire(path: string, leaseMs = LEASE_MS): Promise<FileLock> {
    const prefix = `${basename(path)}.lock-`;
    const own = join(dirname(path), `${prefix}${randomBytes(8).toString('hex')}`);
    const holder = JSON.stringify(await thisProcess());
    for (let attempt = 1; ; attempt += 1) {
      await writeFile(own, holder, { flag: 'wx', mode: 0o600 });
      const other = await liveOther(dirname(path), prefix, own, leaseMs).catch(async (error: unknown) => {
        await unlink(own);
        throw error;
      });
      if (other === undefined) return new FileLock(own, path);
      await unlink(own);
      if (attempt === ATTEMPTS_MAX) {
        throw new OutboxLockedError(
          `${path}: ${other.pid === 0 ? 'another process' : `process ${other.pid}`} has it open, and two ` +
            'meters would pay twice: end that process, or ' +
            'give this one a journal of its own',
        );
      }
      await sleep(Math.random() * PAUSE_MAX_MS);
    }
  }

  /** Fails if the lock was lost: this process was stopped for longer than others wait. */
  async check(): Promise<void> {
    if (performance.now() - this.#beatMs > LEASE_MS / 2) await this.#beat();
  }

  async release(): Promise<void> {
    clearInterval(this.#timer);
    await unlink(this.file).catch(() => undefined);
  }

  async #beat(): Promise<void> {
    const now = new Date();
    try {
      await utimes(this.file, now, now);
    } catch (cause) {
      throw new OutboxError(
        `${this.locked}: the lock file ${this.file} is gone, another process may write`,
        cause,
      );
    }
    this.#beatMs = performance.now();
  }
}

/** A live holder beside `own`. Lock files of processes that have ended are removed. */
async function liveOther(
  folder: string,
  prefix: string,
  own: string,
  leaseMs: number,
): Promise<Holder | undefined> {
  for (const name of await readdir(folder)) {
    const file = join(folder, name);
    if (!name.startsWith(prefix) || file === own) continue;
    const holder = await holderOf(file);
    if (holder === 'gone') continue;
    if (await isAlive(file, holder, leaseMs)) return holder ?? { pid: 0, space: '', started: '' };
    await unlink(file).catch(() => undefined);
  }
  return undefined;
}

/** The holder in a lock file; `undefined` if the file is not whole. */
async function holderOf(file: string): Promise<Holder | undefined | 'gone'> {
  try {
    const { pid, space, started } = JSON.parse(await readFile(file, 'utf8')) as Holder;
    return Number.isSafeInteger(pid) && pid > 0 ? { pid, space, started } : undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'gone' : undefined;
  }
}

async function isAlive(file: string, holder: Holder | undefined, leaseMs: number): Promise<boolean> {
  const own = await thisProcess();
  if (holder !== undefined && holder.space !== '' && holder.space === own.space) {
    return (await startOf(holder.pid)) === holder.started;
  }
  // Another machine's process, or one of another container: its number says nothing here.
  const first = await changeOf(file);
  for (let waitedMs = 0; first !== undefined && waitedMs < leaseMs; waitedMs += LOOK_MS) {
    await sleep(LOOK_MS);
    const now = await changeOf(file);
    if (now === undefined) return false;
    if (now !== first) return true;
  }
  return false;
}

async function changeOf(file: string): Promise<number | undefined> {
  return stat(file).then(
    ({ mtimeMs }) => mtimeMs,
    () => undefined,
  );
}

async function thisProcess(): Promise<Holder> {
  const { pid } = process;
  try {
    const machine = (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim();
    const space = `${machine} ${await readlink('/proc/self/ns/pid')}`;
    return { pid, space, started: (await startOf(pid)) ?? '' };
  } catch {
    // Other systems have no /proc: there the lease decides.
    return { pid, space: '', started: '' };
  }
}

/** When a process of this machine started; `undefined` if it has ended. */
async function startOf(pid: number): Promise<string | undefined> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  // The name of the program, in parentheses, may have spaces. The start is the 22nd field, the state the third.
  const fields = text?.slice(text.lastIndexOf(')') + 2).split(' ');
  return fields === undefined || fields[0] === 'Z' ? undefined : fields[19];
}
