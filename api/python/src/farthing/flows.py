"""Verbs of the API, the same for the synchronous and the asynchronous client."""

from __future__ import annotations

import time
from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass, replace
from itertools import count
from typing import Any, TypeAlias, TypeVar
from urllib.parse import quote as url_quote

from farthing import quantities
from farthing.calls import Api, Flow, Sleep
from farthing.codec import from_json, to_json
from farthing.encoding import bytes32, from_hex, parse_address, parse_digest, short_digest, to_hex
from farthing.errors import FarthingError, NoSignerError, UnexpectedAnswerError
from farthing.event_stream import EventStream, events_path
from farthing.intents import Operation, Pay, RegisterLicense, SignedIntent, Transfer, Withdraw, lineage_of, price_times
from farthing.keys import SecretKey
from farthing.leaves import Holder, HolderShares, share_table
from farthing.license_update import LicenseChanges
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
from farthing.problems import IntentNotFoundError, LicenseUpdatingError, NonceTooLowError, NonceUsedError, ProblemError
from farthing.quantities import Money
from farthing.recipients import KnownRecipients, Recipient, holder_chain, recipient_of
from farthing.signer import Signer

T = TypeVar("T")

Memo: TypeAlias = bytes | str

BATCH_INTENTS_MAX = 2_048
"""Intents of one request."""
NO_MEMO = bytes(32)
EVERY_EVENT = EventFilter()
_SIGNED_MAX = 4
"""How often an operation is signed whose nonce came too late or was taken."""
_UPDATE_PATIENCE = 4
"""An update of a license is sent more often than other calls: batches are open for a minute by default."""
_WAIT_MAX = 30
"""Seconds of one long poll: below what proxies usually allow."""
_KEEP_MAX = 7 * 24 * 3_600
"""The most seconds for which a webhook's old secret signs too."""

INTENTS = "/v1/intents"
ACCOUNTS = "/v1/accounts"
LICENSES = "/v1/licenses"
OWNERS = "/v1/owners"
BATCHES = "/v1/batches"
BLOCKS = "/v1/blocks"
WEBHOOKS = "/v1/webhooks"


@dataclass(frozen=True, slots=True)
class Page:
    """Page of a list."""

    items: tuple[Any, ...]
    next_cursor: str | None = None


def _page_path(path: str, cursor: str | None, limit: int | None) -> str:
    """Returns path and query of a page."""
    query = [f"limit={limit}"] if limit is not None else []
    if cursor is not None:
        query.append(f"cursor={url_quote(cursor, safe='')}")
    return f"{path}?{'&'.join(query)}" if query else path


def _items(kind: type[Any], page: Page) -> Page:
    """Returns a page with typed items."""
    return Page(tuple(from_json(kind, item) for item in page.items), page.next_cursor)


def _webhook_path(id: str) -> str:
    """Returns the path of a webhook."""
    return f"{WEBHOOKS}/{to_hex(from_hex(id, 32, 'webhook'))}"


def _filter_json(filter: EventFilter) -> Any:
    """Returns the conditions of a webhook as the API reads them, checked."""
    for number, name in ((filter.account, "account"), (filter.license, "license")):
        if number is not None:
            quantities.identifier(number, name)
    if filter.block is not None:
        quantities.integer(filter.block, 0, 2**64 - 1, "block")
    return to_json(filter)


