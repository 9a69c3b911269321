// The adapters in the real packages: Express and the SDK of OpenTelemetry.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, request as httpRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { SpanStatusCode } from '@opentelemetry/api';
import { BasicTracerProvider, type SpanProcessor } from '@opentelemetry/sdk-trace-base';
import express, { type Express, type Request, type Response } from 'express';
import { usageMiddleware } from '../src/adapters/express.js';
import { UsageSpanProcessor } from '../src/adapters/opentelemetry.js';
import { UsageReport } from '../src/adapters/usage-report.js';
import type { UsageEvent } from '../src/meter/index.js';

/** Records in memory, a moment later. */
class Records {
  readonly events: UsageEvent[] = [];
  readonly errors: unknown[] = [];

  async record(event: UsageEvent): Promise<boolean> {
    await new Promise((resolve) => setTimeout(resolve, 5));
    if (event.model === 'unknown') throw new Error('no rate');
    this.events.push(event);
    return true;
  }

  /** The events, once there are so many. */
  async when(count: number): Promise<UsageEvent[]> {
    for (let i = 0; i < 200 && this.events.length + this.errors.length < count; i += 1) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    return this.events;
  }
}

async function serve(t: TestContext, app: Express): Promise<string> {
  const server = createServer(app).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const completion = (id: string, generated: number) => ({
  id,
  model: 'llama',
  choices: [{ message: { content: 'é' } }],
  usage: { prompt_tokens: 100, completion_tokens: generated, total_tokens: 100 + generated },
});

test('express: a JSON answer is billed once, and comes as it was', async (t) => {
  const records = new Records();
  const app = express();
  app.use(usageMiddleware(records));
  app.get('/json', (_, response) => void response.json(completion('c-1', 7)));
  app.get('/head', (_, response) => {
    response.writeHead(200, { 'Content-Type': 'application/json; charset=utf-8' });
    const text = JSON.stringify(completion('c-2', 8));
    response.write(text.slice(0, 20));
    response.end(Buffer.from(text.slice(20)).toString('base64'), 'base64');
  });
  app.get('/text', (_, response) => void response.type('text').send(JSON.stringify(completion('c-3', 9))));
  app.get('/empty', (_, response) => void response.status(204).end());
  const url = await serve(t, app);
  const answer = await fetch(`${url}/json`);
  assert.deepEqual(await answer.json(), completion('c-1', 7));
  assert.deepEqual(await (await fetch(`${url}/head`)).json(), completion('c-2', 8));
  for (const path of ['text', 'empty']) await (await fetch(`${url}/${path}`)).text();
  const expected = [
    { id: 'c-1', units: 7, model: 'llama' },
    { id: 'c-2', units: 8, model: 'llama' },
  ];
  assert.deepEqual(await records.when(2), expected);
  await new Promise((resolve) => setTimeout(resolve, 30));
  assert.deepEqual(records.events, expected);
});

test('express: failed calls are not billed, by status or by what they report', async (t) => {
  const records = new Records();
  const app = express();
  app.use(usageMiddleware(records));
  app.get('/status/:code', (request, response) => {
    response.status(Number(request.params.code)).json(completion(`s-${request.params.code}`, 7));
  });
  app.get('/error', (_, response) => void response.json({ ...completion('e', 7), error: { message: 'no' } }));
  app.get('/none', (_, response) => void response.json(completion('n', 0)));
  app.get('/throws', () => {
    throw new Error('a handler fails');
  });
  app.use((_error: unknown, _request: Request, response: Response, _next: unknown) => {
    response.status(500).json(completion('t', 7));
  });
  const url = await serve(t, app);
  for (const path of ['status/400', 'status/500', 'error', 'none', 'throws', 'status/201']) {
    await (await fetch(`${url}/${path}`)).text();
  }
  assert.deepEqual(
    (await records.when(1)).map(({ id }) => id),
    ['s-201'],
  );
});

test('express: a stream is passed on as it comes, and billed at its end', async (t) => {
  const records = new Records();
  const app = express();
  app.use(usageMiddleware(records, { units: 'total' }));
  let proceed = (): void => {};
  app.get('/stream', async (_, response) => {
    response.type('text/event-stream');
    response.write(`data: ${JSON.stringify({ id: 'chat-1', model: 'llama', choices: [] })}\n`);
    response.write('\ndata: {"choices":[{"delta":{"content":"a"}}]}\n\n');
    await new Promise<void>((resolve) => {
      proceed = resolve;
    });
    const last = `data: ${JSON.stringify({ usage: { prompt_tokens: 5, completion_tokens: 6 } })}\n\ndata: [DONE]\n\n`;
    for (const byte of Buffer.from(last)) response.write(Uint8Array.of(byte));
    response.end();
  });
  const url = await serve(t, app);
  const answer = await fetch(`${url}/stream`);
  const reader = (answer.body as ReadableStream<Uint8Array>).getReader();
  const first = await reader.read();
  assert.match(new TextDecoder().decode(first.value), /chat-1/);
  assert.equal(records.events.length, 0);
  proceed();
  let text = '';
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    text += new TextDecoder().decode(part.value);
  }
  assert.ok(text.endsWith('data: [DONE]\n\n'));
  assert.deepEqual(await records.when(1), [{ id: 'chat-1', units: 11, model: 'llama' }]);
});

