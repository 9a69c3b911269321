// Names as the page shows them.

/** Bytes, shortened to what the eye compares: `0x1234…abcd`. */
export function shortHex(value: string): string {
  return value.length <= 14 ? value : `${value.slice(0, 8)}…${value.slice(-6)}`;
}

const CHAINS: Readonly<Record<number, string>> = {
  1: 'Ethereum',
  11155111: 'Sepolia',
  17000: 'Holesky',
  560048: 'Hoodi',
  31337: 'a local development chain',
};

/** A chain's name, or its number. */
export function chainName(id: number): string {
  return CHAINS[id] ?? `chain ${id}`;
}

/** A count with its noun. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString('en-US')} ${count === 1 ? one : many}`;
}
