export { registerExactFarthingScheme } from './register.js';
export { type ExactFarthingClientOptions, ExactFarthingScheme } from './scheme.js';
