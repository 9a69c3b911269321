"""Files of usage: inference traces and activity exports as usage events (api/conformance/metering.md).

CSV is read by the names of its header: Azure 2023, 2024 and LMM 2025, BurstGPT, the OpenRouter
activity export, and others of the same columns. JSON Lines are Mooncake's. Either may be in gzip.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import os
import re
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import IO, Any, Literal, TypeAlias

from farthing.errors import InvalidArgumentError, InvalidTraceError
from farthing.quantities import TIME_MAX
from farthing.usage import UsageEvent

Units: TypeAlias = Literal["generated", "total"]

RECORD_BYTES_MAX = 1 << 16
"""The longest record: one of an inference has a few hundred letters."""
COUNT_MAX = 2**53 - 1
_SHOWN = 40

_COLUMNS = {
    "time": ("timestamp", "time", "date", "datetime", "arrivaltime", "createdat"),
    "context": (
        "context", "contexttokens", "prompttokens", "requesttokens", "inputtokens", "numprefilltokens",
        "tokensprompt", "inputlength",
    ),
    "generated": (
        "generated", "generatedtokens", "completiontokens", "responsetokens", "outputtokens", "numdecodetokens",
        "tokenscompletion", "outputlength",
    ),
    "id": ("generationid", "requestid", "id"),
    "model": ("model", "modelpermaslug"),
    "images": ("numimages",),
    "finish": ("finishreasonnormalized",),
}  # fmt: skip
_ROLES = {name: role for role, names in _COLUMNS.items() for name in names}
_POSITIONS = {"time": 0, "context": 1, "generated": 2}


@dataclass(frozen=True, slots=True)
class Target:
    """License or model of events."""

    license: int | None = None
    model: str | None = None


@dataclass
class Trace:
    """Events of a file, one by one; counts grow as it is read."""

    source: str
    """Names the file in the ids of rows that have no id of their own."""
    read: Callable[[], Iterator[UsageEvent]] = field(repr=False)
    billed: int = 0
    """Rows that were read and have events."""
    skipped: int = 0
    """Rows of failed calls: they generated nothing, or ended in an error. They are not billed."""

    def __iter__(self) -> Iterator[UsageEvent]:
        return self.read()


def read_trace(
    file: str | os.PathLike[str] | IO[bytes],
    *,
    license: int | None = None,
    model: str | None = None,
    units: Units = "generated",
    images: Target | None = None,
    source: str | None = None,
) -> Trace:
    """Opens a file of usage; rows are read as the result is iterated.

    Events are of `license` or `model`; with neither, of the model in the row. `units` counts
    generated tokens, or those of the context too. `images` makes events of the images of a row.

    Raises:
        InvalidTraceError: while iterating, with the line.
    """
    if license is not None and model is not None:
        raise InvalidArgumentError("a trace: expected a license or a model, and not both")
    if units not in ("generated", "total"):
        raise InvalidArgumentError(f"units {units!r}: expected 'generated' or 'total'")
    if source is None:
        name = os.fspath(file) if isinstance(file, (str, os.PathLike)) else getattr(file, "name", "")
        source = os.path.basename(str(name)).removesuffix(".gz") or "trace"
    target = Target(license, model)

    def read() -> Iterator[UsageEvent]:
        trace.billed = trace.skipped = 0
        reader = _Reader(trace, target, units, images)
        if isinstance(file, (str, os.PathLike)):
            with open(file, "rb") as opened:
                yield from reader.events(opened)
        else:
            yield from reader.events(file)

    trace = Trace(source, read)
    return trace


class _Reader:
    """One pass over a file."""

    def __init__(self, trace: Trace, target: Target, units: Units, images: Target | None) -> None:
        self.trace, self.target, self.units, self.images = trace, target, units, images
        self.line = 1
        self.columns: dict[str, int] | None = None
        self.width = 0

    def error(self, what: str) -> InvalidTraceError:
        return InvalidTraceError(f"{self.trace.source}, line {self.line}: {what}", self.line)

    def events(self, file: IO[bytes]) -> Iterator[UsageEvent]:
        raw: Any = file
        buffered = io.BufferedReader(raw)
        try:
            stream: Any = buffered
            if buffered.peek(2)[:2] == b"\x1f\x8b":
                stream = gzip.GzipFile(fileobj=buffered)
            for text, fields in self.records(stream):
                row = self.json_row(text) if fields is None else self.csv_row(fields)
                if row is not None:
                    yield from self.row_events(row, text)
        finally:
            # The file is the caller's to close.
            buffered.detach()

    # --- records ---

    def physical_line(self, stream: IO[bytes], most: int) -> str:
        """Reads a line with its end; an empty text is the end of the file."""
        try:
            data = stream.readline(most + 1)
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            raise self.error(f"the gzip stream is damaged or cut off: {error}") from None
        if len(data) > most:
            raise self.error(f"a record of more than {RECORD_BYTES_MAX} bytes")
        try:
            text = data.decode()
        except UnicodeDecodeError:
            raise self.error("not UTF-8") from None
        if "\0" in text:
            raise self.error("not UTF-8")
        return text

    def records(self, stream: IO[bytes]) -> Iterator[tuple[str, list[str] | None]]:
        """Yields text without its end, and fields of CSV; None in a file of JSON."""
        line, is_json = 1, None
        while True:
            self.line = line
            text = self.physical_line(stream, RECORD_BYTES_MAX)
            if not text:
                return
            line += 1
            if self.line == 1:
                text = text.removeprefix("\ufeff")
            if not text.strip():
                continue
            if is_json is None:
                is_json = text.lstrip().startswith("{")
            if is_json:
                yield _without_end(text), None
                continue
            while (fields := self.fields(_without_end(text))) is None:
                more = self.physical_line(stream, RECORD_BYTES_MAX - len(text.encode()))
                if not more:
                    raise self.error("a quoted field does not end")
                text, line = text + more, line + 1
            yield _without_end(text), fields

    def fields(self, text: str) -> list[str] | None:
        """Returns the fields of a record (RFC 4180); None if a quoted one goes on in the next line."""
        text = text.strip(" \t")
        if '"' not in text:
            return [field.strip() for field in text.split(",")]
        fields: list[str] = []
        at = 0
        while True:
            if text.startswith('"', at):
                value, at = "", at + 1
                while True:
                    end = text.find('"', at)
                    if end < 0:
                        return None
                    value, at = value + text[at:end], end + 1
                    if not text.startswith('"', at):
                        break
                    value, at = value + '"', at + 1
            else:
                end = text.find(",", at)
                end = len(text) if end < 0 else end
                value, at = text[at:end], end
                if '"' in value:
                    raise self.error(f"column {len(fields) + 1}: a quote within a field that is not quoted")
            fields.append(value.strip())
            if at == len(text):
                return fields
            if text[at] != ",":
                raise self.error(f"column {len(fields)}: a quoted field goes on after its end")
            at += 1

    # --- rows ---

    def csv_row(self, fields: list[str]) -> dict[str, Any] | None:
        """Returns the fields of a row by role; None for the header."""
        if self.columns is None:
            return self.header(fields)
        if len(fields) != self.width:
            raise self.error(f"{len(fields)} columns, expected {self.width}")
        return {role: fields[at] for role, at in self.columns.items()}

    def header(self, fields: list[str]) -> dict[str, Any] | None:
        """Learns the columns from the first record, which may already be a row."""
        columns: dict[str, int] = {}
        for at, name in enumerate(fields):
            role = _ROLES.get(re.sub("[ _-]", "", name).lower())
            if role is None:
                continue
            if role in columns:
                raise self.error(f"column {at + 1}: a second column of {role}")
            columns[role] = at
        self.width = len(fields)
        if "generated" in columns:
            self.columns = columns
            self.check_columns()
            return None
        if len(fields) == len(_POSITIONS) and _time(fields[0]) is not None and fields[1].isdigit():
            self.columns = dict(_POSITIONS)
            self.check_columns()
            return self.csv_row(fields)
        raise self.error("neither a header that names a column of generated tokens nor time,context,generated")

    def check_columns(self) -> None:
        assert self.columns is not None
        if self.units == "total" and "context" not in self.columns:
            raise self.error("no column of context tokens, which units 'total' needs")
        if self.target == Target() and "model" not in self.columns:
            raise self.error("no column of models: name a license or a model for all rows")

    def json_row(self, text: str) -> dict[str, Any]:
        """Returns the values of a line of Mooncake's form, whose times are milliseconds."""
        try:
            data = json.loads(text)
        except ValueError as error:
            raise self.error(f"not JSON: {error}") from None
        if not isinstance(data, dict) or "output_length" not in data or "timestamp" not in data:
            raise self.error("expected an object with timestamp and output_length")
        row = {"time": data["timestamp"], "generated": data["output_length"]}
        if "input_length" in data:
            row["context"] = data["input_length"]
        if isinstance(data.get("model"), str):
            row["model"] = data["model"]
        self.columns = dict.fromkeys(row, 0)
        self.check_columns()
        return row

    def row_events(self, row: dict[str, Any], text: str) -> Iterator[UsageEvent]:
        """Yields the events of a row; of a failed call there are none."""
        generated = self.count(row["generated"], "generated tokens")
        context = self.count(row["context"], "context tokens") if "context" in row else 0
        images = self.count(row["images"], "images") if "images" in row else 0
        time = self.time(row["time"]) if "time" in row else None
        if not generated or row.get("finish", "").lower() == "error":
            self.trace.skipped += 1
            return
        name = row.get("id", f"{self.trace.source}:{self.line}")
        if not name:
            raise self.error("an empty id")
        target = self.target
        if target == Target():
            target = Target(model=row["model"])
            if not target.model:
                raise self.error("an empty model")
        provenance = hashlib.sha256(text.encode()).digest()
        count = generated + (context if self.units == "total" else 0)
        self.trace.billed += 1
        yield UsageEvent(name, count, target.license, target.model, provenance, time)
        if self.images is not None and images:
            yield UsageEvent(f"{name}#images", images, self.images.license, self.images.model, provenance, time)

    def count(self, value: Any, what: str) -> int:
        if isinstance(value, str) and _COUNT.fullmatch(value):
            value = int(value.partition(".")[0])
        elif isinstance(value, float) and value.is_integer():
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= COUNT_MAX:
            raise self.error(f"{what}: {str(value)[:_SHOWN]!r}, expected a whole number")
        return value

    def time(self, value: Any) -> int:
        """Returns unix seconds, rounded down."""
        found: int | None = None
        if isinstance(value, str):
            found = _time(value)
        elif not isinstance(value, bool) and isinstance(value, (int, float)) and 0 <= value <= COUNT_MAX:
            found = int(value // 1000)
        if found is None or not 0 <= found <= TIME_MAX:
            raise self.error(
                f"time: {str(value)[:_SHOWN]!r}, expected seconds, or a date and a time such as 2023-11-16 18:15:46.68"
            )
        return found


def _without_end(text: str) -> str:
    return text.removesuffix("\n").removesuffix("\r")


_COUNT = re.compile(r"[0-9]{1,16}(\.0*)?", re.ASCII)
_SECONDS = re.compile(r"([0-9]{1,13})(\.[0-9]+)?", re.ASCII)
_DATE_TIME = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})[Tt ]([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:[.,][0-9]+)?)? ?"
    r"(Z|z|UTC|GMT|[+-][0-9]{2}(?::?[0-9]{2})?)?",
    re.ASCII,
)


def _time(text: str) -> int | None:
    """Reads seconds since some start, or a date and a time of day; without an offset it is UTC."""
    if seconds := _SECONDS.fullmatch(text):
        return int(seconds[1])
    found = _DATE_TIME.fullmatch(text)
    if not found:
        return None
    year, month, day, hour, minute, second, offset = found.groups()
    try:
        moment = datetime(int(year), int(month), int(day), int(hour), int(minute), tzinfo=timezone.utc)
    except ValueError:
        return None
    # A leap second is the sixty-first.
    if int(second or 0) > 60:
        return None
    ahead = 0
    if offset and offset[0] in "+-":
        hours, minutes = int(offset[1:3]), int(offset[3:].lstrip(":") or 0)
        if hours > 23 or minutes > 59:
            return None
        ahead = (hours * 60 + minutes) * (60 if offset[0] == "+" else -60)
    return int(moment.timestamp()) + int(second or 0) - ahead
