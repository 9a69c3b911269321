//! The operations of the API.

use std::collections::{BTreeMap, HashMap};
use std::time::{Duration, Instant};

use farthing_api_types::dto::{
    AccountBody, AccountOpened, AccountProofBody, BATCH_INTENTS_MAX, BatchBody, BlockBody,
    BlockProofBody, IntentAccepted, IntentAnswer, IntentBatch, IntentBatchAnswer, IntentBody,
    IntentStatus, LicenseBody, LicenseVersionLineBody, OpenAccountBody, Page, PayoutBody,
    QuoteBody, ReadinessBody, ReceiptBody, StatusBody, VersionBody, WireAddress, WireIntentId,
    WirePublicKey,
};
use farthing_api_types::{Problem, ProblemCode, verify_account_proof};
use farthing_protocol::{
    AccountId, AccountIdentity, Address, Amount, BatchNumber, BlockNumber, Bytes32, Holder,
    IntentId, LicenseId, Lineage, Operation, Pay, Price, RegisterLicense, SecretKey, ShareTable,
    Shares, ShortDigest, SignedIntent, Stage, Transfer, UpdateLicense, Uses, Withdraw,
};

use super::{Client, ClientError};
use crate::license_changes::LicenseChanges;
use crate::signer::Signer;

/// The number of times that an intent whose nonce came too late is signed: a writer is late when a
/// batch is sealed between its clock and its arrival, which is rare for one intent and does not
/// repeat.
const SIGNED_MAX: u32 = 4;
/// The number of times that an update of a license is signed while another one waits for its batch to be
/// sealed; in between, the node is asked as often as [`Retry`](super::Retry) says.
const UPDATES_MAX: u32 = 10;
/// The longest single long poll: below what proxies in between usually allow.
const WAIT_MAX: Duration = Duration::from_secs(30);

impl Client {
    /// Which program the node runs, and which deployment it serves.
    pub async fn version(&self) -> Result<VersionBody, ClientError> {
        self.get("/version".to_owned()).await
    }

    /// True if the node takes intents; if not, the problem `not_ready` says why.
    pub async fn readiness(&self) -> Result<ReadinessBody, ClientError> {
        self.get("/readyz".to_owned()).await
    }

    /// The node's counters, in the text format of Prometheus.
    pub async fn metrics(&self) -> Result<String, ClientError> {
        self.get_text("/metrics").await
    }

    /// The status of the node: readiness, progress of its batches, L1 as it sees it.
    pub async fn status(&self) -> Result<StatusBody, ClientError> {
        self.get("/v1/status".to_owned()).await
    }

    /// A signer for an account of this node: knows its deployment and the account's last nonce.
    pub async fn signer(&self, account: AccountId, key: SecretKey) -> Result<Signer, ClientError> {
        let domain = self.version().await?.domain.0;
        let last = self.account(account).await?.nonce.0;
        let signer = Signer::new(account, key, domain).after_nonce(last);
        signer.check_nonce()?;
        Ok(signer)
    }

    /// Opens an account of `key` and `owner`, or finds it. The key signs for it.
    pub async fn open_account(
        &self,
        key: &SecretKey,
        owner: Address,
    ) -> Result<AccountOpened, ClientError> {
        let domain = self.version().await?.domain.0;
        let signature = AccountIdentity::sign_opening(key, owner, &domain).into();
        let key = (*key.public_key()).into();
        let body = OpenAccountBody { key, owner: owner.into(), signature };
        self.post("/v1/accounts", &body).await
    }

    /// An account.
    pub async fn account(&self, id: AccountId) -> Result<AccountBody, ClientError> {
        self.get(format!("/v1/accounts/{id}")).await
    }

    /// An account in the last state that is final on L1, with its path, which leads to the state root
    /// named: what `escape` of a frozen rollup takes. Only L1 says whether the root is its own.
    pub async fn account_proof(&self, id: AccountId) -> Result<AccountProofBody, ClientError> {
        let proof: AccountProofBody = self.get(format!("/v1/accounts/{id}/proof")).await?;
        verify_account_proof(id, &proof)?;
        Ok(proof)
    }

