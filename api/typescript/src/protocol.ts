// The protocol below the API, for readers of L1 and for other implementations: `@farthing/sdk/protocol`.

export { digestFromHex, digestToHex, fromHex, toHex } from './bytes.js';
export { domainOf, PROTOCOL_VERSION } from './deployment.js';
export { intentBytes, intentId, intentMessage } from './intent.js';
export { accountIdentity, accountLeaf, licenseLeaf, licenseStanding, licenseTerms } from './leaves.js';
export { OPENING_MESSAGE, openingDomain } from './opening.js';
export {
  compress,
  type Digest,
  hash,
  hashIn,
  hashWide,
  permute,
  rootOf,
  type ShortDigest,
  Tag,
} from './poseidon2.js';
export {
  limbBytes,
  limbsOf,
  type PublicRecord,
  publicDataCommitment,
  publicDataHash,
  readPublicData,
  writePublicData,
} from './public-data.js';
export { type QueueEntry, queueChain, queueEntryBytes } from './queue.js';
export { accountRecipient, holderChain, licenseOrigin, recipientOf } from './recipients.js';
export { challenge, type SignatureFault, signatureFault } from './schnorr.js';
export { shareTable, shareTableDigest } from './shares.js';
export {
  type BatchStatement,
  type BlockStatement,
  batchDigest,
  batchElements,
  batchesRoot,
  blockDigest,
  evaluate,
  evaluationPoint,
} from './statement.js';
