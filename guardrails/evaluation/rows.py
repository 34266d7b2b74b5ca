"""One row of data: a text, and what is known about it. Pure."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

POSITIVE = 0.5
"""A label is a share of raters, or a probability: from here on it holds."""
MISSING = "(missing)"
"""The slice of rows that do not have the field."""


class BadRow(Exception):  # noqa: N818  # becomes a line of a message
    """A row that cannot be used."""


@dataclass(frozen=True, slots=True)
class Labelled:
    """Characters ``start`` up to, not including, ``end``, in code points, and what they are."""

    start: int
    end: int
    type: str


@dataclass(frozen=True, slots=True)
class Row:
    """A text with its labels, from 0 to 1; a label that is absent is unknown.

    ``spans`` is None where nobody marked any, and empty where there are none to mark. ``slices``
    are the values of the field by which results are told apart.
    """

    id: str
    text: str
    labels: Mapping[str, float]
    spans: tuple[Labelled, ...] | None = None
    prompt: str | None = None
    slices: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"Row(id={self.id!r}, characters={len(self.text)})"


def parse(line: bytes, number: int, field: str | None = None) -> Row:
    """Read one line.

    Args:
        line: a JSON object.
        number: stands in for an id that is not there.
        field: what the slices are taken from: a key, or a key of ``meta``, dots between levels.

    Raises:
        BadRow: says what is wrong, in words that hold nothing of the text.
    """
    written = _object(line)
    text = _text(written, "text")
    if text is None:
        raise BadRow("'text' is missing")
    return Row(
        id=_id(written.get("id"), number),
        text=text,
        labels=dict(_labels(written.get("labels"))),
        spans=_spans(written.get("spans"), len(text)),
        prompt=_text(written, "prompt"),
        slices=_slices(written, field) if field else (),
    )


def _object(line: bytes) -> dict[str, Any]:
    try:
        written = json.loads(line.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise BadRow(f"not UTF-8 at byte {error.start}") from None
    except json.JSONDecodeError as error:
        raise BadRow(f"not JSON: {error.msg.lower()} at column {error.colno}") from None
    except (ValueError, RecursionError):
        raise BadRow("not JSON that could be a row") from None
    if not isinstance(written, dict):
        raise BadRow('a row is an object: {"id": …, "text": …, "labels": {…}}')
    return written


def _text(written: Mapping[str, Any], key: str) -> str | None:
    text = written.get(key)
    if text is None:
        return None
    if not isinstance(text, str):
        raise BadRow(f"'{key}' should be text")
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise BadRow(f"'{key}' holds a lone surrogate at character {error.start}") from None
    return text


def _id(written: Any, number: int) -> str:
    if written is None:
        return str(number)
    if isinstance(written, bool) or not isinstance(written, str | int):
        raise BadRow("'id' should be text or a whole number")
    return str(written)


def _labels(written: Any) -> Iterator[tuple[str, float]]:
    if written is None:
        return
    if not isinstance(written, dict):
        raise BadRow("'labels' should be an object of numbers from 0 to 1")
    for label, value in written.items():
        if value is None:
            continue
        if not isinstance(value, int | float) or not 0 <= value <= 1:
            raise BadRow(f"label '{label}' should be a number from 0 to 1")
        yield label, float(value)


def _spans(written: Any, characters: int) -> tuple[Labelled, ...] | None:
    if written is None:
        return None
    if not isinstance(written, list):
        raise BadRow("'spans' should be a list of [start, end, type]")
    return tuple(_span(span, number, characters) for number, span in enumerate(written, 1))


def _span(written: Any, number: int, characters: int) -> Labelled:
    match written:
        case [int(start), int(end), str(kind)] if kind:
            if 0 <= start < end <= characters:
                return Labelled(start, end, kind)
            raise BadRow(f"span {number} lies outside the text, which has {characters} characters")
        case _:
            raise BadRow(f"span {number} should be [start, end, type]")


def _slices(written: Mapping[str, Any], field: str) -> tuple[str, ...]:
    value = _under(written, field)
    if value is None:
        value = _under(written.get("meta"), field)
    if value is None:
        return (MISSING,)
    values = value if isinstance(value, list) else [value]
    if not all(isinstance(one, str | int | float) for one in values):
        raise BadRow(f"'{field}' should be text, a number, or a list of them")
    return tuple(dict.fromkeys(map(str, values))) or (MISSING,)


def _under(written: Any, field: str) -> Any:
    """What stands under a key, or under ``one.two`` under a key of a key."""
    if not isinstance(written, dict):
        return None
    if field in written:
        return written[field]
    first, dot, rest = field.partition(".")
    return _under(written.get(first), rest) if dot else None
