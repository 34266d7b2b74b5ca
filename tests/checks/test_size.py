"""What is too large is found, and in a text the part that is too much."""

import pytest
from pydantic import ValidationError

from guardrails.checks.size import Size
from guardrails.core.content import Frame, Image, Text
from guardrails.core.finding import Finding
from guardrails.core.view import Span


@pytest.mark.parametrize(
    ("limits", "text", "found"),
    [
        ({"characters": 5}, "12345", []),
        ({"characters": 5}, "😀😀😀😀😀é", [("TOO_MANY_CHARACTERS", Span(5, 6))]),
        ({"words": 2}, "one  two\n", []),
        ({"words": 2}, "one two three four", [("TOO_MANY_WORDS", Span(8, 18))]),
        ({"lines": 2}, "one\ntwo\n", []),
        ({"lines": 2}, "one\ntwo\nthree", [("TOO_MANY_LINES", Span(8, 13))]),
        ({"words": 0}, "", []),
        ({"lines": 0}, "", []),
        ({"words": 1, "characters": 3}, "ab cd", [
            ("TOO_MANY_CHARACTERS", Span(3, 5)), ("TOO_MANY_WORDS", Span(3, 5)),
        ]),
    ],
)  # fmt: skip
async def test_finds_the_part_of_a_text_that_is_too_much(limits, text, found):
    findings = await Size(Size.Settings(**limits)).inspect(Text(text))

    assert [(each.category, each.where) for each in findings] == found


async def test_finds_pictures_that_are_too_large():
    still = Frame(1, 1, b"rgb")
    check = Size(Size.Settings(bytes=3, frames=1))

    assert await check.inspect(Image(b"123", frames=(still,))) == ()
    assert await check.inspect(Image(b"1234", frames=(still, still))) == (
        Finding("TOO_MANY_BYTES", 1.0, None, "more than 3 bytes"),
        Finding("TOO_MANY_FRAMES", 1.0, None, "more than 1 frames"),
    )


def test_looks_at_what_its_limits_are_for():
    assert Size(Size.Settings(words=1)).inspects is Text
    assert Size(Size.Settings(bytes=1)).inspects is Image


@pytest.mark.parametrize(
    ("limits", "message"),
    [
        ({"words": 1, "bytes": 1}, "limits of texts and of pictures, write two rules"),
        ({}, "no limit, give one of 'characters', 'words', 'lines', 'bytes', 'frames'"),
    ],
)
def test_refuses_limits_that_make_no_check(limits, message):
    with pytest.raises(ValidationError, match=message):
        Size.Settings(**limits)
