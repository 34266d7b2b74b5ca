"""One mark that is served, under the name that it is asked for by."""

from guardrails.core.content import Image, Text
from guardrails.core.errors import ContentError, MarkError
from guardrails.core.mark import Detection
from guardrails.marks.catalog import BUILTIN
from guardrails.server.marks.rated import Rated
from guardrails.wire.marks import KnownMark


class Offered:
    """A mark of the catalog as the operator set it up; without ``embed`` it is only looked for."""

    def __init__(self, name: str, kind: str, rated: Rated, *, embed: bool) -> None:
        self._rated = rated
        mark = rated.at()
        self.known = KnownMark(name, kind, mark.inspects, mark.key_id, embed)

    def fits(self, subject: Text | Image) -> bool:
        """Whether it can be in such a subject."""
        return self.known.inspects is type(subject)

    def detect(self, subject: Text | Image, rate: float | None) -> Detection:
        """Look for it; None is the rate that the operator set."""
        return self._rated.at(rate).detect(subject)

    def embed(self, subject: Text | Image) -> Text | Image:
        """Give the subject with the mark in it.

        Raises:
            ContentError: it is only looked for here, or the subject cannot carry it.
        """
        if not self.known.embeds and not BUILTIN[self.known.kind].sampled:
            raise ContentError(
                f"mark '{self.known.name}' is only looked for here, "
                "its operator has to write 'embed: true' beside it"
            )
        try:
            marked: Text | Image = self._rated.at().embed(subject)
        except MarkError as error:
            raise ContentError(str(error)) from None
        return marked
