// Times as people read them. The API has Unix seconds.

const STEPS = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
  ['second', 1],
] as const;

/** The time between two moments in its largest unit: `3 minutes`. */
export function spanText(seconds: number): string {
  const size = Math.abs(Math.trunc(seconds));
  const [unit, length] = STEPS.find(([, length]) => size >= length) ?? (['second', 1] as const);
  const count = Math.trunc(size / length);
  return `${count} ${unit}${count === 1 ? '' : 's'}`;
}

/** A moment as seen from another one: `3 minutes ago`, `in 2 days`. */
export function agoText(time: number, now: number): string {
  const past = now - time;
  if (Math.abs(past) < 1) return 'now';
  return past > 0 ? `${spanText(past)} ago` : `in ${spanText(past)}`;
}

/** A moment in UTC: `2026-11-29 21:04:07 UTC`. */
export function momentText(time: number): string {
  return new Date(time * 1000)
    .toISOString()
    .replace('T', ' ')
    .replace(/\.\d+Z$/, ' UTC');
}

/** The day of a moment in UTC: `2026-11-29`. */
export function dayText(time: number): string {
  return new Date(time * 1000).toISOString().slice(0, 10);
}
