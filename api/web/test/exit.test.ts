import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nextStep } from '../src/lib/exit-step.js';

const request = { index: 4n, deadline: 1_000, consumed: false };
const state = { time: 900, frozen: false, escaped: false, request };

test('the steps out come in the order of the contract', () => {
  assert.equal(nextStep({ ...state, request: undefined }), 'request');
  assert.equal(nextStep(state), 'wait');
  assert.equal(nextStep({ ...state, request: { ...request, consumed: true } }), 'claim');
  assert.equal(nextStep({ ...state, time: 1_000 }), 'wait', 'the deadline itself has not passed');
  assert.equal(nextStep({ ...state, time: 1_001 }), 'freeze');
  assert.equal(nextStep({ ...state, frozen: true }), 'escape');
  assert.equal(nextStep({ ...state, frozen: true, request: undefined }), 'escape');
  assert.equal(nextStep({ ...state, frozen: true, escaped: true }), 'done');
});
