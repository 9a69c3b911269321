// Signs and sends royalty micropayments on Farthing, and verifies receipts and revenue statements.

export { verifyAccountProof } from './account-proof.js';
export { type RequestSigner, requestSignature } from './account-request.js';
export type * from './api.js';
export {
  Farthing,
  type FarthingOptions,
  type IntentFields,
  type Payment,
  type PayOptions,
  type SendOptions,
  type UpdateOptions,
} from './client.js';
export { ServerClock } from './clock.js';
export type { Deployment } from './deployment.js';
export { intentDocument, operationDocument, readIntent, readOperation } from './documents.js';
export * from './errors.js';
export type { EventsOptions } from './event-stream.js';
export type { CallOptions } from './http.js';
export { type InputCode, InputError } from './input-error.js';
export type { Intent, SignedIntent } from './intent.js';
export { keyFromSeed, SecretKey } from './keys.js';
export { canonicalManifest, MANIFEST_BYTES_MAX, manifestHash } from './manifest.js';
export type {
  LicenseChanges,
  LicenseStatus,
  LicenseTerms,
  LicenseVersion,
  Operation,
  Word,
} from './operations.js';
export * as operations from './operations.js';
export type { EarningsQuery, PageQuery } from './paths.js';
export * from './problems.js';
export { formatTokens, type Money, tokens, type Whole } from './quantity.js';
export { type VerifiedReceipt, verifyReceipt } from './receipt.js';
export { accountRecipient, holderChain, licenseOrigin, recipientOf } from './recipients.js';
export {
  type ConsistentStatement,
  checkStatement,
  type ProvenStatement,
  type RefusedStatement,
  type RevenueClaim,
  type ShareClaim,
  STATEMENT_STEPS,
  type StatementClaim,
  type StatementStep,
  statementBatches,
  type TotalClaim,
  verifyStatement,
} from './revenue-statement.js';
export type { L1Endpoint, L1Provider } from './rpc.js';
export {
  type L1Options,
  type SettledReceipt,
  verifyReceiptOnL1,
  verifyStatementOnL1,
} from './settlement.js';
export type { Holder, HolderShares } from './shares.js';
export { Signer, type SignerOptions } from './signer.js';
export type { PaymentResult } from './submit.js';
export { keyFromWallet, type WalletMessage, walletMessage, walletMessageHash } from './wallet.js';
export {
  type FarthingEvent,
  verifyWebhook,
  WEBHOOK_SIGNATURE_HEADER,
  WEBHOOK_TOLERANCE_SECONDS,
  WebhookError,
  type WebhookFault,
  type WebhookOptions,
} from './webhook.js';
