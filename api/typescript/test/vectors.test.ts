import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';
import { secp256k1 } from '@noble/curves/secp256k1.js';
import { requestContent, requestDomain, requestSignature } from '../src/account-request.js';
import { addressFromHex, elementBytes, fromHex, toHex } from '../src/bytes.js';
import {
  addPoints,
  decode,
  encode,
  multiplyGenerator,
  multiplyPoint,
  NEUTRAL,
  negatePoint,
  ORDER,
  type Point,
} from '../src/curve.js';
import { domainOf } from '../src/deployment.js';
import { operationDocument, readOperation } from '../src/documents.js';
import {
  add,
  canonical,
  type Fp5,
  inverse,
  legendreSymbol,
  multiply,
  square,
  squareRoot,
} from '../src/extension.js';
import { P, reduce } from '../src/field.js';
import { type Intent, intentBytes, intentId, intentMessage } from '../src/intent.js';
import { SecretKey } from '../src/keys.js';
import { accountIdentity, accountLeaf, licenseLeaf, licenseStanding, licenseTerms } from '../src/leaves.js';
import { OPENING_MESSAGE, openingDomain } from '../src/opening.js';
import {
  LICENSE_STATUSES,
  type LicenseStatus,
  type Operation,
  pay,
  registerLicense,
  transfer,
  updateLicense,
  withdraw,
} from '../src/operations.js';
import { compress, hash, hashIn, hashWide, permute, Tag, ZERO_DIGEST } from '../src/poseidon2.js';
import * as constants from '../src/poseidon2-constants.js';
import {
  limbBytes,
  limbsOf,
  type PublicRecord,
  publicDataCommitment,
  publicDataHash,
  readPublicData,
  writePublicData,
} from '../src/public-data.js';
import { type QueueEntry, queueChain, queueEntryBytes } from '../src/queue.js';
import { accountRecipient, holderChain, licenseOrigin, recipientOf } from '../src/recipients.js';
import { challenge, parsePublicKey, signatureFault } from '../src/schnorr.js';
import { type Holder, type HolderShares, packedLine, shareTable, shareTableDigest } from '../src/shares.js';
import {
  type BatchStatement,
  batchDigest,
  batchElements,
  batchesRoot,
  blockDigest,
  evaluate,
  evaluationPoint,
  headerElements,
  type Quadratic,
} from '../src/statement.js';
import { keyFromWallet, walletMessageHash, walletSeed } from '../src/wallet.js';
import { covers, VECTORS, type Vector } from './vectors.js';

const fp5 = (v: Vector): Fp5 => v.integers as unknown as Fp5;
const limbs = (v: Vector): bigint => v.integers.reduceRight((value, limb) => (value << 64n) | limb, 0n);
const address = (v: Vector): Uint8Array => addressFromHex(v.text, 'address');
const bytes32 = (v: Vector): Uint8Array => fromHex(v.text, '32 bytes', 32);
const elements = (bytes: Uint8Array): bigint[] => limbsFrom(bytes, 8);
const limbsFrom = (bytes: Uint8Array, size: number): bigint[] =>
  Array.from({ length: bytes.length / size }, (_, i) =>
    BigInt(toHex(bytes.subarray(i * size, (i + 1) * size))),
  );
const hex = (v: Vector): Uint8Array => fromHex(`0x${v.text}`, 'bytes');
const pointOf = (w: Fp5): Point => decode(w) ?? NEUTRAL;

test('every file of vectors has a test here', () => {
  assert.deepEqual(readdirSync(VECTORS).sort(), [
    'ecgfp5.json',
    'leaves.json',
    'messages.json',
    'poseidon2.json',
    'public_data.json',
    'queue.json',
    'schnorr.json',
    'statement.json',
    'wallet.json',
  ]);
});

