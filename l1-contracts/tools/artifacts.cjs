#!/usr/bin/env node
// artifacts.cjs [--check]: trims what `forge build` made to ABI and bytecode, in artifacts/, so that cargo needs
// neither Node nor forge. --check compares instead and fails if a committed file is not what the source gives.
'use strict';
const fs = require('node:fs');
const path = require('node:path');

const root = path.join(__dirname, '..');
const contracts = ['Rollup', 'RollupTimelock', 'Verifier', 'DevToken'];
const check = process.argv.includes('--check');
// EIP-170 and EIP-3860.
const runtimeBytesMax = 24576;
const initcodeBytesMax = 49152;

let failed = false;
for (const name of contracts) {
  const built = path.join(root, 'out', `${name}.sol`, `${name}.json`);
  if (!fs.existsSync(built)) {
    if (fs.existsSync(path.join(root, 'artifacts', `${name}.json`))) {
      console.error(`artifacts: ${name} is not built`);
      failed = true;
    }
    continue;
  }
  const { abi, bytecode, deployedBytecode } = JSON.parse(fs.readFileSync(built, 'utf8'));
  const bytes = (code) => (code.object.length - 2) / 2;
  const [runtime, initcode] = [bytes(deployedBytecode), bytes(bytecode)];
  if (runtime > runtimeBytesMax || initcode > initcodeBytesMax) {
    console.error(`artifacts: ${name} is too large: ${runtime} bytes, ${initcode} to deploy`);
    failed = true;
  }
  const kept = { contractName: name, abi, bytecode: bytecode.object };
  // Without immutables, what is deployed is known beforehand.
  if (name === 'Verifier') kept.deployedBytecode = deployedBytecode.object;
  const text = `${JSON.stringify(kept, null, 1)}\n`;
  const file = path.join(root, 'artifacts', `${name}.json`);
  if (check) {
    if (!fs.existsSync(file) || fs.readFileSync(file, 'utf8') !== text) {
      console.error(`artifacts: artifacts/${name}.json is not what the source gives; write it with cargo xtask codegen artifacts`);
      failed = true;
    }
  } else {
    fs.writeFileSync(file, text);
  }
  console.log(`${name}: ${runtime} bytes, ${initcode} to deploy`);
}
process.exit(failed ? 1 : 0);
