"""What generators yield: strings, and chunks of OpenAI's shape. What in them is text, and back.

A chunk may be an object or a dict. Every text in it is judged as the part that it belongs to: the
message, a refusal, what a model thinks, the arguments of each tool call; of each choice for itself.
"""

import copy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from guardrails.core.errors import ContentError
from guardrails.core.stream import Released

Path: TypeAlias = tuple[Any, ...]

TEXTS = frozenset(
    {"content", "refusal", "reasoning_content", "reasoning", "text", "arguments", "input"}
)
"""Keys whose strings are judged."""

INSIDE = frozenset({"choices", "delta", "tool_calls", "function", "custom", "function_call"})
"""Keys under which texts are."""

TOLD = frozenset({"role", "id", "name", "type", "finish_reason"})
"""Keys under ``choices`` that callers put together: each is passed on once."""

NAMES = TOLD | {
    "object",
    "model",
    "system_fingerprint",
    "service_tier",
    "usage",
    "obfuscation",
    "stop_reason",
    "prompt_filter_results",
    "content_filter_results",
    "content_filter_offsets",
}
"""Keys whose values name things, or count them, and are not judged."""

_PLAIN = (type(None), bool, int, float)


@dataclass(frozen=True, slots=True)
class Spot:
    """A string in a chunk: where it is, and which stretch of the answer it goes on with."""

    key: Path
    path: Path
    value: str

    @property
    def is_text(self) -> bool:
        """Whether it is judged."""
        return not self.path or self.path[-1] in TEXTS


@dataclass(frozen=True, slots=True)
class Fed:
    """A text, and the number of its part."""

    part: int
    text: str


class Chunks:
    """The pieces of one answer: each is read once, and what is released is written like it."""

    def __init__(self) -> None:
        self._numbers: dict[Path, int] = {}
        self._last: dict[int, tuple[Any, Path]] = {}
        self._latest: Any = ""
        self._told: set[tuple[Path, str]] = set()
        self.at_the_end: list[Any] = []

    def read(self, piece: Any) -> tuple[tuple[Fed, ...], Any]:
        """Give the texts of a piece, and what of it may pass at once, or None.

        What ends the answer, or counts it, is kept in ``at_the_end``.

        Raises:
            ContentError: it is neither a string nor a chunk, or holds what is not judged.
        """
        spots = tuple(spots_of(piece))
        if isinstance(piece, str) or _fields(piece)["choices"]:
            self._latest = piece  # and not one that counts tokens: a reply is written like it
        texts = [spot for spot in spots if spot.is_text]
        for spot in texts:
            self._last[self._number(spot.key)] = piece, spot.path
        return (
            tuple(Fed(self._number(spot.key), spot.value) for spot in texts),
            self._beside(piece, spots),
        )

    def written(self, released: Released) -> Any:
        """Write what is released as the last piece of its part was written, and nothing else."""
        piece, path = self._last[released.part]
        changes = {spot.path: None for spot in spots_of(piece) if spot.path[-1:] != ("type",)}
        return _changed(piece, {**changes, path: released.text})

    def reply(self, text: str) -> Any:
        """Write a policy's reply as the piece of the answer, after which nothing comes."""
        choices = () if isinstance(self._latest, str) else _fields(self._latest)["choices"]
        if not choices:
            return text
        made = _changed(self._latest, {spot.path: None for spot in spots_of(self._latest)})
        choice = _fields(made)["choices"][0]
        delta = _fields(choice).get("delta")
        if delta is None:
            _set(choice, "text", text)
        else:
            _set(delta, "content", text)
            if "tool_calls" in _fields(delta):
                _set(delta, "tool_calls", None)
        _set(choice, "finish_reason", "content_filter")
        return made

    def _number(self, key: Path) -> int:
        return self._numbers.setdefault(key, len(self._numbers))

    def _beside(self, piece: Any, spots: tuple[Spot, ...]) -> Any:
        """Give the piece without texts where it tells something for the first time."""
        if isinstance(piece, str):
            return None
        told = {(spot.key, spot.value) for spot in spots if not spot.is_text}
        new = told - self._told
        self._told |= new
        ends = any(key[-1] == "finish_reason" for key, _ in new)
        if not _fields(piece)["choices"]:
            ends = bool(self._numbers)
        elif not new:
            return None
        rest = _changed(piece, {spot.path: "" for spot in spots if spot.is_text})
        if ends:
            self.at_the_end.append(rest)
        return None if ends else rest


def spots_of(piece: Any) -> Iterator[Spot]:
    """Give the strings of a piece: those that are judged, and those that name things in choices.

    Raises:
        ContentError: it is neither a string nor a chunk, or holds what is not judged.
    """
    if isinstance(piece, str):
        if piece:
            yield Spot((), (), piece)
        return
    if not isinstance(_fields(piece).get("choices"), (list, tuple)):
        raise _no_chunk(piece)
    yield from _walk(piece, (), ())


def _walk(value: Any, key: Path, path: Path) -> Iterator[Spot]:
    for name, one in _fields(value).items():
        if isinstance(one, _PLAIN) or (not one and isinstance(one, (str, list, tuple, dict))):
            continue
        if name in INSIDE and isinstance(one, (list, tuple)):
            for place, item in enumerate(one):
                number = _fields(item).get("index")
                here = place if number is None else number
                yield from _walk(item, (*key, name, here), (*path, name, place))
        elif name in INSIDE and not isinstance(one, str):
            yield from _walk(one, (*key, name), (*path, name))
        elif (name in TEXTS or (name in TOLD and key)) and isinstance(one, str):
            yield Spot((*key, name), (*path, name), one)
        elif name not in NAMES:
            raise ContentError(f"a chunk holds '{name}', which guard does not judge")


def _fields(value: Any) -> Mapping[str, Any]:
    if isinstance(value, Mapping):
        return value
    try:
        return {**vars(value), **(getattr(value, "model_extra", None) or {})}
    except TypeError:
        raise _no_chunk(value) from None


def _no_chunk(value: Any) -> ContentError:
    return ContentError(
        f"the function yields a {type(value).__name__}, "
        "guard judges strings and chunks of OpenAI's shape"
    )


def _changed(piece: Any, changes: Mapping[Path, str | None]) -> Any:
    if () in changes:
        return changes[()]
    made = copy.deepcopy(piece)
    for path, text in changes.items():
        _put(made, path, text)
    return made


def _put(piece: Any, path: Path, text: str | None) -> None:
    here = piece
    for step in path[:-1]:
        here = here[step] if isinstance(step, int) else _fields(here)[step]
    _set(here, path[-1], text)


def _set(value: Any, name: str, one: Any) -> None:
    if isinstance(value, Mapping):
        value[name] = one  # type: ignore[index]  # a copy of a dict, which was made to be changed
    else:
        setattr(value, name, one)
