"""Chat messages, in the shapes that model APIs take: what in them is judged, and where it stands.

Every string is judged, except the names of things. Pictures come as data.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, TypeAlias

from guardrails.core.content import Image, Part, Surface, Text
from guardrails.core.errors import ContentError
from guardrails.wire import data_urls

Path: TypeAlias = tuple[Any, ...]

ROLES: Mapping[str, Surface] = {
    "system": Surface.SYSTEM,
    "developer": Surface.SYSTEM,
    "user": Surface.USER,
    "assistant": Surface.ASSISTANT,
    "tool": Surface.TOOL,
    "function": Surface.TOOL,
}

NAMES = frozenset(
    {
        *("role", "name", "type", "id", "tool_call_id", "detail"),
        *("call_id", "tool_use_id", "status", "media_type", "mime_type"),
        *("signature", "encrypted_content"),
    }
)
"""Keys whose strings name things, or are opaque, and are not judged."""

FREE = frozenset({"arguments", "input"})
"""Keys under which a tool's arguments stand, whatever their own keys are: all is judged."""


class Kind(StrEnum):
    """What cannot be judged."""

    PICTURE = "picture"
    """One that is elsewhere."""
    SOUND = "sound"
    FILE = "file"
    TOKENS = "tokens"
    STORED = "stored"
    """What the model's server has from before."""


_JUDGED = "guard judges text, and pictures as data:image/...;base64,..."

WAYS_OUT: Mapping[Kind, str] = {
    Kind.PICTURE: (
        "a picture that is elsewhere cannot be judged, send it as data:image/...;base64,..."
    ),
    Kind.SOUND: f"it holds sound or film, {_JUDGED}",
    Kind.FILE: f"it holds a file, {_JUDGED}",
    Kind.TOKENS: "numbers of tokens cannot be judged, send the text",
    Kind.STORED: "what is stored elsewhere cannot be judged, send it along",
}


@dataclass(frozen=True, slots=True)
class Piece:
    """One part, the keys and numbers that lead to it, and what stands before a picture's base64."""

    path: Path
    part: Part
    head: str = ""

    def written(self, part: Part) -> str:
        """Write a part as this one was written."""
        return part.text if isinstance(part, Text) else self.head + data_urls.packed(part.data)


@dataclass(frozen=True, slots=True)
class Unjudged:
    """Something that cannot be judged, and where it is."""

    path: Path
    kind: Kind


@dataclass(frozen=True, slots=True)
class Spot:
    """A place in a message, and what is known there from the way that leads to it.

    In a ``free`` place the keys are those of a tool or a caller: all strings but those under
    ``names`` are judged, and none of the shapes that model APIs know is looked for.
    """

    path: Path
    surface: Surface
    picture: Path | None = None
    free: bool = False
    names: frozenset[str] = frozenset()

    def inside(self, key: Any) -> "Spot":
        """Go one key or number deeper."""
        return replace(self, path=(*self.path, key), free=self.free or key in FREE)


def read(messages: Sequence[Any]) -> Iterator[Piece]:
    """Give the pieces of messages, in their order.

    Raises:
        ContentError: a message is not a mapping, has an unknown role, or holds what is neither
            text nor a picture as data.
    """
    for number, message in enumerate(messages):
        for found in message_pieces(message, (), number):
            if isinstance(found, Unjudged):
                raise ContentError(f"message {number}: {WAYS_OUT[found.kind]}")
            yield found


def message_pieces(message: Any, path: Path, number: int) -> Iterator[Piece | Unjudged]:
    """Give what one message of a list at ``path`` holds.

    Raises:
        ContentError: it is not a mapping, has an unknown role, or holds what JSON cannot.
    """
    try:
        yield from pieces(message, Spot((*path, number), _surface(message)))
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


def pieces(value: Any, spot: Spot) -> Iterator[Piece | Unjudged]:
    """Give what a value holds, in order.

    Raises:
        ContentError: a picture is not valid base64, or a value is none that JSON has.
    """
    match value:
        case str():
            yield _piece(value, spot)
        case Mapping():
            here = spot if spot.free else _known(value, spot)
            if isinstance(here, Kind):
                yield Unjudged(spot.path, here)
                return
            names = spot.names if spot.free else NAMES
            for key, one in value.items():
                if key not in names or not isinstance(one, str):
                    yield from pieces(one, here.inside(key))
        case list() | tuple():
            for number, one in enumerate(value):
                yield from pieces(one, spot.inside(number))
        case None | bool() | int() | float():
            return
        case _:
            raise ContentError(f"it holds a {type(value).__name__}, {_JUDGED}")


def _surface(message: Any) -> Surface:
    if not isinstance(message, Mapping):
        raise ContentError(f"it is a {type(message).__name__}, guard judges dicts")
    surface = ROLES.get(str(message.get("role")))
    if surface is None:
        raise ContentError(f"unknown role, use one of: {', '.join(ROLES)}")
    return surface


def _piece(value: str, spot: Spot) -> Piece | Unjudged:
    if spot.path != spot.picture:
        return Piece(spot.path, Text(value, spot.surface))
    if spot.path[-1] in {"data", "result", "b64_json"}:
        return Piece(spot.path, Image(data_urls.unpacked(value), spot.surface))
    head = data_urls.head_of(value)
    if head is None:
        return Unjudged(spot.path, Kind.PICTURE)
    return Piece(spot.path, Image(data_urls.unpacked(value[len(head) :]), spot.surface), head)


def _known(part: Mapping[Any, Any], spot: Spot) -> Spot | Kind:  # noqa: C901, PLR0911  # a table of shapes
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
        case {"type": "image_generation_call", "result": str()}:
            return replace(spot, picture=(*spot.path, "result"))
        case {"type": "tool_result"}:
            return replace(spot, surface=Surface.TOOL)
        case {"type": "image" | "image_url" | "input_image"} | {"image_url": _}:
            return Kind.PICTURE
        case {
            "type": "audio" | "audio_url" | "input_audio" | "video" | "video_url" | "input_video"
        }:
            return Kind.SOUND
        case {"data": str(), "transcript": str()} | {"expires_at": int(), "id": str()}:
            return Kind.SOUND  # as answers hold it
        case {"type": "file" | "input_file"} | {
            "type": "document",
            "source": {"type": "url" | "file"},
        }:
            return Kind.FILE
        case {"type": "item_reference" | "container_upload"}:
            return Kind.STORED
        case {"id": str(), **rest} if not rest:
            return Kind.STORED
    return spot


def _file(kind: str, spot: Spot) -> Spot | Kind:
    if kind.startswith("image/"):
        return replace(spot, picture=(*spot.path, "data"))
    return spot if kind.startswith("text/") else Kind.FILE
