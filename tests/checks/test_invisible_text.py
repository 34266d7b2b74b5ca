"""What hides is found; what scripts and emoji need is left alone."""

import pytest

from guardrails.checks.invisible_text import InvisibleText
from guardrails.core.content import Text
from guardrails.core.view import Span

ENGLAND = "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f"


async def _found(text: str) -> list[tuple[str, Span]]:
    findings = await InvisibleText(InvisibleText.Settings()).inspect(Text(text))
    return [(each.category, each.where) for each in findings]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("ig\u200bnore", [("INVISIBLE_CHARACTERS", Span(2, 3))]),
        ("a\u200b\u200d\u2060b", [("INVISIBLE_CHARACTERS", Span(1, 4))]),
        ("a\u200db", [("INVISIBLE_CHARACTERS", Span(1, 2))]),  # joins nothing
        ("a\ufeffb", [("INVISIBLE_CHARACTERS", Span(1, 2))]),
        ("access\u202egpj.exe", [("BIDI_CONTROL", Span(6, 7))]),
        ("שלום\u202e abc", [("BIDI_CONTROL", Span(4, 5))]),  # an override is never needed
        ("pay\u200fpal שלום", [("BIDI_CONTROL", Span(3, 4))]),  # inside a Latin word
        ("x\U000e0041\U000e0042", [("TAG_CHARACTERS", Span(1, 3))]),
        ("🏴\U000e0041\U000e0042\U000e007f", [("TAG_CHARACTERS", Span(1, 4))]),  # no known flag
        ("😀\ufe0f\U000e0101\U000e0102", [("VARIATION_SELECTORS", Span(1, 4))]),
        ("a\ufe0f", [("VARIATION_SELECTORS", Span(1, 2))]),
        (
            "a\x00b\x1b[31m",
            [("CONTROL_CHARACTERS", Span(1, 2)), ("CONTROL_CHARACTERS", Span(3, 4))],
        ),
        ("co\u00adop", [("SOFT_HYPHEN", Span(2, 3))]),
        ("a\u200b\u202eb", [("INVISIBLE_CHARACTERS", Span(1, 2)), ("BIDI_CONTROL", Span(2, 3))]),
    ],
)
async def test_finds_what_hides(text, found):
    assert await _found(text) == found


@pytest.mark.parametrize(
    "text",
    [
        "plain\ttext\r\nof two lines",
        "👨\u200d👩\u200d👧\u200d👦 🏳\ufe0f\u200d🌈 ❤\ufe0f ☎\ufe0e 1\ufe0f\u20e3 #\ufe0f\u20e3",
        f"{ENGLAND} plays",
        "می\u200cخواهم",  # Persian: a joiner between letters
        "क्\u200dष क्\u200cष",
        "\ufeffa byte order mark comes first",
        "שלום\u200f (abc) \u200eעולם",
        "\u2067עברית\u2069 in English",
        "葛\U000e0100城",
        "ᠮᠣᠩ\u180eᠠ",
        "",
    ],
)
async def test_leaves_alone_what_is_called_for(text):
    assert await _found(text) == []


async def test_scores_what_web_pages_are_full_of_low():
    (soft,) = await InvisibleText(InvisibleText.Settings()).inspect(Text("co\u00adop"))
    (tag,) = await InvisibleText(InvisibleText.Settings()).inspect(Text("a\U000e0041"))

    assert soft.score < 0.5 < tag.score
