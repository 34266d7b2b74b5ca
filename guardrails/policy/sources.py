"""The files that policies are made of: their own, and those that they name."""

from collections.abc import Iterator
from pathlib import Path

from guardrails.policy.document import Document
from guardrails.policy.source import Node

_SECTIONS = ("input", "output", "marks", "hiding")
_GOES_ON = frozenset({"vault", "store"})
"""Keys of what is written while it is used, and followed by who has it open."""
_MOST = 1_000
"""Files of one folder that are looked at, and characters of a name."""


def named_in(document: Document) -> Iterator[Path]:
    """Give every file that a setting may name, whether it is there or not.

    Which settings are names of files only their checks know: each text under a key is taken for
    one. Items of lists are not, they may be words by the thousand.
    """
    folder = Path(document.file).parent
    if document.policy.shadow:
        yield folder / document.policy.shadow
    for section in _SECTIONS:
        for text in _texts(document.node.members.get(section)):
            yield from _files(folder / text)


def _texts(node: Node | None) -> Iterator[str]:
    if node is None:
        return
    for item in node.items:
        yield from _texts(item) if item.members else ()
    for key, member in node.members.items():
        if key in _GOES_ON:
            continue
        if isinstance(member.value, str):
            if 0 < len(member.value) < _MOST and member.value.isprintable():
                yield member.value
        else:
            yield from _texts(member)


def _files(path: Path) -> Iterator[Path]:
    yield path
    try:
        yield from sorted(path.iterdir())[:_MOST]
    except (OSError, ValueError):
        return
