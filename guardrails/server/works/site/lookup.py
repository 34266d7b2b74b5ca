"""From what was sent to the page that answers: looks it up, and keeps nothing of it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from http import HTTPStatus

from guardrails.core.errors import ContentError, GuardrailsError
from guardrails.server.works.finding import Finders, Found, picture
from guardrails.server.works.site import cards, drawings
from guardrails.server.works.site.cards import CARDS, Card, many
from guardrails.server.works.site.passages import How
from guardrails.works.errors import UnknownWorkError

FAINT = 0.1
"""The score from where on a likeness is told at all."""
FAINT_CARDS = 10


@dataclass(frozen=True, slots=True)
class Sent:
    """What somebody wants to be looked up."""

    text: str = field(default="", repr=False)
    picture: bytes = field(default=b"", repr=False)
    collection: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the page shows: a headline, and works; ``image`` is the subject's URI."""

    status: HTTPStatus
    headline: str = ""
    detail: str = ""
    cards: tuple[Card, ...] = ()
    faint: tuple[Card, ...] = ()
    image: str = ""
    wrong: bool = False

    @property
    def compared(self) -> bool:
        """Whether words are shown that may have been changed."""
        return any(
            piece.how in {How.CHANGED, How.GAP}
            for card in self.cards
            for passage in card.passages
            for piece in passage.pieces
        )


NOTHING = Answer(HTTPStatus.OK)
"""What is shown before anything was sent."""


def failed(status: HTTPStatus, headline: str, detail: str) -> Answer:
    """Say what is wrong, and the way out."""
    return Answer(status, headline, detail, wrong=True)


class Lookup:
    """Answers what was sent; waits for the store, so it belongs in a thread."""

    def __init__(self, finders: Finders) -> None:
        self._finders = finders

    def collections(self) -> Sequence[str]:
        """Name what can be looked in."""
        return self._finders.collections()

    def answer(self, sent: Sent) -> Answer:
        """Look up a picture, or else a text."""
        try:
            if sent.picture:
                return self._picture(sent)
            if sent.text.strip():
                return self._text(sent)
        except (ContentError, UnknownWorkError) as error:
            return failed(HTTPStatus.BAD_REQUEST, "That cannot be looked up", _sentence(error))
        except GuardrailsError:  # its words are for operators
            detail = "The works cannot be read at the moment. Try again in a few minutes."
            return failed(HTTPStatus.SERVICE_UNAVAILABLE, "Not now", detail)
        return failed(
            HTTPStatus.BAD_REQUEST, "Nothing to look up", "Paste a text or choose a picture first."
        )

    def _text(self, sent: Sent) -> Answer:
        found = self._finders.in_text(sent.text, sent.collection)
        shown, faint = _parted(found)
        store = self._finders.store
        return Answer(
            HTTPStatus.OK,
            _headline(len(shown), "text"),
            _detail(len(shown), "text"),
            tuple(cards.of_text(store, sent.text, group) for group in shown[:CARDS]),
            tuple(cards.of_text(store, sent.text, group) for group in faint),
        )

    def _picture(self, sent: Sent) -> Answer:
        pixels = picture(sent.picture)
        shown, faint = _parted(self._finders.in_picture(pixels, sent.collection))
        return Answer(
            HTTPStatus.OK,
            _headline(len(shown), "picture"),
            _detail(len(shown), "picture"),
            tuple(cards.of_picture(pixels, group) for group in shown[:CARDS]),
            tuple(cards.of_picture(pixels, group) for group in faint),
            drawings.uri(pixels),
        )


def _parted(found: Sequence[Found]) -> tuple[list[list[Found]], list[list[Found]]]:
    """Part copies from what is only a little alike; a work is told once."""
    sure = cards.sure(found)
    told = {(one.collection, one.match.work.id) for one in sure}
    faint = [
        one
        for one in found
        if one.match.score >= FAINT and (one.collection, one.match.work.id) not in told
    ]
    return cards.grouped(sure), cards.grouped(faint)[:FAINT_CARDS]


def _headline(count: int, what: str) -> str:
    if count == 0:
        return f"No work here is in this {what}"
    return f"{many(count, 'work')} found in this {what}"


def _detail(count: int, what: str) -> str:
    if count > CARDS:
        return f"The {CARDS} surest are shown."
    if count:
        return ""
    if what == "picture":
        return "No picture that is kept here shows in yours, whole or in part."
    return (
        "No passage of about 20 words or more stands in a work that is kept here. Short phrases "
        "and quotations in quotation marks are not told as copies."
    )


def _sentence(error: Exception) -> str:
    text = str(error)
    return f"{text[:1].upper()}{text[1:]}."
