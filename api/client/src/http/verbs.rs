//! The verbs of the API.

use std::time::{Duration, Instant};

use farthing_protocol::{
    AccountId, AccountIdentity, Address, Amount, BatchNumber, Bytes32, IntentId, LicenseId,
    Lineage, Pay, Price, RegisterLicense, SecretKey, ShareTable, Shares, SignedIntent, Uses,
    Withdraw,
};

use super::{Client, ClientError};
use crate::dto::{
    AccountBody, AccountOpened, BATCH_INTENTS_MAX, BatchBody, BlockBody, BlockProofBody,
    IntentAccepted, IntentAnswer, IntentBatch, IntentBatchAnswer, IntentBody, IntentStage,
    IntentStatus, LicenseBody, OpenAccountBody, Page, QuoteBody, ReceiptBody, StatementPage,
    StatusBody, VersionBody, WireAddress, WireIntentId, WirePublicKey, WithdrawalBody,
};
use crate::problem::Problem;
use crate::signer::Signer;

/// The longest single long poll: below what proxies in between usually allow.
const WAIT_MAX: Duration = Duration::from_secs(30);

impl Client {
    /// Which program the node runs, and which deployment it serves.
    pub async fn version(&self) -> Result<VersionBody, ClientError> {
        self.get("/version".to_owned()).await
    }

    /// How the node is, how far its batches are, and what it sees of L1.
    pub async fn status(&self) -> Result<StatusBody, ClientError> {
        self.get("/v1/status".to_owned()).await
    }

    /// A signer for an account of this node: knows its deployment and the account's last nonce.
    pub async fn signer(&self, account: AccountId, key: SecretKey) -> Result<Signer, ClientError> {
        let domain = self.version().await?.domain.0;
        let last = self.account(account).await?.nonce.0;
        Ok(Signer::new(account, key, domain).after_nonce(last))
    }

    /// Opens an account, or finds the one with this key and owner.
    pub async fn open_account(
        &self,
        identity: &AccountIdentity,
    ) -> Result<AccountOpened, ClientError> {
        let body = OpenAccountBody { key: identity.key.into(), owner: identity.owner.into() };
        self.post("/v1/accounts", &body).await
    }

    /// An account.
    pub async fn account(&self, id: AccountId) -> Result<AccountBody, ClientError> {
        self.get(format!("/v1/accounts/{id}")).await
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

    /// What a payment would give to whom.
    pub async fn quote(&self, license: LicenseId, uses: Uses) -> Result<QuoteBody, ClientError> {
        self.get(format!("/v1/quotes?license={license}&uses={uses}")).await
    }

    /// What a license received and what went to each holder, batch by batch, ascending.
    pub async fn statement(
        &self,
        license: LicenseId,
        cursor: Option<&str>,
    ) -> Result<StatementPage, ClientError> {
        self.get(with_cursor(format!("/v1/licenses/{license}/statement"), cursor)).await
    }

    /// Sends a signed intent; on return it is durable.
    pub async fn submit(&self, signed: &SignedIntent) -> Result<IntentAccepted, ClientError> {
        self.post("/v1/intents", &IntentBody::from(signed)).await
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

    /// Pays for uses of a license at its present price.
    pub async fn pay(
        &self,
        signer: &Signer,
        license: LicenseId,
        uses: Uses,
        memo: Bytes32,
    ) -> Result<IntentAccepted, ClientError> {
        self.submit(&self.sign_pay(signer, license, uses, memo).await?).await
    }

    /// The same signed and not sent.
    pub async fn sign_pay(
        &self,
        signer: &Signer,
        license: LicenseId,
        uses: Uses,
        memo: Bytes32,
    ) -> Result<SignedIntent, ClientError> {
        let amount = self.license(license).await?.price.0.times(uses)?;
        Ok(signer.pay(Pay { license, uses, amount, memo }))
    }

    /// Pays an account.
    pub async fn transfer(
        &self,
        signer: &Signer,
        to: AccountId,
        amount: Amount,
        memo: Bytes32,
    ) -> Result<IntentAccepted, ClientError> {
        self.submit(&signer.transfer(to, amount, memo)).await
    }

    /// Withdraws to the account's owner on L1.
    pub async fn withdraw(
        &self,
        signer: &Signer,
        withdraw: Withdraw,
    ) -> Result<IntentAccepted, ClientError> {
        self.submit(&signer.withdraw(withdraw)).await
    }

    /// Registers a license; parents among the holders are looked up for their lineage. The answer
    /// says the new license's number.
    pub async fn register_license(
        &self,
        signer: &Signer,
        price: Price,
        derivative_shares: Shares,
        provenance: Bytes32,
        shares: ShareTable,
    ) -> Result<IntentAccepted, ClientError> {
        let mut lineages = Vec::new();
        for (parent, _) in shares.parents() {
            lineages.push(self.license(parent).await?.lineage);
        }
        let lineage = Lineage::of_parents(lineages.into_iter())?;
        let register = RegisterLicense { price, derivative_shares, lineage, provenance, shares };
        let signed = signer.register_license(register);
        self.post("/v1/licenses", &IntentBody::from(&signed)).await
    }

    /// Where an intent is.
    pub async fn intent(&self, id: IntentId) -> Result<IntentStatus, ClientError> {
        self.get(format!("/v1/intents/{}", WireIntentId::from(id))).await
    }

    /// Waits until an intent has come as far as `stage`, is dropped for good, or `timeout` has passed;
    /// answers with where it is then.
    pub async fn wait(
        &self,
        id: IntentId,
        stage: IntentStage,
        timeout: Duration,
    ) -> Result<IntentStatus, ClientError> {
        let start = Instant::now();
        let id = WireIntentId::from(id);
        loop {
            let left = timeout.saturating_sub(start.elapsed());
            let wait = Duration::from_secs(left.min(WAIT_MAX).as_secs_f64().ceil() as u64);
            let path = format!("/v1/intents/{id}?wait={}&until={stage}", wait.as_secs());
            let status: IntentStatus = self.get_waiting(path, wait).await?;
            let dropped = status.status == IntentStage::Dropped;
            if dropped || status.status >= stage || start.elapsed() >= timeout {
                return Ok(status);
            }
        }
    }

    /// The receipt of an intent whose batch is sealed; see [`verify_receipt`](crate::verify_receipt).
    pub async fn receipt(&self, id: IntentId) -> Result<ReceiptBody, ClientError> {
        self.get(format!("/v1/receipts/{}", WireIntentId::from(id))).await
    }

    /// What L1 pays to an owner, ascending.
    pub async fn withdrawals(
        &self,
        owner: Address,
        cursor: Option<&str>,
    ) -> Result<Page<WithdrawalBody>, ClientError> {
        let owner = WireAddress::from(owner);
        self.get(with_cursor(format!("/v1/withdrawals/{owner}"), cursor)).await
    }

    /// A sealed batch.
    pub async fn batch(&self, number: BatchNumber) -> Result<BatchBody, ClientError> {
        self.get(format!("/v1/batches/{number}")).await
    }

    /// A block.
    pub async fn block(&self, number: u64) -> Result<BlockBody, ClientError> {
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

    /// What the contract's verifier is given for a block.
    pub async fn block_proof(&self, number: u64) -> Result<BlockProofBody, ClientError> {
        self.get(format!("/v1/blocks/{number}/proof")).await
    }
}

/// Cursors are URL-safe.
fn with_cursor(path: String, cursor: Option<&str>) -> String {
    match cursor {
        Some(cursor) => format!("{path}?cursor={cursor}"),
        None => path,
    }
}
