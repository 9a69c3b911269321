"""Dataclasses to and from the API's JSON, by their annotations.

`Decimal64` and its kin are integers in Python and decimal strings in JSON, since JavaScript would
round a number above 2⁵³. Unknown fields of answers are passed over: a later node may say more. A
document that proves something must have none (`strict`).
"""

from __future__ import annotations

import types
from dataclasses import MISSING, fields, is_dataclass
from functools import cache
from typing import Annotated, Any, Literal, TypeAlias, TypeVar, Union, get_args, get_origin, get_type_hints

from farthing.errors import UnexpectedAnswerError
from farthing.quantities import decimal_text

T = TypeVar("T")

_DECIMAL = "decimal string"

Decimal64: TypeAlias = Annotated[int, _DECIMAL]
"""An integer that is a decimal string in JSON."""


def _json_name(name: str) -> str:
    """Returns the name in JSON; an underscore after it keeps a word that Python reserves."""
    return name.removesuffix("_")


@cache
def _hints(kind: type[Any]) -> dict[str, Any]:
    return get_type_hints(kind, include_extras=True)


def from_json(kind: type[T], data: Any, *, strict: bool = False) -> T:
    """Reads a dataclass from decoded JSON; `strict` refuses unknown fields.

    Raises:
        UnexpectedAnswerError: names the field that has another form.
    """
    value: T = _read(kind, data, kind.__name__, strict)
    return value


def to_json(value: Any) -> Any:
    """Returns the JSON that `from_json` reads; fields without a value are left out."""
    return _write(type(value), value)


def _read(kind: Any, data: Any, path: str, strict: bool) -> Any:
    origin = get_origin(kind)
    if origin is Annotated:
        return _checked(lambda: decimal_text(data, 2**64, path), path)
    if origin in (Union, types.UnionType):
        [inner] = [option for option in get_args(kind) if option is not type(None)]
        return None if data is None else _read(inner, data, path, strict)
    if origin is Literal:
        if data not in get_args(kind):
            raise _unexpected(path, f"one of {', '.join(map(str, get_args(kind)))}")
        return data
    if origin is tuple:
        if not isinstance(data, list):
            raise _unexpected(path, "an array")
        inner = get_args(kind)[0]
        return tuple(_read(inner, item, f"{path}[{place}]", strict) for place, item in enumerate(data))
    if hasattr(kind, "from_json"):
        return _checked(lambda: kind.from_json(data), path)
    if is_dataclass(kind):
        return _read_object(kind, data, path, strict)
    if kind is Any:
        return data
    if not isinstance(data, kind) or (isinstance(data, bool) and kind is not bool):
        raise _unexpected(path, {"int": "an integer", "str": "a string"}.get(kind.__name__, kind.__name__))
    return data


def _read_object(kind: Any, data: Any, path: str, strict: bool) -> Any:
    if not isinstance(data, dict):
        raise _unexpected(path, "an object")
    values, hints = {}, _hints(kind)
    for one in fields(kind):
        name = _json_name(one.name)
        if name in data:
            values[one.name] = _read(hints[one.name], data[name], f"{path}.{name}", strict)
        elif one.default is MISSING:
            raise _unexpected(path, f"a field {name}")
    unknown = data.keys() - {_json_name(one.name) for one in fields(kind)} if strict else set()
    if unknown:
        raise _unexpected(path, f"no field {min(map(str, unknown))}")
    return kind(**values)


def _checked(read: Any, path: str) -> Any:
    try:
        return read()
    except ValueError as error:
        raise UnexpectedAnswerError(f"{path}: {error}") from error


def _unexpected(path: str, expected: str) -> UnexpectedAnswerError:
    return UnexpectedAnswerError(f"not the form of the API: {path}: expected {expected}")


def _write(kind: Any, value: Any) -> Any:
    origin = get_origin(kind)
    if value is None:
        return None
    if origin is Annotated:
        return str(value)
    if origin in (Union, types.UnionType):
        [inner] = [option for option in get_args(kind) if option is not type(None)]
        return _write(inner, value)
    if origin is tuple:
        return [_write(get_args(kind)[0], item) for item in value]
    if hasattr(kind, "to_json"):
        return value.to_json()
    if is_dataclass(kind):
        hints = _hints(kind)  # type: ignore[arg-type]
        pairs = ((one, getattr(value, one.name)) for one in fields(kind))
        return {_json_name(one.name): _write(hints[one.name], item) for one, item in pairs if item is not None}
    return value
