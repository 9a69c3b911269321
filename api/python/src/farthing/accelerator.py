"""The optional package `farthing-accelerator`: signatures and hashes, compiled (`farthing[fast]`).

It answers well-formed input alone, and declines the rest by an exception of Python. Then the pure
code answers, so that results and errors are the same with it and without it. `FARTHING_PURE=1` in
the environment turns it off.
"""

from __future__ import annotations

import functools
import importlib
import os
import warnings
from collections.abc import Callable, Sequence
from typing import Any, Protocol, TypeVar, cast

from farthing.field import Element5

T = TypeVar("T")
Call = TypeVar("Call", bound=Callable[..., Any])

INTERFACE = 1
"""Version of the accelerator's functions that this package calls."""
OFF = "FARTHING_PURE"
"""Variable of the environment that turns the accelerator off, unless it is empty or 0."""
_DECLINED = (TypeError, ValueError, OverflowError)


class SigningKey(Protocol):
    """Key that signs; no method and no representation gives its secret."""

    @property
    def public(self) -> Element5:
        """The five elements of the key that verifies."""

    def sign(self, domain: Sequence[int], message: Sequence[int]) -> bytes:
        """Signs 14 elements for a domain."""

    def sign_many(self, domain: Sequence[int], batch: Sequence[Sequence[int]]) -> list[bytes]:
        """Signs messages for a domain, in their order."""


class Accelerator(Protocol):
    """Functions of the accelerator that others than `accelerated` call."""

    SigningKey: Callable[[bytes], SigningKey]
    is_valid: Callable[[Element5, Sequence[int], Sequence[int], bytes], bool]
    find_invalid: Callable[[Sequence[int], Sequence[tuple[Element5, Sequence[int], bytes]]], list[int]]


def _load() -> Accelerator | None:
    if os.environ.get(OFF, "0") not in ("", "0"):
        return None
    try:
        # By its name, since it may be missing, and type checkers need not have it.
        found = importlib.import_module("farthing_accelerator")
    except ImportError:
        return None
    if found.INTERFACE != INTERFACE:
        warnings.warn(
            f"farthing-accelerator has interface {found.INTERFACE}, expected {INTERFACE}: it is not used; "
            "pip install --upgrade farthing[fast]",
            RuntimeWarning,
            stacklevel=2,
        )
        return None
    return cast(Accelerator, found)


native: Accelerator | None = _load()
"""The accelerator, or None if it is missing or turned off."""


def ask(question: Callable[[Accelerator], T]) -> T | None:
    """Returns the accelerator's answer; None if there is no accelerator, or it declines."""
    if native is None:
        return None
    try:
        return question(native)
    except _DECLINED:
        return None


def accelerated(pure: Call) -> Call:
    """Asks the accelerator's function of the same name first, and the decorated one if it declines."""
    name = pure.__name__

    @functools.wraps(pure)
    def answer(*arguments: Any) -> Any:
        if native is not None:
            try:
                return getattr(native, name)(*arguments)
            except _DECLINED:
                # Errors of the pure code are not chained to this one.
                pass
        return pure(*arguments)

    return cast(Call, answer)
