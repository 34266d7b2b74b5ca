"""Chat messages, in the shapes that model APIs take: what in them is judged, and where it stands.

Every string is judged, except the names of things. Pictures come as data.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from guardrails.client import pictures
from guardrails.core.content import Image, Part, Surface, Text
from guardrails.core.errors import ContentError

Path: TypeAlias = tuple[Any, ...]

ROLES: Mapping[str, Surface] = {
    "system": Surface.SYSTEM,
    "developer": Surface.SYSTEM,
    "user": Surface.USER,
    "assistant": Surface.ASSISTANT,
    "tool": Surface.TOOL,
    "function": Surface.TOOL,
}

NAMES = frozenset({"role", "name", "type", "id", "tool_call_id", "detail"})
"""Keys whose strings name things, and are not judged."""

FREE = frozenset({"arguments", "input"})
"""Keys under which a tool's arguments stand, whatever their own keys are: all is judged."""


@dataclass(frozen=True, slots=True)
class Piece:
    """One part, the keys and numbers that lead to it, and what stands before a picture's base64."""

    path: Path
    part: Part
    head: str = ""

    def written(self, part: Part) -> str:
        """Write a part as this one was written."""
        return part.text if isinstance(part, Text) else self.head + pictures.packed(part.data)


@dataclass(frozen=True, slots=True)
class _Spot:
    """A place in a message, and what is known there from the way that leads to it."""

    path: Path
    surface: Surface
    picture: Path | None = None
    free: bool = False

    def inside(self, key: Any) -> "_Spot":
        return replace(self, path=(*self.path, key), free=self.free or key in FREE)


def read(messages: Sequence[Any]) -> Iterator[Piece]:
    """Give the pieces of messages, in their order.

    Raises:
        ContentError: a message is not a mapping, has an unknown role, or holds what is neither
            text nor a picture as data.
    """
    for number, message in enumerate(messages):
        try:
            yield from _pieces(message, _Spot((number,), _surface(message)))
        except ContentError as error:
            raise ContentError(f"message {number}: {error}") from None


def rewritten(value: Any, changes: Mapping[Path, str], path: Path = ()) -> Any:
    """Copy dicts, lists and tuples all the way down, with other strings at some places."""
    if path in changes:
        return changes[path]
    if isinstance(value, Mapping):
        return {key: rewritten(one, changes, (*path, key)) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        copies = [rewritten(one, changes, (*path, n)) for n, one in enumerate(value)]
        return tuple(copies) if isinstance(value, tuple) else copies
    return value


def _surface(message: Any) -> Surface:
    if not isinstance(message, Mapping):
        raise ContentError(f"it is a {type(message).__name__}, guard judges dicts")
    surface = ROLES.get(str(message.get("role")))
    if surface is None:
        raise ContentError(f"unknown role, use one of: {', '.join(ROLES)}")
    return surface


def _pieces(value: Any, spot: _Spot) -> Iterator[Piece]:
    match value:
        case str():
            yield _piece(value, spot)
        case Mapping():
            here = spot if spot.free else _known(value, spot)
            for key, one in value.items():
                if spot.free or key not in NAMES or not isinstance(one, str):
                    yield from _pieces(one, here.inside(key))
        case list() | tuple():
            for number, one in enumerate(value):
                yield from _pieces(one, spot.inside(number))
        case None | bool() | int() | float():
            return
        case _:
            raise _holds(f"a {type(value).__name__}")


def _piece(value: str, spot: _Spot) -> Piece:
    if spot.path != spot.picture:
        return Piece(spot.path, Text(value, spot.surface))
    if spot.path[-1] == "data":
        return Piece(spot.path, Image(pictures.unpacked(value), spot.surface))
    head, data = pictures.split(value)
    return Piece(spot.path, Image(data, spot.surface), head)


def _known(part: Mapping[Any, Any], spot: _Spot) -> _Spot:
    """Tell, from the shapes that model APIs know, who speaks and where a picture is."""
    match part:
        case {"image_url": str()}:
            return replace(spot, picture=(*spot.path, "image_url"))
        case {"image_url": {"url": str()}}:
            return replace(spot, picture=(*spot.path, "image_url", "url"))
        case {"type": "image", "source": {"media_type": str(), "data": str()}}:
            return spot
        case {"media_type": str(kind), "data": str()} | {"mime_type": str(kind), "data": str()}:
            return _file(kind, spot)
        case {"type": "tool_result"}:
            return replace(spot, surface=Surface.TOOL)
        case {"type": "image" | "image_url" | "input_image"} | {"image_url": _}:
            raise ContentError(pictures.ELSEWHERE)
        case {
            "type": "audio" | "audio_url" | "input_audio" | "video" | "video_url" | "input_video"
        }:
            raise _holds("sound or film")
        case {"type": "file" | "input_file"} | {
            "type": "document",
            "source": {"type": "url" | "file"},
        }:
            raise _holds("a file")
    return spot


def _file(kind: str, spot: _Spot) -> _Spot:
    if kind.startswith("image/"):
        return replace(spot, picture=(*spot.path, "data"))
    if kind.startswith("text/"):
        return spot
    raise _holds("a file")


def _holds(what: str) -> ContentError:
    return ContentError(
        f"it holds {what}, guard judges text, and pictures as data:image/...;base64,..."
    )
