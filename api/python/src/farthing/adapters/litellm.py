"""LiteLLM callback: records the usage of calls that succeeded.

    litellm.callbacks = [UsageLogger(meter)]

LiteLLM calls it after each call, and after the end of each stream, in SDK and proxy alike. An answer
from LiteLLM's cache is not billed, unless `cached` is true.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

from farthing.adapters.usage_report import count_units, log, log_failure
from farthing.errors import FarthingError
from farthing.meter import Meter
from farthing.traces import Units
from farthing.usage import UsageEvent

if TYPE_CHECKING:

    class _CustomLogger:
        def __init__(self) -> None: ...

else:
    try:
        from litellm.integrations.custom_logger import CustomLogger as _CustomLogger
    except ImportError as error:
        raise ImportError("farthing.adapters.litellm needs LiteLLM: pip install litellm") from error

ModelOf: TypeAlias = Callable[[Mapping[str, Any]], str]


def model_of(payload: Mapping[str, Any]) -> str:
    """Returns the model's public name in the proxy (`model_group`), or else its own."""
    return str(payload.get("model_group") or payload.get("model") or "")


class UsageLogger(_CustomLogger):
    """Records the usage of each call under the id of its answer.

    That id is the provider's. The id of the call is not used where there is another one: a client
    of the proxy may choose it, and a second call with the same id would not be paid.
    """

    def __init__(
        self, meter: Meter, *, units: Units = "generated", model: ModelOf = model_of, cached: bool = False
    ) -> None:
        super().__init__()
        self._meter, self._units, self._model, self._cached = meter, units, model, cached

    def log_success_event(self, kwargs: Any, response_obj: Any, start_time: Any, end_time: Any) -> None:
        """Records a call that succeeded; LiteLLM calls it from a thread."""
        if (event := self._event(kwargs, response_obj)) is not None:
            self._record(event)

    async def async_log_success_event(self, kwargs: Any, response_obj: Any, start_time: Any, end_time: Any) -> None:
        """Records a call that succeeded."""
        if (event := self._event(kwargs, response_obj)) is not None:
            await asyncio.to_thread(self._record, event)

    def _record(self, event: UsageEvent) -> None:
        try:
            self._meter.record(event)
        except FarthingError as error:
            log_failure(event, error)

    def _event(self, kwargs: Any, response: Any) -> UsageEvent | None:
        try:
            return self.event(kwargs, response)
        except Exception:
            log.exception("a call of LiteLLM is not read for usage, and not billed")
            return None

    def event(self, kwargs: Mapping[str, Any], response: Any) -> UsageEvent | None:
        """Returns the event of a call, or None if there is nothing to bill."""
        payload = kwargs.get("standard_logging_object")
        if not isinstance(payload, Mapping):
            log.warning("a call of LiteLLM has no standard_logging_object and is not recorded")
            return None
        if payload.get("status", "success") != "success" or (payload.get("cache_hit") and not self._cached):
            return None
        generated, context = _count(payload.get("completion_tokens")), _count(payload.get("prompt_tokens"))
        units = count_units(generated, context, self._units)
        if not units:
            return None
        # An answer from the cache has the id of the first one; LiteLLM gives each hit a name of its own.
        own = None if payload.get("cache_hit") else _id_of(response)
        name = own or payload.get("id") or kwargs.get("litellm_call_id")
        return UsageEvent(str(name or ""), units, model=self._model(payload), time=_time(payload.get("endTime")))


def _id_of(response: Any) -> str | None:
    name = response.get("id") if isinstance(response, Mapping) else getattr(response, "id", None)
    return name if isinstance(name, str) and name else None


def _count(value: Any) -> int:
    return value if isinstance(value, int) and value > 0 else 0


def _time(value: Any) -> int | None:
    return int(value) if isinstance(value, (int, float)) and value >= 0 else None
