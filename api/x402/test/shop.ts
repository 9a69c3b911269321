// A shop that sells by x402, and its buyers: the packages @x402/* as they are published.

import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { x402HTTPClient } from '@x402/core/client';
import { decodePaymentResponseHeader } from '@x402/core/http';
import { HTTPFacilitatorClient } from '@x402/core/server';
import type { PaymentPayload, PaymentRequired, SettleResponse } from '@x402/core/types';
import { paymentMiddleware, x402ResourceServer } from '@x402/express';
import { x402Client } from '@x402/fetch';
import express from 'express';
import {
  type ExactFarthingClientOptions,
  registerExactFarthingScheme as payFrom,
} from '../src/exact/client/index.js';
import { registerExactFarthingScheme as bePaid } from '../src/exact/server/index.js';
import { type Settlement, settlementOf } from '../src/settlement.js';

type RoutesConfig = Parameters<typeof paymentMiddleware>[0];
export type RouteConfig = Extract<RoutesConfig, { accepts: unknown }>;

/** A resource for sale. */
export interface Item {
  readonly payTo: string;
  readonly price: string | number;
  readonly extra?: Record<string, unknown>;
  readonly extensions?: Record<string, unknown>;
  /** The work of the handler. */
  readonly work?: () => Promise<void>;
}

/** A running shop. */
export interface Shop {
  readonly url: string;
  readonly settlement: Settlement;
  readonly facilitator: HTTPFacilitatorClient;
  /** Runs of the handler, by path. */
  readonly handled: Map<string, number>;
  close(): Promise<void>;
}

/** Opens a shop whose facilitator is a node. */
export async function openShop(node: string, items: Readonly<Record<string, Item>>): Promise<Shop> {
  const facilitator = new HTTPFacilitatorClient({ url: `${node}/x402` });
  const settlement = settlementOf(await facilitator.getSupported());
  const { network } = settlement;
  const handled = new Map<string, number>();
  const routes: Record<string, RouteConfig> = {};
  const app = express();
  for (const [path, { payTo, price, extra, extensions }] of Object.entries(items)) {
    const accepts = { scheme: 'exact', network, payTo, price, ...(extra && { extra }) };
    routes[`GET ${path}`] = { accepts, ...(extensions && { extensions }) };
  }
  app.use(paymentMiddleware(routes, bePaid(new x402ResourceServer(facilitator))));
  for (const [path, { work }] of Object.entries(items)) {
    app.get(path, async (_request, response) => {
      handled.set(path, (handled.get(path) ?? 0) + 1);
      await work?.();
      response.json({ resource: path });
    });
  }
  const server = await new Promise<Server>((resolve) => {
    const listening = app.listen(0, '127.0.0.1', () => resolve(listening));
  });
  // A busy machine is not to lose a request to the end of an idle connection.
  server.keepAliveTimeout = 120_000;
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    settlement,
    facilitator,
    handled,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** A buyer with an account. */
export async function buyer(options: ExactFarthingClientOptions): Promise<x402Client> {
  return payFrom(new x402Client(), options);
}

/** The terms of a shop. */
export async function terms(url: string): Promise<PaymentRequired> {
  const response = await fetch(url);
  if (response.status !== 402) throw new Error(`${url} answers ${response.status}, expected 402`);
  await response.text();
  return http().getPaymentRequiredResponse((name) => response.headers.get(name));
}

/** Sends a payment that was made before. */
export function send(url: string, payment: PaymentPayload): Promise<Response> {
  return fetch(url, { headers: http().encodePaymentSignatureHeader(payment) });
}

/** The settlement that an answer reports. */
export function settlement(response: Response): SettleResponse {
  const header = response.headers.get('PAYMENT-RESPONSE');
  if (header === null) throw new Error(`no PAYMENT-RESPONSE, status ${response.status}`);
  return decodePaymentResponseHeader(header);
}

/** The reason of a refusal, by the facilitator when it verified or settled. */
export function reasonOf(response: Response): string | undefined {
  if (response.headers.has('PAYMENT-RESPONSE')) return settlement(response).errorReason;
  return http().getPaymentRequiredResponse((name) => response.headers.get(name)).error;
}

function http(): x402HTTPClient {
  return new x402HTTPClient(new x402Client());
}
