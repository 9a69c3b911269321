// Prices: text or numbers in tokens, or amounts in nano. A price that is not a whole number of nano is
// refused, as is one of zero: neither is ever rounded to another price.

import type { AssetAmount, Price } from '@x402/core/types';
import { parseMoney } from '@x402/core/utils';
import { DECIMALS } from './settlement.js';

/** A price in tokens: text such as `"$0.00025"` or `"0.00025 USDC"`, or a number. */
export type Money = string | number;

/** The token of prices. */
export interface PriceOptions {
  /** The token's address. */
  readonly asset: string;
  /** Its ticker. */
  readonly symbol: string;
}

/** The most nano that one payment moves: 2⁴⁶ − 1. */
const AMOUNT_MAX = (1n << 46n) - 1n;

/** Reads a price. An amount that names no asset is of the settlement token. */
export function parsePrice(price: Price, options: PriceOptions): AssetAmount {
  if (typeof price === 'object') {
    const { asset, amount, extra } = price;
    const nano = inRange(digits(amount), amount);
    return { asset: asset === '' ? options.asset : asset, amount: nano, ...(extra && { extra }) };
  }
  const { amount, symbol } = parseMoney(price);
  if (symbol !== undefined && symbol !== options.symbol.toUpperCase()) {
    throw new Error(`the price "${price}" is in ${symbol}, expected ${options.symbol}`);
  }
  return { asset: options.asset, amount: inRange(nanoOf(amount), price) };
}

function digits(amount: string): bigint {
  if (typeof amount !== 'string' || !/^(?:0|[1-9][0-9]*)$/.test(amount)) {
    throw new Error(`the amount ${JSON.stringify(amount)} is not a string of decimal digits (nano)`);
  }
  return BigInt(amount);
}

function nanoOf(decimal: string): bigint {
  const [whole = '', fraction = ''] = decimal.split('.');
  const exact = fraction.replace(/0+$/, '');
  if (exact.length > DECIMALS) {
    throw new Error(
      `the price ${decimal} has ${exact.length} places after the point, at most ${DECIMALS} are exact: ` +
        'write the price as text',
    );
  }
  return BigInt(whole + exact.padEnd(DECIMALS, '0'));
}

function inRange(nano: bigint, price: Money): string {
  if (nano === 0n)
    throw new Error(`the price ${JSON.stringify(price)} is nothing: a free route needs no payment`);
  if (nano > AMOUNT_MAX) {
    throw new Error(
      `the price ${JSON.stringify(price)} is ${nano} nano, at most ${AMOUNT_MAX} move in one payment`,
    );
  }
  return nano.toString();
}
