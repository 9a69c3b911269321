// The picture of a flow: where nodes and ribbons go. Heights are to scale; licenses are in columns by their
// depth, accounts in the last one.

import type { Flow, FlowEdge, FlowNode } from './flow.js';

/** A node in the picture. */
export interface PlacedNode extends FlowNode {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** A ribbon: its path, and the width that shows its ratio. */
export interface PlacedEdge extends FlowEdge {
  readonly path: string;
  readonly kind: 'license' | 'account';
}

/** A picture with its size. */
export interface Picture {
  readonly nodes: readonly PlacedNode[];
  readonly edges: readonly PlacedEdge[];
  readonly width: number;
  readonly height: number;
}

/** Sizes in CSS pixels. */
export interface Frame {
  readonly width: number;
  /** The height of a whole payment. */
  readonly scale: number;
  /** Room for the labels right of the last column. */
  readonly labels: number;
}

const NODE_WIDTH = 10;
/** The least height of a node: it can be seen and clicked. */
const LEAST = 3;
/** The least width of a ribbon. */
const THIN = 0.75;
/** Room for one node with its label of two lines. */
const ROW = 38;
/** Room between ribbons that pass a column, and around thick nodes. */
const GAP = 10;
const TOP = 8;
const SWEEPS = 8;

/** Something that takes room in a column: a node, or a ribbon on its way to a later column. */
interface Box {
  readonly node: FlowNode | undefined;
  readonly height: number;
  readonly room: number;
  /** Neighbours in the columns beside it, and how much joins them. */
  readonly joined: { readonly box: Box; readonly ratio: number }[];
  y: number;
}

/** An edge with the boxes that it goes through, source and target among them. */
interface Route {
  readonly edge: FlowEdge;
  readonly through: readonly Box[];
}

/** Lays a flow out. */
export function layOut(flow: Flow, frame: Frame): Picture {
  const last = Math.max(1, ...flow.nodes.map((node) => node.depth));
  const columns: Box[][] = Array.from({ length: last + 1 }, () => []);
  const boxes = new Map<string, Box>();
  const columnOf = new Map<string, number>();
  for (const node of flow.nodes) {
    const height = Math.max(LEAST, node.ratio * frame.scale);
    const box: Box = { node, height, room: Math.max(ROW, height + GAP), joined: [], y: 0 };
    const column = node.kind === 'account' ? last : node.depth;
    boxes.set(node.key, box);
    columnOf.set(node.key, column);
    columns[column]?.push(box);
  }
  const routes = flow.edges.flatMap((edge): Route[] => {
    const [from, to] = [boxes.get(edge.from), boxes.get(edge.to)];
    if (from === undefined || to === undefined) return [];
    const between = columns.slice((columnOf.get(edge.from) ?? 0) + 1, columnOf.get(edge.to) ?? 0);
    const passing = between.map((column) => {
      const height = Math.max(THIN, edge.ratio * frame.scale);
      const box: Box = { node: undefined, height, room: height + GAP, joined: [], y: 0 };
      column.push(box);
      return box;
    });
    const through = [from, ...passing, to];
    for (const [index, box] of through.slice(1).entries()) join(through[index] as Box, box, edge.ratio);
    return [{ edge, through }];
  });
  const height = Math.max(...columns.map(extent), frame.scale) + 2 * TOP;
  arrange(columns, height);
  const step = (frame.width - frame.labels - NODE_WIDTH) / last;
  const nodes = [...boxes.values()].flatMap((box): PlacedNode[] => {
    if (box.node === undefined) return [];
    const x = (columnOf.get(box.node.key) ?? 0) * step;
    return [{ ...box.node, x, y: box.y, width: NODE_WIDTH, height: box.height }];
  });
  const place = new Map(
    columns.flatMap((column, index) => column.map((box) => [box, index * step] as const)),
  );
  return { nodes, edges: ribbons(routes, place, frame.scale), width: frame.width, height };
}

function join(a: Box, b: Box, ratio: number): void {
  a.joined.push({ box: b, ratio });
  b.joined.push({ box: a, ratio });
}

/** Orders the columns so that few ribbons cross: each box moves towards the middle of its neighbours. */
function arrange(columns: readonly Box[][], height: number): void {
  for (const column of columns) {
    column.sort((a, b) => b.height - a.height || (a.node?.id ?? -1) - (b.node?.id ?? -1));
    stack(column, height);
  }
  for (let sweep = 0; sweep < SWEEPS; sweep += 1) {
    for (const column of sweep % 2 === 0 ? columns : [...columns].reverse()) {
      const wanted = new Map(column.map((box) => [box, center(box)]));
      column.sort((a, b) => (wanted.get(a) ?? 0) - (wanted.get(b) ?? 0));
      stack(column, height);
    }
  }
}

/** The height of a column. */
function extent(column: readonly Box[]): number {
  return column.reduce((sum, box) => sum + box.room, 0);
}

/** Puts a column's boxes below each other, the whole in the middle. */
function stack(column: readonly Box[], height: number): void {
  let y = TOP + (height - 2 * TOP - extent(column)) / 2;
  for (const box of column) {
    box.y = y + (box.room - box.height) / 2;
    y += box.room;
  }
}

/** Where a box would like to be: the middle of its neighbours, by the width of what joins them. */
function center(box: Box): number {
  let [sum, weight] = [0, 0];
  for (const { box: other, ratio } of box.joined) {
    sum += (other.y + other.height / 2) * ratio;
    weight += ratio;
  }
  return weight === 0 ? box.y + box.height / 2 : sum / weight;
}

/** The ribbons, each from its own part of the source's right side to its part of the target's left side. */
function ribbons(routes: readonly Route[], place: ReadonlyMap<Box, number>, scale: number): PlacedEdge[] {
  const starts = new Map<Route, number>();
  const ends = new Map<Route, number>();
  const second = ({ through }: Route): number => through[1]?.y ?? 0;
  const before = ({ through }: Route): number => through.at(-2)?.y ?? 0;
  const used = new Map<string, number>();
  const take = (key: string, ratio: number): number => {
    const taken = used.get(key) ?? 0;
    used.set(key, taken + ratio * scale);
    return taken;
  };
  for (const route of [...routes].sort((a, b) => second(a) - second(b))) {
    starts.set(route, (route.through[0]?.y ?? 0) + take(`from ${route.edge.from}`, route.edge.ratio));
  }
  for (const route of [...routes].sort((a, b) => before(a) - before(b))) {
    ends.set(route, (route.through.at(-1)?.y ?? 0) + take(`to ${route.edge.to}`, route.edge.ratio));
  }
  return routes.map((route) => {
    const { edge, through } = route;
    const last = through.length - 1;
    const points = through.flatMap((box, index): [number, number][] => {
      const x = place.get(box) ?? 0;
      if (index === 0) return [[x + NODE_WIDTH, starts.get(route) ?? 0]];
      if (index === last) return [[x, ends.get(route) ?? 0]];
      // Straight past the column, so that it does not touch the nodes of the column.
      return [
        [x, box.y],
        [x + NODE_WIDTH, box.y],
      ];
    });
    const thick = Math.max(THIN, edge.ratio * scale);
    return { ...edge, path: ribbon(points, thick), kind: through[last]?.node?.kind ?? 'account' };
  });
}

/** A band along points, of one thickness: along its upper side, and back along its lower one. */
function ribbon(points: readonly [number, number][], thick: number): string {
  const back = [...points].reverse().map(([x, y]): [number, number] => [x, y + thick]);
  return `${line('M', points)}${line('L', back)}Z`;
}

function line(begin: 'M' | 'L', [first, ...rest]: readonly [number, number][]): string {
  if (first === undefined) return '';
  let [x, y] = first;
  let path = `${begin}${n(x)} ${n(y)}`;
  for (const [nextX, nextY] of rest) {
    const middle = n((x + nextX) / 2);
    path += `C${middle} ${n(y)} ${middle} ${n(nextY)} ${n(nextX)} ${n(nextY)}`;
    [x, y] = [nextX, nextY];
  }
  return path;
}

function n(value: number): string {
  return String(Math.round(value * 100) / 100);
}