    /// The account with this key and owner, if there is one.
    pub async fn account_of(
        &self,
        identity: &AccountIdentity,
    ) -> Result<Option<AccountBody>, ClientError> {
        let (key, owner) = (WirePublicKey::from(identity.key), WireAddress::from(identity.owner));
        let page: Page<AccountBody> =
            self.get(format!("/v1/accounts?key={key}&owner={owner}")).await?;
        Ok(page.items.into_iter().next())
    }

    /// Accounts, ascending.
    pub async fn accounts(&self, cursor: Option<&str>) -> Result<Page<AccountBody>, ClientError> {
        self.get(with_cursor("/v1/accounts".to_owned(), cursor)).await
    }

    /// Licenses, ascending.
    pub async fn licenses(&self, cursor: Option<&str>) -> Result<Page<LicenseBody>, ClientError> {
        self.get(with_cursor("/v1/licenses".to_owned(), cursor)).await
    }

    /// A license.
    pub async fn license(&self, id: LicenseId) -> Result<LicenseBody, ClientError> {
        self.get(format!("/v1/licenses/{id}")).await
    }

    /// The shares of a payment: what each holder would receive.
    pub async fn quote(&self, license: LicenseId, uses: Uses) -> Result<QuoteBody, ClientError> {
        self.get(format!("/v1/licenses/{license}/quote?uses={uses}")).await
    }

    /// Versions of a license: its prices and provenances, newest first. The last one is as registered.
    pub async fn license_versions(
        &self,
        license: LicenseId,
        cursor: Option<&str>,
    ) -> Result<Page<LicenseVersionLineBody>, ClientError> {
        self.get(with_cursor(format!("/v1/licenses/{license}/versions"), cursor)).await
    }

    /// Sends a signed intent; on return it is durable.
    pub async fn submit(&self, signed: &SignedIntent) -> Result<IntentAccepted, ClientError> {
        self.post("/v1/intents", &IntentBody::from(signed)).await
    }

    /// The same under an `Idempotency-Key` of the caller's: the node refuses another intent under it.
    pub async fn submit_under(
        &self,
        signed: &SignedIntent,
        key: Option<&str>,
    ) -> Result<IntentAccepted, ClientError> {
        self.post_under("/v1/intents", &IntentBody::from(signed), key).await
    }

    /// Signs an operation and sends it; on return it is durable. If its nonce came too late, it is
    /// signed again, a few times at most: such a refusal is for ever, so it is never paid twice. On a
    /// node that was rebuilt from L1, which cannot tell whether the intent was settled before, it is
    /// not.
    pub async fn sign_and_submit(
        &self,
        signer: &Signer,
        operation: Operation,
    ) -> Result<IntentAccepted, ClientError> {
        let mut signed = signer.sign(operation)?;
        let mut attempt = 1;
        loop {
            let refused = match self.submit(&signed).await {
                Ok(accepted) => return Ok(accepted),
                Err(refused) => refused,
            };
            let came_too_late = |problem: &Problem| {
                matches!(problem.code, ProblemCode::NonceTooLow | ProblemCode::NonceUsed)
            };
            let id = signed.intent.id(&signer.domain());
            if attempt == SIGNED_MAX
                || !refused.problem().is_some_and(came_too_late)
                || !self.was_never_accepted(id).await?
            {
                return Err(refused);
            }
            signer.learn_nonce(self.account(signer.account()).await?.settled_nonce.0);
            signed = signer.sign(signed.intent.operation)?;
            attempt += 1;
        }
    }

    async fn was_never_accepted(&self, id: IntentId) -> Result<bool, ClientError> {
        match self.intent(id).await {
            Ok(_) => Ok(false),
            Err(ClientError::Problem(problem)) => match problem.code {
                ProblemCode::IntentNotFound => Ok(true),
                ProblemCode::IntentHistoryUnavailable => Ok(false),
                _ => Err(ClientError::Problem(problem)),
            },
            Err(other) => Err(other),
        }
    }