test('express: a stream that the client breaks off is billed for what it reported', async (t) => {
  const records = new Records();
  const app = express();
  app.use(usageMiddleware(records));
  app.get('/anthropic', (_, response) => {
    response.type('text/event-stream');
    const start = {
      type: 'message_start',
      message: { id: 'msg-1', model: 'opus', usage: { input_tokens: 9 } },
    };
    const delta = { type: 'message_delta', usage: { output_tokens: 15 } };
    response.write(`event: a\ndata: ${JSON.stringify(start)}\n\ndata: ${JSON.stringify(delta)}\n\n`);
  });
  const url = await serve(t, app);
  const call = httpRequest(`${url}/anthropic`, (response) => {
    response.once('data', () => call.destroy());
    response.on('error', () => {});
  });
  call.on('error', () => {});
  call.end();
  assert.deepEqual(await records.when(1), [{ id: 'msg-1', units: 15, model: 'opus' }]);
});

test('express: an extractor makes events of request, response and report; errors are told', async (t) => {
  const records = new Records();
  const app = express();
  app.use(
    usageMiddleware<Request, Response>(records, {
      bodyBytesMax: 10,
      extract: ({ request, response, report }) => {
        assert.equal(report.generated, 0, 'the body is longer than what is kept');
        const id = `${request.path}/${response.locals['call']}`;
        return request.path === '/none'
          ? undefined
          : [{ id, units: 1, model: request.query['model'] as string }];
      },
      onError: (error) => void records.errors.push(error),
    }),
  );
  app.use((_, response) => {
    response.locals['call'] = 3;
    response.json(completion('c', 7));
  });
  const url = await serve(t, app);
  for (const path of ['none', 'a?model=m', 'b?model=unknown']) await (await fetch(`${url}/${path}`)).text();
  assert.deepEqual(await records.when(2), [{ id: '/a/3', units: 1, model: 'm' }]);
  assert.match(String(records.errors[0]), /no rate/);
});

test('express: an answer that is not whole is not billed, and a failing extractor ends nothing', async (t) => {
  const records = new Records();
  const app = express();
  let broken: (value?: unknown) => void = () => {};
  app.use((_, response, next) => {
    response.once('close', () => broken());
    next();
  });
  app.use(
    usageMiddleware<Request, Response>(records, {
      extract: ({ request, report }) => {
        if (request.path === '/throws') throw new Error('the extractor fails');
        return { id: request.path, units: report.generated + 1, model: 'm' };
      },
      onError: (error) => {
        records.errors.push(error);
        throw new Error('onError fails');
      },
    }),
  );
  app.get('/silent', () => {});
  app.get('/half', (_, response) => {
    response.type('json').write('{"id":');
  });
  app.get('/stream', (_, response) => {
    response.type('text/event-stream').write('data: {"usage":{"output_tokens":4}}\n\n');
  });
  app.get('/throws', (_, response) => void response.json(completion('c', 7)));
  const url = await serve(t, app);
  for (const path of ['silent', 'half', 'stream']) {
    const closed = new Promise((resolve) => {
      broken = resolve;
    });
    const call = httpRequest(`${url}/${path}`, (response) => {
      response.once('data', () => call.destroy());
      response.on('error', () => {});
    });
    call.on('error', () => {});
    call.end();
    if (path === 'silent') setTimeout(() => call.destroy(), 50);
    await closed;
  }
  assert.equal((await fetch(`${url}/throws`)).status, 200);
  await records.when(2);
  await new Promise((resolve) => setTimeout(resolve, 30));
  assert.deepEqual(records.events, [{ id: '/stream', units: 5, model: 'm' }]);
  assert.match(String(records.errors[0]), /the extractor fails/);
});

test('express: what is written after the end is no part of the answer', async (t) => {
  const records = new Records();
  const app = express();
  app.use(usageMiddleware(records));
  app.get('/twice', (_, response) => {
    response.on('error', () => {});
    response.json(completion('c-1', 7));
    response.end('late');
    response.write('later');
  });
  assert.deepEqual(await (await fetch(`${await serve(t, app)}/twice`)).json(), completion('c-1', 7));
  assert.deepEqual(await records.when(1), [{ id: 'c-1', units: 7, model: 'llama' }]);
});

