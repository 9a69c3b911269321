// An error in words for people.

import { ConnectionError, FarthingError, ProblemError, TimeoutError } from '@farthing/sdk';

/** What a page says of an error. */
export interface Failure {
  readonly title: string;
  readonly detail: string | undefined;
  /** What an operator needs to find the request. */
  readonly facts: readonly string[];
  /** Whether the thing asked for is not there. */
  readonly absent: boolean;
}

/** Puts an error into words. */
export function failureOf(error: unknown): Failure {
  if (error instanceof ProblemError) {
    const { code, status, requestId } = error;
    const facts = [`code ${code}`, ...(requestId == null ? [] : [`request ${requestId}`])];
    return {
      title: error.title.replace(/\.$/, ''),
      detail: error.detail ?? undefined,
      facts,
      absent: status === 404,
    };
  }
  if (error instanceof ConnectionError || error instanceof TimeoutError) {
    const detail =
      'It may be restarting, or the network between you and it is down. This page asks again by itself.';
    return { title: 'The node does not answer', detail, facts: [], absent: false };
  }
  if (error instanceof FarthingError) {
    return { title: error.message, detail: undefined, facts: [`code ${error.code}`], absent: false };
  }
  const detail = error instanceof Error ? error.message : String(error);
  return { title: 'This page has failed', detail, facts: [], absent: false };
}
