// Usage as the APIs of models report it, in a whole answer or in a stream of server-sent events. It knows the forms
// of OpenAI (chat completions, responses), Anthropic (messages) and Gemini.

import type { UsageEvent } from '../meter/event.js';

/** Tokens that count: the generated ones, or those of the context too. */
export type Units = 'generated' | 'total';

/** The part of a meter that adapters use. */
export interface Recorder {
  record(event: UsageEvent): Promise<boolean>;
}

/** Told of an event that could not be recorded; there is none yet where an extractor failed. */
export type OnError = (error: unknown, event: UsageEvent | undefined) => void;

const GENERATED = ['completion_tokens', 'output_tokens', 'candidatesTokenCount'];
const CONTEXT = ['prompt_tokens', 'input_tokens', 'promptTokenCount'];
/** Answers inside answers: deeper ones are not of these APIs. */
const DEPTH_MAX = 4;

/** The usage that one answer reported so far. Counts of a stream only grow, so the last one holds. */
export class UsageReport {
  /** The answer's own id. */
  id: string | undefined;
  model: string | undefined;
  generated = 0;
  context = 0;
  /** Whether the answer reported an error. */
  failed = false;

  /** Takes one document of the answer; what it does not know it passes over. */
  feed(document: unknown, depth = 0): void {
    if (!isObject(document) || depth > DEPTH_MAX) return;
    if (!isBlank(document['error'])) this.failed = true;
    // An event of a stream wraps the answer: `message` of Anthropic, `response` of OpenAI.
    for (const name of ['message', 'response']) this.feed(document[name], depth + 1);
    this.id ??= textOf(document, 'id', 'responseId');
    this.model ??= textOf(document, 'model', 'modelVersion');
    for (const name of ['usage', 'usageMetadata']) {
      const usage = document[name];
      if (!isObject(usage)) continue;
      this.generated = Math.max(this.generated, countOf(usage, GENERATED));
      this.context = Math.max(this.context, countOf(usage, CONTEXT));
    }
  }

  /** The units of the call. */
  units(units: Units = 'generated'): number {
    return this.generated + (units === 'total' ? this.context : 0);
  }
}

/** The first of some counts that an object has; 0 if it has none. */
export function countOf(values: Readonly<Record<string, unknown>>, names: readonly string[]): number {
  for (const name of names) {
    const value = values[name];
    if (typeof value === 'number' && Number.isSafeInteger(value) && value > 0) return value;
  }
  return 0;
}

/** The first of some texts that an object has and that is not empty. */
export function textOf(values: Readonly<Record<string, unknown>>, ...names: string[]): string | undefined {
  const texts = names.map((name) => values[name]);
  return texts.find((value): value is string => typeof value === 'string' && value !== '');
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What JSON has in the place of nothing: some servers write an empty error into each answer. */
function isBlank(value: unknown): boolean {
  return typeof value === 'object' && value !== null ? Object.keys(value).length === 0 : !value;
}

/** Warns of an event that is not recorded: it is not paid. */
export const warnOfLoss: OnError = (error, event) => {
  const what =
    event === undefined ? 'an extractor failed' : `event ${JSON.stringify(event.id)} is not recorded`;
  process.emitWarning(`${what}: ${reasonOf(error)}`, 'FarthingWarning');
};

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Records an event. Nothing of it is thrown into the platform, not even what `onError` throws. */
export async function recordOr(onError: OnError, meter: Recorder, event: UsageEvent): Promise<void> {
  try {
    await meter.record(event);
  } catch (error) {
    tell(onError, error, event);
  }
}

/** Tells of a failure. */
export function tell(onError: OnError, error: unknown, event: UsageEvent | undefined): void {
  try {
    onError(error, event);
  } catch (failure) {
    process.emitWarning(`onError failed: ${reasonOf(failure)}`, 'FarthingWarning');
  }
}
