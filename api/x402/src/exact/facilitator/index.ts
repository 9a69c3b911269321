export { registerExactFarthingScheme } from './register.js';
export { type ExactFarthingFacilitatorOptions, ExactFarthingScheme } from './scheme.js';
