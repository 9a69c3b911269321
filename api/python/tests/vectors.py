"""Access to the protocol's test vectors, which counts what was checked."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parents[3] / "state" / "protocol" / "vectors"
NAMES = sorted(path.stem for path in FOLDER.glob("*.json"))
# Texts about a file, not vectors.
PROSE = {"note", "regenerate"}


def load(name: str) -> dict[str, Any]:
    """Returns the content of a file of vectors."""
    data: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_text("utf-8"))
    return data


def leaves(value: Any, path: str = "") -> set[str]:
    """Returns the path of every value, indices of arrays left out below vectors of numbers."""
    if isinstance(value, dict):
        return {leaf for key, item in value.items() for leaf in leaves(item, f"{path}/{key}")}
    if isinstance(value, list) and any(isinstance(item, (dict, list)) for item in value):
        return {leaf for place, item in enumerate(value) for leaf in leaves(item, f"{path}/{place}")}
    return {path}


class Case(dict[str, Any]):
    """Object of a file that remembers which of its fields were read."""

    def __init__(self, value: dict[str, Any], path: str, read: set[str]) -> None:
        super().__init__(value)
        self._path, self._read = path, read

    def __getitem__(self, key: str) -> Any:
        value = super().__getitem__(key)
        self._read |= leaves(value, f"{self._path}/{key}")
        return value


class Seen:
    """File of vectors that remembers which values were read."""

    def __init__(self, name: str) -> None:
        self.data = load(name)
        self.read: set[str] = set()

    def at(self, *keys: str | int) -> Any:
        """Returns a value. An object counts as read field by field, anything else at once."""
        value: Any = self.data
        for key in keys:
            value = value[key]
        path = "".join(f"/{key}" for key in keys)
        if isinstance(value, dict):
            return Case(value, path, self.read)
        self.read |= leaves(value, path)
        return value

    def count(self, key: str) -> int:
        """Returns the number of items of an array without counting them as read."""
        return len(self.data[key])

    def unread(self) -> set[str]:
        """Returns the values that no check has read."""
        return {leaf for leaf in leaves(self.data) - self.read if leaf.split("/")[1] not in PROSE}
