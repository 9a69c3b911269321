// Checks that a revenue statement agrees with itself: its claim follows from openings of licenses, with no server.
//
// Consistent is not true: anyone can make consistent openings of a state that never was. Only L1 knows whether the
// batches are final: see `verifyStatementOnL1`.

import { addressFromHex, checksummed, digestToHex } from './bytes.js';
import type { Deployment } from './deployment.js';
import { FarthingError, StatementError } from './errors.js';
import { InputError } from './input-error.js';
import { isOf, type LicenseOpening, readOpening, verifyOpening } from './license-opening.js';
import { RANGES, SHARES_TOTAL, whole } from './quantity.js';
import { type BatchStatement, batchDigest } from './statement.js';
import { DocumentReader } from './statement-documents.js';

/** The `type` of a statement. */
const STATEMENT_TYPE = 'farthing.statement';
/** The version of statements that are checked. */
const STATEMENT_VERSION = 1;
/** The most licenses of a statement. */
const STATEMENT_LICENSES_MAX = 1_000;
/** Totals that licenses received are modulo 2⁶² nano. */
const NANO_BITS = 62;

/** The checks of a statement that need no L1, in their order. */
export const STATEMENT_STEPS = ['format', 'licenses', 'deployment', 'openings', 'batches', 'claim'] as const;
/**
 * A check: JSON of the right form and version; one to 1,000 licenses, ascending; one chain and contract; a path from
 * each license to the state root of its batch; the same two batches for all; the claim as it follows.
 */
export type StatementStep = (typeof STATEMENT_STEPS)[number];

/** The batches of a claim. */
interface Period {
  /** The batch before the first one; `undefined` if the claim begins with the registration. */
  readonly after: bigint | undefined;
  /** The last batch. */
  readonly until: bigint;
}

/** A license received exactly this sum. Amounts are in nano. */
export interface RevenueClaim extends Period {
  readonly kind: 'revenue';
  readonly license: bigint;
  readonly received: bigint;
}

/** An account has these shares of a license, and was credited at least and at most so much of what it received. */
export interface ShareClaim extends Period {
  readonly kind: 'share';
  readonly license: bigint;
  readonly account: bigint;
  /** Of 1,000,000. */
  readonly shares: bigint;
  readonly received: bigint;
  readonly creditedMin: bigint;
  readonly creditedMax: bigint;
}

/** Several licenses received exactly this sum together. The part of a derivative that its parent gets counts twice. */
export interface TotalClaim extends Period {
  readonly kind: 'total';
  /** Ascending. */
  readonly licenses: readonly bigint[];
  readonly received: bigint;
}

export type StatementClaim = RevenueClaim | ShareClaim | TotalClaim;

/** What a statement says once it agrees with itself. */
interface StatedFacts {
  readonly deployment: { readonly chainId: bigint; readonly contract: string };
  readonly claim: StatementClaim;
  /** The batch before the first one, unless the claim begins with the registration. */
  readonly after: BatchStatement | undefined;
  /** The last batch. */
  readonly until: BatchStatement;
}

/** A statement that agrees with itself: its claim is true if, and only if, L1 has verified its batches. */
export interface ConsistentStatement extends StatedFacts {
  readonly outcome: 'consistent';
}

/** A statement whose batches L1 has verified: its claim is true. */
export interface ProvenStatement extends StatedFacts {
  readonly outcome: 'proven';
  /** The L1 block at which that was seen. */
  readonly l1Block: bigint;
}

/** A statement that proves nothing. */
export interface RefusedStatement {
  readonly outcome: 'refused';
  /** The checks that it passed. */
  readonly passed: readonly StatementStep[];
  /** The check that refused it. */
  readonly step: StatementStep;
  readonly error: StatementError;
}

/**
 * Checks that a statement agrees with itself, which a made-up one does too: whether its claim is true, only L1
 * says. The statement is a document or its JSON text. With `deployment`, it must be of that one. The error is a
 * `StatementError`.
 */
