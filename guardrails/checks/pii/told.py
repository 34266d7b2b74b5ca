"""What a prompt has told already, so that it is no news in the answer. Pure."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

_SPACE = re.compile(r"\s+")
_FEWEST_DIGITS = 6


@dataclass(frozen=True, slots=True)
class Told:
    """The words of a prompt, and its digits without what stands between them."""

    words: str
    digits: str

    @classmethod
    def by(cls, texts: Iterable[str]) -> Self:
        """Read the texts of a prompt."""
        whole = "\n".join(texts)
        return cls(_plain(whole), "".join(filter(str.isdecimal, re.sub(r"\n", " / ", whole))))

    def holds(self, value: str) -> bool:
        """Whether the prompt has the value, as whole words or as the same digits in a row."""
        words = re.escape(_plain(value))
        if re.search(rf"(?<!\w){words}(?!\w)", self.words):
            return True
        digits = "".join(filter(str.isdecimal, value))
        return (
            len(digits) >= _FEWEST_DIGITS
            and not any(map(str.isalpha, value))
            and digits in self.digits
        )


def _plain(text: str) -> str:
    return _SPACE.sub(" ", text).strip().casefold()
