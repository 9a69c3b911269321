// Between signed intents and the JSON of the API. Reading is strict: unknown fields are refused.

import type { IntentDocument, OperationDocument } from './api.js';
import { digestToHex, fromHex, shortDigestToHex, toHex } from './bytes.js';
import { type Deployment, domainOf } from './deployment.js';
import { InputError } from './input-error.js';
import { type Intent, intentId, intentMessage, type SignedIntent } from './intent.js';
import {
  type LicenseStatus,
  type Operation,
  pay,
  registerLicense,
  transfer,
  updateLicense,
  withdraw,
} from './operations.js';
import { type Money, money, type Whole, whole } from './quantity.js';
import { SIGNATURE_BYTES } from './schnorr.js';
import type { HolderShares } from './shares.js';

/** Fields of a document that are read by name. */
type Fields = Record<string, unknown>;

/** The fields of an object that has these, may have the optional ones, and no others. */
export function fields(
  value: unknown,
  what: string,
  names: readonly string[],
  optional: readonly string[] = [],
): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new InputError(`${what}: expected an object`);
  }
  const found = value as Fields;
  for (const name of names) {
    if (found[name] === undefined) throw new InputError(`${what}: the field ${name} is missing`);
  }
  for (const name of Object.keys(found)) {
    if (!names.includes(name) && !optional.includes(name)) {
      throw new InputError(`${what}: unknown field ${name}`);
    }
  }
  return found;
}

/** The JSON of an operation. */
export function operationDocument(operation: Operation): OperationDocument {
  switch (operation.kind) {
    case 'pay':
      return {
        pay: {
          license: Number(operation.license),
          uses: Number(operation.uses),
          amount: operation.amount.toString(),
          recipient: shortDigestToHex(operation.recipient),
          memo: toHex(operation.memo),
        },
      };
    case 'transfer':
      return {
        transfer: {
          to: Number(operation.to),
          amount: operation.amount.toString(),
          recipient: shortDigestToHex(operation.recipient),
          memo: toHex(operation.memo),
        },
      };
    case 'withdraw':
      return { withdraw: { amount: operation.amount.toString(), memo: toHex(operation.memo) } };
    case 'register_license':
      return {
        register_license: {
          price: operation.price.toString(),
          derivative_shares: Number(operation.derivativeShares),
          lineage: Number(operation.lineage),
          provenance: toHex(operation.provenance),
          holders: operation.holders.map(({ kind, id, shares }) => ({
            holder: kind === 'license' ? { license: Number(id) } : { account: Number(id) },
            shares: Number(shares),
          })),
          recipient: shortDigestToHex(operation.recipient),
        },
      };
    case 'update_license':
      return {
        update_license: {
          license: Number(operation.license),
          price: operation.price.toString(),
          derivative_shares: Number(operation.derivativeShares),
          status: operation.status,
          licensee: operation.licensee === undefined ? null : Number(operation.licensee),
          provenance: toHex(operation.provenance),
          recipient: shortDigestToHex(operation.recipient),
        },
      };
  }
}

/** The JSON of a signed intent, as nodes take it. */
export function intentDocument(signed: SignedIntent): IntentDocument {
  const { account, nonce, fee, validUntil, operation } = signed.intent;
  return {
    account: Number(account),
    nonce: nonce.toString(),
    fee: fee.toString(),
    valid_until: Number(validUntil),
    operation: operationDocument(operation),
    signature: toHex(signed.signature),
  };
}

/** Reads the JSON of an operation. */
export function readOperation(value: unknown): Operation {
  const names = ['pay', 'transfer', 'withdraw', 'register_license', 'update_license'];
  const all = fields(value, 'operation', [], names);
  const kinds = Object.keys(all);
  if (kinds.length !== 1) throw new InputError(`operation: expected one of ${names.join(', ')}`);
  const [kind] = kinds as [string];
  switch (kind) {
    case 'pay': {
      const f = fields(all[kind], kind, ['license', 'uses', 'amount', 'recipient', 'memo']);
      const [license, uses, amount] = [f['license'] as Whole, f['uses'] as Whole, f['amount'] as Money];
      return pay(license, uses, amount, f['recipient'] as string, f['memo'] as string);
    }
    case 'transfer': {
      const f = fields(all[kind], kind, ['to', 'amount', 'recipient', 'memo']);
      const [to, amount] = [f['to'] as Whole, f['amount'] as Money];
      return transfer(to, amount, f['recipient'] as string, f['memo'] as string);
    }
    case 'withdraw': {
      const f = fields(all[kind], kind, ['amount', 'memo']);
      return withdraw(f['amount'] as Money, f['memo'] as string);
    }
    case 'register_license':
      return readRegistration(all[kind]);
    default:
      return readUpdate(all[kind]);
  }
}

function readUpdate(value: unknown): Operation {
  const names = ['license', 'price', 'derivative_shares', 'status', 'provenance', 'recipient'];
  // An update without licensee may leave the field out.
  const f = fields(value, 'update_license', names, ['licensee']);
  const version = {
    price: f['price'] as Money,
    derivativeShares: f['derivative_shares'] as Whole,
    status: f['status'] as LicenseStatus,
    licensee: (f['licensee'] ?? null) as Whole | null,
    provenance: f['provenance'] as string,
  };
  return updateLicense(f['license'] as Whole, version, f['recipient'] as string);
}

function readRegistration(value: unknown): Operation {
  const names = ['price', 'derivative_shares', 'lineage', 'provenance', 'holders', 'recipient'];
  const f = fields(value, 'register_license', names);
  if (!Array.isArray(f['holders'])) throw new InputError('holders: expected a list', 'invalid_holders');
  const holders = f['holders'].map((line: unknown, i) => {
    const read = fields(line, `holder ${i}`, ['holder', 'shares']);
    return read as unknown as HolderShares;
  });
  const terms = {
    price: f['price'] as Money,
    derivativeShares: f['derivative_shares'] as Whole,
    provenance: f['provenance'] as string,
    holders,
  };
  return registerLicense(terms, f['lineage'] as Whole, f['recipient'] as string);
}

/** Reads the JSON of a signed intent of a deployment. The signature is not checked. */
export function readIntent(value: unknown, deployment: Deployment): SignedIntent {
  const names = ['account', 'nonce', 'fee', 'valid_until', 'operation', 'signature'];
  const f = fields(value, 'intent', names);
  const intent: Intent = {
    account: whole(f['account'] as Whole, 'account'),
    nonce: whole(f['nonce'] as Whole, 'nonce'),
    fee: money(f['fee'] as Money, 'fee'),
    validUntil: whole(f['valid_until'] as Whole, 'time', 'valid until'),
    operation: readOperation(f['operation']),
  };
  const signature = fromHex(f['signature'], 'signature', SIGNATURE_BYTES);
  const id = digestToHex(intentId(domainOf(deployment), intentMessage(intent)));
  return { intent, signature, id };
}