    /// Sends many signed intents, in requests of as many as the node takes; the results stand in
    /// the order of `signed`. Those that the node had no room for are sent again.
    pub async fn submit_all(
        &self,
        signed: &[SignedIntent],
    ) -> Result<Vec<Result<IntentAccepted, Problem>>, ClientError> {
        let mut results = Vec::with_capacity(signed.len());
        for chunk in signed.chunks(BATCH_INTENTS_MAX) {
            results.extend(self.submit_chunk(chunk).await?);
        }
        Ok(results)
    }

    async fn submit_chunk(
        &self,
        chunk: &[SignedIntent],
    ) -> Result<Vec<Result<IntentAccepted, Problem>>, ClientError> {
        let mut results = Vec::with_capacity(chunk.len());
        let mut attempt = 1;
        loop {
            let rest = &chunk[results.len()..];
            let body = IntentBatch { intents: rest.iter().map(IntentBody::from).collect() };
            let answer: IntentBatchAnswer = self.post("/v1/intents/batch", &body).await?;
            if answer.results.len() != rest.len() {
                let (expected, got) = (rest.len(), answer.results.len());
                return Err(ClientError::ResultCount { expected, got });
            }
            let delay = self.retry.delay(attempt, None, rand::random());
            // An account's intents must keep their order: all behind the first to be sent again
            // are sent again; those of them that were accepted are answered as repeats.
            let done = answer.results.into_iter().map_while(|answer| match answer {
                IntentAnswer::Accepted(accepted) => Some(Ok(accepted)),
                IntentAnswer::Rejected(problem) => {
                    let again = problem.code.is_retryable() && delay.is_some();
                    (!again).then_some(Err(problem))
                }
            });
            results.extend(done);
            match delay {
                Some(delay) if results.len() < chunk.len() => tokio::time::sleep(delay).await,
                _ => return Ok(results),
            }
            attempt += 1;
        }
    }

    /// Pays for uses of a license at its price, under its recipient ([`Client::recipient`]).
    pub async fn pay(
        &self,
        signer: &Signer,
        license: LicenseId,
        uses: Uses,
        memo: Bytes32,
    ) -> Result<IntentAccepted, ClientError> {
        let pay = self.price_of(license, uses, memo).await?;
        self.sign_and_submit(signer, Operation::Pay(pay)).await
    }

    /// The same signed and not sent.
    pub async fn sign_pay(
        &self,
        signer: &Signer,
        license: LicenseId,
        uses: Uses,
        memo: Bytes32,
    ) -> Result<SignedIntent, ClientError> {
        Ok(signer.pay(self.price_of(license, uses, memo).await?)?)
    }

    /// Pays for uses of many licenses, in requests of as many payments as the node takes; the results stand
    /// in the order of `payments`. Nothing is signed before every license has been looked up.
    pub async fn pay_many(
        &self,
        signer: &Signer,
        payments: &[(LicenseId, Uses, Bytes32)],
    ) -> Result<Vec<Result<IntentAccepted, Problem>>, ClientError> {
        let mut prices = BTreeMap::new();
        let mut operations = Vec::with_capacity(payments.len());
        for &(license, uses, memo) in payments {
            let (price, recipient) = match prices.get(&license) {
                Some(found) => *found,
                None => *prices.entry(license).or_insert(self.price_and_recipient(license).await?),
            };
            operations.push(Pay { license, uses, amount: price.times(uses)?, recipient, memo });
        }
        let signed = operations.into_iter().map(|pay| signer.pay(pay));
        self.submit_all(&signed.collect::<Result<Vec<_>, _>>()?).await
    }

    async fn price_of(
        &self,
        license: LicenseId,
        uses: Uses,
        memo: Bytes32,
    ) -> Result<Pay, ClientError> {
        let (price, recipient) = self.price_and_recipient(license).await?;
        Ok(Pay { license, uses, amount: price.times(uses)?, recipient, memo })
    }

