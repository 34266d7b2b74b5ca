"""What a policy may say about personal data: places, exceptions, recognisers of its own."""

import pytest
from pydantic import ValidationError

from guardrails.checks.pii.check import Pii
from guardrails.core.check import Cost, Unjudged
from guardrails.core.content import Text
from guardrails.testing.fakes import FakeModels, FakeTokenClassifier

SURE = 0.5
NET = {
    "Paris": "GPE",
    "Berlin": "GPE",
    "Anna": "PERSON",
    "Lisbon": "GPE",
    "3 May 1984": "DATE_TIME",
}
EMPLOYEES = r"""
recognizers:
  - name: employees
    supported_entity: EMPLOYEE_ID
    supported_language: en
    patterns: [{name: number, regex: 'E-\d{4}', score: 0.3}]
    context: [employee]
  - name: projects
    supported_entity: PROJECT
    deny_list: [Zephyr, Mistral]
  - {name: gone, enabled: false, supported_entity: GONE, deny_list: [gone]}
"""


@pytest.fixture
def build(tmp_path):
    """Build the check beside a net that knows some words."""
    context = {"models": FakeModels(FakeTokenClassifier("pii_ner", NET)), "directory": tmp_path}
    return lambda **written: Pii(Pii.Settings.model_validate(written, context=context))


@pytest.fixture
def refuse(build):
    """What an author reads of settings that are wrong."""

    def told(**written):
        with pytest.raises(ValidationError) as caught:
            build(**written)
        return [each["msg"].removeprefix("Value error, ") for each in caught.value.errors()]

    return told


async def found(check, text):
    return [
        (one.category, text[one.where.start : one.where.end])
        for one in await check.inspect(Text(text))
        if one.score >= SURE
    ]


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("the weather in Paris", []),
        ("tell me about the Berlin wall", []),
        ("Anna. The weather in Paris", []),  # another sentence
        ("I live in Paris", ["Paris"]),
        ("she is from Lisbon", ["Lisbon"]),
        ("ich wohne in Berlin", ["Berlin"]),
        ("city: Paris", ["Paris"]),
        ("Anna flew to Lisbon", ["Lisbon"]),
        ("12 Main Street, Paris", ["Paris"]),
        ("75001 Paris, zip 75001", ["Paris"]),
    ],
)
async def test_personal_places_are_those_beside_a_person(build, text, places):
    check = build(entities=["GPE", "STREET_ADDRESS"], places="personal")
    assert [words for category, words in await found(check, text) if category == "GPE"] == places


async def test_any_place_is_told_unless_the_policy_says_otherwise(build):
    assert await found(build(entities=["LOCATION"]), "Paris weather") == [("LOCATION", "Paris")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("born on 3 May 1984", ["DATE_OF_BIRTH"]),
        ("DOB: 1984-07-21, seen 2024-01-02", ["DATE_OF_BIRTH"]),
        ("seen on 3 May 1984", []),
    ],
)
async def test_dates_of_birth_can_be_asked_for_by_themselves(build, text, expected):
    check = build(entities=["DATE_OF_BIRTH"])
    assert [category for category, _ in await found(check, text)] == expected


async def test_a_date_of_birth_is_a_date(build):
    check = build(entities=["DATE_TIME"])
    assert await found(check, "born on 3 May 1984") == [("DATE_TIME", "3 May 1984")]


async def test_what_an_expression_allows_passes(build):
    check = build(entities=["EMAIL_ADDRESS"], allow_patterns=[r".*@example\.(com|org)"])
    text = "ann@example.com, bob@example.net"
    assert await found(check, text) == [("EMAIL_ADDRESS", "bob@example.net")]


async def test_recognisers_of_a_file_report_under_their_own_names(build, tmp_path):
    (tmp_path / "r.yaml").write_text(EMPLOYEES)
    check = build(recognisers="r.yaml", entities=["EMPLOYEE_ID", "EMAIL_ADDRESS"])
    assert check.categories == ("EMPLOYEE_ID", "EMAIL_ADDRESS", "PROJECT")
    assert check.cost is Cost.LIGHT
    text = "employee E-1234 on Zephyr, gone; machine E-9999"
    assert await found(check, text) == [("EMPLOYEE_ID", "E-1234"), ("PROJECT", "Zephyr")]


async def test_a_pattern_that_backtracks_is_unjudged(build, tmp_path):
    pattern = "{name: p, regex: '(a|aa)+$', score: 1}"
    slow = f"recognizers: [{{name: slow, supported_entity: X, patterns: [{pattern}]}}]"
    (tmp_path / "r.yaml").write_text(slow)
    check = build(recognisers="r.yaml", entities=["EMAIL_ADDRESS"])
    with pytest.raises(Unjudged, match=r"^recogniser 'slow' takes too long for this text$"):
        await check.inspect(Text("a" * 60 + "!"))


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("recognizers: [", "'{}:1' is no YAML"),
        ("[]", "'{}': the file: input should be a valid dictionary or instance of _File"),
        (
            """recognizers: [{name: a, supported_entity: A, patterns: [
                  {name: p, regex: '[', score: 1}]}]""",
            (
                "'{}': recognizers[0].patterns[0].regex: no regular expression: "
                "unterminated character set at position 1"
            ),
        ),
        (
            "recognizers: [{name: a, supported_entity: A, denylist: [x]}]",
            "'{}': recognizers[0].denylist: unknown key",
        ),
        (
            "recognizers: [{name: a, deny_list: [x]}]",
            "'{}': recogniser 'a' has no 'supported_entity'",
        ),
        ("recognizers: [{name: a, supported_entity: A}]", "'{}': recogniser 'a' has no 'patterns'"),
    ],
)
def test_a_mistake_in_the_file_is_told_with_its_place(refuse, tmp_path, written, told):
    (tmp_path / "r.yaml").write_text(written)
    assert refuse(recognisers="r.yaml", entities=["NOT_YET_KNOWN"]) == [
        told.format(tmp_path / "r.yaml")
    ]


def test_a_file_that_is_not_there_is_told(refuse, tmp_path):
    path = tmp_path / "r.yaml"
    assert refuse(recognisers="r.yaml") == [f"cannot read '{path}': No such file or directory"]


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ({"places": "home"}, "Input should be 'any' or 'personal'"),
        ({"allow_patterns": ["[a"]}, "missing ]: [a"),
    ],
)
def test_a_wrong_setting_is_told(refuse, written, told):
    assert refuse(**written) == [told]
