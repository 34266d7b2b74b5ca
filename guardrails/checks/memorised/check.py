"""Finds registered secrets and canaries in what a model gives out."""

from collections.abc import Sequence
from pathlib import Path

from pydantic import field_validator

from guardrails.checks.findings import evidence, surest
from guardrails.checks.listed import ListFile
from guardrails.checks.memorised.register import Letters, Register
from guardrails.core.check import Cost
from guardrails.core.content import Text
from guardrails.core.finding import Finding
from guardrails.core.view import View
from guardrails.settings import Settings


class MemorisedSettings(Settings):
    """Which register. ``register_file`` starts at the policy's folder."""

    register_file: ListFile
    """What `guardrails memorise` wrote: hashes, none of the values."""
    category: str = "memorised"

    @field_validator("register_file")
    @classmethod
    def _is_a_register(cls, path: Path) -> Path:
        Register.parse(path.read_text(encoding="utf-8"))
        return path


class Memorised:
    """Finds what is in the register, however it is spaced, cased and punctuated."""

    Settings = MemorisedSettings
    inspects = Text
    cost = Cost.LIGHT
    reach = 256

    def __init__(self, settings: MemorisedSettings) -> None:
        self.categories = (settings.category,)
        self._register = Register.parse(settings.register_file.read_text(encoding="utf-8"))

    async def inspect(self, subject: Text, /) -> Sequence[Finding]:
        """Find values in all readings of a text."""
        return surest([finding for view in subject.views for finding in self._look(view)])

    def _look(self, view: View) -> list[Finding]:
        letters = Letters.of(view.text)
        return [
            Finding(
                self.categories[0],
                1.0,
                view.original(int(letters.places[start]), int(letters.places[end - 1]) + 1),
                evidence("is in the register", view),
            )
            for start, end in self._register.found(letters)
        ]
