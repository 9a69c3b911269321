// Versions of a license: what its licensor set, from which batch on each counts, and how the price went.

import type { LicenseVersionLine } from '../../../typescript/src/index.js';

/** As much of a version as counts here. */
export type Version = Pick<
  LicenseVersionLine,
  'batch' | 'price' | 'derivative_shares' | 'status' | 'licensee' | 'provenance'
>;

/** A version with the first batch whose payments it is for. */
export interface CountingVersion extends Version {
  readonly from: bigint;
  /** Its differences to the version before, in words. Empty for a version as registered. */
  readonly changes: readonly string[];
}

/** Versions that were loaded, newest first, and whether these are all. */
export interface History {
  readonly versions: readonly CountingVersion[];
  readonly complete: boolean;
}

const NANO_PER_TOKEN = 1e9;

/** Reads at most `most` versions of a list that begins with the newest. */
export async function readHistory(list: AsyncIterable<Version>, most: number): Promise<History> {
  const lines: Version[] = [];
  for await (const line of list) {
    if (lines.length === most) return { versions: counting(lines, false), complete: false };
    lines.push(line);
  }
  return { versions: counting(lines, true), complete: true };
}

/** A registered version counts in its own batch, an updated one from the next on. */
function counting(lines: readonly Version[], complete: boolean): CountingVersion[] {
  return lines.map((line, index) => {
    const before = lines[index + 1];
    const isRegistration = before === undefined && complete;
    const from = BigInt(line.batch) + (isRegistration ? 0n : 1n);
    return { ...line, from, changes: before === undefined ? [] : changesOf(before, line) };
  });
}

/** The fields in which a version differs from the one before. */
function changesOf(before: Version, after: Version): string[] {
  const changed: [string, boolean][] = [
    ['price', before.price !== after.price],
    ['status', before.status !== after.status],
    ['licensee', (before.licensee ?? null) !== (after.licensee ?? null)],
    ['derivative shares', before.derivative_shares !== after.derivative_shares],
    ['provenance', before.provenance !== after.provenance],
  ];
  return changed.filter(([, differs]) => differs).map(([name]) => name);
}

/** The price from each of its changes to the open batch, oldest first, in tokens: for pictures. */
export function priceCourse(
  versions: readonly CountingVersion[],
  open: bigint,
): { batch: number; tokens: number }[] {
  const points = [...versions]
    .reverse()
    .map(({ from, price }) => ({ batch: Number(from), tokens: Number(price) / NANO_PER_TOKEN }))
    .filter(({ tokens }, index, all) => index === 0 || all[index - 1]?.tokens !== tokens);
  const last = points.at(-1);
  if (last === undefined || Number(open) <= last.batch) return points;
  return [...points, { ...last, batch: Number(open) }];
}

const STATUSES = { active: 'Active', paused: 'Paused', retired: 'Retired' } as const;

/** The status in a word. */
export function statusText(status: Version['status']): string {
  return STATUSES[status];
}

/** The reason why payments to a license are refused, to all or to most; `undefined` if it is open. */
export function restriction({
  status,
  licensee,
}: Pick<Version, 'status' | 'licensee'>): { readonly title: string; readonly text: string } | undefined {
  if (status === 'paused') {
    return {
      title: 'It is paused',
      text: 'Payments to it and new derivatives are refused until its licensor makes it active. Derivatives that it has still pay it its part.',
    };
  }
  if (status === 'retired') {
    return {
      title: 'It is retired',
      text: 'Payments to it and new derivatives are refused for good. Derivatives that it has still pay it its part.',
    };
  }
  if (licensee == null) return undefined;
  return {
    title: 'It is private',
    text: `Account ${licensee} alone may pay it, at the price agreed. Nothing new derives from it.`,
  };
}