test('poseidon2.json', () => {
  covers('poseidon2.json', (root) => {
    const rounds = root.at('round_constants');
    const rows = (v: Vector): bigint[][] => v.items.map((row) => row.integers);
    assert.deepEqual(rows(rounds.at('external_initial')), constants.EXTERNAL_INITIAL);
    assert.deepEqual(rounds.at('internal').integers, constants.INTERNAL);
    assert.deepEqual(rows(rounds.at('external_final')), constants.EXTERNAL_FINAL);
    assert.deepEqual(root.at('internal_diagonal').integers, constants.INTERNAL_DIAGONAL);
    for (const v of root.at('permutation').items) {
      assert.deepEqual(permute(v.at('input').integers), v.at('output').integers);
    }
    for (const v of root.at('compress').items) {
      assert.deepEqual(compress(v.at('left').digest, v.at('right').digest), v.at('output').digest);
    }
    for (const v of root.at('sponge').items) {
      const [tag, input] = [v.at('tag').integer, v.at('input').integers];
      assert.equal(Tag[v.at('tag_name').text as keyof typeof Tag], tag);
      assert.deepEqual(hash(tag, input), v.at('digest').digest);
      assert.deepEqual(hashWide(tag, input), v.at('wide').integers);
    }
    for (const v of root.at('sponge_in').items) {
      assert.deepEqual(hashIn(v.at('capacity').digest, v.at('input').integers), v.at('digest').digest);
    }
    let empty = ZERO_DIGEST;
    for (const v of root.at('empty_subtrees').items) {
      assert.deepEqual(v.digest, empty);
      empty = compress(empty, empty);
    }
  });
});

test('ecgfp5.json', () => {
  covers('ecgfp5.json', (root) => {
    for (const v of root.at('field').items) {
      const [a, b] = [fp5(v.at('a')), fp5(v.at('b'))];
      assert.deepEqual(canonical(add(a, b)), fp5(v.at('sum')));
      assert.deepEqual(canonical(multiply(a, b)), fp5(v.at('product')));
      assert.deepEqual(canonical(square(a)), canonical(multiply(a, a)));
      assert.deepEqual(canonical(inverse(a)), fp5(v.at('inverse_a')));
      assert.equal(reduce(BigInt(legendreSymbol(a))), v.at('legendre_a').integer);
      const root = squareRoot(square(a));
      assert.equal(root !== undefined, v.at('square_has_root').flag);
      assert.deepEqual(canonical(square(root as Fp5)), canonical(square(a)));
    }
    for (const v of root.at('points').items) {
      const [s, t] = [limbs(v.at('s')), limbs(v.at('t'))];
      const [sG, tG] = [fp5(v.at('sG')), fp5(v.at('tG'))];
      assert.deepEqual(encode(multiplyGenerator(s)), sG);
      assert.deepEqual(encode(multiplyGenerator(t)), tG);
      const [left, right] = [pointOf(sG), pointOf(tG)];
      assert.deepEqual(encode(left), sG);
      assert.deepEqual(encode(addPoints(left, right)), fp5(v.at('sG_plus_tG')));
      assert.deepEqual(encode(addPoints(left, left)), fp5(v.at('double_sG')));
      assert.deepEqual(encode(multiplyPoint(t, left)), fp5(v.at('t_times_sG')));
      assert.deepEqual(encode(negatePoint(left)), fp5(v.at('neg_sG')));
      assert.equal((s + t) % ORDER, limbs(v.at('s_plus_t')));
      assert.equal((s * t) % ORDER, limbs(v.at('s_times_t')));
    }
    root.at('small_multiples_of_generator').items.forEach((v, i) => {
      assert.deepEqual(encode(multiplyGenerator(BigInt(i))), fp5(v));
    });
    for (const v of root.at('decode').items) {
      const w = fp5(v.at('w'));
      const neutral = w.every((element) => element === 0n);
      assert.equal(neutral || decode(w) !== undefined, v.at('valid').flag);
    }
    for (const v of root.at('scalar_reduce').items) {
      const bytes = hex(v.at('bytes_le')).reverse();
      assert.equal(BigInt(toHex(bytes)) % ORDER, limbs(v.at('mod_n')));
    }
  });
});