test('an error that says nothing is none', () => {
  for (const [error, failed] of [
    [null, false],
    ['', false],
    [{}, false],
    [false, false],
    ['no', true],
    [{ code: 7 }, true],
  ] as const) {
    const report = new UsageReport();
    report.feed({ error });
    assert.equal(report.failed, failed, JSON.stringify(error));
  }
});

test('opentelemetry: what fails is told, and nothing is thrown into the platform', async () => {
  const records = new Records();
  const told: [unknown, UsageEvent | undefined][] = [];
  const processor = new UsageSpanProcessor(records, {
    extract: (span) => {
      if (span.attributes['fails'] === true) throw new Error('the extractor fails');
      return { id: String(span.attributes['id']), units: 1, model: 'unknown' };
    },
    onError: (error, event) => {
      told.push([error, event]);
      throw new Error('onError fails');
    },
  });
  const end = (attributes: Record<string, string | boolean>): void => {
    const span = { attributes, status: { code: 0 }, endTime: [1, 0] as const };
    processor.onEnd({ ...span, spanContext: () => ({ traceId: 't', spanId: 's' }) });
  };
  end({ fails: true });
  end({ id: 'a' });
  await processor.forceFlush();
  await processor.shutdown();
  end({ id: 'late' });
  assert.deepEqual(
    told.map(([error, event]) => [(error as Error).message, event?.id]),
    [
      ['the extractor fails', undefined],
      ['no rate', 'a'],
      ['the span processor is shut down', 'late'],
    ],
  );
});

test('reports of the known APIs are read, and deep nesting ends', () => {
  const read = (...documents: unknown[]): [string | undefined, string | undefined, number, number] => {
    const report = new UsageReport();
    for (const document of documents) report.feed(document);
    return [report.id, report.model, report.generated, report.context];
  };
  const completed = { id: 'resp-1', model: 'gpt', usage: { input_tokens: 3, output_tokens: 4 } };
  assert.deepEqual(read({ type: 'response.completed', response: completed }), ['resp-1', 'gpt', 4, 3]);
  const gemini = { responseId: 'g-1', modelVersion: 'flash', usageMetadata: { candidatesTokenCount: 5 } };
  assert.deepEqual(read(gemini), ['g-1', 'flash', 5, 0]);
  assert.deepEqual(read(null, 7, [], { usage: { output_tokens: -1, completion_tokens: 1.5 } }), [
    undefined,
    undefined,
    0,
    0,
  ]);
  let deep: object = { id: 'deep' };
  for (let i = 0; i < 100_000; i += 1) deep = { message: deep };
  assert.equal(read(deep)[0], undefined);
});

test('opentelemetry: spans of calls are billed once, those of agents and failures are not', async () => {
  const records = new Records();
  // The processor is one of the SDK's by its form.
  const processor: SpanProcessor = new UsageSpanProcessor(records, {
    onError: (error) => void records.errors.push(error),
  });
  const provider = new BasicTracerProvider({ spanProcessors: [processor] });
  const tracer = provider.getTracer('test');
  const call = (attributes: Record<string, string | number>, end: { error?: true } = {}): string => {
    const usage = { 'gen_ai.usage.input_tokens': 10, 'gen_ai.usage.output_tokens': 4 };
    const base = { 'gen_ai.operation.name': 'chat', 'gen_ai.response.model': 'llama-3' };
    const span = tracer.startSpan('call', { attributes: { ...base, ...usage, ...attributes } });
    if (end.error) span.setStatus({ code: SpanStatusCode.ERROR });
    span.end();
    const { traceId, spanId } = span.spanContext();
    return `${traceId}-${spanId}`;
  };
  const own = call({});
  call({ 'gen_ai.response.id': 'resp-1', 'gen_ai.request.model': 'llama' });
  call({ 'gen_ai.operation.name': 'invoke_agent' });
  call({ 'error.type': 'timeout' });
  call({}, { error: true });
  call({ 'gen_ai.usage.output_tokens': 0 });
  call({ 'gen_ai.response.model': 'unknown' });
  assert.equal(records.events.length, 0);
  await provider.forceFlush();
  const found = records.events.map(({ id, units, model }) => ({ id, units, model }));
  assert.deepEqual(found, [
    { id: own, units: 4, model: 'llama-3' },
    { id: 'resp-1', units: 4, model: 'llama' },
  ]);
  assert.ok(records.events.every(({ time }) => Math.abs(Number(time) - Date.now() / 1000) < 60));
  assert.equal(records.errors.length, 1);
  await provider.shutdown();
  const total = new Records();
  const both = new BasicTracerProvider({
    spanProcessors: [new UsageSpanProcessor(total, { units: 'total' })],
  });
  const span = both.getTracer('test').startSpan('call', {
    attributes: { 'gen_ai.operation.name': 'embeddings', 'gen_ai.usage.input_tokens': 10 },
  });
  span.end();
  await both.shutdown();
  assert.deepEqual(
    total.events.map(({ units }) => units),
    [10],
  );
});