    async fn price_and_recipient(
        &self,
        license: LicenseId,
    ) -> Result<(Price, ShortDigest), ClientError> {
        let found = self.license(license).await?;
        let recipient = self.known_recipient(Holder::License(license), found.recipient.0)?;
        Ok((found.price.0, recipient))
    }

    /// Pays an account, under its recipient ([`Client::recipient`]).
    pub async fn transfer(
        &self,
        signer: &Signer,
        to: AccountId,
        amount: Amount,
        memo: Bytes32,
    ) -> Result<IntentAccepted, ClientError> {
        let recipient = self.recipient(Holder::Account(to)).await?;
        let transfer = Transfer { to, amount, recipient, memo };
        self.sign_and_submit(signer, Operation::Transfer(transfer)).await
    }

    /// The same signed and not sent.
    pub async fn sign_transfer(
        &self,
        signer: &Signer,
        to: AccountId,
        amount: Amount,
        memo: Bytes32,
    ) -> Result<SignedIntent, ClientError> {
        let recipient = self.recipient(Holder::Account(to)).await?;
        Ok(signer.transfer(Transfer { to, amount, recipient, memo })?)
    }

    /// Withdraws to the account's owner on L1.
    pub async fn withdraw(
        &self,
        signer: &Signer,
        withdraw: Withdraw,
    ) -> Result<IntentAccepted, ClientError> {
        self.sign_and_submit(signer, Operation::Withdraw(withdraw)).await
    }

    /// Registers a license under its holders' recipients ([`Client::recipient`]); parents among them are
    /// looked up for their lineage. The answer says the new license's number.
    pub async fn register_license(
        &self,
        signer: &Signer,
        price: Price,
        derivative_shares: Shares,
        provenance: Bytes32,
        shares: ShareTable,
    ) -> Result<IntentAccepted, ClientError> {
        let register = self.registration(price, derivative_shares, provenance, shares).await?;
        self.sign_and_submit(signer, Operation::RegisterLicense(register)).await
    }

    /// The same signed and not sent.
    pub async fn sign_register_license(
        &self,
        signer: &Signer,
        price: Price,
        derivative_shares: Shares,
        provenance: Bytes32,
        shares: ShareTable,
    ) -> Result<SignedIntent, ClientError> {
        let register = self.registration(price, derivative_shares, provenance, shares).await?;
        Ok(signer.register_license(register)?)
    }

    async fn registration(
        &self,
        price: Price,
        derivative_shares: Shares,
        provenance: Bytes32,
        shares: ShareTable,
    ) -> Result<RegisterLicense, ClientError> {
        let mut lineages = Vec::new();
        let mut recipients = HashMap::new();
        for line in shares.holders() {
            let named = match line.holder {
                Holder::Account(id) => self.account(id).await?.recipient.0,
                Holder::License(id) => {
                    let parent = self.license(id).await?;
                    lineages.push(parent.lineage);
                    parent.recipient.0
                }
            };
            recipients.insert(line.holder, self.known_recipient(line.holder, named)?);
        }
        let lineage = Lineage::of_parents(lineages.into_iter())?;
        let chain = shares.holder_chain(|holder| recipients.get(&holder).copied());
        let recipient = chain.unwrap_or_default().into();
        Ok(RegisterLicense { price, derivative_shares, lineage, provenance, shares, recipient })
    }

    /// Changes a license of the signer's account from the next batch on, under its recipient
    /// ([`Client::recipient`]). While the open batch registers or updates the license, it waits for the next
    /// one, and reads the license again.
    pub async fn update_license(
        &self,
        signer: &Signer,
        license: LicenseId,
        changes: &LicenseChanges,
    ) -> Result<IntentAccepted, ClientError> {
        let mut attempt = 1;
        loop {
            let update = self.update_of(license, changes).await?;
            let answer = self.sign_and_submit(signer, Operation::UpdateLicense(update)).await;
            let Err(refused) = answer else { return answer };
            let updating = |problem: &Problem| problem.code == ProblemCode::LicenseUpdating;
            if attempt == UPDATES_MAX
                || self.retry == super::Retry::NEVER
                || !refused.problem().is_some_and(updating)
            {
                return Err(refused);
            }
            attempt += 1;
        }
    }

