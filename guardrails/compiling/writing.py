"""Writes the manifest of a compiled model."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeAlias

Table: TypeAlias = Mapping[str, Any]


def toml(table: Table) -> str:
    """Write a table as TOML 1.0: plain values first, then each table under its own heading."""
    return "\n".join(_lines(table, ())) + "\n"


def _lines(table: Table, path: Sequence[str]) -> Iterator[str]:
    for key, value in table.items():
        if not isinstance(value, Mapping):
            yield f"{_key(key)} = {_value(value)}"
    for key, value in table.items():
        if isinstance(value, Mapping):
            inner = (*path, key)
            if any(not isinstance(each, Mapping) for each in value.values()):
                yield f"\n[{'.'.join(map(_key, inner))}]"
            yield from _lines(value, inner)


def _key(key: str) -> str:
    return key if key.replace("_", "").replace("-", "").isalnum() and key.isascii() else _value(key)


def _value(value: Any) -> str:
    """Write a value; JSON writes strings, numbers and truth as TOML reads them."""
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, Sequence):
        return f"[{', '.join(map(_value, value))}]"
    return json.dumps(value)