test('schnorr.json', () => {
  covers('schnorr.json', (root) => {
    for (const v of root.at('valid').items) {
      const key = SecretKey.fromSeed(hex(v.at('seed')));
      const domain = elements(hex(v.at('domain'))) as never;
      const message = elements(hex(v.at('message')));
      const signature = hex(v.at('signature'));
      assert.equal(key.publicKey, `0x${v.at('public_key').text}`);
      assert.deepEqual(key.sign(domain, message), signature);
      assert.equal(signatureFault(hex(v.at('public_key')), domain, message, signature), undefined);
      const nonce = elements(signature.subarray(0, 40)) as unknown as Fp5;
      const e = challenge(domain, nonce, key.elements, message);
      assert.deepEqual(elementBytes(e), hex(v.at('challenge')));
    }
    const faults: Record<string, string> = {
      Mismatch: 'mismatch',
      NonceNotInGroup: 'nonce not in the group',
      NeutralNonce: 'nonce neutral',
      'NonCanonicalElement { index: 2 }': 'nonce not canonical',
      ResponseTooLarge: 'response too large',
      'Key(Neutral)': 'key neutral',
      'Key(NotInGroup)': 'key not in the group',
      KeyEncodingError: 'key not canonical',
    };
    for (const v of root.at('invalid').items) {
      const fault = signatureFault(
        hex(v.at('public_key')),
        elements(hex(v.at('domain'))) as never,
        elements(hex(v.at('message'))),
        hex(v.at('signature')),
      );
      assert.equal(fault, faults[v.at('error').text], v.at('reason').text);
    }
  });
});

function holders(v: Vector): HolderShares[] {
  return v.items.map((line) => {
    const [id, shares] = [line.at('id').integer, line.at('shares').integer];
    const holder = line.at('kind').text === 'license' ? { license: id } : { account: id };
    assert.equal(
      packedLine({ kind: 'license' in holder ? 'license' : 'account', id, shares }),
      line.at('packed').integer,
    );
    return { holder, shares };
  });
}

function operation(name: string, fields: Vector): Operation {
  const read = (field: string): bigint => fields.at(field).integer;
  const recipient = (): string => fields.at('recipient').text;
  switch (name) {
    case 'Pay':
      return pay(read('license'), read('uses'), read('amount'), recipient(), fields.at('memo').text);
    case 'Transfer':
      return transfer(read('to'), read('amount'), recipient(), fields.at('memo').text);
    case 'Withdraw':
      return withdraw(read('amount'), fields.at('memo').text);
    case 'UpdateLicense': {
      const version = {
        price: read('price'),
        derivativeShares: read('derivative_shares'),
        status: statusOf(fields.at('status')),
        licensee: licenseeOf(fields.at('licensee')) ?? null,
        provenance: fields.at('provenance').text,
      };
      return updateLicense(read('license'), version, recipient());
    }
    default: {
      assert.equal(name, 'RegisterLicense');
      const terms = {
        price: read('price'),
        derivativeShares: read('derivative_shares'),
        provenance: fields.at('provenance').text,
        holders: holders(fields.at('holders')),
      };
      const chain = holderChain(terms.holders, recipients(fields.at('recipients'), terms.holders));
      assert.deepEqual(chain, fields.at('chain').digest);
      assert.equal(recipientOf(chain), recipient());
      return registerLicense(terms, read('lineage'), recipient());
    }
  }
}

function statusOf(v: Vector): LicenseStatus {
  const statuses = Object.keys(LICENSE_STATUSES) as LicenseStatus[];
  const status = statuses.find((name) => LICENSE_STATUSES[name] === v.integer);
  assert.ok(status !== undefined, 'the status has a name');
  return status;
}

/** A licensee of the vectors, in which 0 is none. */
function licenseeOf(v: Vector): bigint | undefined {
  return v.integer === 0n ? undefined : v.integer;
}

/** The recipient that stands for a holder in the vectors. */
function standIn(holder: Holder): string {
  const elements = 'account' in holder ? [0n, BigInt(holder.account)] : [1n, BigInt(holder.license)];
  return recipientOf(hash(Tag.AccountIdentity, elements));
}

function recipients(v: Vector, holders: readonly HolderShares[]): string[] {
  const texts = v.items.map((item) => item.text);
  assert.deepEqual(
    texts,
    holders.map(({ holder }) => standIn(holder)),
  );
  return texts;
}