export function verifyStatement(statement: unknown, deployment?: Deployment): ConsistentStatement {
  return new Checks().all(statement, deployment);
}

/** The same, with the refusal as a result: for programs that show each step. */
export function checkStatement(
  statement: unknown,
  deployment?: Deployment,
): ConsistentStatement | RefusedStatement {
  const checks = new Checks();
  try {
    return checks.all(statement, deployment);
  } catch (error) {
    if (!(error instanceof StatementError)) throw error;
    return { outcome: 'refused', passed: checks.passed, step: error.step, error };
  }
}

/** The batches that L1 must have verified. */
export function statementBatches({ after, until }: StatedFacts): BatchStatement[] {
  return after === undefined ? [until] : [after, until];
}

/** The checks in their order. */
class Checks {
  readonly passed: StatementStep[] = [];

  all(statement: unknown, deployment: Deployment | undefined): ConsistentStatement {
    // An argument of the caller, which says nothing about the statement.
    const expected = deployment && canonical(deployment);
    const { claim, licenses } = this.#take('format', () => readStatement(statement));
    const first = this.#take('licenses', () => checkOrder(licenses));
    const named = this.#take('deployment', () =>
      checkDeployment(licenses, expected ?? first.until.deployment),
    );
    this.#take('openings', () => licenses.forEach(verifyEntry));
    this.#take('batches', () => checkBatches(licenses, first));
    const proven = this.#take('claim', () => checkClaim(claim, licenses, first));
    const [after, until] = [first.after?.batch, first.until.batch];
    return { outcome: 'consistent', deployment: named, claim: proven, after, until };
  }

  /** Takes a step. A field that is not what it should be makes the document no statement. */
  #take<T>(step: StatementStep, check: () => T): T {
    try {
      const result = check();
      this.passed.push(step);
      return result;
    } catch (error) {
      const reason = error instanceof FarthingError ? error.message : `not a statement: ${String(error)}`;
      throw new StatementError(step, reason);
    }
  }
}

function canonical(deployment: Deployment): LicenseOpening['deployment'] {
  return {
    chainId: whole(deployment.chainId, 'chainId', 'chain id'),
    contract: checksummed(addressFromHex(deployment.contract, 'contract')),
  };
}

/** The openings of one license. */
interface Entry {
  readonly after: LicenseOpening | undefined;
  readonly until: LicenseOpening;
}

type Entries = readonly Entry[];

function readStatement(statement: unknown): { claim: StatementClaim; licenses: Entries } {
  const document = typeof statement === 'string' ? parseJson(statement) : statement;
  const { type, version } = (typeof document === 'object' ? (document ?? {}) : {}) as Record<string, unknown>;
  if (type !== STATEMENT_TYPE) {
    const got = typeof type === 'string' ? type : shown(type);
    throw new InputError(`type "${got}", expected "${STATEMENT_TYPE}"`);
  }
  if (version !== STATEMENT_VERSION) {
    throw new InputError(`version ${shown(version)}, expected ${STATEMENT_VERSION}: use a newer program`);
  }
  const read = new DocumentReader(document, 'statement', ['type', 'version', 'claim', 'licenses']);
  return { claim: readClaim(read.field('claim')), licenses: read.list('licenses').map(readEntry) };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new InputError(`not JSON: ${(error as Error).message}`);
  }
}

/** The JSON of a value that was given in the place of another. */
const shown = (value: unknown): string => JSON.stringify(value) ?? 'null';

function readEntry(value: unknown): Entry {
  const read = new DocumentReader(value, 'license', ['until'], ['after']);
  const after = read.field('after');
  return {
    after: after === undefined ? undefined : readOpening(after),
    until: readOpening(read.field('until')),
  };
}

const CLAIM_FIELDS = {
  revenue: ['license'],
  share: ['license', 'account', 'shares', 'credited_min', 'credited_max'],
  total: ['licenses'],
} as const;

