"""Scheme `exact` of x402, version 2, for the package `x402` (2.25): pays resource servers from an account.

That package's interfaces are structural, so it is not imported here: `pip install farthing[x402]`
installs both. Its clients call a scheme without awaiting it, the asynchronous client too. The look-up
of the license and the signature therefore block the event loop for that time; a program that cannot
wait gives its payments a thread.
"""

from __future__ import annotations

import json
import math
import re
import secrets
import threading
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from farthing.calls import Flow, Send
from farthing.client import Farthing
from farthing.errors import FarthingError, InvalidArgumentError, UnexpectedAnswerError
from farthing.flows import Flows, Recipients
from farthing.keccak import keccak256
from farthing.keys import SecretKey
from farthing.quantities import Money

if TYPE_CHECKING:
    from x402 import PaymentRequirements, x402Client, x402ClientSync

SCHEME = "exact"
DECIMALS = 9
"""Places of an amount after the point: amounts on the wire are nano."""
PAYMENT_IDENTIFIER = "payment-identifier"
"""The extension by which a buyer names a purchase."""
_VALID_MIN = 30
"""Seconds of the least validity: a server that waits for its own work still finds the payment valid."""
_VALID_MAX = 7 * 24 * 3_600
_REMEMBERED_MAX = 1_000
_CALL_TIMEOUT = 30.0


class PaymentRefusedError(FarthingError, ValueError):
    """A payment that is asked for and is not signed: of another deployment, or of no whole number of uses."""

    code = "payment_refused"


@dataclass(frozen=True, slots=True)
class Settlement:
    """The network of a deployment and the token in which it settles."""

    network: str
    asset: str
    symbol: str = "USDC"


class ExactFarthingScheme:
    """Scheme `exact` of one buyer on one deployment. Threads may share it.

    Each call signs another payment. Under an identifier that the caller chose (`info.id` of the
    extension `payment-identifier`) the same payment is returned again, so a purchase is not paid twice.
    """

    scheme = SCHEME

    def __init__(self, farthing: Farthing, settlement: Settlement) -> None:
        """Pays as `farthing` signs; one unit of the settlement's token counts as a dollar."""
        self._farthing = farthing
        self.settlement = settlement
        self._remembered: OrderedDict[str, tuple[str, dict[str, Any]]] = OrderedDict()
        self._lock = threading.Lock()

    @classmethod
    def connect(
        cls,
        node: str,
        account: int,
        key: SecretKey,
        *,
        fee: Money = 0,
        recipients: Recipients = "final",
        symbol: str = "USDC",
    ) -> ExactFarthingScheme:
        """Asks the buyer's own node which token it settles in.

        A server that names a recipient which is not final is refused, and not waited for.
        """
        farthing = Farthing(node, account, key, fee=fee, recipients=recipients, recipient_wait=0)
        return cls(farthing, farthing._run(_settlement(farthing._flows, symbol)))

    def register(self, client: x402Client | x402ClientSync) -> None:
        """Lets a client of `x402` pay on this deployment."""
        client.register(self.settlement.network, self)

    def find_default_asset(self, asset: str, network: str) -> dict[str, Any] | None:
        """Returns the settlement token, on which the client's spending cap in dollars holds."""
        own = self.settlement
        if network != own.network or asset.lower() != own.asset.lower():
            return None
        return {"asset": own.asset, "decimals": DECIMALS, "symbol": own.symbol}

    def create_payment_payload(self, requirements: PaymentRequirements, context: Any = None) -> dict[str, Any]:
        """Signs the payment that a resource server asks for.

        Raises:
            PaymentRefusedError: says why nothing was signed.
        """
        extensions = getattr(context, "extensions", None)
        cap = getattr(context, "max_amount_per_payment", None)
        declared = _identifier_info(extensions)
        chosen = None if declared is None else declared.get("id")
        if chosen is None:
            named = None if declared is None else f"farthing-{secrets.token_hex(16)}"
            return self._create(requirements, named, cap)
        if not isinstance(chosen, str) or not re.fullmatch(r"[A-Za-z0-9_-]{16,128}", chosen):
            raise InvalidArgumentError("a payment identifier is 16 to 128 letters, digits, hyphens and underscores")
        terms = json.dumps(_terms(requirements), sort_keys=True)
        with self._lock:
            known = self._remembered.get(chosen)
            if known is None:
                known = terms, self._create(requirements, chosen, cap)
                self._remembered[chosen] = known
                if len(self._remembered) > _REMEMBERED_MAX:
                    self._remembered.popitem(last=False)
        if known[0] != terms:
            raise PaymentRefusedError(f"the payment identifier {chosen} has named another purchase")
        return dict(known[1])

    def _create(self, requirements: PaymentRequirements, identifier: str | None, cap: str | None) -> dict[str, Any]:
        license, amount = self._check(requirements)
        if cap is not None and amount > int(cap):
            raise PaymentRefusedError(f"the payment is of {amount} nano, at most {cap} are allowed")
        resource = (requirements.extra or {}).get("resource")
        memo = payment_memo(resource, identifier) if isinstance(resource, str) else bytes(32)
        seconds = min(max(math.ceil(requirements.max_timeout_seconds), _VALID_MIN), _VALID_MAX)
        payload = self._farthing._run(_payment(self._farthing._flows, license, amount, memo, seconds))
        if identifier is not None:
            payload["__extensions"] = {PAYMENT_IDENTIFIER: {"info": {"id": identifier}}}
        return payload

    def _check(self, requirements: PaymentRequirements) -> tuple[int, int]:
        """Returns license and amount of requirements that are for this scheme and deployment."""
        own = self.settlement
        if requirements.scheme != SCHEME:
            raise PaymentRefusedError(f"scheme {requirements.scheme}, expected {SCHEME}")
        if requirements.network != own.network:
            raise PaymentRefusedError(
                f"the payment is for {requirements.network}, and this account is on {own.network}"
            )
        if requirements.asset.lower() != own.asset.lower():
            raise PaymentRefusedError(
                f"the payment is in {requirements.asset}, and {own.network} settles in {own.asset}"
            )
        license = re.fullmatch(r"license:(0|[1-9][0-9]{0,9})", requirements.pay_to)
        if license is None:
            raise PaymentRefusedError("payTo: expected license: and the number of a license")
        if not re.fullmatch(r"[1-9][0-9]{0,18}", requirements.amount):
            raise PaymentRefusedError("amount: expected nano in decimal digits, above 0")
        return int(license[1]), int(requirements.amount)