test('messages.json', () => {
  covers('messages.json', (root) => {
    const deployment = {
      chainId: root.at('domain').at('chain_id').integer,
      contract: root.at('domain').at('contract').text,
    };
    const domain = domainOf(deployment);
    assert.deepEqual(domain, root.at('domain').at('digest').digest);
    for (const v of root.at('intents').items) {
      const intent: Intent = {
        account: v.at('account').integer,
        nonce: v.at('nonce').integer,
        fee: v.at('fee').integer,
        validUntil: v.at('valid_until').integer,
        operation: operation(v.at('operation').text, v.at('fields')),
      };
      const key = SecretKey.fromSeed(v.at('seed').text);
      const message = intentMessage(intent);
      const signature = key.sign(domain, message);
      assert.deepEqual(readOperation(operationDocument(intent.operation)), intent.operation);
      assert.equal(key.publicKey, v.at('public_key').text);
      assert.equal(toHex(intentBytes(intent)), v.at('bytes').text);
      assert.deepEqual(message, v.at('message').integers);
      assert.equal(toHex(signature), v.at('signature').text);
      assert.equal(toHex(intentBytes(intent)) + toHex(signature).slice(2), v.at('signed_bytes').text);
      assert.deepEqual(intentId(domain, message), v.at('id').digest);
      assert.equal(toHex(elementBytes(intentId(domain, message))), v.at('id_bytes').text);
      const nonce = elements(signature.subarray(0, 40)) as unknown as Fp5;
      assert.deepEqual(challenge(domain, nonce, key.elements, message), v.at('challenge').digest);
    }
    for (const v of root.at('openings').items) {
      const key = SecretKey.fromSeed(v.at('seed').text);
      assert.equal(key.publicKey, v.at('public_key').text);
      const opening = openingDomain(domain, key.elements, address(v.at('owner')));
      assert.deepEqual(opening, v.at('opening_domain').digest);
      assert.equal(toHex(key.sign(opening, OPENING_MESSAGE)), v.at('signature').text);
    }
    for (const v of root.at('requests').items) {
      const key = SecretKey.fromSeed(v.at('seed').text);
      assert.equal(key.publicKey, v.at('public_key').text);
      const [account, time] = [v.at('account').integer, v.at('time').integer];
      const [method, target, body] = ['method', 'target', 'body'].map((name) => v.at(name).text) as [
        string,
        string,
        string,
      ];
      const content = requestContent(method, target, body);
      assert.equal(toHex(content), v.at('content').text);
      assert.deepEqual(requestDomain(domain, account, time, content), v.at('signing_domain').digest);
      const signer = { account: Number(account), key, domain };
      const header = requestSignature(signer, Number(time), { method, target, body });
      assert.equal(header, `account=${account},t=${time},s=${v.at('signature').text}`);
    }
  });
});

test('leaves.json', () => {
  covers('leaves.json', (root) => {
    for (const v of root.at('accounts').items) {
      const key = parsePublicKey(fromHex(v.at('key').text, 'key', 40)) as Fp5;
      const identity = accountIdentity(key, address(v.at('owner')));
      assert.deepEqual(identity, v.at('identity').digest);
      assert.equal(accountRecipient(v.at('key').text, v.at('owner').text), recipientOf(identity));
      const leaf = accountLeaf(identity, v.at('balance').integer, v.at('nonce').integer);
      assert.deepEqual(leaf, v.at('leaf').digest);
    }
    for (const v of root.at('licenses').items) {
      const holding = holders(v.at('holders'));
      const table = shareTableDigest(shareTable(holding));
      assert.deepEqual(table, v.at('table').digest);
      const licensor = v.at('licensor_recipient').text;
      assert.equal(licensor, standIn({ account: v.at('licensor').integer }));
      const chain = holderChain(holding, recipients(v.at('recipients'), holding));
      const origin = licenseOrigin(licensor, chain, v.at('provenance').text);
      assert.deepEqual(origin, v.at('origin').digest);
      const terms = licenseTerms(table, origin, {
        licensor: v.at('licensor').integer,
        lineage: v.at('lineage').integer,
      });
      assert.deepEqual(terms, v.at('terms').digest);
      const standing = licenseStanding({
        status: v.at('status').integer,
        licensee: v.at('licensee').integer,
        derivativeShares: v.at('derivative_shares').integer,
      });
      assert.equal(standing, v.at('standing').integer);
      const leaf = licenseLeaf(terms, {
        price: v.at('price').integer,
        vault: v.at('vault').integer,
        received: v.at('received').integer,
        standing,
      });
      assert.deepEqual(leaf, v.at('leaf').digest);
    }
  });
});