function readClaim(value: unknown): StatementClaim {
  const kind = (value as { kind?: unknown } | undefined)?.kind;
  if (kind !== 'revenue' && kind !== 'share' && kind !== 'total') {
    throw new InputError(`claim: kind ${shown(kind)}, expected revenue, share or total`);
  }
  const names = ['kind', 'until', 'received', ...CLAIM_FIELDS[kind]];
  const read = new DocumentReader(value, 'claim', names, ['after']);
  const after = read.field('after') === undefined ? undefined : read.decimal('after', 'batch');
  const until = read.decimal('until', 'batch');
  const received = read.decimal('received', 'nano');
  switch (kind) {
    case 'revenue':
      return { kind, license: read.integer('license', 'license'), after, until, received };
    case 'share':
      return {
        kind,
        license: read.integer('license', 'license'),
        account: read.integer('account', 'account'),
        shares: read.integer('shares', 'shares'),
        after,
        until,
        received,
        creditedMin: read.decimal('credited_min', 'nano'),
        creditedMax: read.decimal('credited_max', 'nano'),
      };
    case 'total': {
      const licenses = read.list('licenses').map((id) => {
        if (typeof id !== 'number') throw new InputError('licenses: expected numbers');
        return whole(id, 'license');
      });
      return { kind, licenses, after, until, received };
    }
  }
}

/** Checks the number of licenses and their order; returns the first. */
function checkOrder(licenses: Entries): Entry {
  const [first] = licenses;
  if (first === undefined || licenses.length > STATEMENT_LICENSES_MAX) {
    throw new InputError(`${licenses.length} licenses, expected 1 to ${STATEMENT_LICENSES_MAX}`);
  }
  // A license that was there twice would count twice.
  let previous = first.until.id;
  for (const { until } of licenses.slice(1)) {
    if (until.id <= previous) {
      throw new InputError(`license ${until.id} comes after license ${previous}: expected ascending numbers`);
    }
    previous = until.id;
  }
  return first;
}

/** The openings of a license: that at the batch before the first one, if there is one, and the last. */
const openingsOf = ({ after, until }: Entry): LicenseOpening[] =>
  after === undefined ? [until] : [after, until];

function checkDeployment(
  licenses: Entries,
  expected: LicenseOpening['deployment'],
): LicenseOpening['deployment'] {
  for (const entry of licenses) {
    const other = openingsOf(entry).find((opening) => !isOf(opening, expected));
    if (other === undefined) continue;
    const { chainId, contract } = other.deployment;
    throw new InputError(
      `license ${entry.until.id}: the opening is of chain ${chainId} and contract ${contract}, expected chain ` +
        `${expected.chainId} and contract ${expected.contract}`,
    );
  }
  return expected;
}

function verifyEntry(entry: Entry): void {
  for (const opening of openingsOf(entry)) verifyOpening(entry.until.id, opening);
}

/** The same batches for all licenses, the first before the last. Else sums would be of different periods. */
function checkBatches(licenses: Entries, first: Entry): void {
  const batches = batchesOf(first);
  for (const entry of licenses) {
    const { after, until } = entry;
    if (after !== undefined && after.batch.number >= until.batch.number) {
      throw new InputError(`batch ${after.batch.number} is not before batch ${until.batch.number}`);
    }
    if (batchesOf(entry) !== batches) {
      throw new InputError(
        `license ${until.id} is not opened at the same batches as license ${first.until.id}`,
      );
    }
  }
}

/** The batches at which a license is opened, by the digests of their statements. */
function batchesOf(entry: Entry): string {
  const digests = openingsOf(entry).map(({ batch }) => digestToHex(batchDigest(batch)));
  return digests.join();
}

