"""Answers of the API as typed values. Amounts are nano-units, bytes are 0x and hexadecimal digits."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from farthing.codec import Decimal64, from_json
from farthing.domain import Deployment
from farthing.errors import FarthingError
from farthing.intents import SignedIntent
from farthing.leaves import Holder, HolderShares, LicenseStatus

Stage: TypeAlias = Literal["dropped", "accepted", "sequenced", "proven", "finalized"]
"""How far an intent has come. `dropped` is the end of an intent that will never settle."""

STAGES: tuple[Stage, ...] = ("dropped", "accepted", "sequenced", "proven", "finalized")
"""Every stage, lowest first."""


@dataclass(frozen=True, slots=True)
class LeastFees:
    """Least fee of each operation."""

    pay: Decimal64
    transfer: Decimal64
    withdraw: Decimal64
    register_license: Decimal64
    update_license: Decimal64


@dataclass(frozen=True, slots=True)
class Admission:
    """Rules of the operator beyond the protocol."""

    nonce_ahead_seconds_max: int
    validity_seconds_max: int
    least_fees: LeastFees
    accounts_per_minute: int
    accounts_burst: int
    unproven_batches_max: int | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of requests."""

    body_bytes_max: int
    batch_intents_max: int
    wait_seconds_max: int
    page_items_max: int
    requests_per_second: int
    requests_burst: int


@dataclass(frozen=True, slots=True)
class Version:
    """Program of a node, and the deployment that it serves."""

    name: str
    version: str
    protocol_version: int
    chain_id: int
    contract: str
    domain: str
    batch_class: str
    admission: Admission
    limits: Limits

    @property
    def deployment(self) -> Deployment:
        """Chain and contract, by the node's word."""
        return Deployment(self.chain_id, self.contract)


@dataclass(frozen=True, slots=True)
class AccountOpened:
    """Account of a key and an owner."""

    id: int
    existed: bool
    """Whether it had been opened before."""


@dataclass(frozen=True, slots=True)
class Account:
    """Account and its balance."""

    id: int
    key: str
    owner: str
    recipient: str
    """The account as intents name it: what a transfer to it signs."""
    balance: Decimal64
    """Left by the last sealed batch."""
    spendable: Decimal64
    """At hand for an intent now, the open batch's steps counted."""
    nonce: Decimal64
    settled_nonce: Decimal64
    finalized: bool
    """Whether L1 has verified, for good, a block that holds it."""


@dataclass(frozen=True, slots=True)
class License:
    """License: its terms, the version that counts, and what the last sealed batch left of it."""

    id: int
    recipient: str
    """The license's name in intents. A payment of it, or a registration that derives from it, signs it."""
    licensor: int
    price: Decimal64
    derivative_shares: int
    lineage: int
    provenance: str
    holders: tuple[LicenseHolder, ...]
    vault: Decimal64
    received: Decimal64
    status: LicenseStatus
    registered_provenance: str
    """Hash of the manifest under which it was registered: its recipient is made of it."""
    finalized: bool
    """Whether L1 has verified, for good, a block that holds it."""
    licensee: int | None
    """The account that alone may pay, if there is one."""
    next: LicenseVersion | None = None
    """The version from the next batch on, if the open batch updates the license."""


@dataclass(frozen=True, slots=True)
class LicenseVersion:
    """What a licensor sets of its license."""

    price: Decimal64
    derivative_shares: int
    status: LicenseStatus
    provenance: str
    licensee: int | None
    """The account that alone may pay, if there is one."""


@dataclass(frozen=True, slots=True)
class LicenseVersionLine:
    """Version of a license, as a batch registered or updated it.

    A registered version counts in its batch, an updated one from the next batch on.
    """

    batch: Decimal64
    stage: Stage
    """The stage that the batch has reached."""
    price: Decimal64
    derivative_shares: int
    status: LicenseStatus
    provenance: str
    licensee: int | None
    """The account that alone may pay, if there is one."""


@dataclass(frozen=True, slots=True)
class LicenseHolder:
    """Holder of a license."""

    holder: Holder
    shares: int

    @property
    def line(self) -> HolderShares:
        """The line of the share table."""
        return HolderShares(self.holder, self.shares)


@dataclass(frozen=True, slots=True)
class Part:
    """Part of a license's income that goes to one holder."""

    holder: Holder
    amount: Decimal64


