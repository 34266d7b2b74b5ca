"""What kind of work a file holds: by how it begins, and by its name."""

import codecs
from pathlib import PurePath

from guardrails.works.code.lexing import dialect_of
from guardrails.works.work import Kind

HEAD = 8192
"""Bytes that tell what a file is."""

_PICTURES = (
    b"\x89PNG\r\n\x1a\n",
    b"\xff\xd8\xff",
    b"GIF87a",
    b"GIF89a",
    b"BM",
    b"II*\0",
    b"MM\0*",
)
_FAMILIES = {b"RIFF": (b"WEBP",), b"ftyp": (b"avif", b"avis", b"heic", b"heix", b"mif1")}
PICTURE_NAMES = frozenset(
    (".png", ".jpg", ".jpeg", ".gif", ".bmp", ".tif", ".tiff", ".webp", ".avif", ".heic")
)
TEXT_NAMES = frozenset(
    (".txt", ".text", ".md", ".markdown", ".rst", ".adoc", ".tex", ".srt", ".vtt")
)
_MARKED = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def kind_of(name: str, head: bytes) -> Kind | None:
    """Tell the kind of a file by its name and its first bytes; None when it is of no kind."""
    suffix = PurePath(name).suffix.lower()
    if is_picture(head) or suffix in PICTURE_NAMES:
        return Kind.IMAGE
    if suffix in TEXT_NAMES:
        return Kind.TEXT
    if not is_text(head):
        return None
    return Kind.CODE if dialect_of(name) or head.startswith(b"#!") else Kind.TEXT


def fits(asked: Kind | None, name: str, head: bytes) -> Kind | None:
    """Tell the kind that a file is taken as, None when it is not: code may be asked for as text."""
    own = kind_of(name, head)
    if own is None or asked in {None, own}:
        return own
    return Kind.TEXT if (asked, own) == (Kind.TEXT, Kind.CODE) else None


def is_picture(head: bytes) -> bool:
    """Tell a picture by how it begins."""
    inner = _FAMILIES.get(head[:4], ()) + _FAMILIES.get(head[4:8], ())
    return head.startswith(_PICTURES) or head[8:12] in inner


def is_text(head: bytes) -> bool:
    """Tell a text by how it begins: it has no zero bytes, unless it says that they are letters."""
    return head.startswith(_MARKED) or b"\0" not in head


def decoded(content: bytes, encoding: str) -> str:
    """Read a text; a mark at its beginning goes before what was said.

    Raises:
        UnicodeDecodeError: it is written in another way.
    """
    if content.startswith(_MARKED[1:]):
        return content.decode("utf-16")
    return content.decode("utf-8-sig" if encoding == "utf-8" else encoding)
