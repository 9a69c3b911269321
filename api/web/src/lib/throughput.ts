// How fast intents settle, from the newest batches.

/** As much of a batch as counts here. */
interface Sealed {
  readonly public_data_bytes: number;
  readonly statement: { readonly timestamp: number; readonly intents: number };
}

/** A speed over a span, and its course. */
export interface Throughput {
  readonly perSecond: number;
  readonly seconds: number;
  readonly intents: number;
  readonly batches: number;
  readonly bytesPerIntent: number | undefined;
  /** The speed of each batch since the one before, the oldest first. */
  readonly series: readonly { readonly time: number; readonly perSecond: number }[];
}

/** The speed of batches that come the newest first. The first of them only says where the span begins. */
export function throughput(newestFirst: readonly Sealed[]): Throughput | undefined {
  const batches = [...newestFirst].reverse();
  const [first, ...rest] = batches;
  const last = batches.at(-1);
  if (first === undefined || last === undefined) return undefined;
  const intents = batches.reduce((sum, { statement }) => sum + statement.intents, 0);
  const bytes = batches.reduce((sum, batch) => sum + batch.public_data_bytes, 0);
  const seconds = last.statement.timestamp - first.statement.timestamp;
  // Batches of one second are one point: a rate over no time has no value.
  const series: { time: number; perSecond: number }[] = [];
  let [time, waiting] = [first.statement.timestamp, 0];
  for (const { statement } of rest) {
    waiting += statement.intents;
    if (statement.timestamp <= time) continue;
    series.push({ time: statement.timestamp, perSecond: waiting / (statement.timestamp - time) });
    [time, waiting] = [statement.timestamp, 0];
  }
  return {
    perSecond: seconds === 0 ? 0 : (intents - first.statement.intents) / seconds,
    seconds,
    intents,
    batches: batches.length,
    bytesPerIntent: intents === 0 ? undefined : bytes / intents,
    series,
  };
}
