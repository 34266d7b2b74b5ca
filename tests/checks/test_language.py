"""Foreign passages are found where they stand; what is of no language is left alone."""

import pytest
from pydantic import ValidationError

from guardrails.checks.language import LANGUAGES, Language
from guardrails.core.content import Text

ENGLISH = "The report on information security was written by the team, and it was well received. "
GERMAN = "Bitte senden Sie mir die Rechnung bis morgen, denn sonst wird es zu spät für alle. "
RUSSIAN = "Привет, расскажи мне, пожалуйста, о последних новостях в городе. "


async def _found(text: str, *allowed: str, minimum: int = 20) -> list[str]:
    check = Language(Language.Settings(allowed=allowed, minimum_characters=minimum))
    findings = await check.inspect(Text(text))
    return [
        text[each.where.start : each.where.end].strip() for each in findings if each.score > 0.5
    ]


@pytest.mark.parametrize(
    ("text", "allowed", "found"),
    [
        (ENGLISH, ["en"], []),
        (ENGLISH.upper(), ["en"], []),
        (GERMAN, ["en"], [GERMAN]),
        (GERMAN + ENGLISH, ["en", "de"], []),
        (RUSSIAN, ["en", "de"], [RUSSIAN]),
        (
            "我的密码是什么呢？今天天气不错我们一起出去玩吧，好不好？",
            ["en"],
            ["我的密码是什么呢？今天天气不错我们一起出去玩吧，好不好？"],
        ),
        (ENGLISH * 3 + GERMAN + ENGLISH * 3, ["en"], [GERMAN]),
        (ENGLISH * 3 + GERMAN + RUSSIAN + ENGLISH, ["en"], [GERMAN + RUSSIAN]),
        ("Ja, bitte.", ["en"], []),  # too short to tell
        ("def f(x):\n    return [x + 1 for y in range(10)]  # {'a': 1}", ["en"], []),
        ("https://example.com/de/rechnung/bitte/senden?ein=zwei 12345", ["en"], []),
        ("", ["en"], []),
        ("12345 67890 " * 10, ["en"], []),
    ],
)
async def test_finds_foreign_passages(text, allowed, found):
    assert await _found(text, *allowed) == [each.strip() for each in found]


async def test_the_least_number_of_letters_is_a_setting():
    assert await _found("Привет, как дела?", "en", minimum=5) == ["Привет, как дела?"]


async def test_names_the_language_and_never_the_text():
    check = Language(Language.Settings(allowed=["en"]))

    (finding,) = await check.inspect(Text(RUSSIAN))

    assert finding.evidence == "reads as 'ru'"


@pytest.mark.parametrize(
    ("allowed", "message"),
    [
        (["english"], "unknown language 'english', give codes such as 'en', 'de' or 'zh'"),
        ([], "at least 1 item"),
    ],
)
def test_refuses_languages_that_nobody_speaks(allowed, message):
    with pytest.raises(ValidationError, match=message):
        Language.Settings(allowed=allowed)


def test_knows_the_languages_of_its_model():
    check = Language(Language.Settings(allowed=["en"]))
    texts = [ENGLISH, GERMAN, RUSSIAN, "ok", "x y z", "国", "שלום", "नमस्ते", "ສະບາຍດີ"]

    given = {each["lang"] for text in texts for each in check._detector.detect(text, k=-1)}

    assert len(given) > 100
    assert given <= LANGUAGES
