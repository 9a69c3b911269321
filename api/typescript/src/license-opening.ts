// Openings of licenses: the leaf of a license in the state that a final batch left, with its path and the
// batch's statement (api/README.md, "Statements that prove themselves").

import { addressFromHex, checksummed, digestToHex, shortDigestFromHex } from './bytes.js';
import { type Deployment, domainOf } from './deployment.js';
import { InputError } from './input-error.js';
import { licenseLeaf, licenseStanding, licenseTerms } from './leaves.js';
import { LICENSE_STATUSES, type LicenseStatus } from './operations.js';
import { type Digest, type ShortDigest, sameDigest } from './poseidon2.js';
import { RANGES, whole } from './quantity.js';
import { type HolderShares, shareTable, shareTableDigest } from './shares.js';
import { licensePathRoot, readSiblings } from './state-path.js';
import type { BatchStatement } from './statement.js';
import { DocumentReader, readBatch, readPlace } from './statement-documents.js';

/** An opening whose fields are of the right kinds, and are not checked against each other. */
export interface LicenseOpening {
  readonly deployment: { readonly chainId: bigint; readonly contract: string };
  readonly id: bigint;
  readonly recipient: ShortDigest;
  readonly licensor: bigint;
  readonly lineage: bigint;
  readonly holders: readonly HolderShares[];
  readonly price: bigint;
  readonly derivativeShares: bigint;
  readonly status: LicenseStatus;
  /** 0 if every account may pay. */
  readonly licensee: bigint;
  readonly vault: bigint;
  /** The total that it has received, modulo 2⁶². */
  readonly received: bigint;
  readonly siblings: readonly Digest[];
  readonly accountsRoot: Digest;
  readonly batch: BatchStatement;
}

const FIELDS = [
  'chain_id',
  'contract',
  'id',
  'recipient',
  'licensor',
  'lineage',
  'holders',
  'price',
  'derivative_shares',
  'status',
  'licensee',
  'vault',
  'received',
  'siblings',
  'accounts_root',
  'batch',
  'block',
];

/** Reads the JSON of an opening. */
export function readOpening(value: unknown): LicenseOpening {
  const read = new DocumentReader(value, 'opening', FIELDS, ['l1']);
  // Nothing here binds the block and its place on L1, and a claim does not need them.
  read.decimal('block', 'u64');
  if (read.field('l1') !== undefined) readPlace(read.field('l1'));
  return {
    deployment: {
      chainId: read.integer('chain_id', 'chainId'),
      contract: checksummed(addressFromHex(read.field('contract'), 'contract')),
    },
    id: read.integer('id', 'license'),
    recipient: shortDigestFromHex(read.field('recipient'), 'recipient'),
    licensor: read.integer('licensor', 'account'),
    lineage: read.integer('lineage', 'lineage'),
    holders: read.list('holders').map(readHolder),
    price: read.decimal('price', 'price'),
    derivativeShares: read.integer('derivative_shares', 'shares'),
    status: readStatus(read.field('status')),
    // The number of an account. Whether a license can have it as its licensee, the leaf decides.
    licensee: read.field('licensee') === undefined ? 0n : read.integer('licensee', 'account'),
    vault: read.decimal('vault', 'nano'),
    received: read.decimal('received', 'nano'),
    siblings: readSiblings(read.field('siblings')),
    accountsRoot: read.digest('accounts_root'),
    batch: readBatch(read.field('batch')),
  };
}

function readStatus(value: unknown): LicenseStatus {
  if (typeof value === 'string' && Object.hasOwn(LICENSE_STATUSES, value)) return value as LicenseStatus;
  throw new InputError(`status: expected one of ${Object.keys(LICENSE_STATUSES).join(', ')}`);
}

function readHolder(value: unknown, index: number): HolderShares {
  const what = `holder ${index}`;
  const line = new DocumentReader(value, what, ['holder', 'shares']);
  const holder = new DocumentReader(line.field('holder'), what, [], ['account', 'license']);
  const shares = line.integer('shares', 'shares');
  switch (holder.names().join()) {
    case 'account':
      return { holder: { account: holder.integer('account', 'account') }, shares };
    case 'license':
      return { holder: { license: holder.integer('license', 'license') }, shares };
    default:
      throw new InputError(`${what}: expected { account } or { license }`);
  }
}

/** Whether an opening names this deployment. */
export function isOf({ deployment }: LicenseOpening, expected: Deployment): boolean {
  return (
    deployment.chainId === whole(expected.chainId, 'chainId') && deployment.contract === expected.contract
  );
}

/** The leaf of the licenses tree that the fields make. The error names the first rule of licenses that they break. */
function leafOf(opening: LicenseOpening): Digest {
  const { id, licensor, lineage, price, vault, received, derivativeShares, licensee, status } = opening;
  let table: Digest;
  try {
    table = shareTableDigest(shareTable(opening.holders));
  } catch (error) {
    throw new InputError(`license ${id}: holders: ${(error as Error).message}`);
  }
  const [, most] = RANGES.licensee;
  if (licensee > most) throw new InputError(`license ${id}: Licensee is ${licensee}, expected 0 to ${most}`);
  // The terms take three elements of the origin: those of the recipient.
  const terms = licenseTerms(table, [...opening.recipient, 0n], { licensor, lineage });
  const standing = licenseStanding({ status: LICENSE_STATUSES[status], licensee, derivativeShares });
  return licenseLeaf(terms, { price, vault, received, standing });
}

/** Checks that the path of license `id` leads from its leaf to the state root of the batch that it names. */
export function verifyOpening(id: bigint, opening: LicenseOpening): void {
  const { deployment, batch } = opening;
  if (opening.id !== id) {
    throw new InputError(`the opening is of license ${opening.id}, expected license ${id}`);
  }
  if (!sameDigest(batch.domain, domainOf(deployment))) {
    throw new InputError(
      `the domain of batch ${batch.number} is not that of chain ${deployment.chainId} and contract ` +
        deployment.contract,
    );
  }
  const got = licensePathRoot(leafOf(opening), id, opening.siblings, opening.accountsRoot);
  if (!sameDigest(got, batch.newRoot)) {
    throw new InputError(
      `the path of license ${id} leads to state root ${digestToHex(got)}, batch ${batch.number} states ` +
        digestToHex(batch.newRoot),
    );
  }
}
