"""Usage as the APIs of models report it, in a whole answer or in a stream of events."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from farthing.errors import FarthingError
from farthing.traces import Units
from farthing.usage import UsageEvent

log = logging.getLogger("farthing.adapters")

_GENERATED = ("completion_tokens", "output_tokens", "candidatesTokenCount")
_CONTEXT = ("prompt_tokens", "input_tokens", "promptTokenCount")
_DEPTH_MAX = 4
"""Answers inside answers: deeper ones are not of these APIs."""


def log_failure(event: UsageEvent, error: Exception) -> None:
    """Logs an event that is not recorded."""
    code = error.code if isinstance(error, FarthingError) else type(error).__name__
    log.error("event %r is not recorded: %s", event.id, error, extra={"error": code})


def count_units(generated: int, context: int, units: Units) -> int:
    """Returns the units of a call."""
    return generated + (context if units == "total" else 0)


def first_count(values: Mapping[str, Any], names: tuple[str, ...]) -> int:
    """Returns the first of some counts that is there and above 0, else 0."""
    for name in names:
        value = values.get(name)
        if isinstance(value, int) and not isinstance(value, bool) and value > 0:
            return value
    return 0


@dataclass
class UsageReport:
    """Reads documents of one answer: the whole body, or each event of a stream.

    It knows the forms of OpenAI (chat completions, responses), Anthropic (messages) and Gemini.
    Counts of a stream only grow, so the last one holds.
    """

    id: str | None = None
    model: str | None = None
    generated: int = 0
    context: int = 0
    failed: bool = False

    def feed(self, document: Any, depth: int = 0) -> None:
        """Takes one document; what it does not know it passes over."""
        if not isinstance(document, Mapping) or depth > _DEPTH_MAX:
            return
        if document.get("error"):
            self.failed = True
        # An event of a stream wraps the answer: `message` of Anthropic, `response` of OpenAI.
        for wrapped in ("message", "response"):
            self.feed(document.get(wrapped), depth + 1)
        name = document.get("id") or document.get("responseId")
        model = document.get("model") or document.get("modelVersion")
        self.id = self.id or (name if isinstance(name, str) else None)
        self.model = self.model or (model if isinstance(model, str) else None)
        for field in ("usage", "usageMetadata"):
            usage = document.get(field)
            if isinstance(usage, Mapping):
                self.generated = max(self.generated, first_count(usage, _GENERATED))
                self.context = max(self.context, first_count(usage, _CONTEXT))