function queueEntry(v: Vector): QueueEntry {
  if (v.at('kind').text === 'ForcedExit') {
    return { kind: 'forced_exit', requester: address(v.at('requester')), account: v.at('account').integer };
  }
  const [owner, amount, key] = [address(v.at('owner')), v.at('amount').integer, v.at('key').integers];
  return { kind: 'deposit', owner, amount, key };
}

test('queue.json', () => {
  covers('queue.json', (root) => {
    let chain: Uint8Array = new Uint8Array(32);
    for (const v of root.at('entries').items) {
      const entry = queueEntry(v);
      assert.equal(toHex(queueEntryBytes(entry)), v.at('bytes').text);
      chain = queueChain(chain, entry);
      assert.equal(toHex(chain), v.at('chain').text);
      if (entry.kind === 'deposit') {
        assert.deepEqual(
          entry.key.map((word) => word % P),
          v.at('account_key').integers,
        );
      }
    }
  });
});

const OUTCOMES = {
  Credited: 'credited',
  RefusedByBalance: 'refused_by_balance',
  RefusedByAmount: 'refused_by_amount',
  Exits: 'exits',
  NoEffect: 'no_effect',
} as const;

function publicRecord(v: Vector): PublicRecord {
  const integer = (field: string): bigint => v.at(field).integer;
  switch (v.at('kind').text) {
    case 'OpenedAccount': {
      const key = parsePublicKey(fromHex(v.at('key').text, 'key', 40)) as Fp5;
      return { kind: 'opened_account', id: integer('id'), key: [...key], owner: address(v.at('owner')) };
    }
    case 'Withdrawal':
      return { kind: 'withdrawal', owner: address(v.at('owner')), baseUnits: integer('base_units') };
    case 'Account': {
      const nonce = v.at('nonce').optionalText;
      const account = { kind: 'account', id: integer('id'), balance: integer('balance') } as const;
      return nonce === undefined ? account : { ...account, nonce: BigInt(nonce) };
    }
    case 'NewLicense': {
      const terms = {
        licensor: integer('licensor'),
        derivativeShares: integer('derivative_shares'),
        lineage: integer('lineage'),
        provenance: bytes32(v.at('provenance')),
        holders: shareTable(holders(v.at('holders'))),
      };
      return { kind: 'new_license', id: integer('id'), price: integer('price'), terms };
    }
    case 'UpdatedLicense': {
      const [status, licensee] = [statusOf(v.at('status')), licenseeOf(v.at('licensee'))];
      const derivativeShares = integer('derivative_shares');
      const provenance = bytes32(v.at('provenance'));
      const version = { price: integer('price'), derivativeShares, status, licensee, provenance };
      return { kind: 'updated_license', id: integer('id'), ...version };
    }
    case 'License':
      return { kind: 'license', id: integer('id'), vault: integer('vault'), received: integer('received') };
    default: {
      const kind = OUTCOMES[v.at('outcome').text as keyof typeof OUTCOMES];
      const account = v.at('outcome_account').optionalText;
      const outcome = account === undefined ? { kind } : { kind, account: BigInt(account) };
      return { kind: 'queue', entry: queueEntry(v), outcome } as PublicRecord;
    }
  }
}