    /// The same signed and not sent.
    pub async fn sign_update_license(
        &self,
        signer: &Signer,
        license: LicenseId,
        changes: &LicenseChanges,
    ) -> Result<SignedIntent, ClientError> {
        Ok(signer.update_license(self.update_of(license, changes).await?)?)
    }

    /// The changes of the version that will be there when the update settles.
    async fn update_of(
        &self,
        license: LicenseId,
        changes: &LicenseChanges,
    ) -> Result<UpdateLicense, ClientError> {
        let found = self.license(license).await?;
        let recipient = self.known_recipient(Holder::License(license), found.recipient.0)?;
        let version = found.next.unwrap_or_else(|| found.version()).try_into()?;
        Ok(UpdateLicense { license, recipient, version: changes.apply(version) })
    }

    /// The stage of an intent.
    pub async fn intent(&self, id: IntentId) -> Result<IntentStatus, ClientError> {
        self.get(format!("/v1/intents/{}", WireIntentId::from(id))).await
    }

    /// Waits until an intent has come as far as `stage`, is dropped for good, or `timeout` has passed;
    /// answers with where it is then.
    pub async fn wait(
        &self,
        id: IntentId,
        stage: Stage,
        timeout: Duration,
    ) -> Result<IntentStatus, ClientError> {
        let start = Instant::now();
        let id = WireIntentId::from(id);
        loop {
            let left = timeout.saturating_sub(start.elapsed());
            let wait = Duration::from_secs(left.min(WAIT_MAX).as_secs_f64().ceil() as u64);
            let path = format!("/v1/intents/{id}?wait={}&until={stage}", wait.as_secs());
            let status: IntentStatus = self.get_waiting(path, wait).await?;
            let dropped = status.status == Stage::Dropped;
            if dropped || status.status >= stage || start.elapsed() >= timeout {
                return Ok(status);
            }
        }
    }

    /// The receipt of an intent whose batch is sealed; see [`verify_receipt`](crate::verify_receipt).
    pub async fn receipt(&self, id: IntentId) -> Result<ReceiptBody, ClientError> {
        self.get(format!("/v1/intents/{}/receipt", WireIntentId::from(id))).await
    }

    /// The payouts of an owner on L1, ascending.
    pub async fn payouts(
        &self,
        owner: Address,
        cursor: Option<&str>,
    ) -> Result<Page<PayoutBody>, ClientError> {
        let owner = WireAddress::from(owner);
        self.get(with_cursor(format!("/v1/owners/{owner}/payouts"), cursor)).await
    }

    /// A sealed batch.
    pub async fn batch(&self, number: BatchNumber) -> Result<BatchBody, ClientError> {
        self.get(format!("/v1/batches/{number}")).await
    }

    /// A block.
    pub async fn block(&self, number: BlockNumber) -> Result<BlockBody, ClientError> {
        self.get(format!("/v1/blocks/{number}")).await
    }

    /// Sealed batches, ascending.
    pub async fn batches(&self, cursor: Option<&str>) -> Result<Page<BatchBody>, ClientError> {
        self.get(with_cursor("/v1/batches".to_owned(), cursor)).await
    }

    /// Blocks, ascending.
    pub async fn blocks(&self, cursor: Option<&str>) -> Result<Page<BlockBody>, ClientError> {
        self.get(with_cursor("/v1/blocks".to_owned(), cursor)).await
    }

    /// The arguments of the contract's verifier for a block.
    pub async fn block_proof(&self, number: BlockNumber) -> Result<BlockProofBody, ClientError> {
        self.get(format!("/v1/blocks/{number}/proof")).await
    }
}

/// Cursors are URL-safe.
pub(super) fn with_cursor(path: String, cursor: Option<&str>) -> String {
    match cursor {
        Some(cursor) => format!("{path}?cursor={cursor}"),
        None => path,
    }
}
