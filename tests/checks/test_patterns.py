"""Regular expressions match as written, everywhere, in linear time."""

import pytest
from pydantic import ValidationError

from guardrails.checks.normalise import views
from guardrails.checks.patterns import Patterns
from guardrails.core.content import Text

HINT = "in linear time there is no lookahead, lookbehind or backreference"


async def _found(text: str, patterns: object, **settings: object) -> list[tuple[str, str]]:
    check = Patterns(Patterns.Settings(patterns=patterns, **settings))
    findings = await check.inspect(Text(text, derived=views(text)))
    return [(each.category, text[each.where.start : each.where.end]) for each in findings]


@pytest.mark.parametrize(
    ("text", "patterns", "found"),
    [
        ("case 12-345", {"CASE": r"\d{2}-\d{3}"}, [("CASE", "12-345")]),
        ("😀😀 né 12", {"A": "é", "B": r"\d+"}, [("A", "é"), ("B", "12")]),
        ("aaa", {"NOTHING": "b*"}, []),  # empty matches are none
        (
            "a b c d e",
            dict(zip("ABCDE", "abcde", strict=True)),
            [*zip("ABCDE", "abcde", strict=True)],
        ),
        ("x", [{"category": "X", "regex": "x"}, {"category": "X", "regex": "[xy]"}], [("X", "x")]),
        ("FOO", {"FOO": "(?i)foo"}, [("FOO", "FOO")]),
        ("", {"ANY": "."}, []),
    ],
)
async def test_finds_matches(text, patterns, found):
    assert await _found(text, patterns) == found


async def test_matches_what_is_disguised_unless_told_otherwise():
    text = "code\u200bword"

    assert await _found(text, {"C": "codeword"}) == [("C", text)]
    assert await _found(text, {"C": "codeword"}, disguised=False) == []


async def test_a_pattern_may_be_less_than_certain():
    check = Patterns(Patterns.Settings(patterns=[{"category": "A", "regex": "a", "score": 0.4}]))

    (finding,) = await check.inspect(Text("a"))

    assert finding.score == 0.4


@pytest.mark.parametrize(
    ("regex", "message"),
    [
        (r"(a)\1", rf"pattern 'BAD': invalid escape sequence: \\1; {HINT}"),
        ("(?=a)b", rf"pattern 'BAD': invalid perl operator: \(\?=; {HINT}"),
        ("(?<!a)b", rf"pattern 'BAD': invalid perl operator: \(\?<!; {HINT}"),
        ("(", r"pattern 'BAD': missing \): \("),
        ("[z-a]", "pattern 'BAD': invalid character class range: z-a"),
    ],
)
def test_says_what_is_wrong_with_a_pattern(regex, message):
    with pytest.raises(ValidationError, match=message):
        Patterns.Settings(patterns={"GOOD": "a", "BAD": regex})


@pytest.mark.parametrize("patterns", [{}, [], {"EMPTY": ""}, [{"category": "A"}]])
def test_refuses_settings_without_a_pattern(patterns):
    with pytest.raises(ValidationError):
        Patterns.Settings(patterns=patterns)


async def test_a_pattern_that_would_backtrack_elsewhere_answers():
    text = "a" * 50_000

    assert await _found(text, {"EVIL": "(a+)+$b|(a|a)*c"}) == []


async def test_many_patterns_find_what_each_finds_alone():
    patterns = {f"P{number}": rf"\b{number}[0-9]\b" for number in range(1, 9)}
    text = " ".join(map(str, range(10, 90)))

    together = await _found(text, patterns)

    alone = [each for name, regex in patterns.items() for each in await _found(text, {name: regex})]
    assert together == alone
    assert len(together) == 80


async def test_patterns_too_large_to_look_for_together_are_looked_for_one_by_one():
    patterns = {
        f"P{number}": rf"(?:[a-z]{{0,{number}}}x){{20}}\pL{{40}}" for number in range(30, 36)
    }
    word = "x" * 20 + "é" * 40

    assert {category for category, _ in await _found(word, patterns)} == patterns.keys()
