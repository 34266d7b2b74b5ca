"""From YAML to a tree that knows the place of every key and value."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Never, TypeAlias, TypeVar

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)
from ruamel.yaml.reader import ReaderError

from guardrails.core.problem import Place
from guardrails.policy.problems import Problems
from guardrails.policy.scalars import Scalar, meaning

BYTES = 1 << 20
"""A larger file is refused."""
DEPTH = 32
"""Deeper nesting is refused."""

S = TypeVar("S", bound=str | int)

Trail: TypeAlias = tuple[str | int, ...]
"""The way from a tree to a value in it: keys, and numbers of list items."""


@dataclass(frozen=True, slots=True)
class Node:
    """A value in a file; ``key`` is the place of the key that it stands under."""

    place: Place
    value: "Scalar | tuple[Node, ...] | Mapping[str, Node]"
    key: Place

    @property
    def members(self) -> "Mapping[str, Node]":
        """What stands under each key; nothing where this is no mapping."""
        return self.value if isinstance(self.value, Mapping) else {}

    @property
    def items(self) -> "tuple[Node, ...]":
        """What stands in the list; nothing where this is no list."""
        return self.value if isinstance(self.value, tuple) else ()

    @property
    def plain(self) -> Any:
        """The value without its places: dicts, lists and scalars."""
        if isinstance(self.value, Mapping):
            return {name: node.plain for name, node in self.value.items()}
        if isinstance(self.value, tuple):
            return [node.plain for node in self.value]
        return self.value

    def child(self, step: str | int) -> "Node | None":
        """What stands under a key, or at a number."""
        if isinstance(step, str):
            return self.members.get(step)
        return self.items[step] if step < len(self.items) else None

    def without(self, trails: frozenset[Trail], here: Trail = ()) -> "Node":
        """The tree without the values at the end of these trails."""

        def kept(children: Iterable[tuple[S, Node]]) -> dict[S, Node]:
            return {
                step: node.without(trails, (*here, step))
                for step, node in children
                if (*here, step) not in trails
            }

        if isinstance(self.value, tuple):
            return replace(self, value=tuple(kept(enumerate(self.value)).values()))
        if isinstance(self.value, Mapping):
            return replace(self, value=kept(self.value.items()))
        return self


def read(path: Path, problems: Problems) -> Node | None:
    """Read one file; None when it cannot be understood at all."""
    file = str(path)
    try:
        with path.open("rb") as opened:
            raw = opened.read(BYTES + 1)
    except OSError as error:
        problems.add(Place(file), f"cannot be read: {(error.strerror or 'failed').lower()}")
        return None
    if len(raw) > BYTES:
        problems.add(Place(file), f"larger than {BYTES:,} bytes, split the policy")
        return None
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        place = _place_of(raw[: error.start].decode(errors="replace"), file)
        problems.add(place, f"byte 0x{raw[error.start]:02x} is not UTF-8, save the file as UTF-8")
        return None
    return parse(text, file, problems)


def parse(text: str, file: str, problems: Problems) -> Node | None:
    """Parse one text; None when it cannot be understood at all."""
    reader = _Reader(text, file, problems)
    try:
        return reader.document()
    except _Refused as refused:
        problems.add(refused.place, str(refused))
    except ReaderError as error:
        place = _place_of(text[: error.position], file)
        problems.add(place, f"character U+{ord(text[error.position]):04X} cannot stand in YAML")
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        problems.add(_place_at(mark, file), f"not valid YAML: {_reason(error)}")
    except YAMLError:
        problems.add(Place(file), "not valid YAML")
    return None


class _Refused(Exception):  # noqa: N818  # carries a problem inside this file, nobody catches it by name
    """Reading cannot go on from here."""

    def __init__(self, place: Place, message: str) -> None:
        super().__init__(message)
        self.place = place


class _Reader:
    """Builds the tree from the parser's events, and refuses what no policy needs.

    Events come one at a time, so a bomb of aliases or brackets is refused where it starts.
    """

    def __init__(self, text: str, file: str, problems: Problems) -> None:
        self._events: Iterator[Any] = YAML(typ="safe", pure=True).parse(text)
        self._file = file
        self._problems = problems

    def document(self) -> Node | None:
        event = next((event for event in self._events if isinstance(event, NodeEvent)), None)
        if event is None:
            self._problems.add(Place(self._file), "the file is empty, start with 'policy: NAME'")
            return None
        root = self._node(event, None, 0)
        for later in self._events:
            if isinstance(later, DocumentStartEvent):
                self._refuse(later, "a second document starts here, give it a file of its own")
        return root

    def _node(self, event: Any, key: Place | None, depth: int) -> Node:
        self._must_be_plain(event, depth)
        place = _place_at(event.start_mark, self._file)
        if isinstance(event, MappingStartEvent):
            return Node(place, self._mapping(depth), key or place)
        if isinstance(event, SequenceStartEvent):
            return Node(place, self._sequence(depth), key or place)
        value = _scalar(event)
        nothing_written = value is None and event.value == ""
        return Node(key if key and nothing_written else place, value, key or place)

    def _must_be_plain(self, event: Any, depth: int) -> None:
        if isinstance(event, AliasEvent) or event.anchor:
            self._refuse(event, "anchors and aliases are not allowed, write the value out")
        if event.tag:
            self._refuse(event, "tags are not allowed, remove it")
        if depth > DEPTH:
            self._refuse(event, f"nested more than {DEPTH} deep")

    def _mapping(self, depth: int) -> Mapping[str, Node]:
        members: dict[str, Node] = {}
        while not isinstance(event := next(self._events), MappingEndEvent):
            place = _place_at(event.start_mark, self._file)
            name = self._key(event)
            node = self._node(next(self._events), place, depth + 1)
            if name in members:
                first = members[name].key.line
                self._problems.add(place, f"key '{name}' is already on line {first}, keep one")
            members.setdefault(name, node)
        return members

    def _key(self, event: Any) -> str:
        if not isinstance(event, ScalarEvent):
            self._refuse(event, "a key must be text")
        self._must_be_plain(event, 0)
        if not isinstance(_scalar(event), str):
            place = _place_at(event.start_mark, self._file)
            self._problems.add(place, f"a key must be text, quote it: '{event.value}'")
        return str(event.value)

    def _sequence(self, depth: int) -> tuple[Node, ...]:
        items: list[Node] = []
        while not isinstance(event := next(self._events), SequenceEndEvent):
            items.append(self._node(event, None, depth + 1))
        return tuple(items)

    def _refuse(self, event: Any, message: str) -> Never:
        raise _Refused(_place_at(event.start_mark, self._file), message)


def _scalar(event: Any) -> Scalar:
    plain, _ = event.implicit
    return meaning(event.value) if plain else str(event.value)


def _reason(error: MarkedYAMLError) -> str:
    reason = str(error.problem or error.context).rstrip(".")
    return f"{reason}, indent with spaces" if "'\\t'" in reason else reason


def _place_at(mark: Any, file: str) -> Place:
    return Place(file, mark.line + 1, mark.column + 1)


def _place_of(before: str, file: str) -> Place:
    return Place(file, before.count("\n") + 1, len(before) - before.rfind("\n"))
