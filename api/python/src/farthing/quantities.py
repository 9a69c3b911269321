"""Ranges of quantities (state/SPEC.md, section 6), and money that is exact.

Money is whole nano-units, 10⁻⁹ of the settlement token: an `int`, a `str` of decimal digits or a
whole `Decimal`. A `float` is refused, since it rounds. `tokens("0.003")` converts tokens.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TypeAlias

from farthing.errors import InvalidAmountError, InvalidArgumentError

Money: TypeAlias = int | str | Decimal
"""An amount of nano-units."""

NANO_PER_TOKEN = 10**9
NANO_PER_BASE_UNIT = 1_000
"""L1 has six decimals, L2 nine."""

NANO_MAX = 2**62 - 1
AMOUNT_MAX = 2**46 - 1
FEE_MAX = 2**32 - 1
PRICE_MAX = 2**40 - 1
NONCE_MAX = 2**62 - 1
TIME_MAX = 2**40 - 1
ID_MAX = 2**32 - 1
USES_MAX = 2**23
SHARES_TOTAL = 1_000_000
HOLDERS_MAX = 16
LINEAGE_MAX = 64
LICENSEE_MAX = 2**31 - 1

_DIGITS = re.compile(r"0|[1-9][0-9]*")


def _whole(value: Money, what: str) -> int:
    if isinstance(value, bool) or not isinstance(value, (int, str, Decimal)):
        kind = type(value).__name__
        raise InvalidAmountError(f"{what}: {kind} is not exact money; give an int, str or Decimal of nano-units")
    if isinstance(value, int):
        return value
    if isinstance(value, Decimal):
        if not value.is_finite() or value != value.to_integral_value():
            raise InvalidAmountError(f"{what} {value}: expected whole nano-units; tokens() converts tokens")
        return int(value)
    if not _DIGITS.fullmatch(value) or not value.isascii():
        raise InvalidAmountError(
            f"{what} {value!r}: expected decimal digits of whole nano-units; tokens() converts tokens"
        )
    return int(value)


def _money(value: Money, most: int, what: str) -> int:
    number = _whole(value, what)
    if not 0 <= number <= most:
        raise InvalidAmountError(f"{what} {number}: expected 0 to {most} nano-units")
    return number


def amount(value: Money) -> int:
    """Takes nano-units that one intent moves, less than 2⁴⁶."""
    return _money(value, AMOUNT_MAX, "amount")


def fee(value: Money) -> int:
    """Takes the nano-units of a fee, less than 2³²."""
    return _money(value, FEE_MAX, "fee")


def price(value: Money) -> int:
    """Takes nano-units per use, less than 2⁴⁰."""
    return _money(value, PRICE_MAX, "price")


def tokens(value: int | str | Decimal) -> int:
    """Converts tokens of the settlement currency to nano-units, exactly.

    >>> tokens("0.003")
    3000000
    """
    if isinstance(value, bool) or not isinstance(value, (int, str, Decimal)):
        kind = type(value).__name__
        raise InvalidAmountError(f"tokens: {kind} is not exact money; give an int, str or Decimal")
    if isinstance(value, str) and not re.fullmatch(r"[0-9]{1,10}(\.[0-9]{1,9})?", value, re.ASCII):
        raise InvalidAmountError(f"tokens {value!r}: expected digits with at most nine decimals")
    exact = Decimal(value)
    if not exact.is_finite() or exact < 0 or exact > NANO_MAX // NANO_PER_TOKEN:
        raise InvalidAmountError(f"tokens {value}: out of range")
    sign, digits, exponent = exact.as_tuple()
    assert sign == 0 and isinstance(exponent, int)
    nano, shift = int("".join(map(str, digits))), exponent + 9
    if shift >= 0:
        return nano * int(10**shift)
    whole, rest = divmod(nano, int(10**-shift))
    if rest:
        raise InvalidAmountError(f"tokens {value}: more than nine decimals")
    return whole


def format_tokens(nano: int) -> str:
    """Returns nano-units as tokens, with as many decimals as it takes.

    >>> format_tokens(3000000)
    '0.003'
    """
    whole, rest = divmod(nano, NANO_PER_TOKEN)
    return f"{whole}.{rest:09}".rstrip("0") if rest else str(whole)


def integer(value: int, least: int, most: int, what: str) -> int:
    """Takes an integer of a range."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise InvalidArgumentError(f"{what}: {type(value).__name__}, expected an int")
    if not least <= value <= most:
        raise InvalidArgumentError(f"{what} {value}: expected {least} to {most}")
    return value


def identifier(value: int, what: str) -> int:
    """Takes the number of an account or a license."""
    return integer(value, 0, ID_MAX, what)


def licensee(value: int) -> int:
    """Takes the number of the account that alone may pay a license: 1 to 2³¹ − 1."""
    return integer(value, 1, LICENSEE_MAX, "licensee")


def uses(value: int) -> int:
    """Takes a number of uses, 1 to 2²³."""
    return integer(value, 1, USES_MAX, "uses")


def decimal_text(text: object, most: int = NANO_MAX, what: str = "number") -> int:
    """Reads a decimal string of JSON."""
    if not isinstance(text, str) or not _DIGITS.fullmatch(text) or not text.isascii():
        raise InvalidArgumentError(f"{what}: expected a string of decimal digits without sign or leading zeros")
    number = int(text) if len(text) <= 20 else most + 1
    if number > most:
        raise InvalidArgumentError(f"{what} {text[:24]}: at most {most}")
    return number
