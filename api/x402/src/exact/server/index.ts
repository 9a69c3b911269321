export { registerExactFarthingScheme } from './register.js';
export { ExactFarthingScheme, type ExactFarthingServerOptions } from './scheme.js';
