// The text of an event stream, as the HTML standard reads it (section 9.2, "Server-sent events").

import type { StreamedEvent } from './api.js';
import { UnexpectedAnswerError } from './errors.js';
import type { FarthingEvent } from './webhook.js';

/** Reads blocks of lines over any number of connections, and knows the place after the last whole block. */
export class EventReader {
  /** The pause before the stream is opened again, if the node named one. */
  pauseMs: number | undefined;
  #place: string | undefined;
  #decoder = new TextDecoder();
  #rest = '';
  #data: string[] = [];
  #id: string | undefined;

  /** Headers of the next connection: it goes on after the last block. */
  headers(): Record<string, string> {
    return this.#place === undefined ? {} : { 'Last-Event-ID': this.#place };
  }

  /** Begins a connection, and forgets the block that the last one left unfinished. */
  begin(): void {
    this.#decoder = new TextDecoder();
    this.#rest = '';
    this.#data = [];
    this.#id = undefined;
  }

  /** Yields the events that these bytes complete. */
  *read(bytes: Uint8Array): Generator<StreamedEvent> {
    this.#rest += this.#decoder.decode(bytes, { stream: true });
    for (;;) {
      // A carriage return at the end may be the first half of a line end.
      const end = /\r\n|\n|\r(?!$)/.exec(this.#rest);
      if (end === null) return;
      const line = this.#rest.slice(0, end.index);
      this.#rest = this.#rest.slice(end.index + end[0].length);
      const event = line === '' ? this.#block() : this.#field(line);
      if (event !== undefined) yield event;
    }
  }

  #field(line: string): undefined {
    const colon = line.indexOf(':');
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (name === 'data') this.#data.push(value);
    else if (name === 'id' && !value.includes('\0')) this.#id = value;
    else if (name === 'retry' && /^[0-9]{1,6}$/.test(value)) this.pauseMs = Number(value);
  }

  /** The end of a block. Only now its id counts: a block that is cut off is told again. */
  #block(): StreamedEvent | undefined {
    const data = this.#data.join('\n');
    this.#data = [];
    this.#place = this.#id ?? this.#place;
    this.#id = undefined;
    return data === '' ? undefined : { ...eventOf(data), place: this.#place ?? '' };
  }
}

function eventOf(data: string): FarthingEvent {
  try {
    return JSON.parse(data) as FarthingEvent;
  } catch (cause) {
    throw new UnexpectedAnswerError(200, 'an event of the stream is not JSON', { cause });
  }
}
