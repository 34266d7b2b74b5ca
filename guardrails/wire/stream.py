"""Between our words and the messages of a stream. Pure."""

from dataclasses import dataclass

from guardrails.core.content import Content, Stage, Surface
from guardrails.core.errors import ContentError
from guardrails.core.stream import Released
from guardrails.core.verdict import Verdict
from guardrails.wire import convert
from guardrails.wire import guardrails_pb2 as pb


@dataclass(frozen=True, slots=True)
class Piece:
    """The next stretch of a part of an answer."""

    part: int
    text: str
    surface: Surface

    def __repr__(self) -> str:
        return f"Piece(part={self.part}, characters={len(self.text)})"


def opening_request(opening: Content, policy: str) -> pb.EvaluateStreamRequest:
    """Write what a stream begins with."""
    return pb.EvaluateStreamRequest(opening=convert.request(opening, policy))


def piece_request(piece: Piece) -> pb.EvaluateStreamRequest:
    """Write a piece."""
    surface = convert.surface_number(piece.surface)
    return pb.EvaluateStreamRequest(
        piece=pb.Piece(part=piece.part, surface=surface, text=piece.text)
    )


def opening(message: pb.EvaluateStreamRequest) -> tuple[str, Content]:
    """Read the first message: the policy, and the prompt to judge or the answer without parts.

    Raises:
        ContentError: it is no opening, has parts that it must not have, or cannot be read.
    """
    if message.WhichOneof("kind") != "opening":
        raise ContentError("the first message is not the opening, send what the answer answers")
    content = convert.content(message.opening)
    if content.stage is Stage.OUTPUT and content.parts:
        raise ContentError("an opening of STAGE_OUTPUT has parts, send the answer in pieces")
    return message.opening.policy, content


def piece(message: pb.EvaluateStreamRequest) -> Piece:
    """Read any later message.

    Raises:
        ContentError: it is no piece, or its surface is unknown.
    """
    if message.WhichOneof("kind") != "piece":
        raise ContentError("a message after the opening is not a piece, send pieces alone")
    read = message.piece
    place = f"the piece of part {read.part}"
    return Piece(read.part, read.text, convert.surface(place, read.surface, Surface.ASSISTANT))


def prompt_response(verdict: Verdict) -> pb.EvaluateStreamResponse:
    """Write the verdict on the prompt."""
    return pb.EvaluateStreamResponse(prompt=convert.response(verdict).verdict)


def released_response(released: Released) -> pb.EvaluateStreamResponse:
    """Write what may be shown."""
    return pb.EvaluateStreamResponse(released=pb.Released(part=released.part, text=released.text))


def verdict_response(verdict: Verdict) -> pb.EvaluateStreamResponse:
    """Write the verdict on the answer."""
    return pb.EvaluateStreamResponse(verdict=convert.response(verdict).verdict)


def response(message: pb.EvaluateStreamResponse, opening: Content) -> Released | Verdict | None:
    """Read what came back; None for what is unknown here, or was not asked for."""
    match message.WhichOneof("kind"):
        case "released":
            return Released(message.released.part, message.released.text)
        case "verdict":
            return convert.verdict(pb.EvaluateResponse(verdict=message.verdict), opening)
        case _:
            return None
