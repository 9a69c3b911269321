#!/usr/bin/env node
// deployment.cjs: runs script/Deploy.s.sol against anvil under today's rules, as README.md says, and asks the rollup
// who and what it was made with.
'use strict';
const { execFileSync, spawn, spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

const root = path.join(__dirname, '..');
const tool = (name) => path.join(root, 'node_modules', '@foundry-rs', `${name}-linux-amd64`, 'bin', name);
// The first account of anvil's well-known words, and others by number.
const key = '0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80';
const account = (n) => `0x${n.toString(16).padStart(40, '0')}`;
// The words 1 to 5, as `farthing keys show` prints a key.
const operatorKey = `0x${[1, 2, 3, 4, 5].map((word) => word.toString(16).padStart(16, '0')).join('')}`;
const [operator, guardian, governor, operatorOwner] = [1, 2, 3, 4].map((n) => account(0xfa0 + n));

function check(what, got, expected) {
  if (got.toLowerCase() !== expected.toLowerCase()) throw new Error(`${what} is ${got}, not ${expected}`);
  console.log(`${what}: ${got}`);
}

function deploy(url) {
  const run = (...command) => execFileSync(tool('cast'), command, { encoding: 'utf8' }).trim();
  const cast = (command, ...rest) => run(command, '--rpc-url', url, ...rest);
  const { bytecode } = JSON.parse(fs.readFileSync(path.join(root, 'artifacts', 'DevToken.json'), 'utf8'));
  const receipt = JSON.parse(cast('send', '--json', '--private-key', key, '--create', bytecode));
  const token = receipt.contractAddress;
  const environment = {
    ...process.env,
    FARTHING_TOKEN: token,
    FARTHING_OPERATOR: operator,
    FARTHING_GUARDIAN: guardian,
    FARTHING_GOVERNOR: governor,
    FARTHING_OPERATOR_KEY: operatorKey,
    FARTHING_OPERATOR_OWNER: operatorOwner,
  };
  delete environment.FARTHING_VERIFIER;
  const script = ['script', 'script/Deploy.s.sol', '--rpc-url', url, '--private-key', key, '--broadcast', '--json'];
  // A key of another form is an error before anything is sent.
  for (const wrong of ['1,2,3,4,5', operatorKey.slice(0, -2), `${operatorKey}00`]) {
    const env = { ...environment, FARTHING_OPERATOR_KEY: wrong };
    const refused = spawnSync(tool('forge'), script, { cwd: root, env, encoding: 'utf8' });
    check(`a key ${wrong.slice(0, 10)}… of ${wrong.length} letters`, refused.status === 0 ? 'deployed' : 'refused', 'refused');
  }
  const said = execFileSync(tool('forge'), script, { cwd: root, env: environment, encoding: 'utf8' });
  const { returns } = said.split('\n').filter((line) => line.startsWith('{')).map((line) => JSON.parse(line)).find((line) => line.returns);
  const rollup = returns.rollup.value;
  const ask = (call) => cast('call', rollup, call);
  check('token', ask('token()(address)'), token);
  check('operator', ask('operator()(address)'), operator);
  check('guardian', ask('guardian()(address)'), guardian);
  const timelock = ask('timelock()(address)');
  const isGovernor = cast('call', timelock, 'hasRole(bytes32,address)(bool)', run('keccak', 'PROPOSER_ROLE'), governor);
  check('the governor proposes', isGovernor, 'true');
  check('delay of changes', cast('call', timelock, 'getMinDelay()(uint256)').split(' ')[0], String(17 * 86400));
  // The verifier it deployed: it refuses what is no proof.
  const verifier = ask('verifier()(address)');
  check('an empty proof', cast('call', verifier, 'verify(bytes,bytes)(bool)', '0x', '0x'), 'false');
  check('least deposit', ask('leastDeposit()(uint64)').split(' ')[0], '10000');
  check('hash of the verifier\'s code', ask('verifierCodehash()(bytes32)'), run('keccak', cast('code', verifier)));
  check('next batch', ask('nextBatch()(uint64)'), '0');
}

const anvil = spawn(tool('anvil'), ['--port', '0', '--hardfork', 'osaka', '--enable-tx-gas-limit']);
let said = '';
anvil.stdout.on('data', (bytes) => {
  said += bytes;
  const port = /Listening on 127\.0\.0\.1:(\d+)/.exec(said);
  if (!port) return;
  anvil.stdout.removeAllListeners('data');
  anvil.stdout.resume();
  try {
    deploy(`http://127.0.0.1:${port[1]}`);
  } catch (error) {
    console.error(`deployment: ${error.message.slice(0, 2000)}`);
    process.exitCode = 1;
  }
  anvil.kill();
});
anvil.on('exit', () => {
  if (!/Listening/.test(said)) {
    console.error('deployment: anvil did not start; run scripts/setup');
    process.exitCode = 1;
  }
});
