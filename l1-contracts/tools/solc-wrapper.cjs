#!/usr/bin/env node
// Makes solc-js answer like the native compiler, of which npm has none: forge asks for the version and
// then sends standard JSON on stdin. Sources come complete in that JSON, so there is no import callback.
'use strict';
const fs = require('node:fs');
const solc = require('solc');

if (process.argv.includes('--version')) {
  const version = solc.version().replace('.Emscripten.clang', '.Linux.g++');
  process.stdout.write(`solc, the solidity compiler commandline interface\nVersion: ${version}\n`);
} else if (process.argv.includes('--standard-json')) {
  process.stdout.write(solc.compile(fs.readFileSync(0, 'utf8')));
} else {
  process.stderr.write('solc-wrapper: only --version and --standard-json\n');
  process.exit(1);
}
