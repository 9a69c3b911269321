"""Synchronous client of a node."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from types import TracebackType
from typing import Any, TypeVar

import httpx

from farthing.calls import RETRY, Api, Flow, Retry
from farthing.domain import Deployment
from farthing.event_stream import StreamedEvent
from farthing.flows import EVERY_EVENT, NO_MEMO, Flows, Memo, Page
from farthing.intents import Operation, SignedIntent
from farthing.keys import SecretKey
from farthing.l1 import verify_on_l1, verify_statement_on_l1
from farthing.leaves import Holder, HolderShares, LicenseStatus
from farthing.license_update import LicenseChanges, NewLicensee
from farthing.models import (
    Accepted,
    Account,
    AccountEarningsLine,
    AccountOpened,
    Batch,
    Block,
    EarningsLine,
    EventFilter,
    EventType,
    License,
    LicenseVersionLine,
    Payment,
    PaymentResult,
    Payout,
    Quote,
    Receipt,
    Stage,
    Status,
    Version,
    Webhook,
    WebhookDelivery,
    WebhookSecret,
)
from farthing.quantities import Money
from farthing.receipts import VerifiedReceipt, verify_offline
from farthing.recipients import Recipient
from farthing.revenue_statements import Statement, VerifiedStatement, verify_statement_offline
from farthing.signer import VALID_FOR_DEFAULT, Clock
from farthing.transport import blocking_client, check_url, run, run_stream

T = TypeVar("T")


class Farthing:
    """Client of one node, and signer of one account if it is given account and key.

    Every call is sent again when no answer comes, byte for byte: an intent is signed once, before
    the first attempt, and settles once. It names its recipient: as `with_recipient` says, else as
    the node said the first time.
    """

    def __init__(
        self,
        node: str,
        account: int | None = None,
        key: SecretKey | None = None,
        *,
        fee: Money = 0,
        valid_for: float = VALID_FOR_DEFAULT,
        retry: Retry = RETRY,
        http: httpx.Client | None = None,
    ) -> None:
        node = check_url(node)
        self._http = http or blocking_client(node)
        self._flows = Flows(Api(node, retry, Clock()), account, key, fee=fee, valid_for=valid_for)

    def __enter__(self) -> Farthing:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Closes connections."""
        self._http.close()

    def _run(self, flow: Flow[T]) -> T:
        return run(flow, self._http)

    def version(self) -> Version:
        """Returns the node's program and deployment."""
        return self._run(self._flows.version())

    def with_recipient(self, holder: Holder, recipient: Recipient) -> Farthing:
        """Signs for `holder` only under this recipient, which its owner gave. Returns the client.

        Of others the node's word is taken the first time, and kept as long as the client.
        """
        self._flows.recipients.tell(holder, recipient)
        return self

    def recipient(self, holder: Holder) -> str:
        """Returns the recipient of an account or a license: as it was told, else as the node names it."""
        return self._run(self._flows.recipient(holder))

    def open_account(self, key: SecretKey, owner: str) -> AccountOpened:
        """Opens an account of a key that withdraws to an L1 owner, or finds it."""
        return self._run(self._flows.open_account(key, owner))

    def account(self, number: int) -> Account:
        """Returns an account."""
        return self._run(self._flows.account(number))

    def license(self, number: int) -> License:
        """Returns a license."""
        return self._run(self._flows.license(number))

    def quote(self, license: int, uses: int = 1) -> Quote:
        """Returns what a payment would give to whom."""
        return self._run(self._flows.quote(license, uses))

    def pay(
        self,
        license: int,
        uses: int = 1,
        *,
        memo: Memo = NO_MEMO,
        recipient: Recipient | None = None,
        idempotency_key: str | None = None,
    ) -> Accepted:
        """Pays for uses of a license at its price. Durable on return.

        With `recipient`, the license's by its owner's word, this call signs for no other.
        """
        return self._run(self._flows.pay(license, uses, memo, recipient, idempotency_key))

    def pay_many(self, payments: Sequence[Payment]) -> list[PaymentResult]:
        """Pays several licenses at once. Results are in the order of the payments."""
        return self._run(self._flows.pay_many(payments))

    def transfer(
        self,
        to: int,
        amount: Money,
        *,
        memo: Memo = NO_MEMO,
        recipient: Recipient | None = None,
        idempotency_key: str | None = None,
    ) -> Accepted:
        """Pays nano-units to an account. Durable on return.

        With `recipient`, the account's by its owner's word, this call signs for no other.
        """
        return self._run(self._flows.transfer(to, amount, memo, recipient, idempotency_key))

    def withdraw(self, amount: Money, *, memo: Memo = NO_MEMO, idempotency_key: str | None = None) -> Accepted:
        """Withdraws nano-units, a multiple of 1000, to the account's owner on L1."""
        return self._run(self._flows.withdraw(amount, memo, idempotency_key))

    def register_license(
        self,
        price: Money,
        holders: Sequence[HolderShares],
        *,
        derivative_shares: int = 0,
        provenance: Memo = NO_MEMO,
        idempotency_key: str | None = None,
    ) -> Accepted:
        """Registers a license; `registers` of the answer is its number."""
        return self._run(self._flows.register_license(price, holders, derivative_shares, provenance, idempotency_key))

    def update_license(
        self,
        license: int,
        *,
        price: Money | None = None,
        derivative_shares: int | None = None,
        status: LicenseStatus | None = None,
        licensee: NewLicensee | None = None,
        provenance: Memo | None = None,
        recipient: Recipient | None = None,
        idempotency_key: str | None = None,
    ) -> Accepted:
        """Changes what the own account set of its license; what is not given stays as it is.

        It counts from the next batch on. `licensee` is the account that alone may pay, or `"none"`. A license
        that is retired is so for good, and asks for no derivative shares. While the open batch registers or
        updates the license, the update waits for the next one.
        """
        changes = LicenseChanges(price, derivative_shares, status, licensee, provenance)
        return self._run(self._flows.update_license(license, changes, recipient, idempotency_key))

    def sign(
        self,
        operation: Operation,
        *,
        nonce: int | None = None,
        valid_until: int | None = None,
        fee: Money | None = None,
    ) -> SignedIntent:
        """Signs an operation and does not send it."""
        return self._run(self._flows.sign(operation, nonce=nonce, valid_until=valid_until, fee=fee))

    def submit(self, signed: SignedIntent, *, idempotency_key: str | None = None) -> Accepted:
        """Sends a signed intent as it is."""
        return self._run(self._flows.submit(signed, idempotency_key))

    def submit_many(self, signed: Sequence[SignedIntent]) -> list[PaymentResult]:
        """Sends signed intents as they are. Results are in their order."""
        return self._run(self._flows.submit_many(signed))

    def status(self, intent: str, *, until: Stage | None = None, timeout: float = 600.0) -> Status:
        """Returns how far an intent has come; with `until`, once it is there, dropped, or late."""
        return self._run(self._flows.status(intent, until, timeout))

    def receipt(self, intent: str) -> Receipt:
        """Returns the receipt of an intent whose batch is sealed."""
        return self._run(self._flows.receipt(intent))

    def batch(self, number: int) -> Batch:
        """Returns a sealed batch. The first has the number 0."""
        return self._run(self._flows.batch(number))

    def block(self, number: int) -> Block:
        """Returns a block. The first has the number 1."""
        return self._run(self._flows.block(number))

    def earnings(self, license: int, *, page_items: int | None = None) -> Iterator[EarningsLine]:
        """Yields what a license received, batch by batch, over all pages."""
        return self._pages(lambda cursor: self._flows.earnings_page(license, cursor, page_items))

    def account_earnings(self, account: int, *, page_items: int | None = None) -> Iterator[AccountEarningsLine]:
        """Yields royalties and all other movements of an account's balance, batch by batch, over all pages."""
        return self._pages(lambda cursor: self._flows.account_earnings_page(account, cursor, page_items))

    def license_versions(self, license: int, *, page_items: int | None = None) -> Iterator[LicenseVersionLine]:
        """Yields the versions of a license, the newest first: its prices and provenances. The last is as registered."""
        return self._pages(lambda cursor: self._flows.versions_page(license, cursor, page_items))

    def payouts(self, owner: str, *, page_items: int | None = None) -> Iterator[Payout]:
        """Yields what L1 pays to an owner, over all pages."""
        return self._pages(lambda cursor: self._flows.payouts_page(owner, cursor, page_items))

    def register_webhook(self, url: str, filter: EventFilter = EVERY_EVENT) -> WebhookSecret:
        """Registers a webhook: events that meet the filter are posted to the URL.

        The answer has its secret, and is the only one that does. If the answer is lost, the next try is
        refused as `request_repeated`: find the webhook by `webhooks`, and rotate its secret.
        """
        return self._run(self._flows.register_webhook(url, filter))

    def webhooks(self) -> list[Webhook]:
        """Returns the account's webhooks."""
        return self._run(self._flows.webhooks())

    def webhook(self, id: str) -> Webhook:
        """Returns a webhook of the account."""
        return self._run(self._flows.webhook(id))

    def delete_webhook(self, id: str) -> Webhook:
        """Deletes a webhook and its pending deliveries."""
        return self._run(self._flows.delete_webhook(id))

    def rotate_webhook_secret(self, id: str, *, keep: int | None = None) -> WebhookSecret:
        """Makes a new secret; the old one signs too for `keep` seconds, a day if that is not given."""
        return self._run(self._flows.rotate_webhook_secret(id, keep))

    def test_webhook(self, id: str) -> WebhookDelivery:
        """Posts a test event to a webhook."""
        return self._run(self._flows.test_webhook(id))

    def resend_event(self, id: str, event: str) -> WebhookDelivery:
        """Posts an event again that was queued before."""
        return self._run(self._flows.resend_event(id, event))

    def webhook_deliveries(self, id: str, *, page_items: int | None = None) -> Iterator[WebhookDelivery]:
        """Yields events queued for a webhook, the newest first, over all pages."""
        return self._pages(lambda cursor: self._flows.deliveries_page(id, cursor, page_items))

    def events(
        self,
        *,
        types: Sequence[EventType] = (),
        account: int | None = None,
        license: int | None = None,
        block: int | None = None,
        after: str | None = None,
    ) -> Iterator[StreamedEvent]:
        """Yields events as they happen, for as long as they are read.

        The stream is opened again where it ended: nothing is missed. An event may come twice, with the
        same `id`. It begins now, or `after` a place, or after `start`. To go on later, keep the `place` of
        the last event that was handled. Raises only if the first connection fails or the node refuses for good.
        """
        return run_stream(self._flows.events(types, account, license, block, after), self._http)

    def _pages(self, load: Callable[[str | None], Flow[Page]]) -> Iterator[Any]:
        """Yields the items of all pages."""
        page = self._run(load(None))
        while True:
            yield from page.items
            if page.next_cursor is None:
                return
            page = self._run(load(page.next_cursor))


