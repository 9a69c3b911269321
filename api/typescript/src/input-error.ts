import { FarthingError } from './errors.js';

/** What is wrong with an argument. */
export type InputCode = 'invalid_amount' | 'invalid_holders' | 'invalid_argument';

/** An argument, or a field of a document, that breaks a rule. Nothing was sent. */
export class InputError extends FarthingError {
  constructor(message: string, code: InputCode = 'invalid_argument') {
    super(code, message);
  }
}