@dataclass(frozen=True, slots=True)
class QuoteLine:
    """License of a quote: vault before + received = sum of the parts + vault after."""

    license: int
    vault_before: Decimal64
    received: Decimal64
    parts: tuple[Part, ...]
    vault_after: Decimal64


@dataclass(frozen=True, slots=True)
class Credit:
    """Amount that an account would get."""

    account: int
    amount: Decimal64


@dataclass(frozen=True, slots=True)
class Quote:
    """Effect of a payment, if it were the only one of its batch."""

    license: int
    uses: int
    amount: Decimal64
    recipient: str
    """The license as intents name it: what the payment signs."""
    price: Decimal64
    status: LicenseStatus
    least_fee: Decimal64
    lines: tuple[QuoteLine, ...]
    credits: tuple[Credit, ...]
    licensee: int | None
    """The account that alone may pay, if there is one."""
    next: LicenseVersion | None = None
    """The version from the next batch on, if the open batch updates the license."""


@dataclass(frozen=True, slots=True)
class Payer:
    """Payments of one account to a license in a batch."""

    account: int
    payments: int
    uses: int
    amount: Decimal64


@dataclass(frozen=True, slots=True)
class Derivative:
    """Part that a license received from a derivative in a batch."""

    license: int
    amount: Decimal64


@dataclass(frozen=True, slots=True)
class EarningsLine:
    """Batch in a license's earnings.

    Vault before + received = sum of the parts + vault after; received = sum of payers and derivatives.
    """

    batch: Decimal64
    time: int
    """Unix seconds: the time of the batch."""
    vault_before: Decimal64
    received: Decimal64
    payers: tuple[Payer, ...]
    derivatives: tuple[Derivative, ...]
    parts: tuple[Part, ...]
    vault_after: Decimal64


MovementKind: TypeAlias = Literal[
    "royalty", "transfer_in", "deposit", "fee_income", "payment", "transfer_out", "withdrawal", "fee"
]
"""The first four are added to a balance, the others are taken from it."""


@dataclass(frozen=True, slots=True)
class Movement:
    """All movements of one kind, with one license or account, of an account's balance in a batch."""

    kind: MovementKind
    amount: Decimal64
    license: int | None = None
    """The license, of a royalty or a payment."""
    account: int | None = None
    """The other account, of a transfer."""
    received: Decimal64 | None = None
    """The amount that the license received in the batch, of a royalty."""
    shares: int | None = None
    """The account's shares of the license, of a royalty."""


@dataclass(frozen=True, slots=True)
class AccountEarningsLine:
    """Batch in an account's earnings: balance before + all added = balance after + all taken."""

    batch: Decimal64
    time: int
    """Unix seconds: the time of the batch."""
    balance_before: Decimal64
    balance_after: Decimal64
    movements: tuple[Movement, ...]


@dataclass(frozen=True, slots=True)
class Accepted:
    """Intent that is durable: the batch named will settle it."""

    id: str
    batch: Decimal64
    repeated: bool
    """Whether the same intent had been accepted before: it is settled once."""
    registers: int | None = None
    """The number of the license that it registers."""


@dataclass(frozen=True, slots=True)
class L1Location:
    """Place on L1 where a block was verified."""

    transaction: str
    block: int


@dataclass(frozen=True, slots=True)
class Status:
    """How far an intent has come."""

    id: str
    account: int
    nonce: Decimal64
    status: Stage
    batch: Decimal64
    registers: int | None = None
    block: Decimal64 | None = None
    l1: L1Location | None = None
    dropped: str | None = None
    """Why it was dropped, if it was."""

    def reached(self, stage: Stage) -> bool:
        """Whether the intent has come as far as a stage."""
        return STAGES.index(self.status) >= STAGES.index(stage)


@dataclass(frozen=True, slots=True)
class Claim:
    """Arguments of the contract's `claim` besides batch, chunk, index, owner and base units."""

    chain_id: int
    contract: str
    path: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Payout:
    """Payout of L1 to an owner."""

    owner: str
    batch: Decimal64
    index: int
    chunk: int
    base_units: Decimal64
    reason: str
    status: Stage
    claim: Claim | None = None


