"""Keys of L1 wallets: a wallet signs a fixed message of EIP-712, and the signature seeds the key."""

from __future__ import annotations

from typing import Any

from farthing.domain import Deployment
from farthing.encoding import checksum_address, from_hex, parse_address
from farthing.errors import InvalidWalletSignatureError
from farthing.keccak import keccak256

STATEMENT = (
    "This signature becomes the key that signs your Farthing payments. Whoever gets it can spend "
    "your balance: sign only for software that you trust."
)
"""The text that the wallet shows."""

_NAME = "Farthing"
_VERSION = "1"
_DOMAIN_TYPE = "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
_MESSAGE_TYPE = "FarthingKey(string statement)"
# Half the order of secp256k1, rounded down: the largest s that wallets give (EIP-2).
_S_MAX = 0x7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF5D576E7357A4501DDFE92F46681B20A0


def typed_data(deployment: Deployment) -> dict[str, Any]:
    """Returns the message for `eth_signTypedData_v4`."""
    return {
        "types": {
            "EIP712Domain": [
                {"name": "name", "type": "string"},
                {"name": "version", "type": "string"},
                {"name": "chainId", "type": "uint256"},
                {"name": "verifyingContract", "type": "address"},
            ],
            "FarthingKey": [{"name": "statement", "type": "string"}],
        },
        "primaryType": "FarthingKey",
        "domain": {
            "name": _NAME,
            "version": _VERSION,
            "chainId": deployment.chain_id,
            "verifyingContract": checksum_address(parse_address(deployment.contract)),
        },
        "message": {"statement": STATEMENT},
    }


def digest(deployment: Deployment) -> bytes:
    """Returns the hash that a wallet signs."""
    domain = keccak256(
        keccak256(_DOMAIN_TYPE.encode()),
        keccak256(_NAME.encode()),
        keccak256(_VERSION.encode()),
        deployment.chain_id.to_bytes(32, "big"),
        bytes(12) + parse_address(deployment.contract),
    )
    message = keccak256(keccak256(_MESSAGE_TYPE.encode()), keccak256(STATEMENT.encode()))
    return keccak256(b"\x19\x01", domain, message)


def seed(signature: bytes | str) -> bytes:
    """Returns the seed of a wallet's signature of 65 bytes: keccak256 of r and s.

    Raises:
        InvalidWalletSignatureError: the message never quotes the signature.
    """
    try:
        data = from_hex(signature) if isinstance(signature, str) else bytes(signature)
    except ValueError:
        raise InvalidWalletSignatureError("not 0x and hexadecimal digits") from None
    if len(data) != 65:
        raise InvalidWalletSignatureError(f"{len(data)} bytes, expected 65: r, s and v")
    r, s = data[:32], data[32:64]
    if not any(r) or not any(s):
        raise InvalidWalletSignatureError("r or s is zero")
    if int.from_bytes(s, "big") > _S_MAX:
        raise InvalidWalletSignatureError("s is in the upper half of its range (EIP-2)")
    return keccak256(r, s)
