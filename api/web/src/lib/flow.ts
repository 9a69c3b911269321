// How a payment to a license flows to its holders and its ancestors' holders, by their terms alone.

import { SHARES_TOTAL } from './amount.js';

/** One license's terms, as far as they decide where money goes. */
export interface Terms {
  readonly id: number;
  readonly holders: readonly {
    readonly holder: { readonly account: number } | { readonly license: number };
    readonly shares: number;
  }[];
}

/** A license or an account that the payment reaches. */
export interface FlowNode {
  readonly key: string;
  readonly kind: 'license' | 'account';
  readonly id: number;
  /** The part of the payment that comes through, from 0 to 1. For pictures: amounts are exact elsewhere. */
  readonly ratio: number;
  /** The longest way from the paid license, in steps. */
  readonly depth: number;
}

/** What goes from a license to one of its holders. */
export interface FlowEdge {
  readonly from: string;
  readonly to: string;
  readonly ratio: number;
  /** The holder's shares, of 1,000,000. */
  readonly shares: number;
}

/** The derivation graph of a license. */
export interface Flow {
  readonly nodes: readonly FlowNode[];
  readonly edges: readonly FlowEdge[];
}

/** The ancestors that a list of terms names and lacks. */
export function missingParents(known: ReadonlyMap<number, Terms>): number[] {
  const named = [...known.values()].flatMap((terms) => parentsOf(terms));
  return [...new Set(named)].filter((id) => !known.has(id));
}

function parentsOf(terms: Terms): number[] {
  return terms.holders.flatMap(({ holder }) => ('license' in holder ? [holder.license] : []));
}

/** The flow of a payment to `paid`. Every ancestor is in `known`; parents are older, so there is no cycle. */
export function flowOf(paid: number, known: ReadonlyMap<number, Terms>): Flow {
  const ratios = new Map<string, number>([[`license ${paid}`, 1]]);
  const depths = new Map<string, number>([[`license ${paid}`, 0]]);
  const edges: FlowEdge[] = [];
  // A parent has a lower number than its derivatives: once it comes up, all of its inflow is known.
  const open = new Set([paid]);
  while (open.size > 0) {
    const id = Math.max(...open);
    open.delete(id);
    const from = `license ${id}`;
    const inflow = ratios.get(from) ?? 0;
    const depth = depths.get(from) ?? 0;
    for (const { holder, shares } of known.get(id)?.holders ?? []) {
      const parent = 'license' in holder;
      const to = parent ? `license ${holder.license}` : `account ${holder.account}`;
      const ratio = (inflow * shares) / SHARES_TOTAL;
      edges.push({ from, to, ratio, shares });
      ratios.set(to, (ratios.get(to) ?? 0) + ratio);
      depths.set(to, Math.max(depths.get(to) ?? 0, depth + 1));
      if (parent && holder.license < id) open.add(holder.license);
    }
  }
  const nodes = [...ratios].map(([key, ratio]): FlowNode => {
    const [kind, id] = key.split(' ') as ['license' | 'account', string];
    return { key, kind, id: Number(id), ratio, depth: depths.get(key) ?? 0 };
  });
  return { nodes, edges };
}

/** The same flow with the smallest accounts put together, so that at most `most` remain. */
export function folded(flow: Flow, most: number): { readonly flow: Flow; readonly accounts: number } {
  const accounts = flow.nodes.filter((node) => node.kind === 'account');
  if (accounts.length <= most) return { flow, accounts: 0 };
  const small = [...accounts].sort((a, b) => b.ratio - a.ratio || a.id - b.id).slice(most - 1);
  const keys = new Set(small.map((node) => node.key));
  const rest: FlowNode = {
    key: 'others',
    kind: 'account',
    id: -1,
    ratio: small.reduce((sum, node) => sum + node.ratio, 0),
    depth: Math.max(...small.map((node) => node.depth)),
  };
  const edges = new Map<string, FlowEdge>();
  for (const edge of flow.edges) {
    const to = keys.has(edge.to) ? rest.key : edge.to;
    const known = edges.get(`${edge.from}>${to}`);
    edges.set(`${edge.from}>${to}`, {
      from: edge.from,
      to,
      ratio: edge.ratio + (known?.ratio ?? 0),
      shares: edge.shares + (known?.shares ?? 0),
    });
  }
  const nodes = [...flow.nodes.filter((node) => !keys.has(node.key)), rest];
  return { flow: { nodes, edges: [...edges.values()] }, accounts: small.length };
}
