"""From the bytes of a file to a work, whichever folder or commit they come from."""

from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from guardrails.works.code.licences import declared
from guardrails.works.library import Original
from guardrails.works.sources.kinds import HEAD, decoded, fits, is_picture
from guardrails.works.sources.source import Broken, Item, PassedOver, Terms
from guardrails.works.work import Kind, Work

POINTER = b"version https://git-lfs.github.com/spec/"
UNREADABLE = "is not {encoding}, convert it or name its encoding with '--encoding'"


@dataclass(frozen=True, slots=True)
class Place:
    """A file: the name it has in its folder, the one a person knows it by, and where it is from."""

    name: str
    shown: str
    source: str
    licence: str = ""
    """Of what it stands in; its own goes before it."""


def work_of(place: Place, content: bytes, terms: Terms) -> Item:
    """Take a file as a work of the kind that was asked for."""
    head = content[:HEAD]
    if head.startswith(POINTER):
        return Broken(
            place.shown, "is a pointer of git LFS, run 'git lfs pull' and import a folder"
        )
    kind = fits(terms.kind, place.name, head)
    if kind is None:
        return PassedOver(place.shown, f"is no {terms.kind or 'text, code or image'}")
    if not content.strip():
        return PassedOver(place.shown, "is empty")
    return _taken(place, content, kind, terms)


def read(path: Path, shown: str) -> bytes | Broken:
    """Read a file whole; what is no file, such as a pipe or a device, has no end to wait for."""
    try:
        if path.exists() and not path.is_file():
            return Broken(shown, "is no file")
        return path.read_bytes()
    except ValueError:
        return Broken(shown, "has a name that no file can have")
    except OSError as error:
        return Broken(shown, f"cannot be read: {(error.strerror or 'unknown reason').lower()}")


def body(content: bytes, kind: Kind, encoding: str) -> str | bytes | None:
    """Read content as its kind is kept, None when it is no such thing."""
    if kind is Kind.IMAGE:
        return content if is_picture(content[:HEAD]) else None
    try:
        return decoded(content, encoding)
    except UnicodeDecodeError:
        return None


def unread(kind: Kind, encoding: str) -> str:
    """Say why content is not what its kind needs."""
    if kind is Kind.IMAGE:
        return "is no picture that can be read, convert it to PNG or JPEG"
    return UNREADABLE.format(encoding=encoding.upper())


def _taken(place: Place, content: bytes, kind: Kind, terms: Terms) -> Item:
    kept = body(content, kind, terms.encoding)
    if kept is None:
        return Broken(place.shown, unread(kind, terms.encoding))
    own = declared(kept[:HEAD]) if isinstance(kept, str) and kind is Kind.CODE else ""
    work = Work(
        terms.prefix + place.name,
        kind,
        place.name if kind is Kind.CODE else PurePosixPath(place.name).stem,
        terms.owner,
        place.source,
        own or terms.licence or place.licence,
        terms.consent,
        terms.contact,
    )
    return Original(work, kept)
