"""Between marks and the messages that travel. Pure, and light."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from guardrails.core.content import Image, Surface, Text
from guardrails.core.errors import ContentError
from guardrails.core.finding import Region
from guardrails.core.mark import Decision, Detection
from guardrails.core.view import Span
from guardrails.wire import marks_pb2 as pb

Sent: TypeAlias = str | bytes
"""A text, or the file of a picture."""

LEAST_RATE = 1e-12
MOST_RATE = 0.5

_DECISIONS = {
    pb.DECISION_MARKED: Decision.MARKED,
    pb.DECISION_UNMARKED: Decision.UNMARKED,
    pb.DECISION_UNDECIDABLE: Decision.UNDECIDABLE,
}
_TO_DECISION = {word: number for number, word in _DECISIONS.items()}
_SUBJECTS: Mapping[int, type[Text | Image]] = {
    pb.KnownMark.SUBJECT_TEXT: Text,
    pb.KnownMark.SUBJECT_PICTURE: Image,
}
_TO_SUBJECT = {Text: pb.KnownMark.SUBJECT_TEXT, Image: pb.KnownMark.SUBJECT_PICTURE}


@dataclass(frozen=True, slots=True)
class KnownMark:
    """A mark that a sidecar looks for: its name there, what it is and in what.

    ``key_id`` is of the key that it marks with; one that does not embed is only looked for.
    ``inspects`` is None for subjects that this version does not know.
    """

    name: str
    kind: str
    inspects: type[Text | Image] | None
    key_id: str
    embeds: bool


def detect_request(subject: Sent, marks: Iterable[str], rate: float | None) -> pb.DetectRequest:
    """Write what is looked at, for which marks; all that fit when none are named.

    Raises:
        ContentError: a text is not valid Unicode.
    """
    text, picture = _written(subject)
    return pb.DetectRequest(
        text=text, picture=picture, marks=marks, false_positive_rate=0.0 if rate is None else rate
    )


def embed_request(subject: Sent, mark: str) -> pb.EmbedRequest:
    """Write what is to be marked.

    Raises:
        ContentError: a text is not valid Unicode.
    """
    text, picture = _written(subject)
    return pb.EmbedRequest(text=text, picture=picture, mark=mark)


def subject(message: pb.DetectRequest | pb.EmbedRequest) -> Text | Image:
    """Read what is looked at, or is to be marked.

    Raises:
        ContentError: there is nothing.
    """
    match message.WhichOneof("subject"):
        case "text":
            return Text(message.text, Surface.ASSISTANT)
        case "picture":
            return Image(message.picture, Surface.ASSISTANT)
        case _:
            raise ContentError("nothing to look at, set its text or its picture")


def rate(message: pb.DetectRequest) -> float | None:
    """Read the false-positive rate; None when it is not set.

    Raises:
        ContentError: it is no rate that a mark can be looked for at.
    """
    asked = message.false_positive_rate
    if asked == 0:
        return None
    if not LEAST_RATE <= asked <= MOST_RATE:
        raise ContentError(
            f"a false-positive rate of {asked:g}, ask for one from {LEAST_RATE:g} to {MOST_RATE:g}"
        )
    return float(asked)


def embed_response(marked: Text | Image, key_id: str) -> pb.EmbedResponse:
    """Write what was marked."""
    if isinstance(marked, Text):
        return pb.EmbedResponse(text=marked.text, key_id=key_id)
    return pb.EmbedResponse(picture=marked.data, key_id=key_id)


def detection_message(mark: str, detection: Detection) -> pb.Detection:
    """Write what was found of a mark."""
    message = pb.Detection(
        mark=mark,
        decision=_TO_DECISION[detection.decision],
        p_value=detection.p_value,
        z=detection.z,
        tokens=detection.tokens,
        key_id=detection.key_id,
        payload=detection.payload,
        reason=detection.reason,
    )
    match detection.where:
        case Span(start, end):
            message.passage.start, message.passage.end = start, end
        case Region(left, top, right, bottom):
            box = pb.Detection.Box(left=left, top=top, right=right, bottom=bottom)
            message.box.CopyFrom(box)
    return message


def detection(message: pb.Detection) -> tuple[str, Detection]:
    """Read what was found, and of which mark. A decision that is unknown here is none."""
    where: Span | Region | None = None
    match message.WhichOneof("where"):
        case "passage":
            where = Span(message.passage.start, message.passage.end)
        case "box":
            box = message.box
            where = Region(box.left, box.top, box.right, box.bottom)
    return message.mark, Detection(
        _DECISIONS.get(message.decision, Decision.UNDECIDABLE),
        message.p_value if message.HasField("p_value") else None,
        message.z if message.HasField("z") else None,
        message.tokens,
        message.key_id,
        message.payload,
        where,
        message.reason,
    )


def known_message(known: KnownMark) -> pb.KnownMark:
    """Write a mark that is known here."""
    return pb.KnownMark(
        name=known.name,
        kind=known.kind,
        subject=_TO_SUBJECT[known.inspects] if known.inspects else None,
        key_id=known.key_id,
        embeds=known.embeds,
    )


def known(message: pb.KnownMark) -> KnownMark:
    """Read a mark that a sidecar knows."""
    return KnownMark(
        message.name,
        message.kind,
        _SUBJECTS.get(message.subject),
        message.key_id,
        message.embeds,
    )


def _written(subject: Sent) -> tuple[str | None, bytes | None]:
    """Give a text or a picture, whichever it is."""
    if isinstance(subject, bytes):
        return None, subject
    try:
        subject.encode()
    except UnicodeEncodeError as error:
        raise ContentError(
            f"lone surrogate at character {error.start}, send text that is valid Unicode"
        ) from None
    return subject, None
