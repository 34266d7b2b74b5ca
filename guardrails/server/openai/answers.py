"""What of a response is judged, by route, and how an answer in it is withheld. Pure."""

from collections.abc import Callable, Iterator, Mapping
from itertools import chain
from typing import Any

from guardrails.core.content import Surface
from guardrails.core.errors import ContentError
from guardrails.server.openai.reading import Reading, reading
from guardrails.wire.messages import Kind, Path, Piece, Spot, Unjudged, pieces

CHOICE_KNOWN = frozenset(
    {
        *("index", "finish_reason", "stop_reason", "matched_stop", "logprobs"),
        *("token_ids", "content_filter_results"),
    }
)
TOP_KNOWN = frozenset(
    {
        *("id", "object", "created", "model", "usage", "service_tier", "system_fingerprint"),
        *("prompt_token_ids", "prompt_logprobs", "kv_transfer_params", "choices", "provider"),
        *("prompt_filter_results", "created_at", "timings"),
    }
)
_IMAGES_KNOWN = frozenset({"created", "usage", "size", "quality", "background", "output_format"})

Place = Callable[[Any, Path], Iterator[Piece | Unjudged]]


def choices(body: Mapping[str, Any]) -> tuple[Reading, ...]:
    """Read a response with choices, each of which is an answer; what else it says is the first's.

    Raises:
        ContentError: it is none.
    """
    rest = (
        one
        for key, value in body.items()
        if key not in TOP_KNOWN
        for one in pieces(value, _said((key,), free=True))
    )
    return tuple(
        reading(body, chain(_choice(choice, ("choices", number)), rest))
        for number, choice in enumerate(_list(body, "choices"))
    )


def _choice(choice: Any, path: Path) -> Iterator[Piece | Unjudged]:
    if not isinstance(choice, Mapping):
        raise ContentError("a choice is no object")
    for key, value in choice.items():
        if key not in CHOICE_KNOWN:
            yield from pieces(value, _said((*path, key)))


def items(body: Mapping[str, Any]) -> tuple[Reading, ...]:
    """Read a response of the Responses API: one answer."""
    return (reading(body, pieces(_list(body, "output"), _said(("output",)))),)


def blocks(body: Mapping[str, Any]) -> tuple[Reading, ...]:
    """Read a response of the Messages API: one answer."""
    return (reading(body, pieces(_list(body, "content"), _said(("content",)))),)


def pictures(body: Mapping[str, Any]) -> tuple[Reading, ...]:
    """Read a response that holds pictures, each of which is an answer."""
    return tuple(
        reading(body, _picture(one, ("data", number)))
        for number, one in enumerate(_list(body, "data"))
    )


def _picture(value: Any, path: Path) -> Iterator[Piece | Unjudged]:
    if not isinstance(value, Mapping):
        raise ContentError("a picture is no object")
    for key, one in value.items():
        here = (*path, key)
        if key == "url" and one is not None:
            head = isinstance(one, str) and one.startswith("data:")
            spot = Spot(here, Surface.ASSISTANT, picture=here)
            yield from pieces(one, spot) if head else [Unjudged(here, Kind.PICTURE)]
        elif key == "b64_json":
            yield from pieces(one, Spot(here, Surface.ASSISTANT, picture=here))
        else:
            yield from pieces(one, _said(here))


def nothing(_: Mapping[str, Any]) -> tuple[Reading, ...]:
    """Read a response that holds numbers alone."""
    return ()


def _said(path: Path, *, free: bool = False) -> Spot:
    return Spot(path, Surface.ASSISTANT, free=free)


def _list(body: Mapping[str, Any], key: str) -> list[Any]:
    value = body.get(key)
    if not isinstance(value, list):
        raise ContentError(f"the answer has no '{key}'")
    return value
