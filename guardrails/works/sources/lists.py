"""Do-not-copy lists as files: what an owner writes, and what an operator imports.

The first line says what it is and has the salt; each other line is a work, with its hashes.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from guardrails.works.errors import WorksError
from guardrails.works.hashed import SALT, WIDTH, packed
from guardrails.works.library import Original
from guardrails.works.sources.records import Reader
from guardrails.works.sources.source import PLAIN, Broken, Item, SourceError, Terms
from guardrails.works.work import Kind

ENDING = ".hashes"
_NAME = "guardrails do-not-copy list"
_VERSION = 1
_TOLD = ("id", "title", "owner", "licence", "contact", "created")


@dataclass(frozen=True, slots=True)
class ListSource:
    """A list that ``guardrails works hash`` wrote; the salt stands before each id."""

    path: Path
    terms: Terms = PLAIN

    def count(self) -> int:
        """Tell how many works there are."""
        with self.path.open("rb") as file:
            return sum(1 for _ in file) - 1

    def read(self) -> Iterator[Item]:
        """Give every work, with its hashes as its content."""
        salt = salt_of(self.path)
        terms = replace(self.terms, kind=Kind.HASHED, prefix=f"{salt}/{self.terms.prefix}")
        reader = Reader(self.path.parent, terms)
        with self.path.open("rb") as file:
            next(file)
            for number, line in enumerate(file, 2):
                yield _work(_object(line), f"{self.path}:{number}", reader)


def salt_of(path: Path) -> str:
    """Read the salt of a list.

    Raises:
        SourceError: it is none, or one of another version.
    """
    try:
        with path.open(encoding="utf-8") as file:
            head = _object(file.readline())
    except (OSError, UnicodeDecodeError):
        raise SourceError(f"'{path}' cannot be read") from None
    if head.get("is") != _NAME:
        raise SourceError(f"'{path}' is no do-not-copy list, make one with 'guardrails works hash'")
    if (head.get("version"), head.get("width")) != (_VERSION, WIDTH):
        raise SourceError(f"'{path}' is of another version, make it anew")
    salt = head.get("salt")
    if not isinstance(salt, str) or len(salt) != 2 * SALT or set(salt) - set("0123456789abcdef"):
        raise SourceError(f"'{path}:1' is damaged, make the list anew")
    return salt


def head(salt: str) -> str:
    """Write the first line of a list."""
    return json.dumps({"is": _NAME, "version": _VERSION, "width": WIDTH, "salt": salt}) + "\n"


def line(original: Original, salt: str) -> str:
    """Write the line of a work: what its owner tells of it, and hashes of its text.

    Raises:
        WorksError: it is no text, or too short.
    """
    work, content = original
    if not isinstance(content, str):
        raise WorksError(f"'{work.id}': only texts can be hashed")
    told = {name: value for name in _TOLD if (value := getattr(work, name))}
    try:
        return json.dumps(told | {"hashes": packed(content, salt)}, ensure_ascii=False) + "\n"
    except WorksError as error:
        raise WorksError(f"'{work.id}': {error}") from None


def _work(row: dict[str, Any], place: str, reader: Reader) -> Item:
    if not isinstance(row.get("hashes"), str):
        return Broken(place, "is damaged, make the list anew")
    return reader.work(row | {"text": row["hashes"], "kind": Kind.HASHED.value}, place)


def _object(text: str | bytes) -> dict[str, Any]:
    try:
        row = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return row if isinstance(row, dict) else {}
