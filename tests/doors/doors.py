"""The table of doors."""

from guardrails.core.content import Surface
from tests.doors.functions import guarded
from tests.doors.shapes import CHAT, SHAPES, Shape
from tests.doors.ways import Door, asked_over_http, conversed, evaluated, streamed

SPOKEN = frozenset(Surface) - {Surface.DOCUMENT}
_LOCAL = (
    Door("the engine's stream", streamed, streams=True),
    Door("Evaluate", evaluated, rpc="Evaluate"),
    Door("the client's stream", streamed, streams=True, client="sidecar", rpc="EvaluateStream"),
    Door("EvaluateStream", conversed, streams=True, rpc="EvaluateStream"),
    Door("a function of @guard", guarded, surfaces=SPOKEN, calls=False),
    Door("a function of @guard, sidecar", guarded, surfaces=SPOKEN, calls=False, client="s"),
    Door("a generator of @guard", guarded, surfaces=SPOKEN, calls=False, streams=True),
    Door("a generator of @guard, sidecar", guarded, CHAT, True, "s", SPOKEN, False),
    Door("an async generator of @guard", guarded, CHAT, True, "", SPOKEN, False),
    Door("an async generator of @guard, sidecar", guarded, CHAT, True, "s", SPOKEN, False),
    Door("chunks of @guard", guarded, surfaces=SPOKEN, streams=True),
    Door("chunks of @guard, sidecar", guarded, surfaces=SPOKEN, streams=True, client="s"),
)


def _over_http(client: str, shapes: tuple[Shape, ...]) -> list[Door]:
    ways = [(shape, streams) for shape in shapes for streams in (False, True)]
    return [
        Door(
            f"{client} {shape.path}{' streamed' if streams else ''}",
            asked_over_http,
            shape,
            streams,
            client,
        )
        for shape, streams in ways
        if shape.spoken is not None or not streams
    ]


ALL = tuple(SHAPES.values())
MODES = {
    "shipped": ("BUFFERED", "FULL_DUPLEX_STREAMED"),
    "buffered": ("FULL_DUPLEX_STREAMED", "BUFFERED"),
    "streamed": ("BUFFERED", "STREAMED"),
}
"""How an Envoy sends requests, and answers."""
DOORS = (
    *_LOCAL,
    *_over_http("proxy", ALL),
    *_over_http("shipped", ALL),
    *(door for mode in ("buffered", "streamed") for door in _over_http(mode, (CHAT,))),
)