def verify_receipt(
    receipt: Receipt | dict[str, Any],
    *,
    deployment: Deployment | None = None,
    l1: str | None = None,
    contract: str | None = None,
    deployed_at: int = 0,
) -> VerifiedReceipt:
    """Checks a receipt against itself and, with `l1` and `contract`, against L1.

    Only with L1 it is evidence of a payment. Take the contract's address from a source that you
    trust, never from the receipt. `deployed_at` is the L1 block from which logs are read.

    Raises:
        InvalidReceiptError: if it contradicts itself, or is of another deployment.
        NotSettledError: if L1 does not confirm it.
    """
    if l1 is None:
        return verify_offline(receipt, deployment)
    if contract is None:
        raise TypeError("verify_receipt: with l1, name the contract that you trust")
    with blocking_client(l1) as http:
        return run(verify_on_l1(receipt, check_url(l1), contract, deployed_at), http)


def verify_statement(
    statement: Statement,
    *,
    deployment: Deployment | None = None,
    l1: str | None = None,
    contract: str | None = None,
) -> VerifiedStatement:
    """Checks a revenue statement against itself and, with `l1` and `contract`, against L1.

    Only with L1 its claim is true. Take the contract's address from a source that you trust, never
    from the statement.

    Raises:
        InvalidStatementError: if it contradicts itself, or is of another deployment.
        NotSettledError: if L1 does not confirm it.
    """
    if l1 is None:
        return verify_statement_offline(statement, deployment)
    if contract is None:
        raise TypeError("verify_statement: with l1, name the contract that you trust")
    with blocking_client(l1) as http:
        return run(verify_statement_on_l1(statement, check_url(l1), contract), http)