@dataclass(frozen=True, slots=True)
class Path:
    """Merkle path; the lowest bit of the index is the lowest turn."""

    index: int
    siblings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class BatchBody:
    """Statement of a batch, as JSON has it."""

    domain: str
    class_: int
    number: Decimal64
    timestamp: int
    old_root: str
    new_root: str
    receipts_root: str
    intents: int
    queue_from: Decimal64
    queue_to: Decimal64
    public_data: str
    public_data_limbs: int
    challenge: tuple[str, ...]
    evaluation: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class BlockBody:
    """Statement of a block, as JSON has it."""

    version: int
    domain: str
    first_batch: Decimal64
    batches: int
    timestamp: int
    old_root: str
    new_root: str
    queue_from: Decimal64
    queue_to: Decimal64
    batches_root: str


@dataclass(frozen=True, slots=True)
class Batch:
    """Sealed batch."""

    number: Decimal64
    status: Stage
    statement: BatchBody
    digest: str
    """A leaf of its block's batches root."""
    queue_entries: int
    """L1 queue entries consumed."""
    opened: int
    accounts: int
    licenses: int
    withdrawals: int
    public_data_bytes: int
    block: Decimal64 | None = None
    """The block that holds it, once one is formed."""


@dataclass(frozen=True, slots=True)
class Block:
    """Consecutive batches under one proof."""

    number: Decimal64
    status: Stage
    statement: BlockBody
    l1: L1Location | None = None
    """The place on L1 where it was verified; for good once `finalized`."""


@dataclass(frozen=True, slots=True)
class ReceiptBlock:
    """Block of a receipt."""

    number: Decimal64
    batch_path: Path
    statement: BlockBody
    l1: L1Location | None = None


@dataclass(frozen=True, slots=True)
class Receipt:
    """Evidence of a settled intent. Keep it: `farthing.to_json` and `read_receipt` carry it in a file."""

    id: str
    chain_id: int
    contract: str
    intent: SignedIntent
    key: str
    receipt_path: Path
    batch: BatchBody
    block: ReceiptBlock | None = None

    @property
    def deployment(self) -> Deployment:
        """Chain and contract that the receipt says it is of."""
        return Deployment(self.chain_id, self.contract)


def read_receipt(data: Any) -> Receipt:
    """Reads a receipt's JSON, as the API and the command line write it."""
    return from_json(Receipt, data)


EventType: TypeAlias = Literal[
    "batch.sealed", "license.paid", "license.updated", "block.proven", "block.finalized", "payout.claimable"
]
"""The type of an event."""


@dataclass(frozen=True, slots=True)
class EventFilter:
    """Conditions on events; an event must meet all that are given. Without any, all events are wanted."""

    types: tuple[EventType, ...] = ()
    """Its type is one of these."""
    account: int | None = None
    """The event pays this account: a license in which it holds shares, or its owner on L1."""
    license: int | None = None
    """The event pays or updates this license."""
    block: Decimal64 | None = None
    """The event is a step of this block, or a payout in it."""


@dataclass(frozen=True, slots=True)
class Webhook:
    """Webhook of an account."""

    id: str
    account: int
    url: str
    filter: EventFilter
    created: int
    """Unix seconds. Events from then on are posted."""
    secrets: int
    """Number of secrets that sign: two while one replaces the other."""
    pending: int
    """Events that the URL has not yet answered."""


@dataclass(frozen=True, slots=True)
class WebhookSecret:
    """Webhook and its new secret: the only time that the secret is told. Representations leave it out."""

    webhook: Webhook
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class WebhookDelivery:
    """Way of an event to a webhook."""

    event: str
    type: str
    """The event's type, or `webhook.test`."""
    state: str
    """`pending`, `delivered` or `given_up`."""
    attempts: int
    attempted: int | None = None
    """Unix seconds of the last attempt."""
    next_attempt: int | None = None
    """Unix seconds of the next attempt, if there is one."""
    status: int | None = None
    """The status of the last answer."""
    fault: str | None = None
    """Why the last attempt failed."""


@dataclass(frozen=True, slots=True)
class Payment:
    """One of the payments of `pay_many`."""

    license: int
    uses: int = 1
    memo: bytes | str = bytes(32)


PaymentResult: TypeAlias = Accepted | FarthingError
"""Result of one payment of `pay_many`: accepted, or the error that refused or lost it."""
