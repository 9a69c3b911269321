import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hrefOf, parseRoute, type Route } from '../src/lib/route.js';
import { readSearch } from '../src/lib/search.js';

const INTENT = `0x${'ab'.repeat(32)}`;
const ADDRESS = `0x${'Ab'.repeat(20)}`;

test('every page has an address that leads to it', () => {
  const routes: Route[] = [
    { page: 'overview' },
    { page: 'batches' },
    { page: 'blocks' },
    { page: 'licenses' },
    { page: 'accounts' },
    { page: 'creator' },
    { page: 'exit' },
    { page: 'verify' },
    { page: 'verify', id: `0x${'ab'.repeat(32)}` },
    { page: 'platform' },
    { page: 'batch', number: '4611686018427387903' },
    { page: 'block', number: '1' },
    { page: 'license', number: '0' },
    { page: 'account', number: '7' },
    { page: 'intent', id: INTENT },
    { page: 'owner', address: ADDRESS },
    { page: 'search', text: 'a/b ?#%<script>' },
  ];
  for (const route of routes) assert.deepEqual(parseRoute(hrefOf(route)), route);
});

test('an address that names no page says so', () => {
  for (const hash of [
    '#/nowhere',
    '#/batches/x',
    '#/batches/01',
    '#/licenses/1/2',
    '#/intents/0x12',
    '#/%ff',
  ]) {
    assert.equal(parseRoute(hash).page, 'missing', hash);
  }
  for (const hash of ['', '#', '#/']) assert.equal(parseRoute(hash).page, 'overview', hash);
});

test('the search box knows what a text may mean', () => {
  const one = (text: string): unknown => {
    const result = readSearch(text);
    return result.kind === 'one' ? result.route : result.kind;
  };
  assert.deepEqual(one('license 7'), { page: 'license', number: '7' });
  assert.deepEqual(one('Licence #7'), { page: 'license', number: '7' });
  assert.deepEqual(one('batches/12'), { page: 'batch', number: '12' });
  assert.deepEqual(one('account3'), { page: 'account', number: '3' });
  assert.deepEqual(one(` ${ADDRESS} `), { page: 'owner', address: ADDRESS });
  assert.deepEqual(one(INTENT.toUpperCase().replace('0X', '0x')), { page: 'intent', id: INTENT });
  const several = readSearch('1,234');
  assert.equal(several.kind, 'several');
  assert.deepEqual(several.kind === 'several' && several.routes[2], { page: 'batch', number: '1234' });
});

test('the search box says why a text means nothing', () => {
  for (const text of ['song', '', '0x', '0x1234', `${ADDRESS}0`, '-1', '1.5']) {
    const result = readSearch(text);
    assert.equal(result.kind, 'none', text);
  }
  const short = readSearch('0x1234');
  assert.match(short.kind === 'none' ? short.reason : '', /this has 4\./);
});
