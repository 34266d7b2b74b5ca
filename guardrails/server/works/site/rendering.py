"""The door to Jinja: an answer becomes HTML, in which all that was sent and stored is escaped."""

from collections.abc import Sequence
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from guardrails.server.works.finding import CHARACTERS
from guardrails.server.works.site.lookup import Answer, Sent

PICTURE_BYTES = 20 << 20
"""Of a picture's file, at most."""


class Pages:
    """Lays answers out."""

    def __init__(self) -> None:
        environment = Environment(
            loader=FileSystemLoader(Path(__file__).parent / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._page = environment.get_template("page.html")

    def html(self, answer: Answer, sent: Sent, collections: Sequence[str]) -> str:
        """Write the whole page."""
        return self._page.render(
            answer=answer,
            sent=sent,
            collections=collections,
            characters=CHARACTERS,
            megabytes=PICTURE_BYTES >> 20,
        )
