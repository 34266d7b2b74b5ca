"""The forms in which models write a placeholder, as patterns. Pure.

``<PERSON_1>`` comes back as ``<Person 1>``, ``[PERSON_1]``, ``<**PERSON_1**>``, in HTML's or
Markdown's way to write brackets, or bare as ``PERSON_1``. Behind a bracket anything may join the
words; bare, an underscore must, so that a "person 1" in prose stays.
"""

import re
from collections.abc import Iterable

MOST_DIGITS = 9
MOST_BEFORE = 24
"""Characters of a form before its words."""
_OPEN = r"(?:<|\[|\{|«|\\<|\\\[|&lt;)"
_CLOSE = r"(?:>|\]|\}|»|\\>|\\\]|&gt;)"
_INSIDE = r"[*`\"' ]"
_LOOSE = r"(?:\\_|[_ -])"
_TIGHT = r"(?:\\_|_)"
_WORD_START = r"(?<![^\W_])"
_MAY_OPEN = r"[<\[{«\\&][<\[{«\\&lt;*`\"' ]{0,14}"
_MAY_CLOSE = r"(?:[\\_ -]{0,2}\d{0,9}[*`\"' >\]}»\\&gt;]{0,18})"
_ENDS = rf"(?:{_INSIDE}{{0,4}}{_CLOSE}{{1,2}})?"
_NUMBER = rf"\d{{1,{MOST_DIGITS}}}"


def whole(categories: Iterable[str]) -> re.Pattern[str]:
    """Match any form: the words are the first or the third group, the number the one behind."""
    names = sorted(categories, key=len, reverse=True)
    return re.compile(
        rf"{_OPEN}{{1,2}}{_INSIDE}{{0,4}}({_any(names, _LOOSE)}){_LOOSE}({_NUMBER})(?!\w){_ENDS}"
        rf"|{_WORD_START}({_any(names, _TIGHT)}){_TIGHT}({_NUMBER})(?!\w){_ENDS}",
        re.IGNORECASE,
    )


def begun(categories: Iterable[str]) -> re.Pattern[str]:
    """Match, at the end of a text, whatever may become such a form; a little more too."""
    starts = "|".join(map(_started, categories))
    return re.compile(
        rf"(?:{_MAY_OPEN}(?:(?:{starts}){_MAY_CLOSE})?|{_WORD_START}(?:{starts}){_MAY_CLOSE})\Z",
        re.IGNORECASE,
    )


def longest(categories: Iterable[str]) -> int:
    """The most characters that a form can have, and those that tell its end."""
    return max((2 * len(category) for category in categories), default=0) + 64


def _any(names: Iterable[str], joint: str) -> str:
    return "|".join(joint.join(map(re.escape, name.split("_"))) for name in names)


def _started(category: str) -> str:
    pattern = ""
    for letter in reversed(category):
        own = r"[\\_ -]{1,2}" if letter == "_" else re.escape(letter)
        pattern = f"{own}(?:{pattern})?" if pattern else own
    return pattern
