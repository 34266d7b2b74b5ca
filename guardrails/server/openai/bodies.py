"""JSON bodies: read so that every reader reads the same, and written."""

import json
from collections.abc import Sequence
from typing import Any, Never

from guardrails.core.errors import ContentError

DEPTH = 100
"""Lists and objects within each other; a deeper body is refused, before anyone walks down it."""


def parse(data: bytes) -> dict[str, Any]:
    """Read a JSON object.

    A key that stands twice is refused: who reads the first would see what was not judged.

    Raises:
        ContentError: it is something else.
    """
    try:
        return read(data.decode("utf-8"))
    except UnicodeDecodeError:
        raise ContentError("the body is not UTF-8") from None


def read(text: str) -> dict[str, Any]:
    """Read a JSON object, as ``parse`` does.

    Raises:
        ContentError: it is something else.
    """
    try:
        found = _READER.decode(text)
    except (ValueError, RecursionError):
        raise ContentError("the body is not valid JSON") from None
    if not isinstance(found, dict):
        raise ContentError("the body is no JSON object")
    if text.count("[") + text.count("{") > DEPTH:
        _must_be_flat(found)
    return found


def written(body: Any) -> bytes:
    """Write JSON, as compact as it goes."""
    try:
        return _WRITER.encode(body).encode()
    except UnicodeEncodeError:  # half a character, which JSON can say and UTF-8 cannot
        return _ESCAPING.encode(body).encode()


def _must_be_flat(body: Any) -> None:
    level = [body]
    for _ in range(DEPTH):
        level = [
            child
            for one in level
            if isinstance(one, (dict, list))
            for child in (one.values() if isinstance(one, dict) else one)
        ]
    if any(isinstance(one, (dict, list)) for one in level):
        raise ContentError(f"the body is nested more than {DEPTH} deep")


def _unique(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    unique = dict(pairs)
    if len(unique) != len(pairs):
        raise ContentError("a key stands twice in the body, keep one")
    return unique


def _no_number(_: str) -> Never:
    raise ContentError("the body holds a number that JSON has not")


_READER = json.JSONDecoder(object_pairs_hook=_unique, parse_constant=_no_number)
_WRITER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
_ESCAPING = json.JSONEncoder(separators=(",", ":"))
