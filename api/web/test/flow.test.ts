import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Flow, flowOf, folded, missingParents, type Terms } from '../src/lib/flow.js';
import { layOut } from '../src/lib/layout.js';

const account = (id: number, shares: number) => ({ holder: { account: id }, shares });
const license = (id: number, shares: number) => ({ holder: { license: id }, shares });

/** 0 and 1 are originals, 2 derives from both, 3 from 2 and 0. */
const TERMS: Terms[] = [
  { id: 0, holders: [account(10, 1_000_000)] },
  { id: 1, holders: [account(10, 400_000), account(11, 600_000)] },
  { id: 2, holders: [account(12, 500_000), license(0, 300_000), license(1, 200_000)] },
  { id: 3, holders: [account(13, 600_000), license(0, 150_000), license(2, 250_000)] },
];
const KNOWN = new Map(TERMS.map((terms) => [terms.id, terms]));
const FRAME = { width: 800, scale: 240, labels: 120 };

function ratio(flow: Flow, key: string): number {
  return flow.nodes.find((node) => node.key === key)?.ratio ?? Number.NaN;
}

function near(value: number, expected: number): void {
  assert.ok(Math.abs(value - expected) < 1e-12, `${value} is not ${expected}`);
}

test('a payment reaches every ancestor once, with all that flows to it', () => {
  const flow = flowOf(3, KNOWN);
  near(ratio(flow, 'license 3'), 1);
  near(ratio(flow, 'license 2'), 0.25);
  near(ratio(flow, 'license 0'), 0.15 + 0.25 * 0.3);
  near(ratio(flow, 'license 1'), 0.25 * 0.2);
  near(ratio(flow, 'account 13'), 0.6);
  near(ratio(flow, 'account 10'), 0.225 + 0.05 * 0.4);
  assert.equal(flow.nodes.filter((node) => node.key === 'account 10').length, 1);
});

test('accounts get all of the payment, and each license gives what it got', () => {
  const flow = flowOf(3, KNOWN);
  const accounts = flow.nodes.filter((node) => node.kind === 'account');
  near(
    accounts.reduce((sum, node) => sum + node.ratio, 0),
    1,
  );
  for (const node of flow.nodes.filter((one) => one.kind === 'license')) {
    const given = flow.edges.filter((edge) => edge.from === node.key);
    near(
      given.reduce((sum, edge) => sum + edge.ratio, 0),
      node.ratio,
    );
  }
});

test('the depth of a license is its longest way', () => {
  const depths = new Map(flowOf(3, KNOWN).nodes.map((node) => [node.key, node.depth]));
  assert.deepEqual([depths.get('license 3'), depths.get('license 2'), depths.get('license 0')], [0, 1, 2]);
});

test('ancestors that are not loaded are named once', () => {
  assert.deepEqual(missingParents(new Map([[3, TERMS[3] as Terms]])), [0, 2]);
  assert.deepEqual(missingParents(KNOWN), []);
});

test('many accounts become one that holds the smallest', () => {
  const holders = Array.from({ length: 16 }, (_, id) => account(id, id === 15 ? 850_000 : 10_000));
  const flow = flowOf(0, new Map([[0, { id: 0, holders }]]));
  const { flow: small, accounts } = folded(flow, 5);
  assert.equal(accounts, 12);
  assert.equal(small.nodes.filter((node) => node.kind === 'account').length, 5);
  near(
    small.nodes.filter((node) => node.kind === 'account').reduce((sum, node) => sum + node.ratio, 0),
    1,
  );
  near(small.edges.find((edge) => edge.to === 'others')?.ratio ?? 0, 0.12);
  assert.equal(folded(flow, 16).flow, flow);
});

test('the picture is to scale, within its frame, and nothing overlaps', () => {
  const picture = layOut(flowOf(3, KNOWN), FRAME);
  for (const node of picture.nodes) {
    near(node.height, Math.max(3, node.ratio * FRAME.scale));
    assert.ok(node.x >= 0 && node.x + node.width + FRAME.labels <= FRAME.width + 1e-9);
    assert.ok(node.y >= 0 && node.y + node.height <= picture.height);
  }
  for (const [index, a] of picture.nodes.entries()) {
    for (const b of picture.nodes.slice(index + 1)) {
      if (a.x === b.x) assert.ok(a.y + a.height <= b.y || b.y + b.height <= a.y, `${a.key} and ${b.key}`);
    }
  }
});

test('a ribbon joins its nodes: it leaves the right side of one and ends at the left side of the other', () => {
  const picture = layOut(flowOf(3, KNOWN), FRAME);
  const at = new Map(picture.nodes.map((node) => [node.key, node]));
  assert.equal(picture.edges.length, 9);
  for (const edge of picture.edges) {
    const numbers = edge.path.match(/-?\d+(\.\d+)?/g)?.map(Number) ?? [];
    const [x = 0, y = 0] = numbers;
    const [from, to] = [at.get(edge.from), at.get(edge.to)];
    assert.ok(from !== undefined && to !== undefined);
    assert.ok(Math.abs(x - (from.x + from.width)) < 0.01);
    assert.ok(y >= from.y - 0.01 && y <= from.y + from.height);
    assert.ok(numbers.some((value) => Math.abs(value - to.x) < 0.01));
    assert.match(edge.path, /^M[^M]*Z$/);
  }
});
