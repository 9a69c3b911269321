// Times as files of usage write them.

const SECONDS = /^([0-9]{1,13})(?:\.[0-9]+)?$/;
const DATE_TIME =
  /^([0-9]{4})-([0-9]{2})-([0-9]{2})[Tt ]([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:[.,][0-9]+)?)? ?(?:Z|z|UTC|GMT|([+-])([0-9]{2})(?::?([0-9]{2}))?)?$/;

/**
 * Unix seconds, rounded down: of seconds since some start, or of a date and a time of day, which is UTC without an
 * offset. `undefined` if the text is neither.
 */
export function secondsOf(text: string): number | undefined {
  const seconds = SECONDS.exec(text);
  if (seconds !== null) return Number(seconds[1]);
  const found = DATE_TIME.exec(text);
  if (found === null) return undefined;
  const number = (group: number): number => Number(found[group] ?? 0);
  const [year, month, day, hour, minute, second] = [1, 2, 3, 4, 5, 6].map(number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const [hours, minutes] = [number(8), number(9)];
  // A leap second is the sixty-first.
  if (hour > 23 || minute > 59 || second > 60 || hours > 23 || minutes > 59) return undefined;
  const midnight = new Date(0);
  midnight.setUTCFullYear(year, month - 1, day);
  // A day that does not exist would be one of the next month.
  if (midnight.getUTCMonth() !== month - 1 || midnight.getUTCDate() !== day) return undefined;
  const ahead = (hours * 60 + minutes) * (found[7] === '-' ? -60 : 60);
  return midnight.getTime() / 1000 + (hour * 60 + minute) * 60 + second - ahead;
}
