"""From a row of a file or a table to a work: {"id", "title", "owner", "text" | "path", ...}."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from guardrails.works.code.lexing import dialect_of
from guardrails.works.library import Original
from guardrails.works.sources.files import body, read, unread
from guardrails.works.sources.kinds import HEAD, fits
from guardrails.works.sources.source import Broken, Item, Terms
from guardrails.works.work import Consent, Kind, Work

ALSO: Mapping[str, str] = {"title": "work", "licence": "license"}
"""What else a field is called."""
CONTENT = ("text", "code", "path", "image", "bytes")


class _RowError(ValueError):
    """A row is not as it should be."""


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads rows; paths in them start at ``folder``."""

    folder: Path
    terms: Terms

    def work(self, row: Mapping[str, Any], place: str) -> Item:
        """Take a row as a work."""
        try:
            return self._work(row)
        except _RowError as wrong:
            return Broken(place, str(wrong))

    def _work(self, row: Mapping[str, Any]) -> Item:
        kind = _one_of(Kind, row, "kind") or self.terms.kind
        if kind is Kind.NAME:
            return self._name(row)
        if isinstance(row.get("path"), str) and not _has(row, "text", "code"):
            kind, content = self._file(row["path"], kind)
        else:
            kind, content = self._held(row, kind)
        return Original(self._told(row, kind), content)

    def _name(self, row: Mapping[str, Any]) -> Item:
        """Take a protected name, which has no content."""
        work = self._told(row, Kind.NAME)
        if not work.title:
            raise _RowError("a name without a 'title', give the name as its title")
        return Original(work, "")

    def _file(self, path: str, kind: Kind | None) -> tuple[Kind, str | bytes]:
        content = read(self.folder / path, "the file of its 'path'")
        if isinstance(content, Broken):
            raise _RowError(str(content))
        fitting = fits(kind, path, content[:HEAD])
        kind = fitting if kind is None else kind
        kept = kind and body(content, kind, self.terms.encoding)
        if kind is None or not kept or (kind is not Kind.IMAGE and fitting is None):
            why = unread(kind, self.terms.encoding) if kind else "is no text, code or image"
            raise _RowError(f"the file of its 'path' {why}")
        return kind, kept

    def _held(self, row: Mapping[str, Any], kind: Kind | None) -> tuple[Kind, str | bytes]:
        """Take what stands in the row itself."""
        picture = _picture(row)
        if picture is not None and kind in {None, Kind.IMAGE}:
            if not body(picture, Kind.IMAGE, ""):
                raise _RowError(f"its image {unread(Kind.IMAGE, '')}")
            return Kind.IMAGE, picture
        text = row.get("text", row.get("code"))
        if kind is Kind.IMAGE or not isinstance(text, str):
            wanted = "'path'" if kind is Kind.IMAGE else "'text' or 'path'"
            raise _RowError(f"no content, give it a {wanted}")
        if not text.strip():
            raise _RowError("its text is empty, give the text of the work")
        if not _encodes(text):
            raise _RowError("its text has half a character, write it as UTF-8 again")
        named = dialect_of(str(row.get("path", ""))) or "code" in row
        return kind or (Kind.CODE if named else Kind.TEXT), text

    def _told(self, row: Mapping[str, Any], kind: Kind) -> Work:
        """Read what is said of the work; what is missing is as the terms say."""
        terms = self.terms
        return Work(
            terms.prefix + _identity(row),
            kind,
            _text(row, "title"),
            _text(row, "owner") or terms.owner,
            _text(row, "source") or str(row.get("path") or ""),
            _text(row, "licence") or terms.licence,
            _one_of(Consent, row, "consent") or terms.consent,
            _text(row, "contact") or terms.contact,
            _text(row, "created"),
            aliases=_aliases(row),
        )


def _has(row: Mapping[str, Any], *names: str) -> bool:
    return any(isinstance(row.get(name), str) for name in names)


def _identity(row: Mapping[str, Any]) -> str:
    identity = row.get("id")
    if isinstance(identity, int) and not isinstance(identity, bool):
        return str(identity)
    if not isinstance(identity, str) or not identity.strip():
        raise _RowError("no 'id', give each work one of its own")
    if not identity.isprintable():
        raise _RowError("its 'id' has characters that cannot be printed, leave them out")
    return identity


def _text(row: Mapping[str, Any], name: str) -> str:
    value = row.get(name)
    if value is None:
        value = row.get(ALSO.get(name, ""))
    if isinstance(value, date):
        value = value.isoformat()
    if value is None or isinstance(value, int | float):
        return "" if value is None else str(value)
    if not isinstance(value, str):
        raise _RowError(f"its '{name}' is no text")
    return " ".join("".join(one if one.isprintable() else " " for one in value).split())


def _one_of(choices: type[Any], row: Mapping[str, Any], name: str) -> Any:
    value = row.get(name)
    if value is None or value == "":
        return None
    known = [one.value for one in choices]
    if value not in known:
        raise _RowError(f"its '{name}' is unknown, give one of {', '.join(known)}")
    return choices(value)


def _aliases(row: Mapping[str, Any]) -> tuple[str, ...]:
    value = row.get("aliases")
    listed = [] if value is None else [value] if isinstance(value, str) else value
    if not isinstance(listed, list | tuple) or not all(isinstance(one, str) for one in listed):
        raise _RowError("its 'aliases' are no list of texts")
    return tuple(listed)


def _picture(row: Mapping[str, Any]) -> bytes | None:
    """Give the bytes of a picture, as tables of pictures have them."""
    for name in ("image", "bytes"):
        value = row.get(name)
        value = value.get("bytes") if isinstance(value, Mapping) else value
        if isinstance(value, bytes):
            return value
    return None


def _encodes(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
