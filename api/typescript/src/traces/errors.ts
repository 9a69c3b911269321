import { FarthingError } from '../errors.js';

/** A file of usage that cannot be read; the rows before `line` were. */
export class InvalidTraceError extends FarthingError {
  readonly line: number;

  constructor(name: string, line: number, what: string) {
    super('invalid_trace', `${name}, line ${line}: ${what}`);
    this.line = line;
  }
}