test('public_data.json', () => {
  covers('public_data.json', (root) => {
    for (const v of root.at('streams').items) {
      const records = v.at('records').items.map(publicRecord);
      const limbs = v.at('limbs').integers;
      assert.deepEqual(writePublicData(records), limbs);
      assert.deepEqual(readPublicData(limbs), records);
      assert.equal(toHex(limbBytes(limbs)), v.at('bytes').text);
      assert.deepEqual(limbsOf(limbBytes(limbs)), limbs);
      assert.deepEqual(publicDataCommitment(limbs), v.at('commitment').digest);
      assert.equal(toHex(publicDataHash(limbBytes(limbs))), v.at('keccak').text);
    }
    for (const v of root.at('long').items) {
      const length = Number(v.at('length').integer);
      const limbs = Array.from({ length }, (_, i) => (BigInt(i + 1) * 0xc159e3779b97f5n) % (1n << 56n));
      assert.equal(toHex(publicDataHash(limbBytes(limbs))), v.at('keccak').text);
      const point = v.at('challenge').integers as unknown as Quadratic;
      assert.deepEqual(evaluate(limbs, point), v.at('evaluation').integers);
    }
  });
});

test('statement.json', () => {
  covers('statement.json', (root) => {
    const digests = root.at('batches').items.map((v) => {
      const integer = (field: string): bigint => v.at(field).integer;
      const bytes = fromHex(v.at('public_data_bytes').text, 'public data');
      const header = {
        domain: v.at('domain').digest,
        class: integer('class'),
        number: integer('number'),
        timestamp: integer('timestamp'),
        oldRoot: v.at('old_root').digest,
        newRoot: v.at('new_root').digest,
        receiptsRoot: v.at('receipts_root').digest,
        intents: integer('intents'),
        queueFrom: integer('queue_from'),
        queueTo: integer('queue_to'),
        publicData: v.at('public_data').digest,
        publicDataLimbs: integer('public_data_limbs'),
      };
      const limbs = limbsOf(bytes);
      assert.equal(BigInt(limbs.length), header.publicDataLimbs);
      assert.deepEqual(publicDataCommitment(limbs), header.publicData);
      assert.equal(toHex(publicDataHash(bytes)), v.at('public_data_keccak').text);
      const point = evaluationPoint(publicDataHash(bytes), headerElements(header));
      assert.deepEqual(point, v.at('challenge').integers);
      assert.deepEqual(evaluate(limbs, point), v.at('evaluation').integers);
      const batch: BatchStatement = { ...header, challenge: point, evaluation: evaluate(limbs, point) };
      assert.deepEqual(batchElements(batch), v.at('elements').integers);
      assert.deepEqual(batchDigest(batch), v.at('digest').digest);
      return batchDigest(batch);
    });
    for (const v of root.at('blocks').items) {
      const integer = (field: string): bigint => v.at(field).integer;
      const batches = integer('batches');
      assert.deepEqual(batchesRoot(digests.slice(0, Number(batches))), v.at('batches_root').digest);
      const block = {
        domain: v.at('domain').digest,
        firstBatch: integer('first_batch'),
        batches,
        timestamp: integer('timestamp'),
        oldRoot: v.at('old_root').digest,
        newRoot: v.at('new_root').digest,
        queueFrom: integer('queue_from'),
        queueTo: integer('queue_to'),
        batchesRoot: v.at('batches_root').digest,
      };
      assert.deepEqual(blockDigest(block), v.at('digest').digest);
    }
  });
});

test('wallet.json', async () => {
  const keys: Promise<void>[] = [];
  covers('wallet.json', (root) => {
    for (const v of root.at('wallets').items) {
      const deployment = { chainId: v.at('chain_id').integer, contract: v.at('contract').text };
      assert.equal(toHex(walletMessageHash(deployment)), v.at('digest').text);
      const signature = v.at('signature').text;
      assert.equal(toHex(walletSeed(signature)), v.at('seed').text);
      const walletKey = fromHex(v.at('wallet_key').text, 'wallet key', 32);
      const signed = secp256k1.sign(walletMessageHash(deployment), walletKey, { prehash: false });
      assert.equal(toHex(signed), signature.slice(0, 130));
      const expected = v.at('key').text;
      keys.push(
        keyFromWallet(deployment, async () => signature).then((key) => {
          assert.equal(key.publicKey, expected);
        }),
      );
    }
  });
  await Promise.all(keys);
});