class Flows:
    """Flows of one client: the node, and the account that signs, if any."""

    def __init__(
        self,
        api: Api,
        account: int | None,
        key: SecretKey | None,
        *,
        fee: Money,
        valid_for: float,
    ) -> None:
        self.api = api
        self._account, self._key = account, key
        self._fee, self._valid_for = fee, valid_for
        self.recipients = KnownRecipients()
        self._signer: Signer | None = None
        self._version: Version | None = None

    # --- what there is ---

    def version(self) -> Flow[Version]:
        """Gets the node's program and deployment; asked once."""
        if self._version is None:
            self._version = yield from self.api.get(Version, "/version")
        return self._version

    def account(self, number: int) -> Flow[Account]:
        """Gets an account."""
        return (yield from self.api.get(Account, f"{ACCOUNTS}/{quantities.identifier(number, 'account')}"))

    def license(self, number: int) -> Flow[License]:
        """Gets a license."""
        return (yield from self.api.get(License, f"{LICENSES}/{quantities.identifier(number, 'license')}"))

    def quote(self, license: int, uses: int) -> Flow[Quote]:
        """Gets the effect of a payment."""
        path = f"{LICENSES}/{quantities.identifier(license, 'license')}/quote?uses={quantities.uses(uses)}"
        return (yield from self.api.get(Quote, path))

    def batch(self, number: int) -> Flow[Batch]:
        """Gets a sealed batch."""
        return (yield from self.api.get(Batch, f"{BATCHES}/{quantities.integer(number, 0, 2**64 - 1, 'batch')}"))

    def block(self, number: int) -> Flow[Block]:
        """Gets a block."""
        return (yield from self.api.get(Block, f"{BLOCKS}/{quantities.integer(number, 0, 2**64 - 1, 'block')}"))

    def earnings_page(self, license: int, cursor: str | None, limit: int | None) -> Flow[Page]:
        """Gets a page of a license's earnings."""
        path = f"{LICENSES}/{quantities.identifier(license, 'license')}/earnings"
        return (yield from self._page(EarningsLine, path, cursor, limit))

    def account_earnings_page(self, account: int, cursor: str | None, limit: int | None) -> Flow[Page]:
        """Gets a page of an account's earnings."""
        path = f"{ACCOUNTS}/{quantities.identifier(account, 'account')}/earnings"
        return (yield from self._page(AccountEarningsLine, path, cursor, limit))

    def versions_page(self, license: int, cursor: str | None, limit: int | None) -> Flow[Page]:
        """Gets a page of a license's versions."""
        path = f"{LICENSES}/{quantities.identifier(license, 'license')}/versions"
        return (yield from self._page(LicenseVersionLine, path, cursor, limit))

    def payouts_page(self, owner: str, cursor: str | None, limit: int | None) -> Flow[Page]:
        """Gets a page of what L1 pays to an owner."""
        path = f"{OWNERS}/{to_hex(parse_address(owner, 'owner'))}/payouts"
        return (yield from self._page(Payout, path, cursor, limit))

    def _page(self, kind: type[Any], path: str, cursor: str | None, limit: int | None) -> Flow[Page]:
        return _items(kind, (yield from self.api.get(Page, _page_path(path, cursor, limit))))

    # --- intents and what became of them ---

    def status(self, intent: str, until: Stage | None, timeout: float) -> Flow[Status]:
        """Gets how far an intent has come; with `until`, waits for that stage or the end."""
        name = to_hex(from_hex(intent, 32, "intent"))
        parse_digest(name, "intent")
        if until is None:
            return (yield from self.api.get(Status, f"{INTENTS}/{name}"))
        end = time.monotonic() + timeout
        while True:
            wait = max(0, min(_WAIT_MAX, -int(-(end - time.monotonic()) // 1)))
            path = f"{INTENTS}/{name}?wait={wait}&until={until}"
            status = yield from self.api.get(Status, path, wait=wait)
            if status.status == "dropped" or status.reached(until) or time.monotonic() >= end:
                return status

    def receipt(self, intent: str) -> Flow[Receipt]:
        """Gets the receipt of an intent whose batch is sealed."""
        name = to_hex(from_hex(intent, 32, "intent"))
        return (yield from self.api.get(Receipt, f"{INTENTS}/{name}/receipt"))

    def submit(self, signed: SignedIntent, idempotency_key: str | None, own_code: str | None = None) -> Flow[Accepted]:
        """Sends a signed intent as it is, again and again until an answer is definitive."""
        name = signed.id or signed.intent.id((yield from self.version()).deployment.digest())
        data = yield from self.api.post(
            INTENTS, signed.to_json(), idempotency_key=idempotency_key, intent_id=name, own_code=own_code
        )
        accepted = from_json(Accepted, data)
        if accepted.id != name:
            raise UnexpectedAnswerError(f"intent {name} was sent, the node accepted {accepted.id}")
        return accepted

    def signer(self) -> Flow[Signer]:
        """Returns the signer, which begins above the account's last nonce."""
        if self._account is None or self._key is None:
            raise NoSignerError("this client does not sign: give it account and key")
        if self._signer is None:
            deployment = (yield from self.version()).deployment
            last = (yield from self.account(self._account)).nonce
            if self._signer is None:
                self._signer = Signer(
                    self._account,
                    self._key,
                    deployment,
                    last_nonce=last,
                    fee=self._fee,
                    valid_for=self._valid_for,
                    clock=self.api.clock,
                )
        return self._signer

    def sign_and_submit(self, operation: Operation, idempotency_key: str | None) -> Flow[Accepted]:
        """Signs an operation and sends it; signs anew only what can never settle."""
        signer = yield from self.signer()
        return (yield from self._submit_anew(signer, signer.sign(operation), idempotency_key))

    def _submit_anew(
        self, signer: Signer, signed: SignedIntent, idempotency_key: str | None, own_code: str | None = None
    ) -> Flow[Accepted]:
        """Sends a signed intent; signs its operation anew if it can never settle."""
        for attempt in range(1, _SIGNED_MAX + 1):
            try:
                return (yield from self.submit(signed, idempotency_key, own_code))
            except (NonceTooLowError, NonceUsedError):
                if attempt == _SIGNED_MAX or not (yield from self._never_accepted(signed)):
                    raise
            signer.learn_nonce((yield from self.account(signer.account)).settled_nonce)
            signed = signer.sign(signed.intent.operation)
        raise AssertionError("the last attempt returns or raises")

    def _never_accepted(self, signed: SignedIntent) -> Flow[bool]:
        """Whether the node knows for certain that the intent was not accepted."""
        assert signed.id is not None
        try:
            yield from self.status(signed.id, None, 0)
        except IntentNotFoundError:
            return True
        except ProblemError as error:
            if error.code == "intent_history_unavailable":
                return False
            raise
        return False

    # --- events ---

    def events(
        self,
        types: Sequence[EventType],
        account: int | None,
        license: int | None,
        block: int | None,
        after: str | None,
    ) -> EventStream:
        """Returns a stream of events."""
        return EventStream(self.api, events_path(types, account, license, block, after))

    def register_webhook(self, url: str, filter: EventFilter) -> Flow[WebhookSecret]:
        """Registers a webhook of the account."""
        data = yield from self._signed("POST", WEBHOOKS, {"url": url, "filter": _filter_json(filter)})
        return from_json(WebhookSecret, data)

    def webhooks(self) -> Flow[list[Webhook]]:
        """Gets the account's webhooks."""
        page = from_json(Page, (yield from self._signed("GET", WEBHOOKS)))
        return [from_json(Webhook, item) for item in page.items]

    def webhook(self, id: str) -> Flow[Webhook]:
        """Gets a webhook of the account."""
        return from_json(Webhook, (yield from self._signed("GET", _webhook_path(id))))

    def delete_webhook(self, id: str) -> Flow[Webhook]:
        """Deletes a webhook of the account."""
        return from_json(Webhook, (yield from self._signed("DELETE", _webhook_path(id))))

    def rotate_webhook_secret(self, id: str, keep: int | None) -> Flow[WebhookSecret]:
        """Makes a new secret; the old one signs too for a while."""
        body = {} if keep is None else {"keep_seconds": quantities.integer(keep, 0, _KEEP_MAX, "keep")}
        return from_json(WebhookSecret, (yield from self._signed("POST", f"{_webhook_path(id)}/rotate", body)))

    def test_webhook(self, id: str) -> Flow[WebhookDelivery]:
        """Queues an event that is made for the test."""
        return from_json(WebhookDelivery, (yield from self._signed("POST", f"{_webhook_path(id)}/test", {})))

    def resend_event(self, id: str, event: str) -> Flow[WebhookDelivery]:
        """Queues an event again."""
        body = {"event": to_hex(from_hex(event, 32, "event"))}
        return from_json(WebhookDelivery, (yield from self._signed("POST", f"{_webhook_path(id)}/resend", body)))

    def deliveries_page(self, id: str, cursor: str | None, limit: int | None) -> Flow[Page]:
        """Gets a page of the events that were queued for a webhook."""
        path = _page_path(f"{_webhook_path(id)}/deliveries", cursor, limit)
        return _items(WebhookDelivery, from_json(Page, (yield from self._signed("GET", path))))

    def _signed(self, method: str, path: str, body: Any = None) -> Flow[Any]:
        signer = yield from self.signer()
        return (yield from self.api.call_signed(method, path, signer.sign_request, body))

    # --- recipients ---

    def recipient(self, holder: Holder, told: Recipient | None = None) -> Flow[str]:
        """Looks up the recipient of an account or a license to sign for."""
        named = yield from self.account(holder.id) if holder.kind == "account" else self.license(holder.id)
        return self.recipients.check(holder, named.recipient, told)

    def _payable(self, number: int, told: Recipient | None = None) -> Flow[License]:
        """Looks up a license whose recipient is the one to sign for."""
        found = yield from self.license(number)
        self.recipients.check(Holder.license(number), found.recipient, told)
        return found

    # --- verbs that sign ---

    def open_account(self, key: SecretKey, owner: str) -> Flow[AccountOpened]:
        """Opens an account of a key and an owner, or finds it."""
        owner = to_hex(parse_address(owner, "owner"))
        domain = (yield from self.version()).deployment.digest()
        signature = key.sign_opening(owner, domain)
        body = {"key": key.public_hex, "owner": owner, "signature": to_hex(signature)}
        data = yield from self.api.post(ACCOUNTS, body)
        return from_json(AccountOpened, data)

    def sign(self, operation: Operation, **fields: Any) -> Flow[SignedIntent]:
        """Signs an operation and does not send it."""
        return (yield from self.signer()).sign(operation, **fields)

    def pay_operation(self, license: int, uses: int, memo: Memo, recipient: Recipient | None) -> Flow[Pay]:
        """Looks up price and recipient of a license."""
        quantities.uses(uses)
        memo = bytes32(memo, "memo")
        found = yield from self._payable(license, recipient)
        return _priced(found, license, uses, memo)

    def pay(
        self, license: int, uses: int, memo: Memo, recipient: Recipient | None, idempotency_key: str | None
    ) -> Flow[Accepted]:
        """Pays for uses of a license at its price."""
        operation = yield from self.pay_operation(license, uses, memo, recipient)
        return (yield from self.sign_and_submit(operation, idempotency_key))

    def transfer(
        self, to: int, amount: Money, memo: Memo, recipient: Recipient | None, idempotency_key: str | None
    ) -> Flow[Accepted]:
        """Pays an account."""
        amount, memo = quantities.amount(amount), bytes32(memo, "memo")
        quantities.identifier(to, "account")
        name = yield from self.recipient(Holder.account(to), recipient)
        return (yield from self.sign_and_submit(Transfer(to, amount, short_digest(name), memo), idempotency_key))

    def withdraw(self, amount: Money, memo: Memo, idempotency_key: str | None) -> Flow[Accepted]:
        """Withdraws to the account's owner on L1."""
        operation = Withdraw(quantities.amount(amount), bytes32(memo, "memo"))
        return (yield from self.sign_and_submit(operation, idempotency_key))

    def register_license(
        self,
        price: Money,
        holders: Sequence[HolderShares],
        derivative_shares: int,
        provenance: Memo,
        idempotency_key: str | None,
    ) -> Flow[Accepted]:
        """Registers a license under its holders' recipients; parents are looked up for their lineage."""
        table = share_table(holders)
        price, provenance = quantities.price(price), bytes32(provenance, "provenance")
        quantities.integer(derivative_shares, 0, quantities.SHARES_TOTAL, "derivative shares")
        parents: list[int] = []
        recipients: dict[Holder, Recipient] = {}
        for line in table:
            if line.holder.kind == "license":
                parent = yield from self._payable(line.holder.id)
                parents.append(parent.lineage)
                recipients[line.holder] = parent.recipient
            else:
                recipients[line.holder] = yield from self.recipient(line.holder)
        chain = short_digest(recipient_of(holder_chain(table, recipients)))
        operation = RegisterLicense(price, derivative_shares, lineage_of(parents), provenance, table, chain)
        return (yield from self.sign_and_submit(operation, idempotency_key))

    def update_license(
        self, license: int, changes: LicenseChanges, recipient: Recipient | None, idempotency_key: str | None
    ) -> Flow[Accepted]:
        """Changes a license of the own account.

        The node refuses an update while the open batch registers or updates the license. The license is then
        read again, and the update sent once more until that batch is sealed: the same, byte for byte, if the
        license is. If it has changed, the update is signed again under the same nonce: one of them settles.
        """
        quantities.identifier(license, "license")
        signer = yield from self.signer()
        patience = replace(self.api.retry, attempts=(self.api.retry.attempts - 1) * _UPDATE_PATIENCE + 1)
        signed: SignedIntent | None = None
        for attempt in count(1):
            found = yield from self._payable(license, recipient)
            update = changes.update(found, found.recipient)
            if signed is None:
                signed = signer.sign(update)
            else:
                signed = replace(signed.intent, operation=update).sign(signer.key, signer.domain)
            try:
                return (yield from self._submit_anew(signer, signed, idempotency_key, LicenseUpdatingError.code))
            except LicenseUpdatingError as error:
                pause = patience.delay(attempt, error.retry_after)
                if pause is None:
                    raise
            yield Sleep(pause)
        raise AssertionError("the last attempt returns or raises")

    def pay_many(self, payments: Sequence[Payment]) -> Flow[list[PaymentResult]]:
        """Pays several licenses in requests of as many intents as a node takes; results in order."""
        signer = yield from self.signer()
        found: dict[int, License] = {}
        for payment in payments:
            quantities.uses(payment.uses)
            if payment.license not in found:
                found[payment.license] = yield from self._payable(payment.license)
        operations = [_priced(found[one.license], one.license, one.uses, bytes32(one.memo, "memo")) for one in payments]
        signed: list[SignedIntent] = []
        results: list[PaymentResult] = []
        for start in range(0, len(operations), BATCH_INTENTS_MAX):
            # Signed request by request: nonces stay near the clock.
            chunk = signer.sign_many(operations[start : start + BATCH_INTENTS_MAX])
            signed += chunk
            results += yield from self._submit_chunk(chunk)
        yield from self._sign_late_ones_anew(signer, signed, results)
        return results

    def submit_many(self, signed: Sequence[SignedIntent]) -> Flow[list[PaymentResult]]:
        """Sends signed intents as they are, in requests of as many as a node takes."""
        results: list[PaymentResult] = []
        for start in range(0, len(signed), BATCH_INTENTS_MAX):
            results += yield from self._submit_chunk(signed[start : start + BATCH_INTENTS_MAX])
        return results

    def _submit_chunk(self, chunk: Sequence[SignedIntent]) -> Flow[list[PaymentResult]]:
        done: list[PaymentResult] = []
        attempt = 1
        while True:
            rest = chunk[len(done) :]
            try:
                data = yield from self.api.post(f"{INTENTS}/batch", {"intents": [one.to_json() for one in rest]})
                answers = self._results(data, len(rest))
            except FarthingError as error:
                # Earlier requests have had their effect, so the failure is the result of the others.
                return done + [_failure(error, one) for one in rest]
            pause = self.api.retry.delay(attempt, None)
            # What the node had no room for is sent again, and all after it, so that they keep their
            # order; those of them that were accepted are answered as repeats.
            for result in answers:
                if isinstance(result, FarthingError) and result.retryable and pause is not None:
                    break
                done.append(result)
            if pause is None or len(done) == len(chunk):
                return done
            yield Sleep(pause)
            attempt += 1

    def _results(self, data: Any, expected: int) -> list[PaymentResult]:
        answers = data.get("results") if isinstance(data, dict) else None
        if not isinstance(answers, list) or len(answers) != expected:
            raise UnexpectedAnswerError(f"the node answered {expected} intents with another number of results")
        return [self._result(answer) for answer in answers]

    def _result(self, answer: Any) -> PaymentResult:
        if isinstance(answer, dict) and "accepted" in answer:
            return from_json(Accepted, answer["accepted"])
        try:
            return ProblemError.from_json(answer["rejected"], self.api.base_url)
        except (KeyError, TypeError, ValueError):
            raise UnexpectedAnswerError("a result is neither accepted nor rejected") from None

    def _sign_late_ones_anew(
        self, signer: Signer, signed: Sequence[SignedIntent], results: list[PaymentResult]
    ) -> Flow[None]:
        """Signs payments anew whose nonces came too late or were taken: they can never settle."""
        late = [place for place, result in enumerate(results) if isinstance(result, (NonceTooLowError, NonceUsedError))]
        if late:
            signer.learn_nonce((yield from self.account(signer.account)).settled_nonce)
        for place in late:
            try:
                if (yield from self._never_accepted(signed[place])):
                    results[place] = yield from self.sign_and_submit(signed[place].intent.operation, None)
            except FarthingError as error:
                results[place] = error


def _priced(found: License, license: int, uses: int, memo: bytes) -> Pay:
    """Returns the payment of uses at a license's price, under its recipient."""
    return Pay(license, uses, price_times(found.price, uses), short_digest(found.recipient), memo)


def _failure(error: FarthingError, signed: SignedIntent) -> FarthingError:
    """Returns the failure of a request as that of one of its intents."""
    one = copy(error)
    one.intent_id = signed.id if error.outcome_unknown else None
    return one
