// Pays and is paid by x402 on Farthing. The scheme's three sides are in `exact/client`, `exact/server` and
// `exact/facilitator`; here is what they share.

export { type Money, type PriceOptions, parsePrice } from './price.js';
export { PAYMENT_IDENTIFIER, paymentMemo } from './purchase.js';
export {
  CAIP_FAMILY,
  DECIMALS,
  findDefaultAsset,
  networkOf,
  type Settlement,
  SYMBOL_DEFAULT,
  settlementOf,
} from './settlement.js';
