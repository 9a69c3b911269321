// Streams of events against a server that cuts, refuses and repeats.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import type { StreamedEvent } from '../src/api.js';
import { Farthing } from '../src/client.js';
import { ProblemError, UnexpectedAnswerError } from '../src/errors.js';

type Script = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>;

/** One request as the node saw it. */
interface Seen {
  readonly url: string;
  readonly place: string | undefined;
}

/** A node that answers each request by the next script; the last one serves all further ones. */
async function nodeOf(t: TestContext, ...scripts: Script[]): Promise<{ farthing: Farthing; seen: Seen[] }> {
  const seen: Seen[] = [];
  const server = createServer((request, response) => {
    const script = scripts[Math.min(seen.length, scripts.length - 1)] as Script;
    seen.push({ url: request.url ?? '', place: request.headers['last-event-id'] as string | undefined });
    void script(request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const node = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { farthing: new Farthing({ node, firstDelayMs: 1, maxDelayMs: 5, retries: 2 }), seen };
}

const head = (response: ServerResponse): void => {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.write('retry:1\nid:p0\n\n');
};
const block = (number: number): string =>
  `id:p${number}\nevent:license.paid\ndata:{"id":"e${number}","type":"license.paid","data":{"name":"čaj"}}\n\n`;
const tell =
  (...texts: (string | Buffer)[]): Script =>
  async (_, response) => {
    head(response);
    for (const text of texts) {
      response.write(text);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    response.destroy();
  };
const stay: Script = (_, response) => head(response);
const refuse =
  (status: number, code: string): Script =>
  (_, response) => {
    response.writeHead(status, { 'content-type': 'application/problem+json' });
    response.end(JSON.stringify({ type: `/docs#${code}`, title: 'T.', status, code, request_id: 'r-1' }));
  };

async function take(events: AsyncIterable<StreamedEvent>, count: number): Promise<string[]> {
  const names: string[] = [];
  for await (const { id, place } of events) {
    names.push(`${id} ${place}`);
    if (names.length === count) break;
  }
  return names;
}

test('a stream that is cut goes on after its last whole event', async (t) => {
  const whole = Buffer.from(block(2));
  const inside = whole.indexOf('č') + 1;
  const { farthing, seen } = await nodeOf(
    t,
    // Cut between the id and the data of an event: that event was not told.
    tell(block(1), 'id:p2\nevent:license.paid\ndata:{"id":'),
    refuse(503, 'overloaded'),
    refuse(503, 'overloaded'),
    refuse(503, 'overloaded'),
    // A character and a line end in two parts; a sign of life whose id counts.
    tell(whole.subarray(0, inside), whole.subarray(inside), ':\nid:p3\n\n'),
    tell(block(4).replaceAll('\n', '\r'), block(5).replaceAll('\n', '\r\n')),
    stay,
  );
  const options = { after: 'start', types: ['license.paid' as const], license: 3, block: 7n };
  assert.deepEqual(await take(farthing.events(options), 4), ['e1 p1', 'e2 p2', 'e4 p4', 'e5 p5']);
  const url = '/v1/events?types=license.paid&license=3&block=7&after=start';
  assert.ok(seen.every((one) => one.url === url));
  assert.deepEqual(
    seen.map(({ place }) => place),
    [undefined, 'p1', 'p1', 'p1', 'p1', 'p3'],
  );
});

test('a first connection that fails for good, or too often, is an error', async (t) => {
  const bad = await nodeOf(t, refuse(400, 'invalid_cursor'));
  const refused = (code: string) => (error: unknown) => error instanceof ProblemError && error.code === code;
  await assert.rejects(take(bad.farthing.events({ after: 'p' }), 1), refused('invalid_cursor'));
  assert.equal(bad.seen.length, 1);
  const busy = await nodeOf(t, refuse(503, 'overloaded'));
  await assert.rejects(take(busy.farthing.events(), 1), refused('overloaded'));
  assert.equal(busy.seen.length, 3);
  const later = await nodeOf(t, tell(block(1)), refuse(400, 'invalid_cursor'));
  await assert.rejects(take(later.farthing.events(), 2), refused('invalid_cursor'));
  const other = await nodeOf(t, tell('data:{\n\n'));
  await assert.rejects(take(other.farthing.events(), 1), UnexpectedAnswerError);
});

test('a stream ends with its reader, and by a signal', async (t) => {
  const closed: Promise<unknown>[] = [];
  const one: Script = (request, response) => {
    closed.push(once(request.socket, 'close'));
    head(response);
    response.write(block(1));
  };
  const { farthing } = await nodeOf(t, one);
  assert.equal((await take(farthing.events(), 1)).length, 1);
  await closed[0];
  const stop = new AbortController();
  const read = take(farthing.events({ signal: stop.signal }), 2);
  setTimeout(() => stop.abort(), 30);
  assert.deepEqual(await read, ['e1 p1']);
  await closed[1];
  assert.deepEqual(await take(farthing.events({ signal: AbortSignal.abort() }), 1), []);
  const gone = await nodeOf(t, refuse(503, 'overloaded'));
  const patient = new AbortController();
  const waiting = take(gone.farthing.events({ signal: patient.signal }), 1);
  patient.abort();
  assert.deepEqual(await waiting, []);
});