/** Derives the claim from the openings, and compares it with the one that the statement makes. */
function checkClaim(got: StatementClaim, licenses: Entries, first: Entry): StatementClaim {
  const expected = deriveClaim(got, licenses, first);
  const fields = claimFields(got);
  for (const [index, [field, value]] of claimFields(expected).entries()) {
    const claimed = fields[index]?.[1];
    if (claimed !== value) {
      throw new InputError(
        `the claim does not follow from the openings: ${field} is ${value}, the claim says ${claimed}`,
      );
    }
  }
  return expected;
}

/** The claim of this kind that checked openings prove. */
function deriveClaim(got: StatementClaim, licenses: Entries, first: Entry): StatementClaim {
  const [after, until] = [first.after?.batch.number, first.until.batch.number];
  const { kind } = got;
  if (kind === 'total') {
    const received = licenses.reduce((sum, entry) => sum + revenue(entry), 0n);
    if (received > RANGES.nano[1]) {
      throw new InputError('the licenses received more than a claim can state');
    }
    return { kind, licenses: licenses.map((entry) => entry.until.id), after, until, received };
  }
  if (licenses.length !== 1) {
    throw new InputError(`a claim of one license has openings of ${licenses.length}`);
  }
  const [license, received] = [first.until.id, revenue(first)];
  if (kind === 'revenue') return { kind, license, after, until, received };
  const { account } = got;
  const line = first.until.holders.find(({ holder }) => 'account' in holder && holder.account === account);
  if (line === undefined) {
    throw new InputError(`account ${account} holds no share of license ${license}`);
  }
  const shares = whole(line.shares, 'shares');
  const [creditedMin, creditedMax] = credited(first, shares, received);
  return { kind, license, account, shares, after, until, received, creditedMin, creditedMax };
}

/**
 * The difference of the totals received: exact unless the license received 2⁶² nano in the period. A license begins
 * with a total of 0.
 */
function revenue({ after, until }: Entry): bigint {
  return BigInt.asUintN(NANO_BITS, until.received - (after?.received ?? 0n));
}

/**
 * Bounds of an account's part of `received`, over N batches and h holders. In each batch that touches the license
 * the account is credited ⌊shares · (vault + received) / 1,000,000⌋, where the vault before is less than h nano. So
 * the sum is more than shares · received / 1,000,000 − N, and at most shares · (received + N · (h − 1)) / 1,000,000.
 * All holders together are credited what the license received and what its vault lost.
 */
function credited({ after, until }: Entry, shares: bigint, received: bigint): [bigint, bigint] {
  const first = after === undefined ? 0n : after.batch.number + 1n;
  const batches = until.batch.number - first + 1n;
  const carriedMax = batches * (BigInt(until.holders.length) - 1n);
  const part = (amount: bigint): bigint => (amount * shares) / SHARES_TOTAL;
  const distributed = atLeast(0n, received + (after?.vault ?? 0n) - until.vault);
  const most = atMost(distributed, part(received + carriedMax));
  // The only holder is credited everything that is distributed.
  const least = shares === SHARES_TOTAL ? distributed : atLeast(0n, part(received) + 1n - batches);
  return [atMost(RANGES.nano[1], least), atMost(RANGES.nano[1], most)];
}

const atLeast = (least: bigint, value: bigint): bigint => (value < least ? least : value);
const atMost = (most: bigint, value: bigint): bigint => (value > most ? most : value);

/** The fields of a claim in the order in which they are compared, by their names in JSON. */
function claimFields(claim: StatementClaim): [string, string][] {
  const { after, until, received } = claim;
  const period: [string, string][] = [
    ['after', after === undefined ? 'absent' : `${after}`],
    ['until', `${until}`],
    ['received', `${received}`],
  ];
  switch (claim.kind) {
    case 'revenue':
      return [['license', `${claim.license}`], ...period];
    case 'share':
      return [
        ['license', `${claim.license}`],
        ['shares', `${claim.shares}`],
        ...period,
        ['credited_min', `${claim.creditedMin}`],
        ['credited_max', `${claim.creditedMax}`],
      ];
    case 'total':
      return [['licenses', `[${claim.licenses.join()}]`], ...period];
  }
}
