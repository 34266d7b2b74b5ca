"""JSON bodies: read so that every reader reads the same, and written."""

import json
from collections.abc import Iterable
from typing import Any, Never

from guardrails.core.errors import ContentError


def parse(data: bytes) -> dict[str, Any]:
    """Read a JSON object.

    A key that stands twice is refused: who reads the first would see what was not judged.

    Raises:
        ContentError: it is something else.
    """
    try:
        read = json.loads(
            data.decode("utf-8"), object_pairs_hook=_unique, parse_constant=_no_number
        )
    except UnicodeDecodeError:
        raise ContentError("the body is not UTF-8") from None
    except (ValueError, RecursionError):
        raise ContentError("the body is not valid JSON") from None
    if not isinstance(read, dict):
        raise ContentError("the body is no JSON object")
    return read


def written(body: Any) -> bytes:
    """Write JSON, as compact as it goes."""
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


def _unique(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    read = list(pairs)
    unique = dict(read)
    if len(unique) != len(read):
        raise ContentError("a key stands twice in the body, keep one")
    return unique


def _no_number(_: str) -> Never:
    raise ContentError("the body holds a number that JSON has not")