def payment_memo(resource: str, identifier: str | None) -> bytes:
    """Returns the memo of a payment: keccak256 of three lines, the second empty without an identifier."""
    return keccak256(f"farthing x402\n{identifier or ''}\n{resource}".encode())


def _payment(flows: Flows, license: int, amount: int, memo: bytes, seconds: int) -> Flow[dict[str, Any]]:
    price = (yield from flows.license(license)).price
    if price == 0 or amount % price != 0:
        raise PaymentRefusedError(
            f"{amount} nano are required, which is no multiple of license {license}'s price, {price}"
        )
    operation = yield from flows.pay_operation(license, amount // price, memo)
    if operation.amount != amount:
        raise PaymentRefusedError(f"license {license} asks {operation.amount} nano, and {amount} are required")
    valid_until = int(flows.api.clock.now()) + seconds
    signed = yield from flows.sign(operation, valid_until=valid_until)
    return {"intent": signed.to_json()}


def _settlement(flows: Flows, symbol: str) -> Flow[Settlement]:
    network = f"farthing:{(yield from flows.version()).domain[2:34].lower()}"
    url = f"{flows.api.base_url}/x402/supported"
    supported = yield from flows.api.call(Send("GET", url, timeout=_CALL_TIMEOUT))
    kinds = supported.get("kinds") if isinstance(supported, dict) else None
    for kind in kinds if isinstance(kinds, list) else ():
        if kind.get("scheme") != SCHEME or kind.get("network") != network:
            continue
        extra = kind.get("extra") or {}
        asset = extra.get("asset")
        if extra.get("decimals") != DECIMALS or not isinstance(asset, str):
            raise UnexpectedAnswerError("the node does not name its settlement token: set [l1] token there")
        return Settlement(network, asset, symbol)
    raise UnexpectedAnswerError(f"the node has no scheme {SCHEME} of x402 on {network}")


def _identifier_info(extensions: Any) -> dict[str, Any] | None:
    declared = extensions.get(PAYMENT_IDENTIFIER) if isinstance(extensions, dict) else None
    info = declared.get("info") if isinstance(declared, dict) else None
    return info if isinstance(info, dict) else None


def _terms(requirements: PaymentRequirements) -> list[Any]:
    names = ("scheme", "network", "asset", "amount", "pay_to", "max_timeout_seconds", "extra")
    return [getattr(requirements, name) for name in names]
