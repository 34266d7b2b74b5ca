"""From the text to the tokens that a mark was put into, and back to characters."""

from dataclasses import dataclass
from pathlib import Path

from guardrails.core.mark import Decision, Detection
from guardrails.core.view import Span
from guardrails.marks.sampling.detecting import Detector, Found
from guardrails.models.tokenizer import FileTokenizer, Tokens


@dataclass(frozen=True, slots=True)
class Reader:
    """Finds a mark in text: the generator's tokenizer is needed, the generator is not."""

    tokenizer: FileTokenizer
    detector: Detector

    def detect(self, text: str) -> Detection:
        """Cut a text into tokens and look at them."""
        tokens = self.tokenizer.read(text)
        found = self.detector.detect(tokens.ids)
        return Detection(
            decision=found.decision,
            p_value=found.p_value,
            z=found.z,
            tokens=found.tokens,
            key_id=found.key_id,
            where=_span(tokens, found),
            reason=self._reason(found),
        )

    def _reason(self, found: Found) -> str:
        if found.decision is not Decision.UNDECIDABLE:
            return ""
        return (
            f"{found.tokens} {'token' if found.tokens == 1 else 'tokens'} can be scored, "
            f"{self.detector.needed} are needed at a false-positive rate of {self.detector.rate:g}"
        )


def tokenizer_in(place: Path) -> FileTokenizer:
    """Open a ``tokenizer.json``, or the one in a folder.

    Raises:
        ValueError: there is none.
    """
    file = place / "tokenizer.json" if place.is_dir() else place
    if not file.is_file():
        raise ValueError(f"no tokenizer at '{file}', give the generator's tokenizer.json")
    return FileTokenizer(file.parent.name, file.read_bytes())


def _span(tokens: Tokens, found: Found) -> Span | None:
    """Give the characters, where not all of the text is marked."""
    if found.decision is not Decision.MARKED or found.end - found.start == len(tokens):
        return None
    return Span(int(tokens.starts[found.start]), int(tokens.ends[found.end - 1]))
