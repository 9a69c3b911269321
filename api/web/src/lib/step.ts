// Steps of a check, as the page shows them.

/** One step of a check. */
export interface Step {
  readonly title: string;
  /** `open`: there is nothing to check yet. `skipped`: a step before it failed. */
  readonly outcome: 'good' | 'bad' | 'open' | 'skipped';
  /** The finding, in sentences. */
  readonly text: string;
  /** The meaning of a failure. */
  readonly reason?: string;
}

/** A step after one that failed. */
export function skipped(title: string): Step {
  return { title, outcome: 'skipped', text: 'Not checked: a step before it failed.' };
}

/** The message of an error as a sentence. */
export function sentence(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? '' : '.'}`;
}
